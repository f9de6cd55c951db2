package plan

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Options of Diff.
type Options struct {
	Tool      string // name and version, for the header of the plan
	Simulated bool
	Facts     Facts
	Scope     Scope
	// Locate says where the compose file asks for a field of a desired resource. Nil:
	// nowhere.
	Locate func(r *Resource, path diag.Path) diag.Pos
	// FileOf names the file of this machine whose content a field is; "": none. Nil: it
	// is not known.
	FileOf func(r *Resource, path diag.Path) string
	// Diagnostics of the translation are carried into the plan.
	Diagnostics diag.List
	// Advise looks at the whole plan, for what no single resource shows. Nil:
	// nothing.
	Advise func(live, want *Stack, p *Plan) diag.List
}

// Diff plans the changes that turn live into want. It is a three-way
// comparison: the spec tag of a live resource says what was applied last, so
// that a field that differs was changed either in the compose file or outside
// this tool.
func Diff(kinds Kinds, live, want *Stack, o Options) (*Plan, error) {
	d, err := compared(kinds, live, want, o, nil)
	if err != nil {
		return nil, err
	}
	if changing := d.changingServices(); len(d.waiting) > 0 && len(changing) > 0 {
		if d, err = compared(kinds, live, want, o, changing); err != nil {
			return nil, err
		}
	}
	return d.finish()
}

// compared is a differ that has compared everything; what waits for a change of a
// service comes with those of changing.
func compared(kinds Kinds, live, want *Stack, o Options, changing map[Address]bool) (*differ, error) {
	d, err := newDiffer(kinds, live, want, o)
	if err != nil {
		return nil, err
	}
	d.changing = changing
	for _, r := range d.order {
		if !d.inScope(r.Address) {
			continue
		}
		if err := d.wanted(r); err != nil {
			return nil, fmt.Errorf("compare %s: %w", r.Address, err)
		}
	}
	if err := d.dataNamed(); err != nil {
		return nil, err
	}
	if len(o.Scope.Only) > 0 {
		return d, nil
	}
	for _, r := range live.Resources {
		if want.Find(r.Address) != nil {
			continue
		}
		if err := d.unwanted(r); err != nil {
			return nil, fmt.Errorf("compare %s: %w", r.Address, err)
		}
	}
	return d, nil
}

// differ holds what the comparison of one resource must know of the others.
type differ struct {
	kinds      Kinds
	live, want *Stack
	options    Options
	masker     *Masker
	order      []*Resource // want, each after those it refers to
	scope      map[Address]bool
	origins    origins
	needs      needs
	plan       *Plan
	planned    map[Address]*ResourcePlan
	waits      map[Address][]NewName // for which the deployment of a resource waits
	waiting    []Address             // of which a later release decides something otherwise
	changing   map[Address]bool      // services with whose changes that comes
	retained   []*Resource           // live ones that nothing asks for, see letGo
	follows    map[Address][]Address // services that have to stop before one starts
}

func newDiffer(kinds Kinds, live, want *Stack, o Options) (*differ, error) {
	order, err := want.order()
	if err != nil {
		return nil, err
	}
	d := &differ{
		kinds: kinds, live: live, want: want, options: o,
		masker: want.masker, order: order,
		origins: newOrigins(kinds, live, want),
		planned: map[Address]*ResourcePlan{},
		waits:   map[Address][]NewName{},
		follows: map[Address][]Address{},
		plan: &Plan{
			Tool: o.Tool, Simulated: o.Simulated, Target: want.Target, Facts: o.Facts,
			Scope: o.Scope, Diagnostics: o.Diagnostics.Sorted(),
		},
	}
	d.needs = newNeeds(kinds, live, d.origins)
	if d.plan.Stack, err = want.Hash(); err != nil {
		return nil, err
	}
	for _, services := range [][]string{o.Scope.Force, o.Scope.Only, o.Scope.Refresh} {
		if err := named(kinds, want, services); err != nil {
			return nil, err
		}
	}
	d.scope = closure(kinds, want, o.Scope.Only)
	return d, nil
}

