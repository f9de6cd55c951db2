package main

import (
	"context"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/fault"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate"
)

// untilInterrupted returns what work returns, and does not wait for it after an interrupt: it
// changes nothing of AWS, and may take long, or wait for a disk or a command that does not answer.
// A panic in it is the error.
func untilInterrupted[T any](ctx context.Context, work func() T) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() { done <- a }()
		defer fault.Catch(&a.err)
		a.value = work()
	}()
	select {
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	case a := <-done:
		return a.value, a.err
	}
}

// translated is what translating a project returns.
type translated struct {
	stack    *plan.Stack
	problems diag.List
}

func stackOf(project *translate.Project, facts plan.Facts) translated {
	stack, problems := project.Stack(facts)
	return translated{stack, problems}
}
