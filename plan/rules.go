package plan

import "github.com/compose2fargate/compose2fargate/diag"

// Rules is what planning must know of one kind of AWS resource. It is data and
// pure functions; paths are patterns over the canonical tree, see Match.
type Rules struct {
	Kind string
	// New returns a pointer to an empty spec of the kind.
	New func() any
	// Normalize brings a spec, a pointer, into its normal form: AWS's defaults
	// filled in, sets sorted. Normalizing twice is normalizing once.
	Normalize func(spec any)
	// Attrs are the attributes by which the specs of others refer to the kind.
	Attrs []string
	// Keys says by which fields the items of a list are known, by the path of the
	// list: the list becomes a map in the canonical tree. Lists that are not named
	// keep their order, which then has a meaning.
	Keys map[string][]string
	// Immutable fields cannot be changed in place: a change replaces the resource.
	Immutable []string
	// Optional fields are compared where want has them. A live value that want
	// lacks is somebody else's, unless the spec tag proves that it was ours.
	Optional []string
	// Brief are the fields that a reader wants to see of a resource that is made;
	// the others go without saying.
	Brief []string
	// Main: the resource has the name of a compose service and stands for it: the
	// service itself, the definition of its tasks.
	Main bool
	// Shared: the resource is for several compose services, whatever its name is.
	Shared bool
	// Owner returns the compose service that a resource of this name is for, "" where
	// it is for several. Nil: the one whose name its own begins with, if any.
	Owner func(name string) string
	// Sensitive says whether the value at a path must never be shown. Nil: none.
	Sensitive func(path diag.Path, value string) bool
	// Effects says what a change does to what is running. live is nil for a
	// resource that is made, want for one that is deleted; force asks for a restart
	// of the tasks whatever changed. Nil: nothing runs.
	Effects func(live, want any, changes []Change, force bool) Effects
	// Replace says how a resource takes the place of another one of its address.
	Replace Replace
	// InPlace are the fields that change without a new revision, where Replace is
	// NewRevision.
	InPlace []string
	// Data: the resource holds data and is kept by prune and destroy unless it is
	// named.
	Data bool
	// Rollout is of kinds whose resources run tasks. Nil: nothing runs.
	Rollout *RolloutRules
	// Routes is of kinds that running tasks are reached through. Nil: none are.
	Routes *RouteRules
}

// Replace is the way in which a resource is replaced.
type Replace int

const (
	// Beside: the new resource has another AWS name, so that it is made beside the
	// old one, which goes when nothing refers to it any more.
	Beside Replace = iota
	// DeleteFirst: the new one has the name of the old one, which goes first.
	DeleteFirst
	// NewRevision: a resource is never changed but for the fields in InPlace; any
	// other change makes a new revision beside it.
	NewRevision
	// BesideKeepOld is Beside, and the old one is kept: what it holds is nowhere
	// else.
	BesideKeepOld
)

// RolloutRules are those of a resource that runs tasks. A create step makes it
// idle, and a start step brings it to life once every other one of its kind
// exists; the start and later changes wait until the resources in Resource.After
// are ready.
type RolloutRules struct {
	// Holds says whether the old tasks can stay beside the new ones until visitors
	// are led to these.
	Holds func(live, want any) bool
	// Names lists the names under which the tasks of others find the resource, as
	// they write them (db:5432), by the live attribute that says since when each is
	// there (RFC 3339). Nil: it has none.
	Names func(spec any) map[string]string
}

// RouteRules are those of a resource on the way to running tasks.
type RouteRules struct {
	// Leads: visitors come to tasks through the resource, a rule of a load balancer.
	Leads bool
	// Extends says whether a change in place takes something away that running tasks
	// still need: a way to them. Such a change has two steps, extend before the
	// tasks are replaced and update after. live is nil for a resource that takes the
	// place of another one: it is made so that it leads nobody astray.
	Extends func(live, want any) bool
	// Supersedes says whether a live resource that nobody wants is in the way of a
	// wanted one, so that it goes without being asked for. Nil: never.
	Supersedes func(live, want any) bool
}

// Kinds are the rules by kind.
type Kinds map[string]Rules

// service finds the wanted resource that the command line means by the name of a
// service: the one that runs its tasks.
func (k Kinds) service(want *Stack, name string) (Address, bool) {
	for _, r := range want.Resources {
		if r.Address.Name == name && k[r.Address.Kind].starts() {
			return r.Address, true
		}
	}
	return Address{}, false
}

// starts says whether resources of the kind run tasks.
func (r Rules) starts() bool { return r.Rollout != nil }

// leads says whether visitors come to tasks through resources of the kind.
func (r Rules) leads() bool { return r.Routes != nil && r.Routes.Leads }

// revises says whether a change makes a new revision, as a rule.
func (r Rules) revises() bool { return r.Replace == NewRevision }

// effects are those of a change on what runs, none where nothing does.
func (r Rules) effects(live, want any, changes []Change, force bool) Effects {
	if r.Effects == nil {
		return Effects{}
	}
	return r.Effects(live, want, changes, force)
}

// mapped returns a normalized copy of spec in which every Value v became f(v):
// other texts sort otherwise.
func (r Rules) mapped(spec any, f func(Value) Value) any {
	out := Map(spec, f)
	r.Normalize(out)
	return out
}

// Match says whether a path, or a parent of it, matches the pattern: dotted
// field names, with * for any one element.
func Match(pattern string, path diag.Path) bool {
	for i, element := 0, ""; ; i++ {
		var more bool
		element, pattern, more = cutDot(pattern)
		if i >= len(path) || element != "*" && element != path[i] {
			return false
		}
		if !more {
			return true
		}
	}
}

func cutDot(pattern string) (element, rest string, more bool) {
	for i := range len(pattern) {
		if pattern[i] == '.' {
			return pattern[:i], pattern[i+1:], true
		}
	}
	return pattern, "", false
}

func matchAny(patterns []string, path diag.Path) bool {
	for _, pattern := range patterns {
		if Match(pattern, path) {
			return true
		}
	}
	return false
}
