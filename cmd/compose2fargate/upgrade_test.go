package main

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// states are the accounts that releases of before left, see testdata/upgrade/README.md.
func states(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("testdata", "upgrade", "*", "*", "aws.json.gz"))
	if err != nil || len(found) < 5 {
		t.Fatalf("%d states: %v", len(found), err)
	}
	return found
}

// resumeFrom is a copy of a project beside the account that an earlier release left.
func resumeFrom(t *testing.T, state string) *embedded {
	t.Helper()
	dir := checkout(t, filepath.Dir(state))
	packed, err := os.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	file := filepath.Join(t.TempDir(), "aws.json")
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(unpacked)
	if err := errors.Join(err, os.WriteFile(file, data, 0o600)); err != nil {
		t.Fatal(err)
	}
	return embed(t, filepath.Join(dir, "compose.yaml"), simulator.Options{StateFile: file, VCPUQuota: 100})
}

const defaultChanged = "a default of compose2fargate changed since this was applied"

// waiting is what a plan says of what waits for a change.
func waiting(p *plan.Plan) string {
	for _, d := range p.Diagnostics {
		if strings.Contains(d.String(), defaultChanged) {
			return d.String()
		}
	}
	return ""
}

// TestANewerReleasePlansNothingByItself takes over what an earlier release applied:
// nothing changes until a service does, what it brings then is told as what it is, and
// nothing else is restarted, closed or interrupted.
func TestANewerReleasePlansNothingByItself(t *testing.T) {
	t.Parallel()
	for _, state := range sample.Of(t, states(t), 3, func(state string) string { return "newer " + state }) {
		t.Run(filepath.Base(filepath.Dir(state)), func(t *testing.T) {
			e := resumeFrom(t, state)
			_, p, st := e.plan(plan.Scope{})
			if e.settled("with a newer release"); waiting(p) == "" {
				t.Error("it is not said what waits")
			}
			if !sample.Takes("services of "+t.Name(), 24) {
				return
			}
			var services []string
			for _, r := range st.want.Resources {
				if r.Address.Kind == "service" {
					services = append(services, r.Address.Name)
				}
			}
			for _, service := range services {
				e.bring(service)
			}
			if _, p, _ := e.plan(plan.Scope{}); waiting(p) != "" {
				t.Errorf("all services changed, and still %s", waiting(p))
			}
		})
	}
}

// TestWhatEarlierReleasesDidNotManageStays gives a service alarms by hand, which the first
// release only reported: they stay until the service changes.
func TestWhatEarlierReleasesDidNotManageStays(t *testing.T) {
	t.Parallel()
	e := resumeFrom(t, filepath.Join("testdata", "upgrade", "694cdac", "said", "aws.json.gz"))
	name := ""
	e.fake.Mutate(func(a *simulator.Account) {
		for _, s := range a.Services.All() {
			name = *s.ServiceName
			d := a.Services.Edit(path.Base(*s.ClusterArn) + "/" + name).DeploymentConfiguration
			d.Alarms = &types.DeploymentAlarms{AlarmNames: []string{"by-hand"}, Enable: true}
			d.DeploymentCircuitBreaker.ThresholdConfiguration.Value = 90
			return
		}
	})
	_, p, _ := e.plan(plan.Scope{})
	e.settled("with alarms by hand")
	if !strings.Contains(waiting(p), "service/"+name) {
		t.Errorf("it is not said that %s waits: %s", name, waiting(p))
	}
	_, p, _ = e.plan(plan.Scope{Force: []string{name}})
	var paths []string
	for _, c := range p.Find(plan.Address{Kind: "service", Name: name}).Changes {
		paths = append(paths, c.Path.String())
	}
	for _, want := range []string{"deploymentConfiguration.alarms", "deploymentConfiguration.deploymentCircuitBreaker.thresholdConfiguration"} {
		if !slices.Contains(paths, want) {
			t.Errorf("a change of %s does not say %s: %v", name, want, paths)
		}
	}
	e.mustApply(plan.Scope{Force: []string{name}})
	e.settled("without them")
}

// bring restarts a service of an earlier release, with which the rest of its changes
// come.
func (e *embedded) bring(service string) {
	e.tb.Helper()
	scope := plan.Scope{Force: []string{service}}
	_, p, _ := e.plan(scope)
	for _, r := range p.Resources {
		told := r.Cause == plan.Upgrade || r.Cause == plan.Forced || r.Cause == plan.Dependency || r.Cause == plan.Outlived || r.Cause == plan.Removed && r.Has(plan.Keep)
		named := r.Cause == plan.Named && !slices.ContainsFunc(r.Names, func(n plan.NewName) bool { return n.Address.Name != service })
		if !told && !named || r.Effects.Restarts+r.Effects.Stops > 0 && r.Address.Name != service && !named {
			e.tb.Errorf("with a change of %s: %s changes: %s", service, r.Address, r.Cause)
		}
	}
	e.mustApply(scope)
	e.tookNoRights()
	e.settled("after a change of " + service)
}

