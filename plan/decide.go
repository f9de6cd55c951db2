package plan

import (
	"slices"
	"strings"
)

// decide turns the changes of a resource into actions.
func (d *differ) decide(p *ResourcePlan, live, want *Resource, changes []Change) {
	rules := d.kinds[want.Address.Kind]
	applied := ParseApplied(live.Tags[TagSpec])
	resumes := rules.Starts && applied.Pending
	forced := rules.Starts && slices.Contains(d.options.Scope.Force, want.Address.Name)
	for i := range changes {
		changes[i].Replaces = matchAny(rules.Immutable, changes[i].Path)
		changes[i] = d.present(want.Address, changes[i])
	}
	p.Changes = changes
	p.Actions = append(p.Actions, d.actions(rules, changes)...)
	switch {
	case resumes:
		p.Cause = Resumed
		if len(p.Actions) == 0 {
			p.Actions = []Action{Resume}
		}
	case len(changes) > 0:
		p.Cause = mainCause(changes)
	case forced:
		p.Cause = Forced
		p.Actions = []Action{Update}
	case p.Has(Adopt):
		p.Cause = Config
	}
	if p.changes() {
		p.Effects = d.effects(rules, live.Spec, want.Spec, changes, forced || resumes && applied.Force)
		p.Effects.Replaces = p.Has(Create)
	}
}

func (d *differ) actions(rules Rules, changes []Change) []Action {
	if len(changes) == 0 {
		return nil
	}
	replaces := slices.ContainsFunc(changes, func(c Change) bool { return c.Replaces })
	revises := rules.Revisions && slices.ContainsFunc(changes, func(c Change) bool { return !matchAny(rules.InPlace, c.Path) })
	switch {
	case revises:
		return []Action{Revise}
	case replaces && rules.Beside:
		return []Action{Create, Delete}
	case replaces:
		return []Action{Delete, Create}
	default:
		return []Action{Update}
	}
}

// mainCause is the cause that a reader wants to hear first.
func mainCause(changes []Change) Cause {
	for _, cause := range []Cause{Config, Resumed, Drift, Dependency} {
		if slices.ContainsFunc(changes, func(c Change) bool { return c.Cause == cause }) {
			return cause
		}
	}
	return Config
}

func (d *differ) effects(rules Rules, live, want any, changes []Change, force bool) Effects {
	if rules.Effects == nil {
		return Effects{}
	}
	return rules.Effects(live, want, changes, force)
}

// unwanted plans a live resource that no compose file asks for.
func (d *differ) unwanted(live *Resource) error {
	p, err := d.begin(live.Address, live)
	if err != nil {
		return err
	}
	rules := d.kinds[live.Address.Kind]
	leftBehind := strings.Contains(live.Address.Name, LeftBehind)
	asked := d.options.Scope.Prune || d.options.Scope.Destroy || leftBehind
	switch p.Cause = Removed; {
	case leftBehind:
		p.Cause = Resumed
	case d.options.Scope.Destroy:
		p.Cause = Forced
	}
	if !asked || rules.Data && !d.namedData(live) {
		p.Actions = []Action{Keep}
		p.Effects.DataLoss = rules.Data
		return nil
	}
	p.Actions = []Action{Delete}
	p.Effects = d.effects(rules, live.Spec, nil, nil, false)
	p.Effects.DataLoss = rules.Data
	return nil
}

// LeftBehind parts an address from an AWS id where a replacement was cut short:
// the old one of two live resources of one address.
const LeftBehind = "@"

func (d *differ) namedData(live *Resource) bool {
	return slices.ContainsFunc(d.options.Scope.DeleteData, func(name string) bool {
		return name == live.Address.String() || name == live.Address.Name
	})
}
