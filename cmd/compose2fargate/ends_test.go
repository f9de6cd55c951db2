package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// endsPhase is what is under way when something fails.
type endsPhase struct {
	name  string
	scope plan.Scope
	// change turns the compose file that was applied before into the one that is
	// applied now, and says whether it could; nil: nothing was applied before.
	change func(services map[string]any, project map[string]any) bool
}

func endsPhases() []endsPhase {
	same := func(map[string]any, map[string]any) bool { return true }
	return []endsPhase{
		{name: "apply"},
		{name: "update", change: everything},
		{name: "prune", change: withoutOne, scope: plan.Scope{Prune: true}},
		{name: "destroy", change: same, scope: plan.Scope{Destroy: true}},
	}
}

// everything changes each service and the log group.
func everything(services, project map[string]any) bool {
	for _, service := range services {
		if fields, ok := service.(map[string]any); ok {
			fields["stop_grace_period"] = "7s"
		}
	}
	own, _ := project["x-fargate"].(map[string]any)
	if own == nil {
		own = map[string]any{}
		project["x-fargate"] = own
	}
	own["log_retention"] = 7
	return true
}

// withoutOne takes a service out that no other one names.
func withoutOne(services, _ map[string]any) bool {
	for _, name := range sortedNames(services) {
		named := false
		for other, service := range services {
			text, _ := yaml.Marshal(service)
			named = named || other != name && strings.Contains(string(text), name)
		}
		if !named && len(services) > 1 {
			delete(services, name)
			return true
		}
	}
	return false
}

