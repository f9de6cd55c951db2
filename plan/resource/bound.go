package resource

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// bound is a kind in an account.
type bound[S any] struct {
	kind[S]
	*session
}

func (b bound[S]) all(ctx context.Context, r *reading) ([]candidate, error) {
	wanted := r.wanted(b.row.kind)
	names := b.addresses(wanted...)
	if b.list != nil {
		found, err := b.list(ctx, r)
		markCurrent(wanted, found)
		return assignAddresses(b.project, names, found), err
	}
	ids := sortedKeys(names)
	if b.known != nil {
		ids = append(ids, b.known(r)...)
	}
	found, err := b.find(ctx, b.session, unique(ids))
	if b.exact {
		outdate(r.want.Target, wanted, names, found)
	}
	markCurrent(wanted, found)
	return assignAddresses(b.project, names, found), err
}

// outdate marks those that were made for what is desired and have not its name: they
// have another value, unless an earlier release named it.
func outdate(target plan.Target, wanted []*plan.Resource, names map[string]plan.Address, found []candidate) {
	meant := map[string]*plan.Resource{}
	for _, want := range wanted {
		meant[want.Address.String()] = want
	}
	for i, c := range found {
		want := meant[c.Tags[plan.TagResource]]
		if _, named := names[c.name]; !named && want != nil {
			found[i].unusable = !spec.IsFormerly(target, c.Resource, want)
		}
	}
}

// addresses are those of desired resources by name, none if the kind has no names.
func (b bound[S]) addresses(desired ...*plan.Resource) map[string]plan.Address {
	if b.name == nil && b.called == nil {
		return nil
	}
	return byName(desired, b.nameOf)
}

func (b bound[S]) nameOf(r *plan.Resource) string {
	if b.called != nil {
		return b.called(r)
	}
	return b.name(r.Spec.(*S))
}

// Read reads a live resource by its AWS id, and a desired one by its name.
func (b bound[S]) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	if id := r.Attrs[b.id]; id != "" {
		return b.read(ctx, r, id)
	}
	found, err := b.candidates(ctx, r)
	if err != nil {
		return nil, err
	}
	markCurrent([]*plan.Resource{r}, found)
	return pick(assignAddresses(b.project, b.addresses(r), found), r.Address)
}

// candidates are the live resources that a desired one may mean.
func (b bound[S]) candidates(ctx context.Context, want *plan.Resource) ([]candidate, error) {
	if b.find != nil {
		return b.find(ctx, b.session, []string{b.nameOf(want)})
	}
	r := &reading{session: b.session, want: &plan.Stack{Resources: []*plan.Resource{want}}}
	if b.renamed {
		var err error
		r.tagged, err = byTags(ctx, b.tagging(), []string{b.row.tagged},
			tagFilter(plan.TagProject, b.project), tagFilter(plan.TagResource, want.Address.String()))
		if err != nil {
			return nil, err
		}
	}
	return b.list(ctx, r)
}

func (b bound[S]) read(ctx context.Context, r *plan.Resource, id string) (*plan.Resource, error) {
	if b.byID == nil {
		return only(r.Address)(b.find(ctx, b.session, []string{id}))
	}
	return only(r.Address)(b.byID(ctx, b.session, r))
}

// only assigns the address to the one resource that was found.
func only(address plan.Address) func([]candidate, error) (*plan.Resource, error) {
	return func(found []candidate, err error) (*plan.Resource, error) {
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, plan.ErrNotFound
		}
		found[0].Address = address
		return found[0].Resource, nil
	}
}

// Create creates the resource, waits until it exists, and updates it to match
// want. An existing resource of the project is the result of an attempt that
// was interrupted.
func (b bound[S]) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	if b.existing != nil {
		live, err := only(want.Address)(b.existing(ctx, b.session, want))
		if err == nil {
			return b.take(ctx, live, want)
		}
		if !errors.Is(err, plan.ErrNotFound) {
			return nil, err
		}
	}
	id, err := b.create(ctx, b.session, want, b.creationTags(want))
	if err != nil {
		return nil, err
	}
	live, err := untilFound(ctx, b.poll, func() (*plan.Resource, error) { return b.made(ctx, want, id) })
	if err != nil {
		return nil, err
	}
	return b.take(ctx, live, want)
}

