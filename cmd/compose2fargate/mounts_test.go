package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// mounting has a database, whose volume another service reads, and one that
// mounts nothing.
const mounting = `name: shop
x-fargate: {vpc: one, subnets: [SUBNETS]}
services:
  db: {image: "postgres:17", environment: {POSTGRES_PASSWORD: hunter22secret}, volumes: ["data:/var/lib/postgresql/data"]}
  report: {image: "busybox:1", command: [sleep, "1d"], volumes: ["data:/data:ro"], depends_on: [db]}
  web: {image: "nginx:1", expose: ["80"]}
volumes: {data: {}}
`

// mountingIn is a project whose services mount, in subnets of three, of which the
// first two share a zone.
type mountingIn struct {
	*embedded
	subnets []string
}

func newMounting(t *testing.T) mountingIn {
	t.Helper()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 100, MountDelay: 90})
	made := others{t, e.fake}.network(simulator.Network{Name: "one", Public: []string{"a", "a", "b"}})
	m := mountingIn{e, made.Public}
	slices.Sort(m.subnets[:2])
	return m
}

// file is the project in some of the subnets, edited.
func (m mountingIn) put(subnets []int, edits ...string) {
	m.tb.Helper()
	var ids []string
	for _, i := range subnets {
		ids = append(ids, m.subnets[i])
	}
	text := strings.Replace(mounting, "SUBNETS", strings.Join(ids, ", "), 1)
	write(m.tb, m.file, strings.NewReplacer(edits...).Replace(text))
}

// unharmed fails the test where anything was taken from a running task, or a task
// could not start.
func (m mountingIn) unharmed() {
	m.tb.Helper()
	for _, f := range m.fake.Witness() {
		m.tb.Errorf("%s", f)
	}
	m.fake.Mutate(func(a *simulator.Account) {
		for _, task := range a.Tasks.All() {
			if task.StopCode == "TaskFailedToStart" {
				m.tb.Errorf("a task failed: %s", *task.StoppedReason)
			}
		}
	})
}

// TestTasksMountOnlyWhatIsThere changes what running tasks mount through, and looks
// at the end whether one of them lost it, or came too early.
func TestTasksMountOnlyWhatIsThere(t *testing.T) {
	t.Parallel()
	noMounts := []string{`volumes: ["data:/data:ro"], `, ""}
	for name, c := range map[string]struct {
		subnets []int
		edits   []string
		scope   plan.Scope
		says    []string // of the plan
	}{
		"destroy":                    {subnets: []int{0, 2}, scope: plan.Scope{Destroy: true}},
		"destroy with the data":      {subnets: []int{0, 2}, scope: plan.Scope{Destroy: true, DeleteData: []string{"data", "shop"}}},
		"one mounts no more":         {subnets: []int{0, 2}, edits: noMounts, scope: plan.Scope{Prune: true}},
		"nobody mounts any more":     {subnets: []int{0, 2}, edits: append([]string{`, volumes: ["data:/var/lib/postgresql/data"]`, "", "volumes: {data: {}}", ""}, noMounts...), scope: plan.Scope{Prune: true, DeleteData: []string{"data", "shop"}}},
		"the mounting services go":   {subnets: []int{0, 2}, edits: []string{"  db:", "  other:", "  report:", "  x-report:", "depends_on: [db]", "depends_on: [other]"}, scope: plan.Scope{Prune: true}},
		"one zone less":              {subnets: []int{0}, scope: plan.Scope{Prune: true}},
		"another zone":               {subnets: []int{2}, scope: plan.Scope{Prune: true}},
		"another network":            {subnets: []int{0, 2}, edits: []string{`volumes: ["data:/data:ro"]`, `volumes: ["data:/data:ro"], networks: [back]`, "volumes: {data: {}}", "volumes: {data: {}}\nnetworks: {back: {internal: true}}"}, scope: plan.Scope{Prune: true}},
		"a network that is not ours": {subnets: []int{0, 2}, edits: []string{`volumes: ["data:/data:ro"]`, `volumes: ["data:/data"], networks: [back, default]`, "volumes: {data: {}}", "volumes: {data: {}}\nnetworks: {back: {}}"}, scope: plan.Scope{}},
		"another subnet of a zone": {subnets: []int{1, 2}, says: []string{
			"service/db pauses for mount-target/eu-west-1a, interrupts true", "service/report pauses for mount-target/eu-west-1a, interrupts true",
		}},
		"another subnet, and no mounts": {subnets: []int{1, 2}, edits: noMounts, says: []string{
			"service/db pauses for mount-target/eu-west-1a, interrupts true", "service/report pauses for mount-target/eu-west-1a, interrupts true",
		}},
		"another subnet, and one goes": {subnets: []int{1, 2}, edits: []string{"  report:", "  x-report:"}, scope: plan.Scope{Prune: true}, says: []string{
			"service/db pauses for mount-target/eu-west-1a, interrupts true",
		}},
	} {
		if !sample.Takes("mounts "+name, 8) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			m := newMounting(t)
			m.put([]int{0, 2})
			m.mustApply(plan.Scope{})
			m.put(c.subnets, c.edits...)
			_, p, _ := m.plan(c.scope)
			if got := pauses(p); !slices.Equal(got, c.says) {
				t.Errorf("the plan says %q, want %q", got, c.says)
			}
			m.mustApply(c.scope)
			m.unharmed()
			if !c.scope.Destroy {
				m.settled("after the change")
			}
		})
	}
}

