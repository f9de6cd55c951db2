package apply

import (
	"errors"
	"fmt"

	"github.com/compose2fargate/compose2fargate/plan"
)

// validate finds what would make a plan fail halfway whatever the account is
// like. A plan of our own passes always.
func validate(in Input) error {
	var problems []error
	known := make(map[string]bool, len(in.Plan.Steps))
	for _, step := range in.Plan.Steps {
		if known[step.ID] {
			problems = append(problems, fmt.Errorf("step %s stands twice", step.ID))
		}
		known[step.ID] = true
	}
	for _, step := range in.Plan.Steps {
		if err := validateStep(in, step, known); err != nil {
			problems = append(problems, fmt.Errorf("step %s: %w", step.ID, err))
		}
	}
	if len(problems) == 0 {
		problems = append(problems, circle(in.Plan.Steps))
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("broken plan: %w", err)
	}
	return nil
}

func validateStep(in Input, step plan.Step, known map[string]bool) error {
	for _, id := range step.After {
		if !known[id] {
			return fmt.Errorf("comes after %s, which is not there", id)
		}
	}
	if in.Plan.Find(step.Address) == nil {
		return errors.New("the plan says nothing of its resource")
	}
	kind := in.Account(step.Address.Kind)
	if kind == nil {
		return fmt.Errorf("unknown kind %s", step.Address.Kind)
	}
	if step.Verb != plan.DeleteVerb && in.Want.Find(step.Address) == nil {
		return errors.New("nobody wants its resource")
	}
	if _, ok := kind.(Holder); step.Hold && (!ok || step.Verb != plan.UpdateVerb) {
		return fmt.Errorf("a %s cannot be held", step.Address.Kind)
	}
	switch step.Verb {
	case plan.CreateVerb, plan.UpdateVerb, plan.DeleteVerb:
		return nil
	case plan.ExtendVerb:
		if _, ok := kind.(Extender); !ok {
			return fmt.Errorf("a %s cannot be extended", step.Address.Kind)
		}
		return nil
	case plan.ReleaseVerb:
		if _, ok := kind.(Holder); !ok {
			return fmt.Errorf("a %s cannot be released", step.Address.Kind)
		}
		return nil
	case plan.StartVerb:
		if _, ok := kind.(Deployer); !ok {
			return fmt.Errorf("a %s cannot be started", step.Address.Kind)
		}
		return nil
	default:
		return fmt.Errorf("unknown verb %q", step.Verb)
	}
}

// circle takes away steps that come after none that is left until nothing
// changes. What is then left waits for itself.
func circle(steps []plan.Step) error {
	over := make(map[string]bool, len(steps))
	for before := -1; before != len(over); {
		before = len(over)
		for _, step := range steps {
			if allOver(step.After, over) {
				over[step.ID] = true
			}
		}
	}
	for _, step := range steps {
		if !over[step.ID] {
			return fmt.Errorf("step %s comes after itself", step.ID)
		}
	}
	return nil
}

func allOver(ids []string, over map[string]bool) bool {
	for _, id := range ids {
		if !over[id] {
			return false
		}
	}
	return true
}