// TestAChangeAfterAnUpgradeIsToldFromIt changes what a newer release has changed as well.
func TestAChangeAfterAnUpgradeIsToldFromIt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		state, file, from, to string
		cause                 map[string]plan.Cause // by address
	}{
		"a value of a secret": {
			"voting-app", "compose.yaml", "POSTGRES_PASSWORD: ", "POSTGRES_PASSWORD: another-",
			map[string]plan.Cause{"parameter/db.POSTGRES_PASSWORD": plan.Absent, "role/db.execution": plan.Upgrade},
		},
		"a tag": {
			"voting-app", "compose.yaml", "services:\n", "x-fargate: {tags: {team: a}}\nservices:\n",
			map[string]plan.Cause{"parameter/db.POSTGRES_PASSWORD": plan.Config, "service/db": plan.Config},
		},
		"an image": {
			"environment", "compose.yaml", "image: ", "image: docker.io/library/",
			map[string]plan.Cause{"task-definition/map": plan.Config, "role/map.execution": plan.Upgrade},
		},
		"a mounted file": {
			"files", "html/index.html", "here", "there",
			map[string]plan.Cause{"image/web": plan.Config, "repository/web": plan.Upgrade, "role/execution": plan.Upgrade},
		},
		"a variable that is plain now": {
			"secrets", "compose.yaml", "SORT_KEY: created", "SORT_KEY: updated",
			map[string]plan.Cause{"task-definition/open": plan.Config, "service/open": plan.Dependency},
		},
		"a variable that is a secret now": {
			"secrets", "compose.yaml", "DB_PW: Crimson-otter-55", "DB_PW: Crimson-otter-56",
			map[string]plan.Cause{"task-definition/api": plan.Config, "parameter/api.DB_PW": plan.Absent, "parameter/api.ConnectionStrings__Default": plan.Absent},
		},
		"a secret in a command line": {
			"secrets", ".env", "hedgehog", "squirrel",
			map[string]plan.Cause{"task-definition/redis": plan.Config, "role/redis.execution": plan.Absent},
		},
		"a file with a secret": {
			"hidden", "redis.conf", "Zebra", "Heron",
			map[string]plan.Cause{"image/files": plan.Config, "task-definition/files": plan.Dependency},
		},
		"a secret in a command": {
			"hidden", "compose.yaml", "--requirepass Dune", "--requirepass Heath",
			map[string]plan.Cause{"task-definition/command": plan.Config},
		},
		"a file of a build": {
			"files", "app/src/main.py", "1", "2",
			map[string]plan.Cause{"image/api": plan.Upgrade, "repository/api": plan.Upgrade, "role/api.execution": plan.Upgrade},
		},
	}
	for name, test := range tests {
		if !sample.Takes("an upgrade and "+name, 16) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			found := states(t)
			e := resumeFrom(t, found[slices.IndexFunc(found, func(s string) bool { return filepath.Base(filepath.Dir(s)) == test.state })])
			file := filepath.Join(filepath.Dir(e.file), test.file)
			data, err := os.ReadFile(file)
			if err != nil || !strings.Contains(string(data), test.from) {
				t.Fatalf("%s: %v", data, err)
			}
			write(t, file, strings.ReplaceAll(string(data), test.from, test.to))
			_, p, _ := e.plan(plan.Scope{})
			for text, cause := range test.cause {
				address, err := plan.ParseAddress(text)
				if r := p.Find(address); err != nil || r == nil || r.Cause != cause {
					t.Errorf("%s: %v, want the cause %s; %v", text, r, cause, err)
				}
			}
			if name == "a tag" && (p.Summary.Restarts > 0 || p.Summary.Replace > 0) {
				t.Errorf("a tag restarts services: %+v", p.Summary)
			}
			e.mustApply(plan.Scope{})
			e.tookNoRights()
			e.settled("after the change")
		})
	}
}

// TestWhatIsHiddenNowIsNotShownAsItWas brings what the release before showed and this one
// hides: the plan says that it changes, and shows neither what was nor what is.
func TestWhatIsHiddenNowIsNotShownAsItWas(t *testing.T) {
	t.Parallel()
	e := resumeFrom(t, filepath.Join("testdata", "upgrade", "694cdac", "hidden", "aws.json.gz"))
	_, p, _ := e.plan(plan.Scope{Force: []string{"files", "built", "command"}})
	var encoded strings.Builder
	if err := p.Encode(&encoded); err != nil {
		t.Fatal(err)
	}
	said := e.text(p)
	if !strings.Contains(said, `files["/etc/redis.conf"].text: (sensitive`) {
		t.Errorf("the file does not change:\n%s", said)
	}
	if found := regexp.MustCompile(`[^\s]*sha256: "?[0-9a-f]{16}`).FindString(said); strings.Contains(found, "redis.conf") {
		t.Errorf("the plan shows a hash that can be guessed: %s", found)
	}
	for _, secret := range []string{"Dune-Grass", "Zebra-Grass", "Otter-Moss", "Lark-Fern"} {
		if strings.Contains(said, secret) || strings.Contains(encoded.String(), secret) {
			t.Errorf("the plan shows %s", secret)
		}
	}
}
