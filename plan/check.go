package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Check returns what is wrong with a plan by itself, whatever the account is like:
// duplicates, unknown verbs, steps that wait for what is not there or for
// themselves. Every step has its resource, so that nothing is done that the plan
// does not show. What Seal sealed and Decode read has been checked.
func (p *Plan) Check() error {
	shown := make(map[Address]bool, len(p.Resources))
	for i, r := range p.Resources {
		switch {
		case r == nil || r.Address == Address{}:
			return fmt.Errorf("resource %d has no address", i+1)
		case shown[r.Address]:
			return fmt.Errorf("%s is duplicated", r.Address)
		}
		shown[r.Address] = true
	}
	for _, step := range p.Steps {
		if err := step.check(shown); err != nil {
			return err
		}
	}
	return checkOrder(p.Steps)
}

func (s Step) check(shown map[Address]bool) error {
	switch s.Verb {
	case BarrierVerb, WaitVerb:
		if s.Address != (Address{}) {
			return fmt.Errorf("step %q is a %s, which has no resource", s.ID, s.Verb)
		}
		return nil
	case CreateVerb, ExtendVerb, UpdateVerb, StartVerb, RunVerb, StopVerb, ReleaseVerb, DeleteVerb:
	default:
		return fmt.Errorf("step %q has the verb %q, which this version does not support", s.ID, s.Verb)
	}
	if want := s.Address.String() + "#" + string(s.Verb); s.ID != want {
		return fmt.Errorf("step %q should be called %q", s.ID, want)
	}
	if !shown[s.Address] {
		return fmt.Errorf("step %q changes a resource that is not in the plan", s.ID)
	}
	return nil
}

// checkOrder takes away, round by round, the steps that wait for nothing.
func checkOrder(steps []Step) error {
	waits := make(map[string]int, len(steps))
	for _, step := range steps {
		if _, double := waits[step.ID]; double {
			return fmt.Errorf("step %q is duplicated", step.ID)
		}
		waits[step.ID] = len(step.After)
	}
	next := make(map[string][]string, len(steps))
	var free []string
	for _, step := range steps {
		for _, id := range step.After {
			if _, ok := waits[id]; !ok {
				return fmt.Errorf("step %q waits for %q, which is not in the plan", step.ID, id)
			}
			next[id] = append(next[id], step.ID)
		}
		if len(step.After) == 0 {
			free = append(free, step.ID)
		}
	}
	for ; len(free) > 0; free = free[1:] {
		delete(waits, free[0])
		for _, id := range next[free[0]] {
			if waits[id]--; waits[id] == 0 {
				free = append(free, id)
			}
		}
	}
	if circle := circleOf(steps, waits); len(circle) > 0 {
		return fmt.Errorf("steps wait for each other in a circle: %s", strings.Join(circle, " after "))
	}
	return nil
}

// circleOf follows steps that are stuck, each to one that it waits for, until one
// comes again; nil where none is stuck.
func circleOf(steps []Step, stuck map[string]int) []string {
	waitsFor := map[string]string{}
	var id string
	for _, step := range steps {
		if _, ok := stuck[step.ID]; !ok {
			continue
		}
		id = cmp.Or(id, step.ID)
		for _, before := range step.After {
			if _, ok := stuck[before]; ok {
				waitsFor[step.ID] = before
				break
			}
		}
	}
	var path []string
	for ; id != ""; id = waitsFor[id] {
		if i := slices.Index(path, id); i >= 0 {
			return append(path[i:], id)
		}
		path = append(path, id)
	}
	return nil
}
