package plan

import (
	"time"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Rules is what planning needs to know about one kind of AWS resource. It
// consists of data and pure functions; paths are patterns over the canonical
// tree, see Match.
type Rules struct {
	Kind string
	// New returns a pointer to an empty spec of the kind.
	New func() any
	// Normalize brings a spec, a pointer, into its normal form: AWS's defaults
	// filled in, sets sorted. Normalizing twice is normalizing once.
	Normalize func(spec any)
	// Attrs are the attributes by which the specs of others refer to the kind.
	Attrs []string
	// Keys are, by the path of a list, the fields that identify its items: the
	// list becomes a map in the canonical tree. Lists that are not in Keys keep
	// their order, which is then significant.
	Keys map[string][]string
	// Immutable fields cannot be changed in place: a change replaces the resource.
	Immutable []string
	// Once are fields that AWS reads only when it makes the resource: they change
	// nothing of a live one, nor would another one in its place. OnceHelp says what to
	// do instead.
	Once     []string
	OnceHelp string
	// Optional fields are compared only if want has them. A live value that want
	// lacks belongs to somebody else, unless the spec tag proves that it was
	// ours.
	Optional []string
	// Take is a desired spec with what the files leave open as it is live. Nil: they leave
	// nothing open. Freed: what has decided about the live one is deleted now.
	Take func(live, want *Resource, freed bool) any
	// Taken are the fields that Take takes over.
	Taken []string
	// Steered is the ARN of what decides these fields of a live resource, whatever the
	// files say; "": nothing does. Nil: nothing ever does.
	Steered func(live *Resource) string
	// Brief are the fields that a reader wants to see of a resource that is
	// created; the others are hidden by default.
	Brief []string
	// Main: the resource has the name of a compose service and stands for it: the
	// service itself, the definition of its tasks.
	Main bool
	// Owner returns the compose service that a resource of this name is for, "" where
	// it is for several.
	Owner func(name string) string
	// Sensitive says of each of the values at a path whether it must never be shown: of one,
	// or of all texts of a list, such as the words of a command line. Nil: none.
	Sensitive func(path diag.Path, values []string) []bool
	// Effects says what a change does to running tasks. live is nil for a
	// resource that is created, want for one that is deleted; force requests a
	// restart of the tasks whatever changed. Nil: no tasks are affected.
	Effects func(live, want any, changes []Change, force bool) Effects
	// Replace says how a resource is replaced by another one of the same address.
	Replace Replace
	// InPlace are the fields that change without a new revision if Replace is
	// NewRevision.
	InPlace []string
	// Serves: a resource is only there for those that refer to it, so that a new one to which
	// none does is not made.
	Serves bool
	// Data: the resource holds data and is kept by prune and destroy unless it is
	// named.
	Data bool
	// DataIn is the kind of a resource that this one refers to and that holds the data to
	// which this one leads: deleting this one alone deletes none. "": it holds its own.
	DataIn string
	// Leads says in which other resource the data is to which this one leads, and in which
	// directory. Nil: it holds its own.
	Leads func(spec any) (in Value, directory string)
	// Rollout is set for kinds whose resources run tasks. Nil: they run none.
	Rollout *RolloutRules
	// Routes is set for kinds through which requests reach running tasks. Nil:
	// none do.
	Routes *RouteRules
	// RunReasons are words for changes of what the tasks of a service are made of, which let
	// one that ends by itself run again. The first that fits counts.
	RunReasons []RunReason
	// Extends says whether a change in place removes something that running tasks
	// still need: a route to them, a right of theirs. Such a change has two steps:
	// extend before the tasks are replaced, and update afterwards. live is nil for
	// a resource that replaces another one: it is created so that it does not
	// receive requests yet. Nil: no change does.
	Extends func(live, want any) bool
	// With is what the extend step leaves behind: the live resource with what want has
	// besides. Nil where that is no spec.
	With func(live, want any) any
	// Fits says whether AWS takes a spec, as far as its size is concerned: With may be too
	// much. Nil: it does.
	Fits func(spec any) bool
	// Retained: the tasks of earlier revisions may need a resource of the kind when
	// they start again, so that it outlives what the compose file asks for, and goes
	// without being asked for when none of them may: see letGo.
	Retained bool
	// Extras is set for kinds that may have parts which are no reason to restart tasks.
	// Nil: all parts are.
	Extras *ExtraRules
	// Decided are the fields that later releases decide otherwise than earlier ones.
	Decided []Decision
	// Needs are the kinds without which a resource does not work although it does
	// not refer to them, each with the kind that leads to both: a service needs the
	// mount targets of the file system that its tasks mount. Resource.Needs has
	// those of a desired resource; for a live one they are found by this.
	Needs map[string]string
	// Bars says whether a live resource has to go before any other one of its kind can be
	// made. Nil: none has.
	Bars func(facts Facts, live *Resource) bool
	// Mounts are the directories that the tasks of a resource of the kind mount. Nil: it
	// is not one that says so.
	Mounts func(spec any) []Mount
	// Moves are the fields whose change leads the resource to other data.
	Moves []string
	// Spread is set for kinds whose new resources cannot be used at once by tasks
	// that need them. Nil: they can.
	Spread *SpreadRules
}

// SpreadRules are the rules of a kind that tells nobody when tasks can use it.
type SpreadRules struct {
	Time time.Duration // from its creation until tasks can use it
	What string        // what they wait for, for the progress display
	// Reaches says whether the tasks of a resource that runs some may use one of the kind,
	// by their specs.
	Reaches func(user, used any) bool
}

// Replace is the way in which a resource is replaced.
type Replace int

const (
	// Beside: the new resource has another AWS name, so it is created beside the
	// old one, which is deleted when nothing refers to it any more.
	Beside Replace = iota
	// DeleteFirst: the new resource has the name of the old one, which is deleted
	// first.
	DeleteFirst
	// NewRevision: a resource is never changed but for the fields in InPlace; any
	// other change makes a new revision beside it.
	NewRevision
	// BesideKeepOld is Beside, but the old resource is kept, because its data
	// exists nowhere else.
	BesideKeepOld
)

// RolloutRules are the rules of a resource that runs tasks. A create step
// creates it without tasks, and a start step gives it its tasks once all others
// of its kind exist; the start and later changes wait until the resources in
// Resource.After are ready.
type RolloutRules struct {
	// Holds says whether the old tasks can keep running beside the new ones until
	// requests go to the new ones.
	Holds func(live, want any) bool
	// Names returns the names by which other tasks reach the resource, as they
	// write them (db:5432). The key of each is the live attribute with the time
	// since which the name exists (RFC 3339). Nil: it has no names.
	Names func(spec any) map[string]string
}

// RouteRules are the rules of a resource through which requests reach running
// tasks.
type RouteRules struct {
	// Leads: requests reach tasks through the resource, as through a rule of a
	// load balancer.
	Leads bool
	// Supersedes says whether a live resource that is no longer wanted conflicts
	// with a wanted one, so that it is deleted even without --prune. Nil: never.
	Supersedes func(live, want any) bool
}

// Kinds are the rules by kind.
type Kinds map[string]Rules

// service finds the wanted resource for the name of a service on the command
// line: the one that runs its tasks.
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

// leads says whether requests reach tasks through resources of the kind.
func (r Rules) leads() bool { return r.Routes != nil && r.Routes.Leads }

// steered is the ARN of what decides fields of a live resource, "" for nothing.
func (r Rules) steered(live *Resource) string {
	if r.Steered == nil || live == nil {
		return ""
	}
	return r.Steered(live)
}

// revises says whether changes usually make a new revision.
func (r Rules) revises() bool { return r.Replace == NewRevision }

// effects are those of a change on what runs, none where nothing does.
func (r Rules) effects(live, want any, changes []Change, force bool) Effects {
	if r.Effects == nil {
		return Effects{}
	}
	return r.Effects(live, want, changes, force)
}

// mapped returns a normalized copy of spec in which every Value v became f(v).
// It normalizes again because other texts sort differently.
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

// Mount is a path at which a container of a resource's tasks has a directory. One without
// a path says that there is the container.
type Mount struct {
	Container, Path string
	Image           string // that the container runs, without tag and digest
	Directory       Value  // an access point or a file system; zero: the disk of the task
	Below           string // the directory of the file system; "": all of it
	ReadOnly        bool
}
