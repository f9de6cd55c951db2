package resource

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// digestOf is a digest made of one digit.
func digestOf(digit string) string { return "sha256:" + strings.Repeat(digit, 64) }

func pins(container, reference, digest string) map[string]string {
	key, value := plan.Pin(container, reference, digest)
	return map[string]string{key: value}
}

// TestALiveServiceRemembersItsImages from its birth, through updates, and forgets
// those that it runs no more.
func TestALiveServiceRemembersItsImages(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	stack := func(count int, web map[string]string) *plan.Stack {
		shop := w.shop("web", "zoo")
		for _, r := range shop {
			if s, ok := r.Spec.(*spec.Service); ok && s.ServiceName == "web" {
				s.DesiredCount, r.Tags = count, web
			} else if ok {
				s.DesiredCount, r.Tags = count, pins("zoo", "nginx:1", digestOf("9"))
			}
		}
		return w.stack(shop...)
	}
	both := pins("web", "nginx:1", digestOf("1"))
	maps.Copy(both, pins("proxy", "envoy:2", digestOf("2")))
	for _, c := range []struct {
		name  string
		count int
		web   map[string]string
		want  map[string]string
	}{
		{"made", 1, both, map[string]string{"nginx:1": digestOf("1"), "envoy:2": digestOf("2")}},
		{"changed", 2, pins("web", "nginx:1", digestOf("3")), map[string]string{"nginx:1": digestOf("3")}},
		{"of no reference any more", 1, nil, map[string]string{"nginx:1": digestOf("9")}},
	} {
		want := stack(c.count, c.web)
		w.mustApply(want)
		got, err := w.account().PinnedImages(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, d)
		}
		if p := w.diff(want); p.Changed() {
			t.Errorf("%s: it still wants %v", c.name, p.Steps)
		}
	}
}

func TestOnlyECRIsLoggedInToByAWS(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for host, known := range map[string]bool{
		"210987654321.dkr.ecr." + w.facts.Region + ".amazonaws.com":      true,
		"210987654321.dkr.ecr-fips." + w.facts.Region + ".amazonaws.com": true,
		"210987654321.dkr-ecr." + w.facts.Region + ".on.aws":             true,
		"210987654321.dkr.ecr.sa-east-1.amazonaws.com":                   false,
		"210987654321.dkr.ecr." + w.facts.Region + ".example.com":        false,
		"index.docker.io": false,
	} {
		username, password, err := w.account().RegistryLogin(t.Context(), host)
		if err != nil || (username == "AWS" && password != "") != known || !known && username+password != "" {
			t.Errorf("%s: %s %s %v", host, username, password, err)
		}
	}
	registry, err := w.account().Registry(t.Context())
	if want := w.facts.Account + ".dkr.ecr." + w.facts.Region + ".amazonaws.com/shop"; err != nil || registry.Repository != want {
		t.Errorf("it is %s, want %s: %v", registry.Repository, want, err)
	}
}
