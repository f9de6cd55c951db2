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

// needs finds out which permissions of the policies were needed: those without which a
// call would have been refused, as SID ACTION.
type needs struct{ plan, apply, granted map[string]bool }

func newNeeds() needs {
	return needs{map[string]bool{}, map[string]bool{}, map[string]bool{}}
}

func (n needs) note(into map[string]bool, e *embedded) {
	for _, g := range e.fake.Grants() {
		if len(slices.Compact(g.Sids)) == 1 { // both policies of a change have it
			into[g.Sids[0]+" "+g.Action] = true
		}
	}
}

// allow has the role of apply call, whose policies are these, and notes what is in them.
func (n needs) allow(e *embedded, policies ...resource.Policy) {
	for _, p := range policies {
		for _, s := range p.Statement {
			for _, action := range s.For {
				if s.Effect == "Allow" {
					n.granted[s.Sid+" "+action] = true
				}
			}
		}
	}
	e.as(policies...)
}

// life plans under the policy for plans, and applies, finds nothing to do and, at the end,
// destroys under the policies for apply.
type life struct {
	needs
	e      *embedded
	policy []resource.Policy // of apply, for the files as they were and are
}

// step applies the files. Where they have just been changed, the role has the policy for
// the files of before as well: their leftovers are deleted with it. One that takes away a
// boundary has that of now alone, the other one forbids it.
func (l *life) step(scope plan.Scope) {
	l.e.tb.Helper()
	p := l.e.permissions()
	l.e.as(p.Plan())
	s, made, st := l.e.plan(scope)
	l.note(l.plan, l.e)
	l.policy = append(l.policy, p.Apply())
	if n := len(l.policy); n > 2 {
		l.policy = l.policy[n-2:]
	}
	if len(l.policy) == 2 && p.Boundary == "" && strings.Contains(l.policy[0].JSON(), "iam:DeleteRolePermissionsBoundary") && strings.Contains(l.policy[0].JSON(), "iam:PermissionsBoundary") {
		l.policy = l.policy[1:]
	}
	l.allow(l.e, l.policy...)
	err := s.carryOut(l.e.tb.Context(), made, st, applyFlags{timeout: time.Minute})
	if code := apply.ExitCode(err); err != nil && code != codeDeployment {
		l.e.tb.Fatalf("%v\n%s", err, l.e.talk.String())
	}
	l.note(l.apply, l.e)
}

// end finds nothing to do and destroys everything, data and all.
func (l *life) end() {
	l.e.tb.Helper()
	p := l.e.permissions()
	l.allow(l.e, p.Apply())
	l.e.settled("under the policy of apply")
	if err := l.e.apply(plan.Scope{Destroy: true, DeleteData: []string{plan.AllData}}); err != nil {
		l.e.tb.Fatalf("destroy: %v\n%s", err, l.e.talk.String())
	}
	l.note(l.apply, l.e)
}

// TestThePoliciesAreEnoughAndNoMore lives every case, and stacks that change a lot, under
// just the policies that are printed for them. Together they must need all that these
// allow.
func TestThePoliciesAreEnoughAndNoMore(t *testing.T) {
	n := newNeeds()
	for _, file := range caseFiles(t) {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			l := &life{needs: n, e: embedCase(t, file, simulator.Options{VCPUQuota: 1000})}
			l.step(plan.Scope{})
			l.end()
		})
	}
	for name, texts := range map[string][]string{
		"life": permissionsLife, "network": networkLife, "store": storeLife,
		"life in a shared cluster": inSharedCluster(permissionsLife), "network in a shared cluster": inSharedCluster(networkLife),
	} {
		t.Run(name, func(t *testing.T) { n.lives(t, texts) })
	}
	for _, granted := range slices.Sorted(maps.Keys(n.granted)) {
		if used := n.apply[granted] || n.plan[granted]; used == (unused[granted] != "") {
			t.Errorf("%s: needed %t, and the reason for the contrary is %q", granted, used, unused[granted])
		}
	}
}

// unused are the permissions that no call here needs, and why they are there.
var unused = map[string]string{
	"Images ecr:BatchGetImage":              fetched,
	"Images ecr:GetDownloadUrlForLayer":     fetched,
	"Named ecr:BatchCheckLayerAvailability": pushed,
	"Named ecr:CompleteLayerUpload":         pushed,
	"Named ecr:GetDownloadUrlForLayer":      pushed,
	"Named ecr:InitiateLayerUpload":         pushed,
	"Named ecr:UploadLayerPart":             pushed,
}

const (
	fetched = "the registry asks for it where an image in ECR is looked at: no call of the SDK"
	pushed  = "the registry asks for it where an image is pushed (ECR user guide, \"IAM permissions for pushing an image\"): no call of the SDK"
)

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