func sortedNames(services map[string]any) []string {
	var names []string
	for name := range services {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// endsWay is how a call fails. A process that died makes no call after it; what it
// asks for is refused here.
type endsWay struct {
	name   string
	faults func(call int) []simulator.Fault
}

func endsWays() []endsWay {
	dead := func(from int) simulator.Fault {
		return simulator.Fault{Mutating: true, At: from, Times: -1, Err: simulator.Denied()}
	}
	return []endsWay{
		{"error", func(call int) []simulator.Fault {
			return []simulator.Fault{{Mutating: true, At: call, Err: simulator.Denied()}}
		}},
		{"answer-lost", func(call int) []simulator.Fault {
			return []simulator.Fault{{Mutating: true, At: call, AnswerLost: true}}
		}},
		{"dead-before", func(call int) []simulator.Fault { return []simulator.Fault{dead(call)} }},
		{"dead-after", func(call int) []simulator.Fault {
			return []simulator.Fault{{Mutating: true, At: call, AnswerLost: true, Err: simulator.Denied()}, dead(call + 1)}
		}},
	}
}

// endsRun is one case in one phase.
type endsRun struct {
	*testing.T
	file  string // compose file of the case
	phase endsPhase
}

// start is the account in which the phase begins, with its file.
func (r endsRun) start() (*embedded, bool) {
	r.Helper()
	directory := r.TempDir()
	if err := os.CopyFS(directory, os.DirFS(filepath.Dir(r.file))); err != nil {
		r.Fatal(err)
	}
	e := embedCase(r, r.file, simulator.Options{VCPUQuota: 1000})
	e.file = filepath.Join(directory, filepath.Base(r.file))
	if r.phase.change == nil {
		return e, true
	}
	e.mustApply(plan.Scope{})
	ok := r.rewrite(e.file)
	e.fake.ResetCalls()
	e.fake.ResetWitness()
	return e, ok
}

func (r endsRun) rewrite(file string) bool {
	r.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		r.Fatal(err)
	}
	project := map[string]any{}
	if err := yaml.Unmarshal(data, &project); err != nil {
		r.Fatal(err)
	}
	services, _ := project["services"].(map[string]any)
	if !r.phase.change(services, project) {
		return false
	}
	if r.phase.scope.Destroy {
		return true // the file as it is written
	}
	if data, err = yaml.Marshal(project); err != nil {
		r.Fatal(err)
	}
	write(r, file, string(data))
	return true
}

// undisturbed is how it goes when nothing fails.
type undisturbed struct {
	calls    []simulator.Call // that write
	end      ends
	gone     ends // after a destroy
	restarts int
	seen     []simulator.Finding
}

func (r endsRun) undisturbed() (undisturbed, bool) {
	r.Helper()
	e, ok := r.start()
	if !ok {
		return undisturbed{}, false
	}
	_, p, _ := e.plan(r.phase.scope)
	e.mustApply(r.phase.scope)
	u := undisturbed{restarts: p.Summary.Restarts}
	for _, call := range e.fake.Calls() {
		if call.Writes {
			u.calls = append(u.calls, call)
		}
	}
	u.seen = e.fake.Witness()
	u.end = r.settled(e)
	e.mustApply(plan.Scope{Destroy: true})
	u.gone = r.settled(e)
	return u, true
}

// settled is how the account ends when all that is under way is over.
func (r endsRun) settled(e *embedded) ends {
	if err := e.fake.Pass(r.Context(), time.Hour); err != nil {
		r.Fatal(err)
	}
	return endsOf(r.T, e.fake)
}

// endsProblem is something that is not as it should be after a failure.
type endsProblem struct{ kind, text string }

// disturb lets the call fail in that way, types the command again, and says what
// is not as it should be then.
func (r endsRun) disturb(u undisturbed, call int, way endsWay) (problems []endsProblem) {
	r.Helper()
	problem := func(kind, format string, args ...any) {
		problems = append(problems, endsProblem{kind, fmt.Sprintf(format, args...)})
	}
	e, _ := r.start()
	for _, fault := range way.faults(call) {
		e.fake.Fail(fault)
	}
	first := e.apply(r.phase.scope)
	e.fake.ClearFaults()
	s, p, st := e.plan(r.phase.scope)
	if p.Summary.Restarts > u.restarts {
		problem("restart", "typed again, %d tasks are restarted, and %d undisturbed", p.Summary.Restarts, u.restarts)
	}
	if first == nil && p.Changed() {
		problem("plan", "the command ended well, and typed again it wants %+v", p.Summary)
	}
	if err := s.carryOut(r.Context(), p, st, applyFlags{timeout: time.Minute}); err != nil {
		kind := "again"
		if apply.ExitCode(err) == codeStale {
			kind = "stale"
		}
		problem(kind, "typed again: %v", err)
		if kind == "stale" {
			err = e.apply(r.phase.scope)
		}
		if err != nil {
			return problems
		}
	}
	if _, p, _ := e.plan(r.phase.scope); p.Changed() {
		problem("plan", "a plan after it still wants %+v", p.Summary)
	}
	for _, line := range r.settled(e).beside(u.end) {
		problem(kindOf(line), "the account ends as %s", line)
	}
	for _, f := range e.fake.Witness() {
		problem("witness:"+f.Call.Service+"."+f.Call.Operation, "%s", f)
	}
	if err := e.apply(plan.Scope{Destroy: true}); err != nil {
		return append(problems, endsProblem{"destroy", err.Error()})
	}
	for _, line := range r.settled(e).beside(u.gone) {
		problem(kindOf(line), "a destroy leaves %s", line)
	}
	return problems
}

// knownEnd is a line of testdata/ends/known.txt: case, phase, operation, way and
// kind of problem, each as path.Match has it, and the issue that mends it.
type knownEnd struct {
	fields []string
	issue  string
	met    bool // in this run
}

func readKnownEnds(t *testing.T) []*knownEnd {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "ends", "known.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var known []*knownEnd
	for line := range strings.Lines(string(data)) {
		text, issue, _ := strings.Cut(strings.TrimSpace(line), "# ")
		if fields := strings.Fields(text); len(fields) == 5 && issue != "" {
			known = append(known, &knownEnd{fields: fields, issue: issue})
		} else if len(fields) > 0 {
			t.Fatalf("not case, phase, operation, way, kind and # issue: %s", line)
		}
	}
	return known
}

func (k *knownEnd) is(point []string) bool {
	for i, pattern := range k.fields {
		if ok, err := path.Match(pattern, point[i]); !ok || err != nil {
			return false
		}
	}
	return true
}

// TestTheAccountEndsAsUndisturbed lets calls that write fail, types the command
// again, and looks at the end. Problems on testdata/ends/known.txt are excused. In a
// full run, a line of it that excuses nothing any more fails: the list only shrinks.
func TestTheAccountEndsAsUndisturbed(t *testing.T) {
	t.Parallel()
	known := readKnownEnds(t)
	for _, file := range caseFiles(t) {
		for _, phase := range endsPhases() {
			kase := filepath.Base(filepath.Dir(file))
			if !sample.Takes("ends "+kase+phase.name, 32) {
				continue
			}
			t.Run(kase+"/"+phase.name, func(t *testing.T) {
				r := endsRun{T: t, file: file, phase: phase}
				u, ok := r.undisturbed()
				if !ok {
					t.Skip("nothing to take out")
				}
				r.try(u, kase, known)
			})
		}
	}
	for _, k := range known {
		if sample.Full() && !k.met {
			t.Errorf("%v (%s) excuses nothing any more: take it off testdata/ends/known.txt", k.fields, k.issue)
		}
	}
}

func (r endsRun) try(u undisturbed, kase string, known []*knownEnd) {
	r.Helper()
	for _, f := range u.seen {
		point := []string{kase, r.phase.name, "none", "undisturbed", "witness:" + f.Call.Service + "." + f.Call.Operation}
		if !excused(known, point) {
			r.Errorf("%s: %s", strings.Join(point, " "), f)
		}
	}
	tried := 0
	for i, call := range u.calls {
		for _, way := range endsWays() {
			operation := call.Service + "." + call.Operation
			if !sample.Takes(fmt.Sprint(kase, r.phase.name, operation, i, way.name), 480) {
				continue
			}
			tried++
			for _, problem := range r.disturb(u, i+1, way) {
				point := []string{kase, r.phase.name, operation, way.name, problem.kind}
				if !excused(known, point) {
					r.Errorf("%s, writing call %d: %s", strings.Join(point, " "), i+1, problem.text)
				}
			}
		}
	}
	r.Logf("%d of %d points", tried, len(u.calls)*len(endsWays()))
}

func excused(known []*knownEnd, point []string) bool {
	for _, k := range known {
		if k.is(point) {
			k.met = true
			return true
		}
	}
	return false
}
