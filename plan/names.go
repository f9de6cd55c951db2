package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/compose2fargate/compose2fargate/diag"
)

// deployedAttr is the attribute of a live resource with the time, in RFC 3339,
// at which the deployment of its tasks began.
const deployedAttr = "deployed"

// name is a name under which a resource is found.
type name struct {
	ref  Ref // to the attribute that says since when
	text string
	made bool      // by this plan
	born time.Time // where it is there already
}

// showNames restarts running tasks that use a name which they cannot resolve:
// the tasks of a deployment, and their replacements, see only names that are
// older than the deployment (Amazon ECS developer guide, Service Connect,
// "client service"). For names that a resource does not use, it restarts tasks
// only if the command line asks for it.
func (d *differ) showNames() {
	names := d.names()
	var late []*Resource // do not see a name that is made now, and need not
	for _, r := range d.want.Resources {
		if !d.kinds[r.Address.Kind].starts() || !d.inScope(r.Address) || d.plan.guarded(r.Address) {
			continue
		}
		live := d.live.Find(r.Address)
		if live == nil || d.renews(r.Address) {
			d.await(r.Address, unseen(names, r, live, r.uses))
			continue
		}
		if d.show(r, live, names) {
			late = append(late, r)
		}
	}
	d.noteLate(late, names)
}

// show restarts one live resource if it has to. It returns true if the resource
// keeps running without a name that this plan creates and that it does not use.
func (d *differ) show(r, live *Resource, names []name) bool {
	p := d.planned[r.Address]
	asked := d.mayRefresh(r.Address)
	missing := unseen(names, r, live, r.uses)
	if asked {
		missing = unseen(names, r, live, func(Ref) bool { return true })
	}
	deploys := p.Effects.Restarts > 0 || p.Effects.Forces
	forced := d.forced(r, live, p)
	switch {
	case len(missing) == 0:
		d.noteIdle(asked, r)
		others := unseen(names, r, live, func(Ref) bool { return true })
		return !deploys && slices.ContainsFunc(others, func(n name) bool { return n.made })
	case !deploys && forced.Interrupts && !asked:
		d.noteSpared(r, asNewNames(missing))
		return false
	case !deploys:
		p.Effects = forced
		if !p.Changed() {
			p.Actions, p.Cause = []Action{Update}, Named
		}
	}
	p.Names = asNewNames(missing)
	d.await(r.Address, missing)
	return false
}

// mayRefresh says whether the command line asks to restart a service for new
// names even if that interrupts it.
func (d *differ) mayRefresh(address Address) bool {
	return d.kinds[address.Kind].starts() && slices.Contains(d.options.Scope.Refresh, address.Name)
}

// forced are the effects of a restart together with those that are planned
// anyway.
func (d *differ) forced(r, live *Resource, p *ResourcePlan) Effects {
	spec := live.Spec
	if spec == nil { // it was not read because it is what is wanted
		spec = r.Spec
	}
	effects := d.kinds[r.Address.Kind].effects(spec, r.Spec, p.Changes, true)
	effects.Replaces, effects.Forces = p.Effects.Replaces, true
	return effects
}

// await makes the deployment of a resource wait for the names that this plan
// creates.
func (d *differ) await(address Address, missing []name) {
	missing = slices.DeleteFunc(slices.Clone(missing), func(n name) bool { return !n.made })
	d.waits[address] = asNewNames(missing)
}

