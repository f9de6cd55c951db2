package apply

import "errors"

// The exit codes of a run that did not reach its end.
const (
	codeError       = 1 // and nothing was written
	codeStale       = 4
	codeDeployment  = 5
	codeSuperseded  = 6
	codePartial     = 7
	codeInterrupted = 130 // 128 + SIGINT, as shells have it
)

// ExitCode is the exit code for the error of a Run, 0 for nil. If several
// things went wrong, an interrupt takes precedence over a superseded
// deployment, that over a failed one, and that over a partial apply.
func ExitCode(err error) int {
	var interrupted *InterruptedError
	var superseded *SupersededError
	var deployment *DeploymentError
	var partial *PartialError
	var stale *StaleError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &interrupted):
		return codeInterrupted
	case errors.As(err, &superseded):
		return codeSuperseded
	case errors.As(err, &deployment):
		return codeDeployment
	case errors.As(err, &partial):
		return codePartial // stale in the middle of it too: something was written
	case errors.As(err, &stale):
		return codeStale
	default:
		return codeError
	}
}
