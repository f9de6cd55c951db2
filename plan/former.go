package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/compose2fargate/compose2fargate/diag"
)

// holdFormer leaves what earlier releases decided about a service as it is live, where
// something else of the service changes and does not restart its tasks: a tag, say. Where
// nothing else changes, upgrade lets all of it wait.
func holdFormer(kinds Kinds, live, want *Stack, o Options) (*Stack, error) {
	draft, err := newDraft(kinds, live, want, o)
	if err != nil {
		return nil, err
	}
	held, mixed := map[Address]any{}, map[string]bool{}
	for _, r := range want.Resources {
		now := live.Find(r.Address)
		if !kinds[r.Address.Kind].Main || now == nil || now.Spec == nil || !isFormer(now) {
			continue
		}
		spec, others, err := draft.former(now, r)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", r.Address, err)
		}
		if spec != nil {
			held[r.Address] = spec
		}
		mixed[r.Address.Name] = mixed[r.Address.Name] || others
	}
	maps.DeleteFunc(held, func(a Address, _ any) bool { return !mixed[a.Name] })
	if len(held) == 0 {
		return want, nil
	}
	return want.holding(kinds, live, held, o)
}

// former is the desired spec of a resource with what earlier releases decided about it,
// nil for none, and whether anything else of it changes.
func (d *draft) former(live, want *Resource) (spec any, others bool, err error) {
	changes, err := d.compare(live, want)
	if err != nil {
		return nil, false, err
	}
	rules := d.kinds[want.Address.Kind]
	var paths []diag.Path
	for _, c := range changes {
		if decided := d.decision(live, want, c); decided != nil && !decided.Now {
			paths = append(paths, c.Path)
		} else {
			others = true
		}
	}
	if len(paths) > 0 {
		spec, err = rules.withLive(want.Spec, live.Spec, paths)
	}
	return spec, others, err
}

// holding is the stack with the held specs of services whose tasks nothing restarts.
func (s *Stack) holding(kinds Kinds, live *Stack, held map[Address]any, o Options) (*Stack, error) {
	with := func() (*Stack, error) {
		return s.with(kinds, func(r *Resource) {
			if spec, ok := held[r.Address]; ok {
				r.Spec = spec
				r.Tags = maps.Clone(r.Tags)
				if r.Tags == nil {
					r.Tags = map[string]string{}
				}
				r.Tags[TagRelease] = strconv.Itoa(MadeBy(live.Find(r.Address)))
			}
		})
	}
	all, err := with()
	if err != nil {
		return nil, err
	}
	d, err := compared(kinds, live, all, o, nil, nil)
	if err != nil {
		return nil, err
	}
	restarted := d.restarted()
	maps.DeleteFunc(held, func(a Address, _ any) bool { return restarted[a.Name] })
	return with()
}

// restarted are the services whose tasks start anew, as far as is planned.
func (d *differ) restarted() map[string]bool {
	out := map[string]bool{}
	for address, p := range d.planned {
		if d.kinds[address.Kind].starts() && (p.Effects.Restarts > 0 || p.Effects.Forces || p.Has(Create)) {
			out[address.Name] = true
		}
	}
	return out
}

// withLive is a copy of a spec in which the fields at some paths are as they are live.
func (r Rules) withLive(spec, live any, paths []diag.Path) (any, error) {
	refs := map[string]Value{}
	bare := Map(spec, func(v Value) Value {
		if v.Ref == nil {
			return v
		}
		refs[v.Ref.String()] = v
		return Value{Ref: v.Ref} // a known text would lose its ref in JSON
	})
	to, err := document(bare)
	if err != nil {
		return nil, err
	}
	from, err := document(live)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		to = r.taken(to, from, "", path)
	}
	data, err := json.Marshal(to)
	if err != nil {
		return nil, err
	}
	out := r.New()
	if err := json.Unmarshal(data, out); err != nil {
		return nil, err
	}
	return r.mapped(out, func(v Value) Value {
		if v.Ref == nil {
			return v
		}
		return refs[v.Ref.String()]
	}), nil
}

func document(spec any) (out any, err error) {
	data, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	return out, decodeInto(data, &out)
}

// taken is a node of a document with what another one has at a path; where says what the
// node is in the patterns of Keys.
func (r Rules) taken(to, from any, where string, path diag.Path) any {
	switch to := to.(type) {
	case tree:
		have, _ := from.(tree)
		child, ok := have[path[0]]
		switch {
		case len(path) > 1:
			to[path[0]] = r.taken(to[path[0]], child, join(where, path[0]), path[1:])
		case ok:
			to[path[0]] = child
		default:
			delete(to, path[0])
		}
		return to
	case []any:
		have, _ := from.([]any)
		at, of := r.item(to, where, path[0]), r.item(have, where, path[0])
		switch {
		case len(path) > 1 && at >= 0 && of >= 0:
			to[at] = r.taken(to[at], have[of], join(where, "*"), path[1:])
		case len(path) > 1:
		case at >= 0 && of >= 0:
			to[at] = have[of]
		case at >= 0:
			to = slices.Delete(to, at, at+1)
		case of >= 0:
			to = append(to, have[of])
		}
		return to
	case nil: // a list that the other one alone has
		if have, ok := from.([]any); ok && len(path) == 1 {
			return slices.Clone(have)
		}
	}
	return to
}

// item is the place of an item in a list with keys, -1 for none.
func (r Rules) item(list []any, where, key string) int {
	return slices.IndexFunc(list, func(item any) bool {
		object, ok := item.(tree)
		return ok && identity(maps.Clone(object), r.Keys[where]) == key
	})
}
