package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// permissions are those of the compose files as they are now.
func (e *embedded) permissions() resource.Permissions {
	e.tb.Helper()
	s := e.session()
	found := stackOf(s.project, plan.Facts{Account: "123456789012", Region: caseRegion, Partition: "aws"})
	if found.problems.HasErrors() {
		found.problems.Print(&e.talk)
		e.tb.Fatalf("%s", e.talk.String())
	}
	return permissionsOf(s.project, found.stack)
}

// as has a role with these policies call from now on; without any it may do everything.
func (e *embedded) as(policies ...resource.Policy) {
	e.tb.Helper()
	who := simulator.Caller{ARN: "arn:aws:iam::123456789012:role/ci"}
	for _, p := range policies {
		who.Policies = append(who.Policies, p.JSON())
	}
	if err := e.fake.As(who); err != nil {
		e.tb.Fatal(err)
	}
}

// needs are the permissions that policies gave, and those of them without which a call would
// have been refused, as SID ACTION, for plans and for applies.
type needs struct{ plan, apply tally }

type tally struct{ given, needed map[string]bool }

func newNeeds() needs {
	one := func() tally { return tally{map[string]bool{}, map[string]bool{}} }
	return needs{one(), one()}
}

// give has a role call that has these policies.
func (t tally) give(e *embedded, policies ...resource.Policy) {
	for _, p := range policies {
		for _, s := range p.Statement {
			for _, action := range s.For {
				if s.Effect == "Allow" {
					t.given[s.Sid+" "+action] = true
				}
			}
		}
	}
	e.as(policies...)
}

// note notes what was needed since.
func (t tally) note(e *embedded) {
	for _, g := range e.fake.Grants() {
		if len(slices.Compact(g.Sids)) == 1 { // both policies of a change have it
			t.needed[g.Sids[0]+" "+g.Action] = true
		}
	}
}

// check fails the test where something was given in vain.
func (t tally) check(tb testing.TB, what string) {
	tb.Helper()
	for _, given := range slices.Sorted(maps.Keys(t.given)) {
		if reason := unused[what+": "+given]; t.needed[given] == (reason != "") {
			tb.Errorf("%s: %s is needed %t, and the reason for the contrary is %q", what, given, t.needed[given], reason)
		}
	}
}

// life plans under the policy for plans, and applies, finds nothing to do and, at the end,
// destroys under the policies for apply.
type life struct {
	needs
	e       *embedded
	policy  []resource.Policy // of apply, for the files as they were and are
	bounded bool              // whether the last files set a boundary
}

// step applies the files. Where they have just been changed, the role has the policy for
// the files of before as well: their leftovers are deleted with it. One that takes away a
// boundary has that of now alone, the other one forbids it.
func (l *life) step(scope plan.Scope) {
	l.e.tb.Helper()
	p := l.e.permissions()
	l.plan.give(l.e, p.Plan())
	s, made, st := l.e.plan(scope)
	l.plan.note(l.e)
	if l.bounded && p.Boundary == "" {
		l.policy = nil
	}
	l.policy, l.bounded = append(l.policy, p.Apply()), p.Boundary != ""
	l.policy = l.policy[max(0, len(l.policy)-2):]
	l.apply.give(l.e, l.policy...)
	err := s.carryOut(l.e.tb.Context(), made, st, applyFlags{timeout: time.Minute})
	if code := apply.ExitCode(err); err != nil && code != codeDeployment {
		l.e.tb.Fatalf("%v\n%s", err, l.e.talk.String())
	}
	l.apply.note(l.e)
}

// end finds nothing to do and destroys everything, data and all.
func (l *life) end() {
	l.e.tb.Helper()
	p := l.e.permissions()
	l.apply.give(l.e, p.Apply())
	l.e.settled("under the policy of apply")
	if err := l.e.apply(plan.Scope{Destroy: true, DeleteData: []string{plan.AllData}}); err != nil {
		l.e.tb.Fatalf("destroy: %v\n%s", err, l.e.talk.String())
	}
	l.apply.note(l.e)
}

// TestThePoliciesAreEnoughAndNoMore lives every case, and stacks that change a lot, under
// just the policies that are printed for them. Together they must need all that these
// allow.
func TestThePoliciesAreEnoughAndNoMore(t *testing.T) {
	t.Parallel()
	n, all := newNeeds(), caseFiles(t)
	files := sample.Of(t, all, 3, func(file string) string { return file })
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			l := &life{needs: n, e: embedCase(t, file, simulator.Options{VCPUQuota: 1000})}
			l.step(plan.Scope{})
			l.end()
		})
	}
	whole := len(files) == len(all)
	for name, texts := range policyLives {
		if !sample.Takes("life under policies: "+name, 3) {
			whole = false
			continue
		}
		t.Run(name, func(t *testing.T) { n.lives(t, texts) })
	}
	if whole {
		n.plan.check(t, "plan")
		maps.DeleteFunc(n.apply.given, func(given string, _ bool) bool { return n.plan.given[given] }) // is part of it
		n.apply.check(t, "apply")
	}
}

