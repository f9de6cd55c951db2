package plan

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Action is what happens to a resource.
type Action string

// The actions of a resource plan. Several stand together where several happen:
// a replacement is create and delete.
const (
	Create  Action = "create"
	Update  Action = "update" // in place
	Revise  Action = "revise" // a new revision of a task definition
	Delete  Action = "delete"
	Adopt   Action = "adopt"  // an untagged resource becomes ours
	Resume  Action = "resume" // nothing differs, but an apply began and did not finish
	Keep    Action = "keep"   // no longer wanted, and kept: no --prune, or it holds data
	RunOnce Action = "run"    // once, to its end
)

// Cause is why a field or a resource changes.
type Cause string

// The causes, see the three-way comparison in Diff.
const (
	Config     Cause = "config"     // the compose file, or what the tool makes of it
	Drift      Cause = "drift"      // somebody changed the live resource
	Resumed    Cause = "resume"     // an apply began and did not finish
	Forced     Cause = "forced"     // asked for on the command line
	Dependency Cause = "dependency" // a resource that it refers to changes
	Removed    Cause = "removed"    // no longer in the compose file
	Absent     Cause = "absent"     // not there yet
	Named      Cause = "name"       // another service got a new name that its tasks use
	Upgrade    Cause = "upgrade"    // this release decides otherwise than the one that applied it
	Outlived   Cause = "outlived"   // only revisions used it that are not run any more
)

// Op is what happens to a field.
type Op string

// The operations on a field.
const (
	OpCreate Op = "create"
	OpUpdate Op = "update"
	OpDelete Op = "delete"
)

// Change is one field that differs. From and To are values of the canonical
// tree; a secret in them is an argon2id hash.
type Change struct {
	Path      diag.Path `json:"path"`
	Op        Op        `json:"op"`
	From      any       `json:"from"`
	To        any       `json:"to"`
	Cause     Cause     `json:"cause"`
	Unknown   bool      `json:"unknown,omitempty"`   // To is known after apply
	Sensitive bool      `json:"sensitive,omitempty"` // From or To holds a hashed secret
	Replaces  bool      `json:"replaces,omitempty"`  // cannot be changed in place
	Minor     bool      `json:"minor,omitempty"`     // of a resource that is made: what goes without saying
	Source    *diag.Pos `json:"source,omitempty"`
}

// Effects are what a resource plan does to running tasks and to data.
type Effects struct {
	Starts     int  `json:"starts,omitempty"`     // tasks started beyond those that run
	Stops      int  `json:"stops,omitempty"`      // tasks stopped and not replaced
	Restarts   int  `json:"restarts,omitempty"`   // tasks replaced by new ones
	Interrupts bool `json:"interrupts,omitempty"` // old tasks stop before new ones run
	Forces     bool `json:"forces,omitempty"`     // through a forced new deployment
	Replaces   bool `json:"replaces,omitempty"`
	DataLoss   bool `json:"dataLoss,omitempty"`
	// Unused is data that the tasks do not find any more where it was.
	Unused []Unused `json:"unused,omitempty"`
	// Exposes is what becomes open to everybody, sorted: "0.0.0.0/0 on tcp 80".
	Exposes []string `json:"exposes,omitempty"`
	// Gains are rights that the program behind a role has only now, the most dangerous
	// first: "may do everything", "may s3:* on *".
	Gains []string `json:"gains,omitempty"`
}

// Unused is data that the tasks of a service had at a path, and have there no more.
type Unused struct {
	Path  string `json:"path"`            // in the container
	Data  string `json:"data"`            // where it stays
	Empty bool   `json:"empty,omitempty"` // they find nothing there instead
	Used  bool   `json:"used,omitempty"`  // the data is still mounted, elsewhere
}

// String is "starts empty: its data stays in pgdata, unused". Where the data is mounted
// elsewhere, it says which path lost it.
func (u Unused) String() string {
	var b strings.Builder
	if u.Empty {
		b.WriteString("starts empty: its data stays in " + u.Data)
	} else {
		b.WriteString("finds other data: its own stays in " + u.Data)
	}
	if u.Used {
		b.WriteString(", no longer at " + u.Path)
	} else {
		b.WriteString(", unused")
	}
	return b.String()
}