// creationTags are all tags of a resource that is about to be created.
func (b bound[S]) creationTags(want *plan.Resource) map[string]string {
	if b.tags == nil {
		return nil
	}
	to := want.Spec.(*S)
	pending := b.partly != nil && b.partly(to)
	return b.allTags(b.marked(want), *b.tags(to), plan.Applied{Hash: want.Hash, Pending: pending})
}

// made reads what create made, or found.
func (b bound[S]) made(ctx context.Context, want *plan.Resource, id string) (*plan.Resource, error) {
	switch {
	case b.ready != nil:
		return only(want.Address)(b.ready(ctx, b.session, want, id))
	case id != "":
		return b.read(ctx, &plan.Resource{Address: want.Address, Spec: want.Spec, Attrs: plan.Attrs{b.id: id}}, id)
	case b.existing != nil:
		return only(want.Address)(b.existing(ctx, b.session, want))
	default:
		return b.Read(ctx, want)
	}
}

// take continues with an existing resource if it belongs to the project.
func (b bound[S]) take(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	if owner, _ := live.Owner(b.project); owner != plan.Ours && (!b.replaces || live.Tags[plan.TagProject] != b.project) {
		return nil, alreadyExists(live, b.project, b.noun+" "+b.titleOf(live))
	}
	return b.bring(ctx, live, want)
}

func (b bound[S]) titleOf(live *plan.Resource) string {
	switch name := live.Attrs["name"]; {
	case b.title != nil:
		return b.title(live.Spec.(*S))
	case name != "":
		return name
	case b.name != nil:
		return b.nameOf(live)
	default:
		return live.Attrs[b.id]
	}
}

// bring updates a resource that no plan was made for. It leaves other tags
// alone.
func (b bound[S]) bring(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	from, to := live.Spec.(*S), want.Spec.(*S)
	if b.tags != nil {
		tags := b.tags(from)
		*tags = managedTags(*tags, *b.tags(to))
	}
	if b.adopt != nil {
		if err := b.adopt(ctx, b.session, change[S]{live, want, from, to}); err != nil {
			return live.Attrs, err
		}
	}
	return b.Update(ctx, live, want, false)
}

// Update changes what differs, and records in a tag that it did.
func (b bound[S]) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*S), want.Spec.(*S)
	if b.update != nil {
		if err := b.update(ctx, b.session, change[S]{live, want, from, to}); err != nil {
			return live.Attrs, err
		}
	}
	return live.Attrs, b.setTags(ctx, live, want)
}

func (b bound[S]) setTags(ctx context.Context, live, want *plan.Resource) error {
	if b.tags == nil {
		return nil
	}
	from, to := b.tags(live.Spec.(*S)), b.tags(want.Spec.(*S))
	tags := b.retag(live, b.marked(want), *from, *to, plan.Applied{Hash: want.Hash})
	if b.exact && b.nameOf(live) != b.nameOf(want) { // it stays what its release made of it, see spec.IsFormerly
		delete(tags.set, plan.TagRelease)
	}
	return tags.apply(ctx, b.session, live.Attrs, b.tag, b.untag)
}

// marked is want with the marks among its tags.
func (b bound[S]) marked(want *plan.Resource) *plan.Resource {
	if b.marks == nil {
		return want
	}
	out := *want
	out.Tags = maps.Clone(want.Tags)
	for key, value := range b.marks(want.Spec.(*S)) {
		if out.Tags == nil {
			out.Tags = map[string]string{}
		}
		out.Tags[key] = value
	}
	return &out
}

// deleteTime bounds the waiting for what has to go before something else can:
// tasks before their cluster, network interfaces before their security group.
const deleteTime = 10 * time.Minute

// Delete waits until nothing uses the resource any more.
func (b bound[S]) Delete(ctx context.Context, live *plan.Resource) error {
	inUse := func(err error) bool { return is(err, b.busy...) || errors.As(err, &pending{}) }
	err := retryWhile(ctx, b.poll, deleteTime, inUse, func() error { return b.delete(ctx, b.session, live) })
	return unless(err, b.gone...)
}