var policyLives = map[string][]string{
	"life": permissionsLife, "network": networkLife, "store": storeLife, "scaling": scalingLife,
	"life in a shared cluster": inSharedCluster(permissionsLife), "network in a shared cluster": inSharedCluster(networkLife),
	"scaling in a shared cluster": inSharedCluster(scalingLife),
}

// unused are the permissions that no call here needs, and why they are there.
var unused = map[string]string{
	"plan: ById route53:GetHostedZone":             byID,
	"plan: ById servicediscovery:GetNamespace":     byID,
	"plan: ById servicediscovery:GetService":       byID,
	"plan: Images ecr:BatchGetImage":               fetched,
	"plan: Images ecr:GetDownloadUrlForLayer":      fetched,
	"plan: Look ecr:GetAuthorizationToken":         fetched,
	"apply: Named logs:GetLogEvents":               failed,
	"apply: Named ecr:BatchCheckLayerAvailability": pushed,
	"apply: Named ecr:CompleteLayerUpload":         pushed,
	"apply: Named ecr:GetDownloadUrlForLayer":      pushed,
	"apply: Named ecr:InitiateLayerUpload":         pushed,
	"apply: Named ecr:UploadLayerPart":             pushed,
}

const (
	byID    = "a plan reads leftovers of other names so (listNamespaces, listDiscoveryServices), and no life has one"
	fetched = "the registry asks for it where an image in ECR is looked at: no call of the SDK"
	failed  = "the last lines of a run that failed are read: without them its exit code is shown alone"
	pushed  = "the registry asks for it where an image is pushed (ECR user guide, \"IAM permissions for pushing an image\"): no call of the SDK"
)

// scalingLife is a service of which Application Auto Scaling decides how many tasks there
// are, in all ways.
var scalingLife = []string{
	scaled, strings.Replace(strings.Replace(scaled, "gone: soon", "more: tags", 1), "max: 4", "max: 5", 1),
	"name: shop\nservices: {web: {image: \"example/web:1\"}}\n", scaled,
}

const scaled = `
name: shop
x-fargate: {tags: {team: web, gone: soon}}
services:
  web:
    image: example/web:1
    x-fargate:
      scaling:
        max: 4
        cpu: 50
        steps: {queue: {namespace: AWS/SQS, metric: A, dimensions: {QueueName: a}, threshold: 10, change: 1}}
        schedules: {night: {expression: cron(0 20 * * ? *), min: 0}}
`

// storeLife is a stack that keeps much, in roles with a boundary from their birth on.
var storeLife = []string{
	stored, strings.Replace(stored, "gone: soon", "", 1), `
name: store
x-fargate: {permissions_boundary: "arn:aws:iam::123456789012:policy/boundary"}
services:
  app: {image: "example/app:1", volumes: ["data:/data"]}
volumes: {data: {}}
`, stored, strings.Replace(stored, "hello", "good day", 1), strings.Replace(stored, "hello", "good evening", 1), strings.Replace(stored, "hello", "good night", 1),
}

const stored = `
name: store
x-fargate: {permissions_boundary: "arn:aws:iam::123456789012:policy/boundary", tags: {team: web, gone: soon}}
services:
  db:
    image: example/db:1
    volumes: ["data:/data"]
    environment: {DB_PASSWORD: first-hunter22, API_KEY: "a{{b}}-second-hunter22"}
  app:
    image: example/app:1
    configs: [{source: motd, target: /etc/motd}]
    x-fargate: {policies: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}
configs: {motd: {content: hello}}
volumes: {data: {}}
`

// storeDrifts are what others change of it.
var storeDrifts = map[string]func(behind){
	"throughput": func(b behind) { b.fileSystem().ThroughputMode = efstypes.ThroughputModeBursting },
	"backup":     func(b behind) { b.fileSystem().Backup = efstypes.StatusDisabled },
	"lifecycle":  func(b behind) { b.fileSystem().Lifecycle = nil },
	"policy":     func(b behind) { b.fileSystem().Policy = "" },
	"groups": func(b behind) {
		for id := range b.MountTargets.All() {
			b.MountTargets.Edit(id).Groups = b.MountTargets.Get(id).Groups[:0]
		}
	},
	"secret": func(b behind) {
		s := b.Secrets.Edit(only(b, b.Secrets.All(), func(string, *simulator.Secret) bool { return true }))
		s.Description = aws.String("somebody's")
	},
	"secret, deleted": func(b behind) {
		s := b.Secrets.Edit(only(b, b.Secrets.All(), func(string, *simulator.Secret) bool { return true }))
		s.DeletedDate = aws.Time(s.CreatedDate.Add(time.Second))
	},
	"repository": func(b behind) {
		for name := range b.Repositories.All() {
			r := b.Repositories.Edit(name)
			r.Lifecycle, r.ImageTagMutability = `{"rules": []}`, ecrtypes.ImageTagMutabilityMutable
			r.ImageScanningConfiguration = &ecrtypes.ImageScanningConfiguration{ScanOnPush: !r.ImageScanningConfiguration.ScanOnPush}
		}
	},
}

