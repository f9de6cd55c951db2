package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

const entitled = `name: shop
services:
  app:
    image: example/app:1
    environment: {API_PASSWORD: first-hunter22}
    volumes: ["data:/data", "more:/more"]
    x-fargate:
      policies:
        - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
        - Statement: [{Effect: Allow, Action: ["s3:PutObject", "s3:GetObject"], Resource: "arn:aws:s3:::one/*"}]
  built:
    build: .
  other: {image: "example/other:1"}
volumes: {data: {}, more: {}}
`

// entitlements are edits of entitled that take rights from roles, or change them.
var entitlements = map[string][]string{
	"a volume less":              {`, "more:/more"`, ""},
	"no volumes":                 {`volumes: ["data:/data", "more:/more"]`, "stop_grace_period: 7s"},
	"a volume is read only":      {`"more:/more"`, `"more:/more:ro"`},
	"another value of a secret":  {"first-hunter22", "second-hunter22"},
	"another secret":             {"API_PASSWORD", "DB_PASSWORD"},
	"no secrets":                 {"{API_PASSWORD: first-hunter22}", "{NAME: app}"},
	"no managed policy":          {"        - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\n", ""},
	"an action less":             {`["s3:PutObject", "s3:GetObject"]`, `["s3:GetObject"]`},
	"another resource":           {"one/*", "two/*"},
	"a statement that denies":    {`Statement: [`, `Statement: [{Effect: Deny, Action: "s3:*", Resource: "arn:aws:s3:::secret/*"}, `},
	"nothing is built any more":  {"    build: .", "    image: example/built:1"},
	"everything together":        {`volumes: ["data:/data", "more:/more"]`, "stop_grace_period: 7s", "API_PASSWORD", "DB_PASSWORD", "one/*", "two/*", "    build: .", "    image: example/built:1"},
	"rights and nothing besides": {"one/*", "two/*", "app:1", "app:1"}, // the first edit of a text counts
}

func newEntitled(t *testing.T) *embedded {
	t.Helper()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 100})
	write(t, filepath.Join(filepath.Dir(e.file), "Dockerfile"), "FROM scratch\n")
	write(t, e.file, entitled)
	e.mustApply(plan.Scope{})
	return e
}

// tookNoRights fails the test where something was taken from a task. A task that runs
// as the file wants it, by a role that is narrowed at the end as the file wants it, is
// none of those: the role has one name for all revisions.
func (e *embedded) tookNoRights() {
	e.tb.Helper()
	current := map[string]bool{}
	e.fake.Mutate(func(a *simulator.Account) {
		for _, s := range a.Services.All() {
			current[*s.TaskDefinition] = true
		}
		for _, task := range a.Tasks.All() {
			current[*task.TaskArn] = *task.LastStatus == "RUNNING" && current[*task.TaskDefinitionArn]
		}
	})
	for _, f := range e.fake.Witness() {
		if f.Call.Service != "iam" || !current[f.Task] {
			e.tb.Errorf("%s", f)
		}
	}
}

// TestRightsLastUntilTheirLastUserIsGone changes the rights of running tasks
// together with an image, so that they are replaced.
func TestRightsLastUntilTheirLastUserIsGone(t *testing.T) {
	t.Parallel()
	for name, edits := range entitlements {
		if !sample.Takes("rights "+name, 3) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			e := newEntitled(t)
			write(t, e.file, strings.NewReplacer(append(edits, "app:1", "app:2")...).Replace(entitled))
			e.mustApply(plan.Scope{Prune: true})
			e.tookNoRights()
			e.settled("after the change")
		})
	}
}

// TestWhatFailsIsRolledBackWithItsRights lets the new tasks fail: the old ones start
// again, with what they were allowed.
func TestWhatFailsIsRolledBackWithItsRights(t *testing.T) {
	t.Parallel()
	for name, edits := range entitlements {
		if !sample.Takes("rolled back "+name, 3) || name == "rights and nothing besides" {
			continue // which fails nowhere
		}
		t.Run(name, func(t *testing.T) {
			e := newEntitled(t)
			write(t, e.file, strings.NewReplacer(append(edits, "app:1", "app:1-never-healthy")...).Replace(entitled))
			err := e.apply(plan.Scope{Prune: true})
			if err == nil || !strings.Contains(err.Error(), "was rolled back") {
				t.Errorf("it ended as %v", err)
			}
			e.tookNoRights()
			write(t, e.file, entitled)
			e.mustApply(plan.Scope{})
			e.settled("as it was")
		})
	}
}
