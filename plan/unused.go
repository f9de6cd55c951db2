package plan

import (
	"slices"
)

// unusedData finds what tasks leave behind.
type unusedData struct{ *draft }

// leaveData finds the data that services do not use any more: another directory is
// mounted in its place, or none, or the directory is another one.
func leaveData(draft *draft) {
	d := unusedData{draft}
	for _, r := range d.want.Resources {
		p := d.planned[r.Address]
		if p == nil || !p.Changed() || !d.kinds[r.Address.Kind].starts() {
			continue
		}
		if d.live.Find(r.Address) == nil {
			p.Effects.Unused = d.leftWithOld(r.Address)
			continue
		}
		want := d.mounts(d.want, r.Address)
		for _, m := range d.mounts(d.live, r.Address) {
			if left, ok := d.left(m, want); ok {
				left.Used = d.isMounted(m.directory)
				p.Effects.Unused = append(p.Effects.Unused, left)
			}
		}
	}
}

// left is the data of a live mount; not ok where the service keeps it.
func (d *unusedData) left(live mounted, want []mounted) (left Unused, ok bool) {
	if live.directory == "" || d.isDeleted(live.via) || !slices.ContainsFunc(want, func(m mounted) bool { return m.Container == live.Container }) {
		return Unused{}, false
	}
	left = Unused{Path: live.Path, Data: live.name, Empty: true}
	i := slices.IndexFunc(want, func(m mounted) bool { return m.Container == live.Container && m.Path == live.Path })
	if i < 0 {
		return left, true
	}
	left.Empty = want[i].directory == "" || d.isNew(want[i])
	if from := d.movedFrom(live.via); from != "" && want[i].via == live.via {
		left.Data += " (" + from + ")"
	}
	return left, want[i].directory != live.directory
}

// isDeleted says whether the data to which a live resource leads is deleted by this plan.
func (d *unusedData) isDeleted(via Address) bool {
	r := d.live.Find(via)
	if r == nil {
		return false
	}
	if holder := d.data().holder(r); holder != nil {
		r = holder
	}
	p := d.planned[r.Address]
	return p != nil && p.Has(Delete)
}

// isMounted says whether a service is to mount a directory, at whatever path.
func (d *unusedData) isMounted(directory string) bool {
	return slices.ContainsFunc(d.services(d.want), func(r *Resource) bool {
		return slices.ContainsFunc(d.mounts(d.want, r.Address), func(m mounted) bool { return m.directory == directory })
	})
}

// isNew says whether a mount leads to a directory that this plan makes.
func (d *unusedData) isNew(m mounted) bool {
	p := d.planned[m.via]
	return p != nil && p.Has(Create) && !slices.ContainsFunc(d.live.Resources, func(r *Resource) bool {
		return r.Address.Kind == m.via.Kind && d.place(d.live, r.Address, m.Below) == m.directory
	})
}

// movedFrom is where the data of an address was, if this plan leads the address to
// another place; else "".
func (d *unusedData) movedFrom(via Address) string {
	p := d.planned[via]
	if p == nil || !p.Has(Create) {
		return ""
	}
	for _, change := range p.Changes {
		if from, ok := change.From.(string); ok && matchAny(d.kinds[via.Kind].Moves, change.Path) {
			return from
		}
	}
	return ""
}

// leftWithOld is the data of a service of another name, which is no longer wanted, where a
// new one that runs the same takes its place without it.
func (d *unusedData) leftWithOld(service Address) []Unused {
	var out []Unused
	for _, old := range d.services(d.live) {
		if d.want.Find(old.Address) != nil {
			continue
		}
		for _, m := range d.mounts(d.live, old.Address) {
			misses := func(n mounted) bool { return d.misses(m, n) }
			if m.Path == "" || m.Image == "" || d.isDeleted(m.via) || !slices.ContainsFunc(d.mounts(d.want, service), misses) {
				continue
			}
			left := Unused{Path: m.Path, Data: m.name, Empty: true, Used: d.isMounted(m.directory)}
			if m.directory == "" {
				left.Data, left.Used = "the tasks of "+spaced(old.Address), false
			}
			out = append(out, left)
		}
	}
	return out
}

// misses says whether a new mount is where an old one was, and has nothing of its data.
func (d *unusedData) misses(old, now mounted) bool {
	switch {
	case old.Path != now.Path || old.Image != now.Image:
		return false
	case old.directory == "" || now.directory == "":
		return now.directory == ""
	default:
		return now.directory != old.directory && d.isNew(now)
	}
}
