package apply

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// outcome is the result of a step; the zero outcome is that of a step that did
// not start.
type outcome struct {
	over  bool // it began and is over
	wrote bool // something may have changed in the account
	err   error
}

func (o outcome) done() bool { return o.over && o.err == nil }

// untouched says whether the step stopped before its first write for a reason
// that is none of its own.
func (o outcome) untouched() bool {
	var stale *StaleError
	var interrupted *InterruptedError
	return !o.over || !o.wrote && (errors.As(o.err, &stale) || errors.As(o.err, &interrupted))
}

// verdict turns the outcomes of steps into the error of a run.
func verdict(ctx context.Context, steps []plan.Step, outcomes []outcome) error {
	partial := &PartialError{}
	wrote, left := false, false
	byID := make(map[string]error, len(steps))
	for i, step := range steps {
		out := outcomes[i]
		wrote, left = wrote || out.wrote, left || !out.done()
		byID[step.ID] = out.err
		switch {
		case step.Idle():
		case out.done():
			partial.Done = append(partial.Done, step.ID)
		case out.untouched():
			partial.NotStarted = append(partial.NotStarted, step.ID)
		}
	}
	if !left {
		return nil
	}
	slices.Sort(partial.Done)
	slices.Sort(partial.NotStarted)
	partial.Err = why(ctx, byID)
	if !wrote {
		return partial.Err
	}
	return partial
}

// why is why the steps that are not done are not done.
func why(ctx context.Context, byID map[string]error) error {
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		errs = append(errs, byID[id])
	}
	if ctx.Err() != nil {
		errs = append(errs, &InterruptedError{Err: ctx.Err()})
	}
	return gather(errs)
}

// PartialError says that some of a plan was carried out.
type PartialError struct {
	Done       []string // ids of steps, sorted
	NotStarted []string // ids of steps, sorted
	Err        error    // why the others failed, or nothing more was started
}

// Error has several lines: the steps that are done, what stopped the others, and the
// steps that were not started.
func (e *PartialError) Error() string {
	var b strings.Builder
	b.WriteString("the plan was applied only in part")
	section(&b, "done", say(e.Done))
	section(&b, "stopped by", strings.Split(e.Err.Error(), "\n"))
	section(&b, "not started", say(e.NotStarted))
	b.WriteString("\nto continue, plan and apply again: finished steps are not repeated")
	return b.String()
}

// Unwrap returns Err.
func (e *PartialError) Unwrap() error { return e.Err }

func section(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	b.WriteString("\n" + title + ":")
	for _, line := range lines {
		b.WriteString("\n  " + line)
	}
}

// say turns the ids of steps, ADDRESS#VERB, into "verb address".
func say(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		cut := strings.LastIndexByte(id, '#')
		out[i] = id[cut+1:] + " " + id[:max(cut, 0)]
	}
	return out
}
