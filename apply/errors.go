package apply

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/compose2fargate/compose2fargate/plan"
)

// StaleError says that the account is not what the plan was made for.
type StaleError struct {
	Changed []plan.Address // sorted
}

// Error names the resources that changed.
func (e *StaleError) Error() string {
	return "changed in the account since the plan was made: " + list(e.Changed) + "; plan again"
}

// DeploymentError says that a deployment failed, or was not over in time.
type DeploymentError struct {
	Address plan.Address
	Rollout plan.Rollout  // as it was seen last
	Waited  time.Duration // how long, where it was not over in time; else 0
	Ran     bool          // it is a run of tasks that end by themselves
}

// Error says how the deployment ended, with a line for each task that failed.
func (e *DeploymentError) Error() string {
	end := "failed"
	switch {
	case e.Waited > 0:
		end = fmt.Sprintf("did not finish within %s and goes on unwatched", e.Waited)
	case e.Rollout.State == plan.RolledBack:
		end = "failed and was rolled back"
	}
	if e.Ran {
		return rolloutText("run", e.Address, end, e.Rollout)
	}
	return rolloutText("deployment", e.Address, end, e.Rollout)
}

// SupersededError says that a deployment started by somebody else replaced
// ours.
type SupersededError struct {
	Address plan.Address
	Rollout plan.Rollout
}

// Error names the deployment, with a line for each task that failed.
func (e *SupersededError) Error() string {
	return rolloutText("deployment", e.Address, "was superseded by somebody else's change", e.Rollout)
}

// rolloutText is a line, and a line for each task that failed.
func rolloutText(what string, address plan.Address, end string, r plan.Rollout) string {
	text := fmt.Sprintf("%s of %s %s", what, address, end)
	if r.Detail != "" {
		text += ": " + r.Detail
	}
	return strings.Join(append([]string{text}, r.Failures...), "\n  ")
}

// InterruptedError says that the context ended before the plan was carried out.
type InterruptedError struct {
	Waiting []plan.Address // whose deployments go on, sorted
	Err     error          // of the context
}

// Error names the deployments that are still in progress.
func (e *InterruptedError) Error() string {
	if len(e.Waiting) == 0 {
		return "interrupted"
	}
	return "interrupted; deployments still in progress: " + list(e.Waiting)
}

// Unwrap returns the error of the context.
func (e *InterruptedError) Unwrap() error { return e.Err }

func list(addresses []plan.Address) string {
	names := make([]string, len(addresses))
	for i, address := range addresses {
		names[i] = address.String()
	}
	return strings.Join(names, ", ")
}

// gather joins errors in their order. All that say that the plan is stale
// become one, and so do all that say that the run was interrupted.
func gather(errs []error) error {
	var out []error
	var stale StaleError
	var interrupted InterruptedError
	for _, err := range errs {
		var s *StaleError
		var i *InterruptedError
		switch {
		case err == nil:
		case errors.As(err, &s):
			stale.Changed = append(stale.Changed, s.Changed...)
		case errors.As(err, &i):
			interrupted.Waiting = append(interrupted.Waiting, i.Waiting...)
			interrupted.Err = i.Err
		default:
			out = append(out, err)
		}
	}
	if len(stale.Changed) > 0 {
		slices.SortFunc(stale.Changed, plan.Address.Compare)
		out = append(out, &stale)
	}
	if interrupted.Err != nil {
		slices.SortFunc(interrupted.Waiting, plan.Address.Compare)
		out = append(out, &interrupted)
	}
	if len(out) == 1 {
		return out[0]
	}
	return errors.Join(out...)
}