// ResourcePlan is what happens to one resource, and why.
type ResourcePlan struct {
	Address Address  `json:"address"`
	Actions []Action `json:"actions"`
	Cause   Cause    `json:"cause"`
	Name    string   `json:"name,omitempty"` // what AWS calls it: its ARN or id, where it is live
	Effects Effects  `json:"effects"`
	// Fingerprint of what is live, "absent" where nothing is. apply reads again
	// and refuses where it moved.
	Fingerprint string    `json:"fingerprint"`
	Source      *diag.Pos `json:"source,omitempty"`
	Changes     []Change  `json:"changes,omitempty"`
	Names       NewNames  `json:"names,omitempty"` // that its tasks see only after this
	// Files are those of the project whose content changed, sorted, where that is why.
	Files     []string `json:"files,omitempty"`
	Unmanaged []string `json:"unmanaged,omitempty"` // live fields that we do not know, reported only
	// Extends: the update takes nothing away, because tasks that are kept running need it.
	Extends bool `json:"extends,omitempty"`
	// Former: an earlier release applied it, so that what this one decides otherwise may
	// be behind a change for which the compose file is named.
	Former bool `json:"former,omitempty"`
	// Run is why a service that ends by itself runs once: "first run". "": it does not run.
	Run string `json:"run,omitempty"`
	// Steered: something in the account decides how many tasks there are, so that their
	// number may be another one when the plan is applied.
	Steered bool `json:"steered,omitempty"`
	// Pauses are resources that are replaced while all its tasks are stopped.
	Pauses []Address `json:"pauses,omitempty"`
}

// Has says whether the resource plan contains the action.
func (r *ResourcePlan) Has(action Action) bool { return slices.Contains(r.Actions, action) }

// DeletesFirst says whether r is a replacement that deletes the old resource
// before it creates the new one.
func (r *ResourcePlan) DeletesFirst() bool {
	deleted := slices.Index(r.Actions, Delete)
	return deleted >= 0 && deleted < slices.Index(r.Actions, Create)
}

// Changed says whether carrying out the plan changes anything: what is kept, and
// what is only noted, does not.
func (r *ResourcePlan) Changed() bool { return len(r.Actions) > 0 && !r.Has(Keep) }

// Verb is what a step does to its resource.
type Verb string

// The verbs of steps. Start gives tasks to a service that was created without
// any. Extend comes before an update that removes something: until then the
// resource serves both the old and the new tasks. Release comes after an update
// that holds old tasks: they may stop. Stop ends all tasks of a service while
// something that they need is replaced; a start gives it new ones. Run lets the tasks of a
// service that ends by itself run once, and fails where they do. A barrier does
// nothing: it waits for many steps, so that many others need to wait for one step
// only. A wait does nothing for a while.
const (
	BarrierVerb Verb = "barrier"
	WaitVerb    Verb = "wait"
	StopVerb    Verb = "stop"
	CreateVerb  Verb = "create"
	ExtendVerb  Verb = "extend"
	UpdateVerb  Verb = "update"
	StartVerb   Verb = "start"
	RunVerb     Verb = "run"
	ReleaseVerb Verb = "release"
	DeleteVerb  Verb = "delete"
)

// Step is one unit of work of an apply. Its id is ADDRESS#VERB. A barrier and a
// wait have no address.
type Step struct {
	ID      string   `json:"id"`
	Address Address  `json:"address,omitzero"`
	Verb    Verb     `json:"verb"`
	Force   bool     `json:"force,omitempty"`   // restart the tasks whatever changed
	Hold    bool     `json:"hold,omitempty"`    // the old tasks stay until the release step
	Seconds int      `json:"seconds,omitempty"` // how long a wait takes
	What    string   `json:"what,omitempty"`    // what a wait is for
	After   []string `json:"after,omitempty"`   // ids of steps that come first, sorted
}

// Idle says whether a step has no resource and only orders others.
func (s Step) Idle() bool { return s.Verb == BarrierVerb || s.Verb == WaitVerb }

