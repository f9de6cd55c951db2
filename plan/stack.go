package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Attrs are what AWS assigned to a resource, by the names that Refs use: arn,
// id, revision.
type Attrs map[string]string

// ErrNotFound is returned by readers for a resource that does not exist.
var ErrNotFound = errors.New("not found")

// Resource is one AWS resource, desired or live.
type Resource struct {
	Address Address
	// Spec is a pointer to the struct of the kind. It is nil on a live resource
	// that was not read because Hash proves what it is.
	Spec any
	// After are resources that are ready before this one starts, beyond those that
	// its refs name: the services of depends_on.
	After []Address
	// Needs are resources that are ready before this one is made or changed,
	// beyond those that its refs name: the listener that leads to the target group
	// of a service.
	Needs []Address
	// Names are the attributes of others that tell when a name came to be that
	// this one's tasks use: name.NAME of service/db. Tasks see only names that are
	// older than their deployment, so that a younger or a new one makes them start
	// again. A name is no edge of the graph but for that.
	Names []Ref
	// Payload is what it takes to make the resource and what no spec may hold: the
	// value of a secret, the files of an image. Its type is the kind's business.
	// It is never encoded, compared or printed.
	Payload any
	// Source is where the compose file asks for it; zero on a live resource.
	Source diag.Pos
	// Origins say which part of the compose files each field comes from: the first
	// whose Field the path of the field begins with. Empty on a live resource. They are
	// never encoded or compared.
	Origins []Origin
	// Hash is the hash of the spec: of a desired resource set by NewStack, of a
	// live one only where it is known without reading the spec.
	Hash string

	// Tags are all tags of a live resource, ours included. On a desired one they are
	// those of ours that no spec has, are not compared, and are written with the rest:
	// the pins of a service.
	Tags map[string]string

	// The rest is set on live resources only.
	Attrs Attrs
	// Unmanaged are live fields that this version neither sets nor compares, as
	// dotted paths. They are reported.
	Unmanaged []string

	canonical tree
}

// Ownership of a live resource.
type Ownership int

// A live resource is Ours, Foreign (another project's, or another address's) or
// Untagged.
const (
	Untagged Ownership = iota
	Ours
	Foreign
)

// Owner says to whom a live resource belongs, and by which name.
func (r *Resource) Owner(project string) (Ownership, string) {
	owner, address := r.Tags[TagProject], r.Tags[TagResource]
	switch {
	case owner == "" && address == "":
		return Untagged, ""
	case owner == project && address == r.Address.String():
		return Ours, owner
	default:
		return Foreign, fmt.Sprintf("%s of project %s", address, owner)
	}
}

// Stack is a set of resources, desired or live, sorted by address.
type Stack struct {
	Target    Target
	Resources []*Resource

	byAddress map[Address]*Resource
	masker    *masker // remembers the hashes of secrets, which take long
}

// NewStack normalizes, sorts, checks and hashes resources. Two resources of one
// address, and refs and needs that lead nowhere or in a circle, are errors of the
// caller.
// Without an account in target nothing is hashed: such a stack is looked at and
// never compared.
func NewStack(kinds Kinds, target Target, resources []*Resource) (*Stack, error) {
	s, err := LiveStack(kinds, target, resources)
	if err != nil {
		return nil, err
	}
	order, err := s.order()
	if err != nil {
		return nil, err
	}
	if target.Account == "" {
		return s, nil
	}
	h := hasher{kinds: kinds, stack: s, masker: s.masker}
	h.masker.prepare(kinds, s.Resources)
	for _, r := range order {
		if r.Hash, err = h.hash(r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Address, err)
		}
	}
	return s, nil
}

// LiveStack normalizes and sorts resources as they were read.
func LiveStack(kinds Kinds, target Target, resources []*Resource) (*Stack, error) {
	s := &Stack{Target: target, Resources: slices.Clone(resources), byAddress: make(map[Address]*Resource, len(resources)), masker: newMasker(target)}
	slices.SortFunc(s.Resources, func(a, b *Resource) int { return a.Address.Compare(b.Address) })
	for _, r := range s.Resources {
		rules, ok := kinds[r.Address.Kind]
		if !ok {
			return nil, fmt.Errorf("%s: unknown kind", r.Address)
		}
		if s.byAddress[r.Address] != nil {
			return nil, fmt.Errorf("%s is duplicated in the stack", r.Address)
		}
		s.byAddress[r.Address] = r
		if r.Spec == nil {
			continue
		}
		rules.Normalize(r.Spec)
		var err error
		if r.canonical, err = rules.Tree(r.Spec); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Address, err)
		}
	}
	return s, nil
}

// Find returns the resource at address, nil where there is none.
func (s *Stack) Find(address Address) *Resource { return s.byAddress[address] }

// order sorts the resources so that each comes after those it refers to or needs.
func (s *Stack) order() ([]*Resource, error) {
	var out []*Resource
	state := map[Address]int{} // 1 on the way, 2 done
	var visit func(r *Resource) error
	visit = func(r *Resource) error {
		switch state[r.Address] {
		case 1:
			return fmt.Errorf("%s refers to itself in a circle", r.Address)
		case 2:
			return nil
		}
		state[r.Address] = 1
		for _, address := range r.edges() {
			next := s.Find(address)
			if next == nil {
				return fmt.Errorf("%s refers to %s, which is not in the stack", r.Address, address)
			}
			if err := visit(next); err != nil {
				return err
			}
		}
		state[r.Address] = 2
		out = append(out, r)
		return nil
	}
	for _, r := range s.Resources {
		if err := visit(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// edges are the resources that r refers to or needs.
func (r *Resource) edges() []Address {
	var out []Address
	for _, ref := range Refs(r.Spec) {
		if ref.Address.Kind != FactsKind {
			out = append(out, ref.Address)
		}
	}
	return append(out, r.Needs...)
}

// Hash is a hash over the whole desired stack.
func (s *Stack) Hash() (string, error) {
	hashes := make(map[string]string, len(s.Resources))
	for _, r := range s.Resources {
		hashes[r.Address.String()] = r.Hash
	}
	return sum(hashes)
}
