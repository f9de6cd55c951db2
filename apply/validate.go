package apply

import (
	"errors"
	"fmt"

	"github.com/compose2fargate/compose2fargate/plan"
)

// validate finds what would make a plan fail halfway: what is wrong with the plan
// by itself, and steps that the account has no means for. A plan of our own
// passes always.
func validate(in Input) error {
	if err := in.Plan.Check(); err != nil {
		return fmt.Errorf("broken plan: %w", err)
	}
	var problems []error
	for _, step := range in.Plan.Steps {
		if step.Idle() {
			continue
		}
		if err := feasible(in, step); err != nil {
			problems = append(problems, fmt.Errorf("step %s: %w", step.ID, err))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("broken plan: %w", err)
	}
	return nil
}

// feasible says whether the account has a kind that can carry out the step, and
// the step a resource to make.
func feasible(in Input, step plan.Step) error {
	kind := in.Account(step.Address.Kind)
	if kind == nil {
		return fmt.Errorf("unknown kind %s", step.Address.Kind)
	}
	if step.Verb != plan.DeleteVerb && in.Want.Find(step.Address) == nil {
		return errors.New("its resource is not in the desired stack")
	}
	_, extends := kind.(Extender)
	_, holds := kind.(Holder)
	_, deploys := kind.(Deployer)
	_, stops := kind.(Stopper)
	_, runs := kind.(Runner)
	switch {
	case step.Hold && (!holds || step.Verb != plan.UpdateVerb):
		return fmt.Errorf("a %s cannot be held", step.Address.Kind)
	case step.Verb == plan.ExtendVerb && !extends:
		return fmt.Errorf("a %s cannot be extended", step.Address.Kind)
	case step.Verb == plan.ReleaseVerb && !holds:
		return fmt.Errorf("a %s cannot be released", step.Address.Kind)
	case step.Verb == plan.StopVerb && !stops:
		return fmt.Errorf("a %s cannot be stopped", step.Address.Kind)
	case step.Verb == plan.StartVerb && !deploys:
		return fmt.Errorf("a %s cannot be started", step.Address.Kind)
	case step.Verb == plan.RunVerb && (!runs || in.Want.Find(step.Address).Run == nil):
		return errors.New("it does not end by itself")
	default:
		return nil
	}
}