// Guard is a reason not to carry out a plan, with the way around it.
type Guard struct {
	Rule    string  `json:"rule"` // foreign, untagged, mismatch, in-use, second-writer, data-stays, steered
	Address Address `json:"address"`
	Message string  `json:"message"`
	Help    string  `json:"help,omitempty"`
}

// Scope is what the caller asked for; apply asks for the same again.
type Scope struct {
	Destroy    bool     `json:"destroy,omitempty"`
	Prune      bool     `json:"prune,omitempty"`
	Only       []string `json:"only,omitempty"`       // compose services, sorted
	Force      []string `json:"force,omitempty"`      // compose services to restart, sorted
	Rerun      []string `json:"rerun,omitempty"`      // compose services that end by themselves, to run again, sorted
	Refresh    []string `json:"refresh,omitempty"`    // compose services that may stop to learn new names, sorted
	Adopt      []string `json:"adopt,omitempty"`      // ADDRESS or ADDRESS=ARN, sorted
	DeleteData []string `json:"deleteData,omitempty"` // addresses or names of data to delete, or AllData; sorted
}

// Allowance is what the user let the compose files have of the machine and the account beside
// their repository, as the flags say it; apply allows the same. Paths that were given as
// relative ones are relative to the directory of the project.
type Allowance struct {
	Root        string   `json:"root,omitempty"`        // --project-root
	Paths       []string `json:"paths,omitempty"`       // --allow-path, sorted
	Environment []string `json:"environment,omitempty"` // --allow-env, sorted names
	// PullCredentials are --pull-credentials, sorted: HOST=ARN.
	PullCredentials []string `json:"pullCredentials,omitempty"`
}

// AllData stands for all resources that hold data, in Scope.DeleteData.
const AllData = "*"

// Summary counts what a plan does.
type Summary struct {
	Create   int `json:"create"`
	Update   int `json:"update"`
	Revise   int `json:"revise"`
	Replace  int `json:"replace"`
	Delete   int `json:"delete"`
	Adopt    int `json:"adopt"`
	Resume   int `json:"resume"`
	Outlived int `json:"outlived,omitempty"` // deleted because no revision that may run again names them
	Keep     int `json:"keep"`               // no longer wanted and kept
	Same     int `json:"same"`
	Drift    int `json:"drift"`          // resources with at least one drifted field
	Restarts int `json:"restarts"`       // tasks
	Services int `json:"services"`       // services whose tasks restart
	Starts   int `json:"starts"`         // tasks
	Stops    int `json:"stops"`          // tasks
	Runs     int `json:"runs,omitempty"` // services that run once, to their end
	Blocked  int `json:"blocked"`        // guards
}

// Plan is what an apply would do and why. It is plain data: it holds no secret
// and no time, and the same input gives the same bytes.
type Plan struct {
	FormatVersion string          `json:"formatVersion"`
	Kind          string          `json:"kind"`
	Tool          string          `json:"tool"`
	Digest        string          `json:"digest"`
	Simulated     bool            `json:"simulated"`
	Target        Target          `json:"target"`
	Facts         Facts           `json:"facts"`
	Scope         Scope           `json:"scope"`
	Allowed       Allowance       `json:"allowed,omitzero"`
	Stack         string          `json:"stack"` // hash over the desired stack
	Summary       Summary         `json:"summary"`
	Guards        []Guard         `json:"guards,omitempty"`
	Resources     []*ResourcePlan `json:"resources"`
	Steps         []Step          `json:"steps"`
	Diagnostics   diag.List       `json:"diagnostics,omitempty"`
}

// Find returns the resource plan at address, nil where nothing happens to it.
func (p *Plan) Find(address Address) *ResourcePlan {
	for _, r := range p.Resources {
		if r.Address == address {
			return r
		}
	}
	return nil
}

// Changed says whether applying p would change anything.
func (p *Plan) Changed() bool { return len(p.Steps) > 0 }

// NewNames are sorted by the resource whose names they are.
type NewNames []NewName

// NewName is a name that the tasks of a resource cannot see until they start
// again.
type NewName struct {
	Address Address `json:"address"`         // whose name it is
	Name    string  `json:"name"`            // as tasks write it: db:5432
	Again   bool    `json:"again,omitempty"` // for it, the tasks restart a second time
}
