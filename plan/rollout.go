package plan

// RolloutState is how far a deployment has come.
type RolloutState int

// The states of a rollout. All but Rolling are final.
const (
	Rolling    RolloutState = iota
	RolledOut               // the new tasks run
	RolledBack              // it failed and ECS went back to the deployment before it
	RollFailed              // it failed and nothing was there to go back to, or that failed too
	Superseded              // somebody else's deployment took its place
)

// Rollout is the state of one deployment at one moment.
type Rollout struct {
	State RolloutState
	// Detail is one line for the progress display: "1 of 2 tasks run", or why it
	// ended as it did.
	Detail string
	// ExitCode is that of a container that ran once and failed; 0: it has none.
	ExitCode int
	// Failures are the ends of tasks that failed, a line each: stop code, reason,
	// exit codes. They are read for failed rollouts only.
	Failures []string
}
