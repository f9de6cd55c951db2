package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
)

// pause stops the services that need a resource which is deleted before it is
// created again: a zone has one mount target, and what mounts through it hangs
// without it.
func pause(d *draft) {
	for _, address := range slices.SortedFunc(maps.Keys(d.planned), Address.Compare) {
		if !d.goesFirst(address) {
			continue
		}
		for _, needer := range d.needs.by[address] {
			if d.kinds[needer.Kind].starts() {
				pauseFor(d, address, needer)
			}
		}
	}
}

func pauseFor(d *draft, replaced, needer Address) {
	p, want, live := d.planned[needer], d.want.Find(needer), d.live.Find(needer)
	if p != nil && p.Has(Delete) || !d.hasTasks(live) {
		return
	}
	if p == nil || want == nil {
		guardUser(d, replaced, needer, want != nil)
		return
	}
	p.Effects = d.forced(want, live, p)
	p.Effects.Interrupts = true
	if !p.Changed() {
		p.Actions, p.Cause = []Action{Update}, Dependency
	}
	p.Pauses = append(p.Pauses, replaced)
}

// hasTasks says whether a live service has tasks, or is to have some: one that an apply
// has stopped before may still end them.
func (d *draft) hasTasks(live *Resource) bool {
	running := live.Attrs[runningAttr]
	return d.runs(live) || running != "" && running != "0"
}

// guardUser refuses to take away what a service uses that this plan leaves alone.
func guardUser(d *draft, replaced, user Address, wanted bool) {
	why, help := "is no longer in the compose file and keeps running", "--prune deletes "+user.String()+" first"
	if wanted {
		why, help = "is not part of this plan", "plan without --only"
	}
	d.guard("in-use", d.planned[replaced],
		fmt.Sprintf("it is replaced, and the tasks of %s use it, which %s", spaced(user), why), help)
}

// stayInScope refuses to replace what a service uses that is not in the scope: nobody
// tells it where the new one is.
func stayInScope(d *draft) {
	if d.scope == nil {
		return
	}
	for address, p := range d.planned {
		if !p.Has(Delete) || d.goesFirst(address) && len(d.needs.by[address]) > 0 {
			continue
		}
		var outside []Address
		for _, user := range slices.Concat(d.origins.liveUsers(address), d.needs.by[address]) {
			if d.kinds[user.Kind].starts() && d.planned[user] == nil {
				outside = append(outside, user)
			}
		}
		if len(outside) > 0 {
			guardUser(d, address, slices.MinFunc(outside, Address.Compare), true)
		}
	}
}

// holdBack keeps what a leftover that is kept still uses: AWS would refuse to
// delete it. Of a replacement, the old one then stays until the leftover goes.
func holdBack(d *draft) {
	for _, p := range d.planned {
		if !p.Has(Delete) || d.goesFirst(p.Address) || !d.usedByKept(p.Address) {
			continue
		}
		if !p.Has(Create) {
			p.Actions, p.Effects = []Action{Keep}, Effects{DataLoss: d.kinds[p.Address.Kind].Data}
			continue
		}
		p.Actions = []Action{Create}
		d.plan.Diagnostics.Notef(diag.Pos{}, "", "--prune deletes both",
			"the replaced %s is kept, because a leftover still uses it", spaced(p.Address))
	}
}

func (d *draft) usedByKept(address Address) bool {
	users := append(d.origins.liveUsers(address), d.needs.by[address]...)
	return slices.ContainsFunc(users, func(user Address) bool {
		p := d.planned[user]
		return p != nil && p.Has(Keep)
	})
}
