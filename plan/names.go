package plan

import (
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

// naming finds out who sees which names.
type naming struct {
	*draft
	waits map[Address][]NewName // for which the deployment of a resource waits
}

// showNames restarts running tasks that use a name which they cannot resolve:
// the tasks of a deployment, and their replacements, see only names that are
// older than the deployment (Amazon ECS developer guide, Service Connect,
// "client service"). For names that a resource does not use, it restarts tasks
// only if the command line asks for it.
//
// It returns, of each resource, the new names for which its deployment waits.
func showNames(draft *draft) map[Address][]NewName {
	d := naming{draft, map[Address][]NewName{}}
	names := d.names()
	var late []*Resource // do not see a name that is made now, and need not
	for _, r := range d.want.Resources {
		if !d.kinds[r.Address.Kind].starts() || !d.inScope(r.Address) || d.plan.guarded(r.Address) {
			continue
		}
		live := d.live.Find(r.Address)
		if r.Run != nil && d.planned[r.Address].Run == "" {
			continue
		}
		if live == nil || d.renews(r.Address) || r.Run != nil {
			d.await(r.Address, unseen(names, r, live, r.uses))
			continue
		}
		if d.show(r, live, names) {
			late = append(late, r)
		}
	}
	d.noteLate(late, names)
	return d.waits
}

// show restarts one live resource if it has to. It returns true if the resource
// keeps running without a name that this plan creates and that it does not use.
func (d *naming) show(r, live *Resource, names []name) bool {
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

// await makes the deployment of a resource wait for the names that this plan
// creates.
func (d *naming) await(address Address, missing []name) {
	missing = slices.DeleteFunc(slices.Clone(missing), func(n name) bool { return !n.made })
	d.waits[address] = asNewNames(missing)
}

// names are all names that exist or that this plan creates, sorted by their
// owner.
func (d *naming) names() []name {
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
func (d *naming) find(n *name) bool {
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

// noteSpared reports a resource that is not restarted because a restart would
// interrupt it and nobody asked for one.
func (d *draft) noteSpared(r *Resource, missing []NewName) {
	d.plan.Diagnostics.Notef(r.Source, "", refreshHelp(r.Address.Name),
		"%s keeps running without %s: to see it, its tasks would have to stop before new ones start", spaced(r.Address), NewNames(missing))
}

func (d *naming) noteIdle(asked bool, r *Resource) {
	if asked {
		d.plan.Diagnostics.Notef(diag.Pos{}, "", "", "%s already sees every name: there is nothing to refresh", spaced(r.Address))
	}
}

// noteLate is one note, however many they are.
func (d *naming) noteLate(late []*Resource, names []name) {
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
