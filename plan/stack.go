package plan

import (
	"errors"
	"fmt"
	"slices"
	"time"

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
	// After are resources that must be ready before this one starts, in addition
	// to those that its refs name: the services of depends_on.
	After []Address
	// Needs are resources that must be ready before this one is created or
	// changed, in addition to those that its refs name: for example the listener
	// that forwards to the target group of a service.
	Needs []Address
	// Names are refs to the names of other resources that this one's tasks use.
	// The attribute of each, such as name.NAME of service/db, tells since when
	// the name exists. Tasks resolve only names that are older than their
	// deployment, so a newer name makes them restart. Apart from that, a name is
	// not a dependency.
	Names []Ref
	// Locks are the paths in its containers at which a program locks the directory that
	// is mounted there: only one at a time may write to it. They are never encoded or
	// compared.
	Locks []string
	// Former are fields of which the releases before this one made something else. They
	// are never encoded or compared.
	Former []Former
	// Extras are the parts of its spec that are no reason to restart tasks, see Settle,
	// sorted by name.
	Extras []Extra
	// Open says that the files leave open what Rules.Take takes over from what is live.
	Open bool
	// Bounded says that what is taken over is at most what is desired: a count, of which
	// there is one or none. It is never encoded or compared.
	Bounded bool
	// Blanks are the fields that lack a value which is not known here. They are never
	// encoded or compared.
	Blanks []Blank
	// Patience is how long it may take until AWS gives up on new tasks that run but are
	// never healthy; 0 where nothing checks them. It is never encoded or compared.
	Patience time.Duration
	// Run is set for a service whose tasks end by themselves: a plan runs it. Nil: it is kept
	// running. It is never encoded or compared.
	Run *Run
	// Payload is what is needed to create the resource and must not be in a spec:
	// the value of a secret, the files of an image. Its type depends on the kind.
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

// Owner says to whom a live resource belongs: the kind of ownership, and the
// owner's name.
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

	// Earlier are, of a live stack, the revisions before those that run, of all
	// services: tasks may be started from them again. nil: they were not read.
	Earlier []*Resource

	byAddress map[Address]*Resource
	masker    *Masker // remembers the hashes of secrets, which take long
	whole     string  // the hash of the stack that this one was made of; "": it is that itself
}

// NewStack normalizes, sorts, checks and hashes resources. Two resources with
// the same address, and refs and needs that point nowhere or form a circle, are
// mistakes of the caller. Without an account in target nothing is hashed: such
// a stack can be shown but not compared. Hidden are values that are secret wherever they
// stand in it, of four bytes or more: they are masked beside what its kinds know to be.
func NewStack(kinds Kinds, target Target, resources []*Resource, hidden ...string) (*Stack, error) {
	masker := NewMasker(target)
	masker.hidden = hidden
	return newStack(kinds, &Stack{Target: target, masker: masker}, resources)
}

func newStack(kinds Kinds, s *Stack, resources []*Resource) (*Stack, error) {
	if err := s.fill(kinds, resources); err != nil {
		return nil, err
	}
	order, err := s.order()
	if err != nil {
		return nil, err
	}
	if s.Target.Account == "" {
		return s, nil
	}
	h := hasher{kinds: kinds, stack: s, masker: s.masker}
	h.masker.prepare(kinds, s.Resources)
	for _, r := range order {
		if r.Hash, err = h.hash(r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Address, err)
		}
		h.masker.markHidden(kinds[r.Address.Kind], r)
	}
	return s, nil
}

// LiveStack normalizes and sorts resources as they were read.
func LiveStack(kinds Kinds, target Target, resources []*Resource) (*Stack, error) {
	s := &Stack{Target: target, masker: NewMasker(target)}
	return s, s.fill(kinds, resources)
}

func (s *Stack) fill(kinds Kinds, resources []*Resource) error {
	s.Resources, s.byAddress = slices.Clone(resources), make(map[Address]*Resource, len(resources))
	slices.SortFunc(s.Resources, func(a, b *Resource) int { return a.Address.Compare(b.Address) })
	for _, r := range s.Resources {
		rules, ok := kinds[r.Address.Kind]
		if !ok {
			return fmt.Errorf("%s: unknown kind", r.Address)
		}
		if s.byAddress[r.Address] != nil {
			return fmt.Errorf("%s is duplicated in the stack", r.Address)
		}
		s.byAddress[r.Address] = r
		if r.Spec == nil {
			continue
		}
		rules.Normalize(r.Spec)
		if s.Target.Account == "" {
			continue // nothing is compared with it
		}
		var err error
		if r.canonical, err = rules.Tree(r.Spec); err != nil {
			return fmt.Errorf("%s: %w", r.Address, err)
		}
	}
	return nil
}

// Find returns the resource at address, nil where there is none.
func (s *Stack) Find(address Address) *Resource { return s.byAddress[address] }

// byARN is nil where there is no such resource in the stack.
func (s *Stack) byARN(arn string) *Resource {
	if i := slices.IndexFunc(s.Resources, func(r *Resource) bool { return r.Attrs["arn"] == arn }); i >= 0 {
		return s.Resources[i]
	}
	return nil
}

// eachUser calls visit for what refers to the resource at address: what scales a service
// is part of it.
func (s *Stack) eachUser(address Address, visit func(Address)) {
	for _, r := range s.Resources {
		if slices.ContainsFunc(Refs(r.Spec), func(ref Ref) bool { return ref.Address == address }) {
			visit(r.Address)
			s.eachUser(r.Address, visit)
		}
	}
}

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
		for _, address := range r.Edges() {
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

// Edges are the addresses of the resources that r refers to or needs.
func (r *Resource) Edges() []Address {
	var out []Address
	for _, ref := range Refs(r.Spec) {
		if ref.Address.Kind != FactsKind {
			out = append(out, ref.Address)
		}
	}
	return append(out, r.Needs...)
}

// with is the stack whose resources, copies, change has changed.
func (s *Stack) with(kinds Kinds, change func(r *Resource)) (*Stack, error) {
	whole, err := s.Hash()
	if err != nil {
		return nil, err
	}
	resources := make([]*Resource, len(s.Resources))
	for i, r := range s.Resources {
		changed := *r
		change(&changed)
		resources[i] = &changed
	}
	return newStack(kinds, &Stack{Target: s.Target, masker: s.masker, whole: whole}, resources)
}

// Hash is a hash over the whole desired stack.
func (s *Stack) Hash() (string, error) {
	if s.whole != "" {
		return s.whole, nil
	}
	hashes := make(map[string]string, len(s.Resources))
	for _, r := range s.Resources {
		hashes[r.Address.String()] = r.Hash
	}
	return sum(hashes)
}

// Blank is a field of a desired resource whose value lacks something because variables are
// not set where the plan is made. Docker compose fills in nothing for them.
type Blank struct {
	Field   diag.Path
	Missing []string // the names of the variables
	// Secret: what one of them gives is a secret, and so is what is live where it is lacking.
	Secret bool
	// Lost says whether a live spec has a value where the desired one lacks it. Nil: what
	// it has in the field is the value.
	Lost func(live any) bool
}
