package plan

import (
	"slices"
)

// workers are the services whose tasks work with a resource, before or after the
// change: they refer to it or need it, through whatever else. Of one whose last
// change was not finished, older tasks may run than those that it refers to.
func (d *draft) workers(address Address) map[Address]bool {
	out := map[Address]bool{}
	add := func(users []Address) {
		for _, user := range users {
			out[user] = out[user] || d.kinds[user.Kind].starts()
		}
	}
	users := append(d.origins.liveUsers(address), address)
	for _, user := range users {
		add(d.needs.by[user])
	}
	add(users)
	add(d.wantedUsers(address))
	add(d.unfinished())
	return out
}

// wantedUsers are the desired resources that refer to the one at address or need
// it, and those that refer to them.
func (d *draft) wantedUsers(address Address) []Address {
	var out []Address
	seen := map[Address]bool{address: true}
	for next := []Address{address}; len(next) > 0; next = next[1:] {
		for _, user := range d.origins.users[next[0]] {
			if !seen[user.Address] {
				seen[user.Address] = true
				out, next = append(out, user.Address), append(next, user.Address)
			}
		}
	}
	return out
}

// unfinished are the live services of which an earlier apply did not see the end
// of a change.
func (d *draft) unfinished() []Address {
	var out []Address
	for _, r := range d.live.Resources {
		if d.kinds[r.Address.Kind].starts() && ParseApplied(r.Tags[TagSpec]).Pending {
			out = append(out, r.Address)
		}
	}
	return out
}

// servicesOf are the services that use a retained resource or one in its place, none
// where that is not known.
func (d *draft) servicesOf(live *Resource) []Address {
	var out []Address
	for _, user := range slices.Concat(d.wantedUsers(live.Address.Base()), d.origins.liveUsers(live.Address)) {
		if d.kinds[user.Kind].starts() {
			out = append(out, user)
		}
	}
	return out
}
