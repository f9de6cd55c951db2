package plan

import (
	"fmt"
	"math/bits"
	"reflect"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
)

// maxUnexplained bounds the search of explain: 2^12 hashes of one spec take some
// tens of milliseconds, and nobody changes more fields of one resource by hand
// while the file changes as well.
const maxUnexplained = 12

// explain gives each change its cause and removes changes that are not ours.
//
// The spec tag holds only a hash of the spec that was applied last. That is
// enough to find the cause of every single field: if a field differs, the last
// spec contained either its live value (then the compose file changed) or its
// wanted value (then somebody changed the live resource). explain tries the
// combinations until one has the hash in the tag.
func (d *draft) explain(rules Rules, live, want *Resource, changes []Change) ([]Change, error) {
	applied := d.applied(rules, live, want)
	switch {
	case applied.Pending && applied.Hash == want.Hash:
		return ours(rules, changes, func(int) Cause { return Resumed }, nil), nil
	case applied.Pending || applied.Hash == "":
		return ours(rules, changes, func(int) Cause { return Config }, nil), nil
	}
	m, err := d.meanings(rules, live, want)
	if err != nil {
		return nil, err
	}
	config, found := uint(0), applied.Hash == want.Hash // also where Over has taken fields over
	if !found {
		if config, found, err = m.search(rules, changes, applied.Hash); err != nil {
			return nil, err
		}
	}
	cause := func(i int) Cause {
		switch {
		case m.same(changes[i].Path):
			return Dependency
		case found && config>>i&1 == 0:
			return Drift
		default:
			return Config
		}
	}
	if !found {
		return ours(rules, changes, cause, nil), nil
	}
	return ours(rules, changes, cause, func(i int) bool { return config>>i&1 == 1 }), nil
}

// ours sets the causes and drops optional live values that we did not set;
// proven says of which it is known that we did.
func ours(rules Rules, changes []Change, cause func(int) Cause, proven func(int) bool) []Change {
	var out []Change
	for i, change := range changes {
		foreign := change.Op == OpDelete && matchAny(rules.Optional, change.Path)
		if foreign && (proven == nil || !proven(i)) {
			continue
		}
		change.Cause = cause(i)
		if change.Cause == Config && unknown(change.To) {
			change.Cause = Dependency
		}
		out = append(out, change)
	}
	return out
}

// applied is the spec that was applied last. A running revision may have been
// chosen by somebody else: the resource that refers to it knows which one we
// applied.
func (d *draft) applied(rules Rules, live, want *Resource) Applied {
	if rules.revises() {
		for _, user := range d.origins.users[want.Address] {
			liveUser := d.live.Find(user.Address)
			if liveUser == nil {
				continue
			}
			if applied := ParseApplied(liveUser.Tags[TagSpec]); applied.Hash == user.Hash {
				return Applied{Hash: want.Hash, Pending: applied.Pending}
			}
		}
	}
	return ParseApplied(live.Tags[TagSpec])
}

// meanings are a live and a desired spec in the form in which they are hashed:
// with refs instead of what they lead to.
type meanings struct{ live, want tree }

func (d *draft) meanings(rules Rules, live, want *Resource) (m meanings, err error) {
	if m.want, err = d.meant(rules, want.Address, rules.mapped(want.Spec, d.origins.ofWant)); err != nil {
		return m, err
	}
	m.live, err = d.meant(rules, want.Address, rules.mapped(live.Spec, d.origins.ofLive(want)))
	return m, err
}

// same says whether a field differs only because what it refers to is made anew.
func (m meanings) same(path diag.Path) bool {
	return reflect.DeepEqual(at(m.live, path), at(m.want, path))
}

// search finds the set of changes, as bits, that came from the file.
func (m meanings) search(rules Rules, changes []Change, hash string) (uint, bool, error) {
	for _, set := range candidates(rules, changes) {
		last := m.want
		for i, change := range changes {
			if set>>i&1 == 1 {
				last = with(last, change.Path, at(m.live, change.Path))
			}
		}
		got, err := sum(last)
		if err != nil {
			return 0, false, err
		}
		if got == hash {
			return set, true, nil
		}
	}
	return 0, false, nil
}

func (d *draft) meant(rules Rules, address Address, spec any) (tree, error) {
	t, err := rules.Tree(spec)
	if err != nil {
		return nil, err
	}
	return d.masker.tree(rules, address, t), nil
}

// candidates are the sets to try, the likely ones first: nothing came from the
// file, all did, all but what may be somebody else's.
func candidates(rules Rules, changes []Change) []uint {
	var all, foreign uint
	for i, change := range changes {
		if i >= bits.UintSize {
			break
		}
		all |= 1 << i
		if change.Op == OpDelete && matchAny(rules.Optional, change.Path) {
			foreign |= 1 << i
		}
	}
	likely := []uint{0, all, all &^ foreign}
	if len(changes) > maxUnexplained {
		if len(changes) > bits.UintSize {
			return likely[:1]
		}
		return likely
	}
	for set := range all + 1 {
		if !slices.Contains(likely, set) {
			likely = append(likely, set)
		}
	}
	return likely
}

// compare lists the fields in which live differs from want, with their causes.
func (d *draft) compare(live, want *Resource) ([]Change, error) {
	rules := d.kinds[want.Address.Kind]
	if live.Spec == nil {
		if live.Hash != want.Hash {
			return nil, fmt.Errorf("internal error: its spec was not read although its hash %s is not the wanted one", live.Hash)
		}
		return nil, nil
	}
	to, err := rules.Tree(d.resolve(rules, want.Spec))
	if err != nil {
		return nil, err
	}
	if reflect.DeepEqual(live.canonical, to) {
		return nil, nil
	}
	fields, err := fieldDiff(rules, live.canonical, to)
	if err != nil {
		return nil, err
	}
	return d.explain(rules, live, want, fields)
}
