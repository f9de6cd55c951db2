package resource

import (
	"context"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// row is the part of the table that every AWS kind has.
type row struct {
	kind string // spec.LogGroupKind
	noun string // "log group"
	// tagged is the type of the kind in the tagging API (GetResources, field
	// ResourceTypeFilters). "": the tagging API is not used to find it.
	tagged string
	// after are the kinds that must be read before this one, which uses them.
	after []string
	// reads and writes are the IAM actions that plan and apply need for the kind.
	// An action that both need is only in reads.
	reads, writes []string
	// seldom: the policy for a stack allows reads only if the stack has the kind. Where they
	// are not allowed, and nothing of the kind is desired, there is nothing.
	seldom bool
}

func (r row) info() row { return r }

// plural is the name in errors for several resources of the kind.
func (r row) plural() string {
	if stem, ok := strings.CutSuffix(r.noun, "y"); ok {
		return stem + "ies"
	}
	return r.noun + "s"
}

// definition is one entry of the table: a kind[S], or a kind with methods of its own.
type definition interface {
	info() row
	in(a *session) operations
}

// operations are what can be done with the resources of one kind in an account.
// They return errors of the SDK unchanged; Kind and reading wrap them.
type operations interface {
	// all returns the existing resources of the kind, with addresses: those that
	// desired resources mean, whoever owns them, and all others of the project.
	all(ctx context.Context, r *reading) ([]candidate, error)
	Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error)
	Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error)
	Update(ctx context.Context, live, want *plan.Resource, force bool) (plan.Attrs, error)
	Delete(ctx context.Context, live *plan.Resource) error
}

// methods is a kind that implements all operations as methods of a type of its
// own.
type methods struct {
	row
	of func(*session) operations
}

func (m methods) in(a *session) operations { return m.of(a) }

// kind is an AWS kind whose resources are changed in place. It holds what differs
// from kind to kind; bound does what they have in common. A kind that is found by
// name needs id, name, tags, find, create, tag, untag, delete and gone, and update
// if more than its tags can change; the other fields are for what AWS does
// differently. A kind that needs another implementation of an operation embeds its
// bound and defines a method.
type kind[S any] struct {
	row
	// as returns the type that embeds the bound kind. nil: the bound kind itself
	// is used.
	as func(bound[S]) operations
	// id is the attribute by which a live resource can be read again.
	id string
	// name is the name that a desired resource has in common with the live one
	// that it means. nil: only the tag tells which one it means.
	name func(*S) string
	// called is the name of a desired resource if its spec alone does not tell it.
	called func(want *plan.Resource) string
	// title is what users know a resource by. nil: its name.
	title func(*S) string
	// tags are those of users in a spec. nil: the kind cannot have tags.
	tags func(*S) *[]spec.Tag

	// exact says that only its name says which one a desired resource means: another
	// one that was made for it has another value.
	exact bool

	// find returns the resources with these names, or values of the attribute id,
	// whoever owns them.
	find func(ctx context.Context, a *session, names []string) ([]candidate, error)
	// known are names of live resources of the project that may exist besides the
	// wanted ones.
	known func(r *reading) []string

	// list and byID are for kinds that cannot be found by name alone. list returns
	// the existing ones of the desired resources and all others of the project. If
	// find is nil, list is also called for one desired resource, see reading.single.
	// byID returns the live resource r.
	list func(ctx context.Context, r *reading) ([]candidate, error)
	byID func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error)
	// renamed says that names change: a desired resource is then also looked for by
	// its tag.
	renamed bool

	// existing returns the resource with the desired name. If it is set, Create
	// calls it first, because the create call of AWS would return an existing
	// resource, whoever owns it.
	existing func(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error)
	// create creates the resource with these tags and returns its id, "" if it is
	// found by name. It is not an error if the resource exists.
	create func(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (id string, err error)
	// partly says whether create leaves some of the resource to update. nil: it
	// never does.
	partly func(*S) bool
	// ready returns a new resource when it can be used, and plan.ErrNotFound
	// until then. nil: it can be used as soon as it is found.
	ready func(ctx context.Context, a *session, want *plan.Resource, id string) ([]candidate, error)
	// replaces says that Create takes over an existing resource of the project even
	// if it has another address, because there can be only one.
	replaces bool
	// adopt runs before the first update of a resource that was created just now
	// or found incomplete.
	adopt func(ctx context.Context, a *session, c change[S]) error

	// update changes the fields that differ. nil: only tags can be changed.
	update func(ctx context.Context, a *session, c change[S]) error
	tag    func(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error
	untag  func(ctx context.Context, a *session, at plan.Attrs, keys []string) error
	// marks are tags of ours for what AWS does not return. nil: none.
	marks func(*S) map[string]string

	// delete is repeated while its error is pending or has a code in busy.
	delete func(ctx context.Context, a *session, live *plan.Resource) error
	gone   []string // the error codes of delete for what is not there
	busy   []string // the error codes of delete for what is in use still
}

// change is what an update has to do. from and to are the specs of live and want.
type change[S any] struct {
	live, want *plan.Resource
	from, to   *S
}

func (k kind[S]) in(a *session) operations {
	if k.as != nil {
		return k.as(bound[S]{k, a})
	}
	return bound[S]{k, a}
}
