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
	var ends []string // services that had a name and are now there for runs alone: nobody calls them
	e.fake.Mutate(func(a *simulator.Account) {
		for _, s := range a.Services.All() {
			current[*s.TaskDefinition] = true
			if s.DesiredCount == 0 {
				ends = append(ends, *s.ServiceName)
			}
		}
		for _, task := range a.Tasks.All() {
			current[*task.TaskArn] = *task.LastStatus == "RUNNING" && current[*task.TaskDefinitionArn]
		}
	})
	for _, f := range e.fake.Witness() {
		ofEnded := slices.ContainsFunc(ends, func(name string) bool { return strings.Contains(f.String(), "the name "+name+":") })
		if !ofEnded && (f.Call.Service != "iam" || !current[f.Task]) {
			e.tb.Errorf("%s", f)
		}
	}
}

// TestRightsLastUntilTheirLastUserIsGone changes the rights of running tasks
// together with an image, so that they are replaced.
func TestRightsLastUntilTheirLastUserIsGone(t *testing.T) {
	t.Parallel()
	for name, edits := range entitlements {
		if !sample.Takes("rights "+name, 24) {
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

// TestOthersKeepTheirRights changes one service alone, of whose role and groups others
// make use that are not in the scope.
func TestOthersKeepTheirRights(t *testing.T) {
	t.Parallel()
	for _, only := range []string{"app", "gone", "mixed"} {
		t.Run(only, func(t *testing.T) {
			e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 100})
			write(t, e.file, crowded)
			e.mustApply(plan.Scope{})
			var edits []string // of all services, although one alone is in the scope
			for _, line := range []string{`configs: [{source: conf, target: /etc/app.conf}]`, `volumes: ["more:/more"]`, `volumes: ["data:/data"]`} {
				edits = append(edits, "    "+line+"\n", "")
			}
			edits = append(edits, "8080:80", "9090:80", "{back: }", "{back: {internal: true}}", "app:1", "app:2", "gone:1", "gone:2", "mixed:1", "mixed:2")
			write(t, e.file, strings.NewReplacer(edits...).Replace(crowded))
			scope := plan.Scope{Only: []string{only}}
			_, p, _ := e.plan(scope)
			e.mustApply(scope)
			e.tookNoRights()
			if said := e.said(p); !strings.Contains(said, "keeps what services may need that are not part of this plan") {
				t.Errorf("it is not said:\n%s", said)
			}
			e.mustApply(plan.Scope{})
			e.tookNoRights()
			e.settled("with the rest")
		})
	}
}

// many are lines of a list or mapping, with a number each.
func many(n int, format string) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, format+"\n", i)
	}
	return out.String()
}

// TestRightsThatARoleHasNoRoomFor replaces as many rights as a role can have.
func TestRightsThatARoleHasNoRoomFor(t *testing.T) {
	t.Parallel()
	resources := many(120, `          - "arn:aws:s3:::a-bucket-with-a-name-of-its-own-%03d/*"`)
	for name, test := range map[string]struct{ before, after, says string }{
		"resources": {
			before: "    x-fargate:\n      policies:\n      - Statement:\n        - Effect: Allow\n          Action: s3:GetObject\n          Resource:\n" + resources,
			after:  "    x-fargate:\n      policies:\n      - Statement:\n        - Effect: Allow\n          Action: s3:GetObject\n          Resource:\n" + strings.ReplaceAll(resources, "a-bucket", "another"),
			says:   "role app.task is too long with what it has now and what it is to have",
		},
		"names of secrets": {
			before: "    environment:\n" + many(45, "      A_SECRET_THAT_HAS_QUITE_A_LONG_NAME_OF_ITS_OWN_%03d_PASSWORD: hunter22secret"),
			after:  "    environment:\n" + many(45, "      A_SECRET_THAT_HAS_QUITE_A_LONG_TITLE_OF_ITS_OWN_%03d_PASSWORD: hunter22secret"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 100})
			const service = "name: shop\nservices:\n  app:\n    image: example/app:1\n"
			write(t, e.file, service+test.before)
			e.mustApply(plan.Scope{})
			write(t, e.file, strings.ReplaceAll(service, "app:1", "app:2")+test.after)
			_, p, _ := e.plan(plan.Scope{})
			if said := e.said(p); !strings.Contains(said, test.says) || test.says == "" && strings.Contains(said, "too long") {
				t.Errorf("want %q:\n%s", test.says, said)
			}
			e.mustApply(plan.Scope{})
			if test.says == "" {
				e.tookNoRights()
			}
			e.settled("after the change")
		})
	}
}

// TestWhatFailsIsRolledBackWithItsRights lets the new tasks fail: the old ones start
// again, with what they were allowed.
func TestWhatFailsIsRolledBackWithItsRights(t *testing.T) {
	t.Parallel()
	for name, edits := range entitlements {
		if !sample.Takes("rolled back "+name, 24) || name == "rights and nothing besides" {
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
