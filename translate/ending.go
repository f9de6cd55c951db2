package translate

// ending says why a service is there to end by itself, and not to be kept running.
type ending int

const (
	keepsOn       ending = iota // it is kept running
	awaitedToEnd                // another service waits for it with service_completed_successfully
	jobByMode                   // deploy.mode is that of a job
	endsEvidently               // compose does not restart it, and its command is known to end
)