// names are all names that exist or that this plan creates, sorted by their
// owner.
func (d *differ) names() []name {
	var out []name
	for _, r := range d.want.Resources {
		rollout := d.kinds[r.Address.Kind].Rollout
		if rollout == nil || rollout.Names == nil {
			continue
		}
		texts := rollout.Names(r.Spec)
		for _, attr := range slices.Sorted(maps.Keys(texts)) {
			n := name{ref: Ref{Address: r.Address, Attr: attr}, text: texts[attr]}
			if d.find(&n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// find finds out when a name was or will be created, and returns false if
// neither is the case.
func (d *differ) find(n *name) bool {
	p, live := d.planned[n.ref.Address], d.live.Find(n.ref.Address)
	switch {
	case p != nil && p.Has(Create):
		n.made = true
		return true
	case live == nil:
		return false
	case live.Attrs[n.ref.Attr] == "":
		n.made = p != nil && p.Changed()
		return n.made
	}
	born, err := time.Parse(time.RFC3339, live.Attrs[n.ref.Attr])
	n.born = born
	return err == nil
}

func (r *Resource) uses(ref Ref) bool { return slices.Contains(r.Names, ref) }

// unseen are the names, of those that which accepts, that the tasks of r cannot
// resolve. live is nil if r is created.
func unseen(names []name, r, live *Resource, which func(Ref) bool) []name {
	var deployed time.Time
	if live != nil {
		deployed, _ = time.Parse(time.RFC3339, live.Attrs[deployedAttr])
	}
	var out []name
	for _, n := range names {
		late := n.made || !deployed.IsZero() && n.born.After(deployed)
		if late && n.ref.Address != r.Address && which(n.ref) {
			out = append(out, n)
		}
	}
	return out
}

func (p *Plan) guarded(address Address) bool {
	return slices.ContainsFunc(p.Guards, func(g Guard) bool { return g.Address == address })
}

// noteSpared reports a resource that is not restarted because a restart would
// interrupt it and nobody asked for one.
func (d *differ) noteSpared(r *Resource, missing []NewName) {
	d.plan.Diagnostics.Notef(r.Source, "", refreshHelp(r.Address.Name),
		"%s keeps running without %s: to see it, its tasks would have to stop before new ones start", spaced(r.Address), NewNames(missing))
}

func (d *differ) noteIdle(asked bool, r *Resource) {
	if asked {
		d.plan.Diagnostics.Notef(diag.Pos{}, "", "", "%s already sees every name: there is nothing to refresh", spaced(r.Address))
	}
}

// noteLate is one note, however many they are.
func (d *differ) noteLate(late []*Resource, names []name) {
	if len(late) == 0 {
		return
	}
	var made []name
	for _, n := range names {
		if n.made {
			made = append(made, n)
		}
	}
	var who []string
	for _, r := range late {
		who = append(who, r.Address.Name)
	}
	see := "keep running and will not resolve"
	if len(who) == 1 {
		see = "keeps running and will not resolve"
	}
	d.plan.Diagnostics.Notef(diag.Pos{}, "", refreshHelp("NAME"), "%s %s %s until the next deployment",
		strings.Join(FirstOf(who), ", "), see, asNewNames(made))
}

func refreshHelp(name string) string { return "--refresh " + name + " restarts it so that it does" }

func asNewNames(names []name) NewNames {
	out := make(NewNames, len(names))
	for i, n := range names {
		out[i] = NewName{Address: n.ref.Address, Name: n.text}
	}
	return out
}

// String is "the new names db:5432, db:8008 of service db". Of many names it writes
// the first ones and how many more there are.
func (names NewNames) String() string {
	head := "the new name "
	if len(names) > 1 {
		head = "the new names "
	}
	var parts []string
	for i, n := range names {
		part := n.Name
		if last := i == len(names)-1 || names[i+1].Address != n.Address; last {
			part += " of " + spaced(n.Address)
		}
		parts = append(parts, part)
	}
	return head + strings.Join(FirstOf(parts), ", ")
}

// spaced is an address as it stands in a sentence: service db.
func spaced(a Address) string { return strings.ReplaceAll(a.Kind, "-", " ") + " " + a.Name }

// FirstOf cuts a list that is too long for a sentence: eight words, and how many
// more there are.
func FirstOf(words []string) []string {
	const most = 8
	if len(words) <= most {
		return words
	}
	return append(slices.Clone(words[:most]), fmt.Sprintf("and %d more", len(words)-most))
}
