package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// writers are the services that write to one directory.
type writers struct {
	name       string                           // of the volume
	live, want []*Resource                      // those that lock it, or all of them where none does
	locked     bool                             // two at a time destroy what is in it
	beside     struct{ live, want []*Resource } // those that lock nothing
}

// exclusion keeps those apart that may not run at the same time.
type exclusion struct {
	*draft
	follows map[Address][]Address // services that have to stop before one starts
}

// keepApart lets no two services at a time write to a directory that their programs
// lock: one starts after another one has stopped, or the plan is blocked.
//
// It returns, of each service, those that have to stop before it starts.
func keepApart(draft *draft) map[Address][]Address {
	d := exclusion{draft, map[Address][]Address{}}
	found := d.writers()
	var shared []string
	for _, name := range slices.Sorted(maps.Keys(found)) {
		w := found[name]
		if w.locked {
			d.refuseSecond(w)
			for _, r := range w.want {
				d.followOthers(w, r)
			}
			if len(w.beside.want) == 0 || slices.ContainsFunc(w.want, func(r *Resource) bool { return d.plan.guarded(r.Address) }) {
				continue
			}
		}
		if names := d.besideEachOther(w); len(names) > 1 {
			shared = append(shared, w.name+" ("+strings.Join(FirstOf(names), ", ")+")")
		}
	}
	if len(shared) > 0 {
		d.plan.Diagnostics.Notef(diag.Pos{}, "", "", "several services write to the same volume, and nothing keeps them apart: %s", strings.Join(FirstOf(shared), ", "))
	}
	return d.follows
}

// writers finds who writes to which directory.
func (d *exclusion) writers() map[string]*writers {
	locks := d.locks()
	out := map[string]*writers{}
	for _, stack := range []*Stack{d.live, d.want} {
		for _, service := range d.services(stack) {
			for directory, mounts := range d.written(stack, service.Address) {
				if out[directory] == nil {
					out[directory] = &writers{name: mounts[0].name, locked: len(locks[directory]) > 0}
				}
				minds := slices.ContainsFunc(mounts, func(m mounted) bool { return d.minds(locks[directory], m, service.Address) })
				out[directory].add(service, stack == d.live, minds)
			}
		}
	}
	return out
}

// written are the mounts through which the tasks of a service write, by directory.
func (d *exclusion) written(stack *Stack, service Address) map[string][]mounted {
	out := map[string][]mounted{}
	for _, m := range d.mounts(stack, service) {
		if !m.ReadOnly && m.directory != "" {
			out[m.directory] = append(out[m.directory], m)
		}
	}
	return out
}

func (w *writers) add(service *Resource, live, minds bool) {
	of := &w.want
	switch {
	case live && minds:
		of = &w.live
	case live:
		of = &w.beside.live
	case !minds:
		of = &w.beside.want
	}
	*of = append(*of, service)
}

// lock is a mount whose program locks the directory.
type lock struct {
	mounted
	service Address // zero: one that is wanted
}

// minds says whether one that writes to a directory may be a program that locks it: it
// is if it has the directory at the same path, or runs the same image. Of the programs
// that go nobody knows more than that they wrote.
func (d *exclusion) minds(locks []lock, m mounted, service Address) bool {
	if len(locks) == 0 || slices.ContainsFunc(locks, func(l lock) bool { return l.Path == m.Path || l.Image != "" && l.Image == m.Image }) {
		return true
	}
	if d.want.Find(service) == nil {
		return true
	}
	wanted := slices.ContainsFunc(locks, func(l lock) bool { return l.service == Address{} })
	return !wanted && slices.ContainsFunc(locks, func(l lock) bool { return d.want.Find(l.service) == nil })
}

