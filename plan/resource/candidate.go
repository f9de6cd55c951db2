package resource

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
)

// candidate is a live resource that has no address yet.
type candidate struct {
	*plan.Resource
	id   string // of its kind in the account
	name string // by which a desired resource would mean it; see nameOf of the kind
	// unusable: it serves no desired resource any more, and counts as left behind.
	unusable bool
	current  bool // what was applied last to it is what is desired
}

// liveResource is a resource as AWS describes it, without its address.
func liveResource(kind string, s any, attrs plan.Attrs, tags map[string]string, unmanaged []string) *plan.Resource {
	return &plan.Resource{
		Address: plan.Address{Kind: kind}, Spec: normal(kind, s), Attrs: attrs, Tags: tags, Unmanaged: unmanaged,
	}
}

// ignoreGone is the candidate as a list, an empty one for plan.ErrNotFound.
func ignoreGone(c candidate, err error) ([]candidate, error) {
	if errors.Is(err, plan.ErrNotFound) {
		return nil, nil
	}
	return []candidate{c}, err
}

// readEach reads the details of each resource, several in parallel. It leaves out
// those that were deleted in the meantime: read returns plan.ErrNotFound, or an
// error with one of the codes.
func readEach[T any](
	ctx context.Context, list []T, read func(context.Context, T) (candidate, error), gone ...string,
) ([]candidate, error) {
	found, err := inParallel(ctx, list, func(ctx context.Context, item T) ([]candidate, error) {
		c, err := ignoreGone(read(ctx, item))
		if is(err, gone...) {
			return nil, nil
		}
		return c, err
	})
	return slices.Concat(found...), err
}

// with gives f its session, for readEach.
func with[T, R any](a *session, f func(context.Context, *session, T) (R, error)) func(context.Context, T) (R, error) {
	return func(ctx context.Context, item T) (R, error) { return f(ctx, a, item) }
}

// otherIDs are the ids that no candidate has.
func otherIDs(ids []string, known []candidate) []string {
	return slices.DeleteFunc(ids, func(id string) bool {
		return slices.ContainsFunc(known, func(c candidate) bool { return c.id == id })
	})
}

// assignAddresses assigns addresses to the live resources of one kind. A resource gets
// the address of the desired resource whose AWS name it has, or else, if it
// belongs to the project, the address in its tag. Resources of others are left
// out.
//
// If two resources get the same address, a replacement was interrupted, or the old one
// is kept for a leftover. The one with the desired name, or the current one, is then the
// live one, and the other one gets an address that ends in its id, as does the address
// of an unusable one.
func assignAddresses(project string, want map[string]plan.Address, live []candidate) []candidate {
	live = slices.Clone(live)
	slices.SortFunc(live, func(a, b candidate) int {
		_, first := want[a.name]
		_, second := want[b.name]
		return cmp.Or(compareBool(second, first), compareBool(b.current, a.current), cmp.Compare(a.id, b.id))
	})
	taken := map[plan.Address]bool{}
	var out []candidate
	for _, c := range live {
		address, ok := addressOf(project, want, c)
		if !ok {
			continue
		}
		if taken[address] || c.unusable {
			address.Name += plan.LeftBehind + c.id
		}
		taken[address] = true
		c.Address = address
		out = append(out, c)
	}
	return out
}

// markCurrent marks those to which one of the desired resources was applied last.
func markCurrent(desired []*plan.Resource, found []candidate) {
	hashes := map[string]string{}
	for _, want := range desired {
		hashes[want.Address.String()] = want.Hash
	}
	for i, c := range found {
		hash := hashes[c.Tags[plan.TagResource]]
		found[i].current = hash != "" && plan.ParseApplied(c.Tags[plan.TagSpec]).Hash == hash
	}
}

func addressOf(project string, want map[string]plan.Address, c candidate) (plan.Address, bool) {
	if address, ok := want[c.name]; ok {
		return address, true
	}
	if c.Tags[plan.TagProject] != project {
		return plan.Address{}, false
	}
	address, err := plan.ParseAddress(c.Tags[plan.TagResource])
	return address, err == nil && address.Kind == c.Address.Kind
}

// pick returns the resource at address, or plan.ErrNotFound.
func pick(found []candidate, address plan.Address) (*plan.Resource, error) {
	for _, c := range found {
		if c.Address == address {
			return c.Resource, nil
		}
	}
	return nil, plan.ErrNotFound
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
