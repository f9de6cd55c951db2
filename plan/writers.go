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
	name       string // of the volume
	live, want []*Resource
	locked     bool // their programs lock it: two at a time destroy what is in it
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
			continue
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

// writers finds who writes to which directory. What locks it is told by Resource.Locks of
// desired resources, and counts for whatever writes at the same path of its container, or
// runs the same image.
func (d *exclusion) writers() map[string]*writers {
	locks := d.locks()
	out := map[string]*writers{}
	collect := func(stack *Stack, add func(*writers, *Resource)) {
		for _, service := range d.services(stack) {
			seen := map[string]bool{}
			for _, m := range d.mounts(stack, service.Address) {
				locked := locks[m.directory]
				if m.ReadOnly || m.directory == "" || seen[m.directory] || len(locked) > 0 && !slices.ContainsFunc(locked, m.isLike) {
					continue
				}
				seen[m.directory] = true
				if out[m.directory] == nil {
					out[m.directory] = &writers{name: m.name, locked: len(locked) > 0}
				}
				add(out[m.directory], service)
			}
		}
	}
	collect(d.live, func(w *writers, r *Resource) { w.live = append(w.live, r) })
	collect(d.want, func(w *writers, r *Resource) { w.want = append(w.want, r) })
	return out
}

func (m mounted) isLike(other mounted) bool {
	return m.Path == other.Path || m.Image != "" && m.Image == other.Image
}

// locks are, by directory, the mounts of those that lock it.
func (d *exclusion) locks() map[string][]mounted {
	out := map[string][]mounted{}
	for _, r := range d.want.Resources {
		if len(r.Locks) == 0 || d.kinds[r.Address.Kind].Mounts == nil {
			continue
		}
		for _, mount := range d.kinds[r.Address.Kind].Mounts(r.Spec) {
			if m := d.mounted(d.want, mount); m.directory != "" && !m.ReadOnly && slices.Contains(r.Locks, m.Path) {
				out[m.directory] = append(out[m.directory], m)
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
	writes := slices.ContainsFunc(w.live, func(live *Resource) bool { return live.Address == r.Address })
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
	if !slices.ContainsFunc(w.want, func(r *Resource) bool { return d.begins(w, r) }) {
		return nil
	}
	var out []string
	for _, r := range slices.Concat(w.want, w.live) {
		if p := d.planned[r.Address]; d.want.Find(r.Address) != nil || p != nil && p.Has(Keep) {
			out = append(out, r.Address.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