func pauses(p *plan.Plan) (out []string) {
	for _, r := range p.Resources {
		for _, replaced := range r.Pauses {
			out = append(out, fmt.Sprintf("%s pauses for %s, interrupts %v", r.Address, replaced, r.Effects.Interrupts))
		}
	}
	return out
}

// TestAMountTargetThatALeftoverUsesIsNotReplaced: the leftover keeps running, and
// nobody asked to stop it.
func TestAMountTargetThatALeftoverUsesIsNotReplaced(t *testing.T) {
	for name, c := range map[string]struct {
		edits []string
		scope plan.Scope
		help  string
	}{
		"no longer in the file": {edits: []string{"  report:", "  x-report:"}, help: "--prune deletes service/report first"},
		"not in the scope":      {scope: plan.Scope{Only: []string{"db"}}, help: "plan without --only"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMounting(t)
			m.put([]int{0, 2})
			m.mustApply(plan.Scope{})
			m.put([]int{1, 2}, c.edits...)
			_, p, _ := m.plan(c.scope)
			if len(p.Guards) != 1 || p.Guards[0].Rule != "in-use" || p.Guards[0].Help != c.help {
				t.Errorf("guards: %+v", p.Guards)
			}
		})
	}
}

// TestMountingServicesMoveToAnotherVPC: EFS has the mount targets of a file system in one
// VPC, so that those of the old one go before those of the new one come.
func TestMountingServicesMoveToAnotherVPC(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zones []string
		scope plan.Scope
	}{
		"the same zones": {[]string{"a", "b"}, plan.Scope{Prune: true}},
		"one of them":    {[]string{"b"}, plan.Scope{}},
		"other zones":    {[]string{"c"}, plan.Scope{}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMounting(t)
			m.put([]int{0, 2})
			m.mustApply(plan.Scope{})
			m.subnets = others{t, m.fake}.network(simulator.Network{Name: "two", Public: c.zones}).Public
			every := []int{0, 1}[:len(c.zones)]
			m.put(every, "vpc: one", "vpc: two")
			_, p, _ := m.plan(c.scope)
			for _, service := range []string{"db", "report"} {
				if r := p.Find(plan.Address{Kind: "service", Name: service}); r == nil || !r.Effects.Interrupts || len(r.Pauses) == 0 {
					t.Errorf("nothing says that service %s is interrupted", service)
				}
			}
			m.mustApply(c.scope)
			m.fake.Mutate(func(a *simulator.Account) {
				for _, task := range a.Tasks.All() {
					if task.StopCode == "TaskFailedToStart" {
						t.Errorf("a task failed: %s", *task.StoppedReason)
					}
				}
			})
			m.settled("in the other VPC")
		})
	}
}