// locks are, by directory, the mounts of those that lock it: Resource.Locks tells it of
// desired resources, Options.Locks of live ones.
func (d *exclusion) locks() map[string][]lock {
	out := map[string][]lock{}
	for _, r := range d.want.Resources {
		if len(r.Locks) == 0 || d.kinds[r.Address.Kind].Mounts == nil {
			continue
		}
		for _, mount := range d.kinds[r.Address.Kind].Mounts(r.Spec) {
			if m := d.mounted(d.want, mount); m.directory != "" && !m.ReadOnly && slices.Contains(r.Locks, m.Path) {
				out[m.directory] = append(out[m.directory], lock{mounted: m})
			}
		}
	}
	if d.options.Locks == nil {
		return out
	}
	for _, service := range d.services(d.live) {
		for _, m := range d.mounts(d.live, service.Address) {
			if m.directory != "" && !m.ReadOnly && d.options.Locks(m.Image, m.Path) {
				out[m.directory] = append(out[m.directory], lock{m, service.Address})
			}
		}
	}
	return out
}

// refuseSecond refuses to start a second service of the compose file that writes to a
// directory.
func (d *exclusion) refuseSecond(w *writers) {
	if len(w.want) < 2 || !slices.ContainsFunc(w.want, func(r *Resource) bool { return d.begins(w, r) }) {
		return
	}
	first, second := w.want[0], w.want[1]
	d.refuseWriter(second, fmt.Sprintf("%s and %s both write to volume %s, which only one program at a time may use: together they would destroy what is in it",
		spaced(first.Address), spaced(second.Address), w.name),
		"give each a volume of its own, or append :ro to the mount of the one that only reads it")
}

// refuseWriter blocks the plan, and says so at the place of the service as well.
func (d *draft) refuseWriter(r *Resource, message, help string) {
	d.guard("second-writer", d.planned[r.Address], message, help)
	d.plan.Diagnostics.Errorf(r.Source, "", help, "%s", message)
}

// begins says whether a service starts to write to a directory by this plan.
func (d *exclusion) begins(w *writers, r *Resource) bool {
	p := d.planned[r.Address]
	if p == nil || !p.Changed() {
		return false
	}
	writes := slices.ContainsFunc(slices.Concat(w.live, w.beside.live), func(live *Resource) bool { return live.Address == r.Address })
	return p.Has(Create) || p.Effects.Starts > 0 || p.Effects.Restarts > 0 && !writes
}

// followOthers lets a service start after those have stopped that write to a directory
// now and shall not any more.
func (d *exclusion) followOthers(w *writers, r *Resource) {
	for _, live := range w.live {
		stays := slices.ContainsFunc(w.want, func(want *Resource) bool { return want.Address == live.Address })
		if stays || !d.begins(w, r) {
			continue
		}
		wanted := d.want.Find(live.Address) != nil
		if p := d.planned[live.Address]; p == nil || !p.Changed() {
			d.refuseBeside(w, r, live.Address, wanted)
			continue
		}
		d.planned[r.Address].Effects.Interrupts = true
		d.plan.Diagnostics.Warnf(r.Source, "", "", "%s stops before %s starts, because both write to volume %s: in between, neither answers those who use it",
			spaced(live.Address), spaced(r.Address), w.name)
		d.follows[r.Address] = append(d.follows[r.Address], live.Address)
	}
}

// refuseBeside refuses to start a service beside another one that keeps running.
func (d *exclusion) refuseBeside(w *writers, r *Resource, other Address, wanted bool) {
	why, help := "which is no longer in the compose file and keeps running", "--prune stops and deletes "+other.String()+" before "+r.Address.Name+" starts"
	if wanted {
		why, help = "which is not part of this plan and keeps running", "plan without --only"
	} else if len(d.options.Scope.Only) > 0 {
		help = "plan without --only, and with --prune: it " + strings.TrimPrefix(help, "--prune ")
	}
	d.refuseWriter(r, fmt.Sprintf("%s writes to volume %s, and so does %s, %s: only one program at a time may use it, together they would destroy what is in it",
		spaced(r.Address), w.name, spaced(other), why), help)
}

// besideEachOther are the services that write to a directory at the same time, where one
// begins to; those that stop by this plan are not among them.
func (d *exclusion) besideEachOther(w *writers) []string {
	all := slices.Concat(w.want, w.beside.want, w.live, w.beside.live)
	if !slices.ContainsFunc(all, func(r *Resource) bool { return d.begins(w, r) }) {
		return nil
	}
	var out []string
	for _, r := range all {
		if p := d.planned[r.Address]; d.want.Find(r.Address) != nil || p != nil && p.Has(Keep) {
			out = append(out, r.Address.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
