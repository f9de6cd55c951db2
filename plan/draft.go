package plan

import (
	"cmp"
	"fmt"
	"slices"
)

// draft is a plan in the making: what is live, what is desired, and what is planned
// for each resource so far. The phases of Diff each read all of it, and add to it.
type draft struct {
	kinds      Kinds
	live, want *Stack
	options    Options
	masker     *Masker
	scope      map[Address]bool // nil: everything
	origins    origins
	needs      needs
	plan       *Plan
	planned    map[Address]*ResourcePlan
	extended   map[Address]bool // of which tasks need what is live, until a later release has replaced them: see Decision.Last
}

func newDraft(kinds Kinds, live, want *Stack, o Options) (*draft, error) {
	hash, err := want.Hash()
	if err != nil {
		return nil, err
	}
	for _, services := range [][]string{o.Scope.Force, o.Scope.Only, o.Scope.Refresh, o.Scope.Rerun} {
		if err := named(kinds, want, services); err != nil {
			return nil, err
		}
	}
	scope := closure(kinds, want, o.Scope.Only)
	if err := refuseReruns(kinds, want, scope, o.Scope.Rerun); err != nil {
		return nil, err
	}
	found := newOrigins(kinds, live, want)
	return &draft{
		kinds: kinds, live: live, want: want, options: o,
		masker:  want.masker,
		scope:   scope,
		origins: found,
		needs:   newNeeds(kinds, live, found),
		planned: map[Address]*ResourcePlan{}, extended: map[Address]bool{},
		plan: &Plan{
			Tool: o.Tool, Simulated: o.Simulated, Target: want.Target, Facts: o.Facts,
			Scope: o.Scope, Allowed: o.Allowed, Stack: hash, Diagnostics: o.Diagnostics.Sorted(),
		},
	}, nil
}

// begin adds the plan of a resource, which does nothing yet.
func (d *draft) begin(address Address, live *Resource) (*ResourcePlan, error) {
	fingerprint, err := Fingerprint(d.kinds, d.want.Target, live)
	if err != nil {
		return nil, err
	}
	p := &ResourcePlan{Address: address, Fingerprint: fingerprint, Steered: d.kinds[address.Kind].steered(live) != ""}
	if live != nil {
		p.Name = cmp.Or(live.Attrs["arn"], live.Attrs["id"])
		p.Unmanaged = live.Unmanaged
	}
	d.planned[address] = p
	return p, nil
}

func (d *draft) guard(rule string, p *ResourcePlan, message, help string) {
	d.plan.Guards = append(d.plan.Guards, Guard{Rule: rule, Address: p.Address, Message: message, Help: help})
}

func (d *draft) inScope(address Address) bool { return d.scope == nil || d.scope[address] }

func (d *draft) isKept(address Address) bool {
	p := d.planned[address]
	return p != nil && p.Has(Keep)
}

// resolve fills in the refs of a desired spec as far as they are known while
// planning. What is made or made anew in this plan is known only where its value
// can be computed ahead.
func (d *draft) resolve(rules Rules, spec any) any {
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

// specOf is the spec of a resource: a live one that is not read is as it is wanted.
func (d *draft) specOf(r *Resource) any {
	if want := d.want.Find(r.Address); r.Spec == nil && want != nil {
		return want.Spec
	}
	return r.Spec
}

// goesFirst says whether a live resource is deleted before another one can be created:
// that of its own address, or any of its kind.
func (d *draft) goesFirst(address Address) bool {
	p, live := d.planned[address], d.live.Find(address)
	return p.DeletesFirst() || p.Has(Delete) && live != nil && d.bars(live)
}

// bars says whether a live resource has to go before those that are wanted of its kind.
func (d *draft) bars(live *Resource) bool {
	bars := d.kinds[live.Address.Kind].Bars
	return bars != nil && bars(d.options.Facts, live) && slices.ContainsFunc(d.want.Resources, func(want *Resource) bool {
		return want.Address.Kind == live.Address.Kind
	})
}

// renews says whether the resource at address gets another identity.
func (d *draft) renews(address Address) bool {
	p := d.planned[address]
	return p != nil && (p.Has(Create) || p.Has(Revise))
}

// forced are the effects of a restart together with those that are planned
// anyway.
func (d *draft) forced(r, live *Resource, p *ResourcePlan) Effects {
	effects := d.kinds[r.Address.Kind].effects(d.specOf(live), r.Spec, p.Changes, true)
	effects.Replaces, effects.Forces = p.Effects.Replaces, true
	return effects
}

// mayRefresh says whether the command line asks to restart a service for new
// names even if that interrupts it.
func (d *draft) mayRefresh(address Address) bool {
	return d.kinds[address.Kind].starts() && slices.Contains(d.options.Scope.Refresh, address.Name)
}

// takes says whether an update removes something that running tasks may need.
func (d *draft) takes(address Address) bool {
	rules, live, want := d.kinds[address.Kind], d.live.Find(address), d.want.Find(address)
	return rules.Extends != nil && live.Spec != nil && rules.Extends(live.Spec, d.resolve(rules, want.Spec))
}

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
		for _, address := range r.Edges() {
			visit(address)
		}
		for _, after := range r.After {
			visit(after)
		}
	}
	for _, name := range only {
		if address, ok := kinds.service(want, name); ok {
			visit(address)
			want.eachUser(address, visit)
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

func (p *Plan) guarded(address Address) bool {
	return slices.ContainsFunc(p.Guards, func(g Guard) bool { return g.Address == address })
}

// refuseReruns refuses to run services again that do not end by themselves, or that are not in
// the scope.
func refuseReruns(kinds Kinds, want *Stack, scope map[Address]bool, services []string) error {
	for _, name := range services {
		switch address, ok := kinds.service(want, name); {
		case !ok:
		case scope != nil && !scope[address]:
			return fmt.Errorf("service %q cannot run again: it is not among those of --only", name)
		case want.Find(address).Run == nil:
			return fmt.Errorf("service %q is kept running, so that it cannot run again: --force-new-deployment %s restarts its tasks", name, name)
		}
	}
	return nil
}
