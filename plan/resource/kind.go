package resource

import (
	"context"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// row is what the table says of every AWS kind.
type row struct {
	kind string // spec.LogGroupKind
	noun string // "log group"
	// tagged is what the tagging API calls the kind (GetResources, field
	// ResourceTypeFilters). "": it is found by other means.
	tagged string
	// after are the kinds that are read before this one, which looks at what was
	// found of them.
	after []string
	// reads and writes are the IAM actions that planning and applying need for the
	// kind. What both need is in reads alone.
	reads, writes []string
}

func (r row) about() row { return r }

// plural is how errors call several of the kind.
func (r row) plural() string {
	if stem, ok := strings.CutSuffix(r.noun, "y"); ok {
		return stem + "ies"
	}
	return r.noun + "s"
}

// definition is one entry of the table: a kind[S], or a kind with methods of its own.
type definition interface {
	about() row
	in(a *session) operations
}

// operations are what can be done with the resources of one kind in an account.
// Errors are those of the SDK, as they are; Kind and reading wrap them.
type operations interface {
	// all returns what there is of the kind, with addresses: what desired resources
	// mean, whosever it is, and what else is the project's.
	all(ctx context.Context, r *reading) ([]candidate, error)
	Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error)
	Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error)
	Update(ctx context.Context, live, want *plan.Resource, force bool) (plan.Attrs, error)
	Delete(ctx context.Context, live *plan.Resource) error
}

// methods is a kind that has all operations as methods of a type of its own.
type methods struct {
	row
	of func(*session) operations
}

func (m methods) in(a *session) operations { return m.of(a) }

// kind is an AWS kind whose resources bear tags and are changed in place. It says
// what differs from kind to kind; bound does what they have in common. A kind that
// does one of the operations otherwise embeds its bound and has a method for that.
type kind[S any] struct {
	row
	// as returns what embeds the bound kind. nil: the bound kind does as it is.
	as func(bound[S]) operations
	// id is the attribute by which a live resource is read again.
	id string
	// name is what a desired resource and the live one that it means have in common.
	// nil: the tag alone tells which live one it means.
	name func(*S) string
	tags func(*S) *[]spec.Tag

	// find returns those that have these names, values of the attribute id, whosever
	// they are.
	find func(ctx context.Context, a *session, names []string) ([]candidate, error)
	// known are names under which resources of the project may be live, besides those
	// that are wanted.
	known func(r *reading) []string

	// byID, meant, list and names are for kinds that cannot be found by a name alone.
	// byID returns the live resource r.
	byID func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error)
	// meant returns what a desired resource may mean: by its name, and by its tag
	// where names change.
	meant func(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error)
	// list returns what there is of the desired resources and of the project.
	list func(ctx context.Context, r *reading) ([]candidate, error)
	// names are the addresses of desired resources by name, where that follows from
	// what is live.
	names func(r *reading) map[string]plan.Address

	// existing returns what has the desired name. Create looks there first where it
	// is not nil: for calls that answer with what exists, whosever it is.
	existing func(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error)
	// create makes the resource with these tags and returns its id, "" where it is
	// found by name. That it exists is no error.
	create func(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (id string, err error)
	// partly says whether create makes less than all of the resource. nil: it makes all.
	partly func(*S) bool
	// ready returns what was just made once it can be used, plan.ErrNotFound until
	// then. nil: it can be used when it is found.
	ready func(ctx context.Context, a *session, want *plan.Resource, id string) ([]candidate, error)
	// adopt comes before the first update of what was just made or found half made.
	adopt func(ctx context.Context, a *session, c change[S]) error

	// update changes the fields that differ. nil: only tags can change.
	update func(ctx context.Context, a *session, c change[S]) error
	tag    func(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error
	untag  func(ctx context.Context, a *session, at plan.Attrs, keys []string) error
	// marks are tags of ours that keep what AWS does not tell. nil: none.
	marks func(*S) map[string]string

	delete func(ctx context.Context, a *session, at plan.Attrs) error
	gone   []string // the error codes of delete for what is not there
	busy   []string // the error codes of delete for what is in use still
}

// change is what an update is about. at are the attributes of the live resource.
type change[S any] struct {
	at       plan.Attrs
	from, to *S
	want     *plan.Resource
}

func (k kind[S]) in(a *session) operations {
	if k.as != nil {
		return k.as(bound[S]{k, a})
	}
	return bound[S]{k, a}
}