func (d *differ) inScope(address Address) bool { return d.scope == nil || d.scope[address] }

// closure is what the named services need, nil for no limit.
func closure(kinds Kinds, want *Stack, only []string) map[Address]bool {
	if len(only) == 0 {
		return nil
	}
	in := map[Address]bool{}
	var visit func(address Address)
	visit = func(address Address) {
		r := want.Find(address)
		if r == nil || in[address] {
			return
		}
		in[address] = true
		for _, address := range r.edges() {
			visit(address)
		}
		for _, after := range r.After {
			visit(after)
		}
	}
	for _, name := range only {
		if address, ok := kinds.service(want, name); ok {
			visit(address)
		}
	}
	return in
}

// named refuses names of services that are not wanted.
func named(kinds Kinds, want *Stack, services []string) error {
	for _, name := range services {
		if _, ok := kinds.service(want, name); !ok {
			return fmt.Errorf("there is no service %q with a task of its own", name)
		}
	}
	return nil
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

func (d *differ) begin(address Address, live *Resource) (*ResourcePlan, error) {
	fingerprint, err := Fingerprint(d.kinds, d.want.Target, live)
	if err != nil {
		return nil, err
	}
	p := &ResourcePlan{Address: address, Fingerprint: fingerprint}
	if live != nil {
		p.Name = cmp.Or(live.Attrs["arn"], live.Attrs["id"])
		p.Unmanaged = live.Unmanaged
	}
	d.planned[address] = p
	return p, nil
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

// resolve fills in the refs of a desired spec as far as they are known while
// planning. What is made or made anew in this plan is known only where its value
// can be computed ahead.
func (d *differ) resolve(rules Rules, spec any) any {
	return rules.mapped(spec, func(v Value) Value {
		if v.Ref == nil || v.Ref.Address.Kind == FactsKind {
			return v
		}
		live := d.live.Find(v.Ref.Address)
		if live == nil || d.renews(v.Ref.Address) {
			return v
		}
		if text := live.Attrs[v.Ref.Attr]; text != "" {
			return Value{Text: text, Ref: v.Ref}
		}
		return v
	})
}

// renews says whether the resource at address gets another identity.
func (d *differ) renews(address Address) bool {
	p := d.planned[address]
	return p != nil && (p.Has(Create) || p.Has(Revise))
}

// compare lists the fields in which live differs from want, with their causes.
func (d *differ) compare(live, want *Resource) ([]Change, error) {
	rules := d.kinds[want.Address.Kind]
	if live.Spec == nil {
		if live.Hash != want.Hash {
			return nil, fmt.Errorf("internal error: its spec was not read although its hash %s is not the wanted one", live.Hash)
		}
		return nil, nil
	}
	to, err := rules.Tree(d.resolve(rules, want.Spec))
	if err != nil {
		return nil, err
	}
	if reflect.DeepEqual(live.canonical, to) {
		return nil, nil
	}
	fields, err := fieldDiff(rules, live.canonical, to)
	if err != nil {
		return nil, err
	}
	return d.explain(rules, live, want, fields)
}

// finish settles what depends on the whole plan, orders the steps, counts, and
// seals the plan.
func (d *differ) finish() (*Plan, error) {
	if err := d.letGo(); err != nil {
		return nil, err
	}
	d.pause()
	d.showNames()
	d.holdBack()
	if err := d.keepRights(); err != nil {
		return nil, err
	}
	d.keepApart()
	d.leaveData()
	for _, p := range d.planned {
		if len(p.Actions) > 0 || len(p.Unmanaged) > 0 {
			d.plan.Resources = append(d.plan.Resources, p)
		}
	}
	slices.SortFunc(d.plan.Resources, func(a, b *ResourcePlan) int { return a.Address.Compare(b.Address) })
	d.sayWaiting()
	d.plan.Steps = d.steps()
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
