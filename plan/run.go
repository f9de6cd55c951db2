package plan

// Run is what ends by itself in a service: its tasks run once, when a plan says so.
type Run struct {
	// Container is the one whose exit code counts: 0 is a success.
	Container string
	// Tries is how often a container that fails runs before the run has failed, at least 1.
	Tries int
	// LogGroup and LogPrefix are where the output of the container goes, to the stream
	// PREFIX/CONTAINER/TASK; "": nowhere that is known.
	LogGroup, LogPrefix string
}

// RunReason is why a service that ends by itself runs again: a change of a field of what its
// tasks are made of.
type RunReason struct {
	Path string // see Match
	Text string // "image changed"
}
