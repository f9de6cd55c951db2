package plan

import (
	"slices"
	"strings"
)

// decide turns the changes of a resource into actions.
func (d *differ) decide(p *ResourcePlan, live, want *Resource, changes []Change) {
	rules := d.kinds[want.Address.Kind]
	applied := ParseApplied(live.Tags[TagSpec])
	resumes := rules.starts() && applied.Pending
	forced := d.asksFor(want)
	changes = d.lasting(live, want, changes)
	changes, waits := d.upgrade(live, want, changes)
	if waits && !resumes && !forced && !p.Has(Adopt) {
		return
	}
	for i := range changes {
		changes[i].Replaces = matchAny(rules.Immutable, changes[i].Path) || d.displaced(want, changes[i].To)
	}
	for i := range changes {
		changes[i] = d.present(want.Address, changes[i])
	}
	p.Changes = changes
	p.Files = d.files(want, changes)
	p.Actions = append(p.Actions, d.actions(rules, want, changes)...)
	switch {
	case resumes:
		p.Cause = Resumed
		if len(p.Actions) == 0 {
			p.Actions = []Action{Resume}
		}
	case len(changes) > 0:
		p.Cause = mainCause(changes)
	case forced && want.Run == nil: // see planRuns
		p.Cause = Forced
		p.Actions = []Action{Update}
	case p.Has(Adopt):
		p.Cause = Config
	}
	p.Former = p.Cause == Config && isFormer(live)
	if p.Changed() {
		p.Effects = rules.effects(live.Spec, want.Spec, changes, forced || resumes && applied.Force)
		p.Effects.Replaces = p.Has(Create)
	}
	if rules.starts() && p.DeletesFirst() {
		p.Effects = rules.effects(live.Spec, want.Spec, changes, true)
		p.Effects.Replaces, p.Effects.Forces, p.Effects.Interrupts = true, false, p.Effects.Restarts > 0
	}
}

// displaced says whether a field refers to a resource that is deleted before it
// is created again. Whatever uses that resource has to be deleted before it and
// created after it: an update could only do one of the two.
func (d *differ) displaced(want *Resource, to any) bool {
	for _, address := range want.Edges() {
		p := d.planned[address]
		if p == nil || !p.DeletesFirst() || !d.origins.live[address][want.Address] {
			continue
		}
		ref := "${ref:" + address.String() + "."
		if contains(to, func(s string) bool { return strings.HasPrefix(s, ref) }) {
			return true
		}
	}
	return false
}

func (d *differ) actions(rules Rules, want *Resource, changes []Change) []Action {
	if len(changes) == 0 {
		return nil
	}
	replaces := slices.ContainsFunc(changes, func(c Change) bool { return c.Replaces })
	revises := rules.revises() && slices.ContainsFunc(changes, func(c Change) bool { return !matchAny(rules.InPlace, c.Path) })
	switch {
	case revises:
		return []Action{Revise}
	case replaces && rules.Replace == BesideKeepOld:
		return []Action{Create}
	case replaces && rules.Replace == Beside && !slices.ContainsFunc(changes, func(c Change) bool { return d.displaced(want, c.To) }):
		return []Action{Create, Delete}
	case replaces:
		return []Action{Delete, Create}
	default:
		return []Action{Update}
	}
}

// mainCause is the cause that a reader wants to hear first.
func mainCause(changes []Change) Cause {
	for _, cause := range []Cause{Config, Resumed, Drift, Upgrade, Dependency} {
		if slices.ContainsFunc(changes, func(c Change) bool { return c.Cause == cause }) {
			return cause
		}
	}
	return Config
}

// unwanted plans a live resource that no compose file asks for.
func (d *differ) unwanted(live *Resource) error {
	rules := d.kinds[live.Address.Kind]
	leftBehind := live.Address.isLeftBehind()
	if rules.Retained && (leftBehind || !rules.Main) {
		d.retained = append(d.retained, live)
		return nil
	}
	p, err := d.begin(live.Address, live)
	if err != nil {
		return err
	}
	asked := d.options.Scope.Prune || d.options.Scope.Destroy || leftBehind || d.superseded(rules, live)
	switch p.Cause = Removed; {
	case leftBehind:
		p.Cause = Resumed
	case d.options.Scope.Destroy:
		p.Cause = Forced
	}
	if asked && rules.DataIn != "" && !d.data().isNamed(live) {
		d.data().guardData(p, live)
	}
	if !asked || rules.Data && !d.data().isNamed(live) {
		p.Actions = []Action{Keep}
		p.Effects.DataLoss = rules.Data
		return nil
	}
	p.Actions = []Action{Delete}
	p.Effects = rules.effects(live.Spec, nil, nil, false)
	p.Effects.DataLoss = rules.Data
	return nil
}

// superseded says whether a live resource blocks a wanted one and therefore has
// to be deleted.
func (d *differ) superseded(rules Rules, live *Resource) bool {
	if d.bars(live) {
		return true
	}
	return rules.Routes != nil && rules.Routes.Supersedes != nil && live.Spec != nil && slices.ContainsFunc(d.want.Resources, func(want *Resource) bool {
		return want.Address.Kind == live.Address.Kind && rules.Routes.Supersedes(live.Spec, d.resolve(rules, want.Spec))
	})
}