// TestWhatOthersUseIsNotReplacedForOne changes what two services use, and plans one.
func TestWhatOthersUseIsNotReplacedForOne(t *testing.T) {
	t.Parallel()
	for name, edits := range map[string][]string{
		"a directory":   {"volumes: {data: {}}", "volumes: {data: {x-fargate: {root_directory: /elsewhere}}}"},
		"a file system": {"volumes: {data: {}}", `volumes: {data: {x-fargate: {kms_key_id: "arn:aws:kms:eu-west-1:123456789012:key/1"}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMounting(t)
			m.put([]int{0, 2})
			m.mustApply(plan.Scope{})
			m.put([]int{0, 2}, edits...)
			_, p, _ := m.plan(plan.Scope{Only: []string{"db"}})
			if len(p.Guards) == 0 || p.Guards[0].Rule != "in-use" || !strings.Contains(p.Guards[0].Message, "the tasks of service report use it, which is not part of this plan") {
				t.Errorf("guards: %+v", p.Guards)
			}
		})
	}
}

// TestTheDirectoryOfALeftoverStays renames a service and moves its directory: the old
// service keeps its own, and the new one is not moved again.
func TestTheDirectoryOfALeftoverStays(t *testing.T) {
	t.Parallel()
	m := newMounting(t)
	m.put([]int{0, 2})
	m.mustApply(plan.Scope{})
	for _, root := range []string{"/a", "/b", "/c", "/d"} { // whatever the ids of the old and the new one are
		m.put([]int{0, 2}, "  report:", "  reports:", "  db:", "  x-db:", "depends_on: [db]", "scale: 1",
			"volumes: {data: {}}", "volumes: {data: {x-fargate: {root_directory: "+root+"}}}")
		m.mustApply(plan.Scope{})
		m.settled("with the leftovers, and " + root)
	}
	m.mustApply(plan.Scope{Prune: true})
	for _, f := range m.fake.Witness() {
		if f.Call.Service == "efs" {
			m.tb.Errorf("%s", f)
		}
	}
	m.settled("without them")
}

// TestAnApplyThatIsCutShortWaitsForMountTargetsAgain: EFS does not tell since when
// they are there.
func TestAnApplyThatIsCutShortWaitsForMountTargetsAgain(t *testing.T) {
	update := simulator.Fault{Service: "ecs", Operation: "UpdateService", Times: -1, Err: simulator.Denied()}
	for name, c := range map[string]struct {
		before []int // subnets in which the services run already
		fault  simulator.Fault
	}{
		"before the services":      {fault: simulator.Fault{Service: "ecs", Operation: "CreateService", Times: -1, Err: simulator.Denied()}},
		"before the tasks":         {fault: update},
		"before those of one more": {before: []int{0}, fault: update},
		"before those elsewhere":   {before: []int{2}, fault: update},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMounting(t)
			if c.before != nil {
				m.put(c.before)
				m.mustApply(plan.Scope{})
			}
			m.put([]int{0, 2})
			m.fake.Fail(c.fault)
			if err := m.apply(plan.Scope{}); err == nil {
				t.Fatal("it did not fail")
			}
			m.fake.ClearFaults()
			m.mustApply(plan.Scope{})
			m.unharmed()
			m.settled("after the second apply")
		})
	}
}

// TestAServiceThatWasStoppedIsStartedByTheNextApply cuts an apply short wherever it
// writes while the mount target is replaced.
func TestAServiceThatWasStoppedIsStartedByTheNextApply(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"efs.DeleteMountTarget", "efs.CreateMountTarget", "ecs.UpdateService"} {
		for at := 1; at <= 3; at++ {
			name := fmt.Sprint(operation, " ", at)
			if !sample.Takes("stopped "+name, 8) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				m := newMounting(t)
				m.put([]int{0, 2})
				m.mustApply(plan.Scope{})
				m.put([]int{1, 2})
				service, call, _ := strings.Cut(operation, ".")
				m.fake.Fail(simulator.Fault{Service: service, Operation: call, At: at, Times: -1, Err: simulator.Denied()})
				failed := m.apply(plan.Scope{}) != nil
				m.fake.ClearFaults()
				if failed {
					m.mustApply(plan.Scope{})
				}
				m.unharmed()
				m.settled("after the second apply")
			})
		}
	}
}

// TestNobodyWaitsForMountTargetsInUse: they are known to work.
func TestNobodyWaitsForMountTargetsInUse(t *testing.T) {
	m := newMounting(t)
	m.put([]int{0, 2})
	m.mustApply(plan.Scope{})
	m.put([]int{0, 2}, "nginx:1", "nginx:2", "sleep", "echo")
	_, p, _ := m.plan(plan.Scope{})
	if len(p.Steps) == 0 || slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return s.Verb == plan.WaitVerb }) {
		t.Errorf("steps: %+v", p.Steps)
	}
}
