package plan

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Moved compares a saved plan with one made now of the same compose files. It
// returns what would not happen as reviewed: the addresses whose resource plan
// differs, sorted. Where the compose file asks for something else, wanted is
// true. Positions, diagnostics and the reasons for facts may differ.
func Moved(saved, now *Plan) (moved []Address, wanted bool, err error) {
	wanted = saved.Stack != now.Stack || saved.Target != now.Target || !reflect.DeepEqual(saved.Scope, now.Scope)
	before, err := essences(saved)
	if err != nil {
		return nil, false, err
	}
	after, err := essences(now)
	if err != nil {
		return nil, false, err
	}
	differs := map[Address]bool{}
	for address, essence := range before {
		if after[address] != essence {
			differs[address] = true
		}
	}
	for address := range after {
		if _, ok := before[address]; !ok {
			differs[address] = true
		}
	}
	return slices.SortedFunc(maps.Keys(differs), Address.Compare), wanted, nil
}

// essences are hashes of what each resource plan does and to what.
func essences(p *Plan) (map[Address]string, error) {
	steps := map[Address][]Step{}
	for _, step := range p.Steps {
		steps[step.Address] = append(steps[step.Address], step)
	}
	out := make(map[Address]string, len(p.Resources))
	for _, r := range p.Resources {
		essence := *r
		essence.Source, essence.Files = nil, nil
		if r.Steered {
			e := &essence.Effects
			e.Starts, e.Stops, e.Restarts = min(e.Starts, 1), min(e.Stops, 1), min(e.Restarts, 1)
		}
		essence.Changes = slices.Clone(r.Changes)
		for i := range essence.Changes {
			essence.Changes[i].Source = nil
		}
		hash, err := sum(struct {
			Resource ResourcePlan
			Steps    []Step
		}{essence, steps[r.Address]})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Address, err)
		}
		out[r.Address] = hash
	}
	return out, nil
}