func (b behind) fileSystem() *simulator.FileSystem {
	return b.FileSystems.Edit(only(b, b.FileSystems.All(), func(string, *simulator.FileSystem) bool { return true }))
}

// inSharedCluster is the same life in a cluster that is somebody else's.
func inSharedCluster(texts []string) []string {
	var out []string
	for _, text := range texts {
		head, services, _ := strings.Cut(text, "services:")
		if !strings.Contains(head, "x-fargate: {") {
			head += "x-fargate: {log_retention: 7}\n"
		}
		out = append(out, strings.Replace(head, "x-fargate: {", "x-fargate: {cluster: shared, ", 1)+"services:"+services)
	}
	return out
}

// lives applies texts one over the other.
func (n needs) lives(t *testing.T, texts []string) {
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 1000, TagDelay: 5})
	var more string
	e.fake.Mutate(func(a *simulator.Account) {
		a.PutHostedZone("example.com")
		more = a.PutCertificate("a.example.org", "b.example.org")
	})
	others{t, e.fake}.cluster("shared")
	l := &life{needs: n, e: e}
	for i, text := range texts {
		rewrite(t, e.file, []byte(strings.ReplaceAll(text, "MORE", more)))
		l.step(plan.Scope{Prune: true})
		if i > 0 {
			continue
		}
		for _, drift := range driftsOf(text) {
			e.fake.Mutate(func(a *simulator.Account) { drift(behind{t, a}) })
			l.step(plan.Scope{})
		}
	}
	for _, s := range l.e.session().project.Compose.ServiceNames() {
		if err := e.session().account.ServiceLogs(t.Context(), s, time.Time{}, false, func(resource.Event) error { return nil }); err != nil {
			t.Fatal(fmt.Errorf("logs of %s: %w", s, err))
		}
	}
	l.apply.note(l.e)
	l.end()
}

// driftsOf are what others change of a stack, in a fixed order.
func driftsOf(text string) (out []func(behind)) {
	all := map[string]map[string]func(behind){"": storeDrifts}
	if text == drifting {
		all = drifts
	} else if text != stored {
		return nil
	}
	for _, address := range slices.Sorted(maps.Keys(all)) {
		for _, name := range slices.Sorted(maps.Keys(all[address])) {
			out = append(out, all[address][name])
		}
	}
	return out
}

// TestEachPermissionIsMissed takes some of the permissions that the voting app needs away,
// one at a time: something goes wrong then.
func TestEachPermissionIsMissed(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "testdata", "voting-app", "compose.yaml")
	n := newNeeds()
	l := &life{needs: n, e: embedCase(t, file, simulator.Options{VCPUQuota: 1000})}
	l.step(plan.Scope{})
	l.end()
	needed := slices.DeleteFunc(slices.Sorted(maps.Keys(n.apply.needed)), func(one string) bool { return tolerated[one] != "" })
	if len(needed) < 80 {
		t.Fatalf("no more than %d permissions are needed", len(needed))
	}
	for _, one := range sample.Of(t, needed, 30, func(one string) string { return "without " + one }) {
		e := embedCase(t, file, simulator.Options{VCPUQuota: 1000})
		e.as(lacking(e.permissions().Apply(), one))
		if err := e.wholeLife(); err == nil {
			t.Errorf("without %s, all works", one)
		} else if _, action, _ := strings.Cut(one, " "); !strings.Contains(err.Error(), action) {
			t.Errorf("without %s: %v", one, err)
		}
	}
}

// tolerated are the permissions without which apply does its work, and why.
var tolerated = map[string]string{
	"Look servicequotas:GetServiceQuota":                   "a quota that cannot be read is not held against the plan",
	"Look application-autoscaling:DescribeScalableTargets": "where nothing is to be scaled, it tells no more than whether somebody else scales a service",
}

// wholeLife plans, applies, plans and destroys.
func (e *embedded) wholeLife() error {
	for _, scope := range []plan.Scope{{}, {}, {Destroy: true, DeleteData: []string{plan.AllData}}} {
		s := e.session()
		p, st, err := s.plan(e.tb.Context(), scope)
		if err == nil {
			err = s.carryOut(e.tb.Context(), p, st, applyFlags{timeout: time.Minute})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lacking is a policy without one of its permissions.
func lacking(p resource.Policy, one string) resource.Policy {
	sid, action, _ := strings.Cut(one, " ")
	var out []resource.PolicyStatement
	for _, s := range p.Statement {
		if s.Sid == sid {
			s.Action = slices.DeleteFunc(slices.Clone(s.For), func(other string) bool { return other == action })
		}
		if len(s.Action) > 0 {
			out = append(out, s)
		}
	}
	return resource.Policy{Version: p.Version, Statement: out}
}
