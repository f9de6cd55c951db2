package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
)

// retention decides what outlives the change of those that used it.
type retention struct{ *draft }

// letGo decides about what only earlier tasks used: values, images, revisions. One
// rule holds for all of them: they stay while running tasks, or one of the last two
// revisions of a service, name them. That they go is no change of its own: it comes
// with the next change of a service that used them, or with the end of the project.
func letGo(draft *draft, retained []*Resource) error {
	d := retention{draft}
	revisionsFirst := slices.Clone(retained) // which name values and images
	slices.SortStableFunc(revisionsFirst, func(a, b *Resource) int { return cmp.Compare(d.rank(a), d.rank(b)) })
	for _, live := range revisionsFirst {
		action, cause := d.fate(live)
		if action == "" {
			continue
		}
		p, err := d.begin(live.Address, live)
		if err != nil {
			return err
		}
		p.Actions, p.Cause = []Action{action}, cause
	}
	return nil
}

func (d *retention) rank(live *Resource) int {
	if d.kinds[live.Address.Kind].Main {
		return 0
	}
	return 1
}

// fate is what happens to a retained resource, "" for nothing.
func (d *retention) fate(live *Resource) (Action, Cause) {
	users := d.origins.liveUsers(live.Address)
	switch {
	case d.options.Scope.Destroy:
		return Delete, Forced
	case slices.ContainsFunc(users, d.goesOn):
		return "", ""
	case slices.ContainsFunc(users, d.isKept):
		return Keep, Removed // with them
	case d.live.Earlier == nil || len(d.unfinished()) > 0 || d.mayRunAgain(live) || !d.rides(live):
		return "", ""
	case len(users) > 0:
		return Delete, Removed // with them
	default:
		return Delete, Outlived
	}
}

// goesOn says whether a live resource stays, or is what a failed change goes back to.
func (d *retention) goesOn(address Address) bool {
	p := d.planned[address]
	return p == nil || !p.Has(Keep) && (!p.Has(Delete) || p.Has(Create))
}

// mayRunAgain says whether a revision names a live resource that is the last but one
// of its service, and stays that.
func (d *retention) mayRunAgain(live *Resource) bool {
	for _, earlier := range d.live.Earlier {
		if p := d.planned[earlier.Address.Base()]; p != nil && (p.Has(Revise) || p.Has(Delete)) {
			continue
		}
		named := false
		Map(earlier.Spec, func(v Value) Value {
			for _, found := range d.origins.refs[v.Text] {
				named = named || found.Ref.Address == live.Address
			}
			return v
		})
		if named {
			return true
		}
	}
	return false
}

// rides says whether the plan has the change with which a retained resource goes: of
// a revision another one after it, of anything else one of a service that used it.
func (d *retention) rides(live *Resource) bool {
	if base := live.Address.Base(); d.kinds[base.Kind].Main {
		p := d.planned[base]
		return p != nil && (p.Has(Revise) || p.Has(Delete))
	}
	services := d.servicesOf(live)
	for address, p := range d.planned {
		if d.kinds[address.Kind].starts() && p.Changed() && (len(services) == 0 || slices.Contains(services, address)) {
			return true
		}
	}
	return false
}

// keepRights takes nothing from tasks that run on as they are, because no compose file
// asks for them any more or they are not in the scope: what they share with others only
// gains.
func keepRights(draft *draft) error {
	d := retention{draft}
	for address, p := range d.planned {
		rules := d.kinds[address.Kind]
		live, want := d.live.Find(address), d.want.Find(address)
		if rules.With == nil || !p.Has(Update) || !d.takes(address) {
			continue
		}
		user, kept := d.keptWorker(address)
		shared := d.scope != nil && rules.Owner(address.Name) == ""
		if !kept && !shared && !d.extended[address] || !d.fitsBoth(address) {
			continue
		}
		if err := d.onlyExtend(p, live, want); err != nil {
			return fmt.Errorf("compare %s: %w", address, err)
		}
		why, help := "the tasks of "+spaced(user)+" need, which is no longer in the compose file", "--prune deletes the leftovers, and takes away what they needed"
		switch {
		case kept:
		case d.extended[address]:
			continue // sayWaiting has said it
		default:
			why, help = "services may need that are not part of this plan", "a plan without --only takes away what nobody needs"
		}
		d.plan.Diagnostics.Notef(diag.Pos{}, "", help, "%s keeps what %s", spaced(address), why)
	}
	return nil
}

// keptWorker is a service that is kept as a leftover and whose tasks work with the
// resource at address.
func (d *retention) keptWorker(address Address) (Address, bool) {
	var kept []Address
	for user, starts := range d.workers(address) {
		if starts && d.isKept(user) {
			kept = append(kept, user)
		}
	}
	if len(kept) == 0 {
		return Address{}, false
	}
	return slices.MinFunc(kept, Address.Compare), true
}

// onlyExtend leaves of the changes of a resource those that take nothing away, which
// may be none.
func (d *retention) onlyExtend(p *ResourcePlan, live, want *Resource) error {
	rules := d.kinds[want.Address.Kind]
	both := *want
	both.Spec = rules.With(live.Spec, d.resolve(rules, want.Spec))
	changes, err := d.compare(live, &both)
	if err != nil {
		return err
	}
	for i, change := range changes {
		changes[i] = d.present(want.Address, change)
	}
	p.Changes, p.Extends = changes, true
	if len(changes) == 0 {
		p.Actions, p.Cause, p.Effects, p.Files, p.Extends = nil, "", Effects{}, nil, false
	}
	return nil
}
