package plan

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// decision is the one behind a change of a resource that an earlier release applied.
func (d *draft) decision(live, want *Resource, c Change) *Decision {
	made := MadeBy(live)
	for _, decided := range d.kinds[want.Address.Kind].Decided {
		if made == 0 || made >= decided.Release || !Match(decided.Path, c.Path) {
			continue
		}
		if decided.Only == nil || decided.Only(d.want.Target, live, want, c) {
			return &decided
		}
	}
	for _, f := range want.Former {
		if 0 < made && made < f.Release && f.isBehind(d.kinds[want.Address.Kind], c) {
			return &Decision{Release: f.Release, Path: f.Path}
		}
	}
	return nil
}

// isBehind says whether a change is from what a release made of a field before: of the
// field, or of the tree that holds nothing but the field.
func (f Former) isBehind(rules Rules, c Change) bool {
	if Match(f.Path, c.Path) || f.Path == strings.Join(c.Path, ".") { // the name of an item may have dots
		return isSame(c.From, f.Was, rules.identity(c.Path))
	}
	rest := strings.Split(f.Path, ".")
	if c.From != nil || len(rest) <= len(c.Path) || !slices.Equal(rest[:len(c.Path)], c.Path) {
		return false
	}
	node := c.To
	for _, name := range rest[len(c.Path):] {
		fields, ok := node.(tree)
		if !ok || len(fields) != 1 {
			return false
		}
		node = fields[name]
	}
	return node != nil && isSame(nil, f.Was, nil)
}

// identity are the fields that identify the item of a list at a path: the tree has them
// in the path alone.
func (r Rules) identity(item diag.Path) []string {
	for list, fields := range r.Keys {
		if len(item) > 0 && strings.Count(list, ".") == len(item)-2 && Match(list, item[:len(item)-1]) {
			return fields
		}
	}
	return nil
}

// isSame compares a value of a canonical tree, nil where it has none, with one of Go,
// which has its identity as well.
func isSame(node, value any, identity []string) bool {
	data, err := json.Marshal(value)
	if err != nil {
		return false
	}
	var meant any
	if err := decodeInto(data, &meant); err != nil {
		return false
	}
	if fields, ok := meant.(tree); ok {
		for _, name := range identity {
			delete(fields, name)
		}
	}
	if node == nil {
		return value == nil || reflect.ValueOf(value).IsZero()
	}
	return reflect.DeepEqual(node, meant)
}

// upgrade gives changes their cause where a later release decides otherwise, leaves out
// those that are as good as before, and says whether the rest can wait for the next change
// of a service that uses the resource.
func (d *differ) upgrade(live, want *Resource, changes []Change) (kept []Change, waits bool) {
	u := d.upgraded(live, want, changes)
	d.takesLast = d.takesLast || u.last && !u.all
	waitedFor := u.last && d.isWaitedFor(want.Address)
	switch {
	case u.replaces && !u.all:
		return d.withStaying(live, want, changes), false
	case len(u.kept) == 0:
		return nil, len(changes) > 0
	case !u.all:
		d.extended[want.Address] = waitedFor
		return u.kept, false
	case !waitedFor && d.comesNow(want.Address):
		return u.kept, false
	default:
		d.waiting = append(d.waiting, want.Address)
		return u.kept, true
	}
}

// upgraded are the changes of a resource that an earlier release applied.
type upgraded struct {
	kept     []Change // those that are not as good as before
	all      bool     // all of these are because a later release decides otherwise, and can wait
	replaces bool     // one of these replaces the resource
	last     bool     // see Decision.Last
}

func (d *differ) upgraded(live, want *Resource, changes []Change) upgraded {
	rules, out := d.kinds[want.Address.Kind], upgraded{all: true}
	for _, c := range changes {
		decided := d.decision(live, want, c)
		if decided != nil {
			c.Cause = Upgrade
			out.last = out.last || decided.Last
		}
		if decided == nil || !decided.Stays {
			out.all = out.all && decided != nil && !decided.Now
			out.replaces = out.replaces || matchAny(rules.Immutable, c.Path)
			out.kept = append(out.kept, c)
		}
	}
	return out
}

// withStaying are all changes of a resource that is replaced anyway.
func (d *differ) withStaying(live, want *Resource, changes []Change) []Change {
	for i, c := range changes {
		if d.decision(live, want, c) != nil {
			changes[i].Cause = Upgrade
		}
	}
	return changes
}

// comesNow says whether a change that could wait comes with that of a service.
func (d *differ) comesNow(address Address) bool {
	users := slices.DeleteFunc(append(d.wantedUsers(address), address), func(user Address) bool { return !d.kinds[user.Kind].starts() })
	if len(users) == 0 {
		return len(d.changing) > 0
	}
	return slices.ContainsFunc(users, func(user Address) bool { return d.changing[user] })
}

// isWaitedFor says whether a service that uses a resource goes on waiting, or changes and
// keeps what an earlier release decided: see holdFormer.
func (d *differ) isWaitedFor(address Address) bool {
	return slices.ContainsFunc(d.wantedUsers(address), func(user Address) bool {
		return d.waited[user] && !d.changing[user] || d.want.Find(user).Tags[TagRelease] != ""
	})
}

// restNew lets new resources wait that nothing uses but what waits itself. resources are the
// desired ones, each after those that it refers to.
func (d *differ) restNew(resources []*Resource) {
	for _, r := range slices.Backward(resources) {
		p, users := d.planned[r.Address], d.origins.users[r.Address]
		rules := d.kinds[r.Address.Kind]
		if p == nil || !p.Has(Create) || d.live.Find(r.Address) != nil || rules.Main || len(users) == 0 && !rules.Serves {
			continue
		}
		if !slices.ContainsFunc(users, func(user *Resource) bool { return !slices.Contains(d.waiting, user.Address) }) {
			delete(d.planned, r.Address)
			d.waiting = append(d.waiting, r.Address)
		}
	}
}

// tellLate says of what waited, and comes now since a service changes, that a later release
// makes it.
func (d *differ) tellLate(waited []Address) {
	for _, address := range waited {
		if p := d.planned[address]; p != nil && p.Cause == Absent {
			p.Cause = Upgrade
		}
	}
}

// waitsWith says whether what waits goes on with a live resource that nothing asks for.
func (d *differ) waitsWith(address Address) bool {
	return slices.ContainsFunc(d.origins.liveUsers(address), func(user Address) bool { return slices.Contains(d.waiting, user) })
}

// changingServices are the services that a plan changes.
func (d *differ) changingServices() map[Address]bool {
	out := map[Address]bool{}
	for address, p := range d.planned {
		if d.kinds[address.Kind].starts() && p.Changed() {
			out[address] = true
		}
	}
	return out
}

// sayWaiting says what a later release decides otherwise and what waits.
func (d *differ) sayWaiting() {
	if len(d.waiting) == 0 {
		return
	}
	names := make([]string, len(d.waiting))
	for i, address := range d.waiting {
		names[i] = address.String()
	}
	slices.Sort(names)
	d.plan.Diagnostics.Notef(diag.Pos{}, "", "--force-new-deployment SERVICE brings it now",
		"a default of compose2fargate changed since this was applied, which comes with the next change of the services that use it: %s",
		strings.Join(FirstOf(names), ", "))
}
