package resource

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/compose2fargate/compose2fargate/plan"
)

// reading is one read of the live resources that a stack means, and of all
// others of its project.
type reading struct {
	*session
	want   *plan.Stack
	tagged taggedResources

	mu   sync.Mutex
	live map[string][]candidate // by kind; nil if only one resource is read
}

// wanted returns the desired resources of a kind. A value that refers to a live
// resource is known in them if that one's kind was read before.
func (r *reading) wanted(kind string) []*plan.Resource {
	return each(ofKind(r.want, kind), func(want *plan.Resource) *plan.Resource {
		out := *want
		out.Spec = plan.Map(want.Spec, r.resolve)
		return &out
	})
}

// single says whether only one resource is read.
func (r *reading) single() bool { return r.live == nil }

// of returns the live resources of a kind that was read before.
func (r *reading) of(kind string) []candidate {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.live[kind]
}

// ownARNs are the ARNs of the project's own resources of a kind.
func (r *reading) ownARNs(kind string) []string {
	var out []string
	for _, c := range r.of(kind) {
		if c.Tags[plan.TagProject] == r.project {
			out = append(out, c.Attrs["arn"])
		}
	}
	return out
}

// resolve returns a value with the attribute of the live resource that it refers to.
func (r *reading) resolve(v plan.Value) plan.Value {
	if v.Ref == nil {
		return v
	}
	for _, c := range r.of(v.Ref.Address.Kind) {
		if text := c.Attrs[v.Ref.Attr]; c.Address == v.Ref.Address && text != "" {
			return plan.Literal(text)
		}
	}
	return v
}

// kindRead is the outcome of reading one kind.
type kindRead struct {
	done chan struct{}
	err  error
}

// readKinds reads every kind as soon as the kinds that it uses were read. Of
// several errors it returns the first one in the order of the definitions, so
// that the result does not depend on timing.
func (r *reading) readKinds(ctx context.Context, definitions []definition) error {
	reads := make(map[string]*kindRead, len(definitions))
	for _, d := range definitions {
		reads[d.info().kind] = &kindRead{done: make(chan struct{})}
	}
	for _, d := range definitions {
		go r.readAfter(ctx, d, reads)
	}
	var first error
	for _, d := range definitions {
		own := reads[d.info().kind]
		<-own.done
		if first == nil {
			first = own.err
		}
	}
	return first
}

// readAfter reads a kind, unless one that it uses could not be read.
func (r *reading) readAfter(ctx context.Context, d definition, reads map[string]*kindRead) {
	own := reads[d.info().kind]
	defer close(own.done)
	for _, kind := range d.info().after {
		before := reads[kind]
		<-before.done
		if before.err != nil {
			own.err = before.err
			return
		}
	}
	own.err = r.readKind(ctx, d)
}

func (r *reading) readKind(ctx context.Context, d definition) error {
	row := d.info()
	found, err := d.in(r.session).all(ctx, r)
	if err != nil {
		return fmt.Errorf("read %s: %w", row.plural(), brief(err))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live[row.kind] = found
	return nil
}

// resources are all that were found.
func (r *reading) resources() []*plan.Resource {
	var out []*plan.Resource
	for _, kind := range sortedKeys(r.live) {
		for _, c := range r.live[kind] {
			out = append(out, c.Resource)
		}
	}
	return out
}

// ofKind returns the desired resources of a kind.
func ofKind(want *plan.Stack, kind string) []*plan.Resource {
	return slices.DeleteFunc(slices.Clone(want.Resources), func(r *plan.Resource) bool { return r.Address.Kind != kind })
}

// byName are the addresses of desired resources by what AWS is to call them.
func byName(want []*plan.Resource, name func(*plan.Resource) string) map[string]plan.Address {
	out := make(map[string]plan.Address, len(want))
	for _, r := range want {
		out[name(r)] = r.Address
	}
	return out
}
