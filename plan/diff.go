package plan

import (
	"fmt"
	"maps"
	"slices"
)

// Diff plans the changes that turn live into want. It is a three-way
// comparison: the spec tag of a live resource says what was applied last, so
// that a field that differs was changed either in the compose file or outside
// this tool.
func Diff(kinds Kinds, live, want *Stack, o Options) (*Plan, error) {
	d, err := compared(kinds, live, want, o, nil, nil)
	if err != nil {
		return nil, err
	}
	if changing := d.changingServices(); len(d.waiting) > 0 && (len(changing) > 0 || d.takesLast) {
		waited := d.waiting
		if d, err = compared(kinds, live, want, o, changing, waited); err != nil {
			return nil, err
		}
		d.tellLate(waited)
	}
	return d.finish()
}

// compared is a differ that has compared everything; what waited for a change of a
// service comes with those of changing.
func compared(kinds Kinds, live, want *Stack, o Options, changing map[Address]bool, waited []Address) (*differ, error) {
	resources, err := want.order()
	if err != nil {
		return nil, err
	}
	draft, err := newDraft(kinds, live, want, o)
	if err != nil {
		return nil, err
	}
	d := &differ{draft: draft, changing: changing, waited: map[Address]bool{}}
	for _, address := range waited {
		d.waited[address] = true
	}
	for _, r := range resources { // each after those it refers to
		if !d.inScope(r.Address) {
			continue
		}
		if err := d.wanted(r); err != nil {
			return nil, fmt.Errorf("compare %s: %w", r.Address, err)
		}
	}
	d.restNew(resources)
	if err := d.data().named(); err != nil {
		return nil, err
	}
	if len(o.Scope.Only) > 0 {
		return d, nil
	}
	for _, r := range live.Resources {
		if want.Find(r.Address) != nil || d.waitsWith(r.Address) {
			continue
		}
		if err := d.unwanted(r); err != nil {
			return nil, fmt.Errorf("compare %s: %w", r.Address, err)
		}
	}
	return d, nil
}

// differ compares what is live with what is desired, one resource after the other.
type differ struct {
	*draft
	waiting  []Address        // of which a later release decides something otherwise
	changing map[Address]bool // services with whose changes that comes
	waited   map[Address]bool // what would wait without these

	takesLast bool        // a change is planned that must come last: see Decision.Last
	retained  []*Resource // live ones that nothing asks for, see letGo
}

// wanted compares one desired resource with what is live.
func (d *differ) wanted(r *Resource) error {
	live := d.live.Find(r.Address)
	p, err := d.begin(r.Address, live)
	if err != nil {
		return err
	}
	p.Source = position(r.Source)
	if live == nil {
		return d.create(p, r)
	}
	if !d.mayTouch(p, live) {
		return nil
	}
	changes, err := d.compare(live, r)
	if err != nil {
		return err
	}
	d.decide(p, live, r, changes)
	return nil
}

// create plans a resource that is not there; its fields are listed one by one.
func (d *differ) create(p *ResourcePlan, r *Resource) error {
	rules := d.kinds[r.Address.Kind]
	t, err := rules.Tree(d.resolve(rules, r.Spec))
	if err != nil {
		return err
	}
	p.Actions = []Action{Create}
	p.Cause = Absent
	for _, name := range slices.Sorted(maps.Keys(t)) {
		path := []string{name}
		change := Change{Path: path, Op: OpCreate, To: t[name], Cause: Absent, Minor: !matchAny(rules.Brief, path)}
		p.Changes = append(p.Changes, d.present(r.Address, change))
	}
	p.Effects = rules.effects(nil, r.Spec, nil, false)
	return nil
}

// finish settles what depends on the whole plan, orders the steps, counts, and
// seals the plan.
func (d *differ) finish() (*Plan, error) {
	planRuns(d.draft)
	if err := letGo(d.draft, d.retained); err != nil {
		return nil, err
	}
	pause(d.draft)
	stayInScope(d.draft)
	waits := showNames(d.draft)
	holdBack(d.draft)
	if err := keepRights(d.draft); err != nil {
		return nil, err
	}
	follows := keepApart(d.draft)
	leaveData(d.draft)
	keepValues(d.draft)
	d.sayWaiting()
	d.plan.Resources = d.changes()
	d.plan.Steps = order(d.draft, waits, follows)
	slices.SortFunc(d.plan.Guards, func(a, b Guard) int { return a.Address.Compare(b.Address) })
	d.plan.Summary = summarize(d.planned, d.plan.Guards)
	if d.options.Advise != nil {
		d.plan.Diagnostics = append(d.plan.Diagnostics, d.options.Advise(d.live, d.want, d.plan)...)
	}
	d.plan.Diagnostics = d.plan.Diagnostics.Sorted()
	if err := d.plan.Seal(); err != nil {
		return nil, err
	}
	return d.plan, nil
}

// changes are the resource plans that say something, sorted.
func (d *draft) changes() []*ResourcePlan {
	var out []*ResourcePlan
	for _, p := range d.planned {
		if len(p.Actions) > 0 || len(p.Unmanaged) > 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *ResourcePlan) int { return a.Address.Compare(b.Address) })
	return out
}
