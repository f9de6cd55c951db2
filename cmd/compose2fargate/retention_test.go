package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// rotated is a project with values and images that change with each version: <V>, of
// app, and <W>, of the other one.
const rotated = `name: shop
services:
  app:
    image: example/app:1
    environment: {API_PASSWORD: hunter22-<V>, NUMBER: <V>}
    configs: [{source: conf, target: /etc/app.conf}]
    secrets: [common]
  other:
    image: example/other:1
    environment: {DB_PASSWORD: hunter23-<W>, NUMBER: <W>}
    secrets: [common]
  plain: {image: "example/plain:1"}
configs: {conf: {content: "version <V>"}}
secrets: {common: {file: common.txt}}
`

// rotation is a project that is applied version after version.
type rotation struct {
	*embedded
	text string
}

func newRotation(t *testing.T) *rotation {
	t.Helper()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 100})
	return &rotation{e, rotated}
}

func (r *rotation) write(v, w, common string) {
	r.tb.Helper()
	write(r.tb, r.file, strings.NewReplacer("<V>", v, "<W>", w).Replace(r.text))
	write(r.tb, filepath.Join(filepath.Dir(r.file), "common.txt"), common)
}

func (r *rotation) apply(v, w, common string) {
	r.tb.Helper()
	r.write(v, w, common)
	r.mustApply(plan.Scope{})
	r.settled("after " + v + w + common)
}

var lastLevel = regexp.MustCompile(`/[0-9a-f]{8}$`)

// counts is how many values of each secret, images and ACTIVE revisions there are.
func (r *rotation) counts() map[string]int {
	r.tb.Helper()
	out := map[string]int{}
	found, err := ssm.NewFromConfig(r.fake.Config()).DescribeParameters(r.tb.Context(), &ssm.DescribeParametersInput{})
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, p := range found.Parameters {
		out[strings.TrimPrefix(lastLevel.ReplaceAllString(*p.Name, ""), "/compose2fargate/shop/")]++
	}
	r.fake.Mutate(func(a *simulator.Account) {
		for _, i := range a.Images.All() {
			out["image of "+i.Repository]++
		}
		for _, d := range a.TaskDefinitions.All() {
			if d.Status == "ACTIVE" {
				out["revision of "+*d.Family]++
			}
		}
	})
	return out
}

func (r *rotation) expect(when string, want map[string]int) {
	r.tb.Helper()
	now := r.counts()
	for name := range now {
		if _, asked := want[name]; !asked {
			delete(now, name)
		}
	}
	for name, n := range want {
		if n == 0 {
			delete(want, name)
		}
	}
	if d := cmp.Diff(want, now); d != "" {
		r.tb.Errorf("%s (-want +got)\n%s", when, d)
	}
}

// TestTheLastTwoRevisionsCanRunAgain changes values and images again and again: what
// the running and the last two revisions name stays, the rest goes with the change,
// which says so, and what somebody else pushed is left alone.
func TestTheLastTwoRevisionsCanRunAgain(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	r.fake.Mutate(func(a *simulator.Account) {
		a.Images.Put("shop/app@sha256:by-hand", simulator.RepositoryImage{
			Repository: "shop/app", Digest: "sha256:by-hand", Tags: []string{"debug"}, Manifest: "{}",
			MediaType: "application/vnd.oci.image.manifest.v1+json",
		})
	})
	for i := range 12 {
		r.write(fmt.Sprint(i), "0", "common")
		if i == 2 {
			r.saysWhatGoes("image", "parameter")
		}
		r.mustApply(plan.Scope{})
		kept := min(i+1, 2)
		r.expect(fmt.Sprintf("version %d", i), map[string]int{
			"app.API_PASSWORD": kept, "image of shop/app": kept + 1, "revision of shop-app": min(i+1, 10),
			"other.DB_PASSWORD": 1, "common": 1, "revision of shop-other": 1,
		})
	}
	r.settled("after the last version")
	if err := r.embedded.apply(plan.Scope{Destroy: true}); err != nil {
		t.Fatal(err)
	}
	r.expect("after destroy", map[string]int{
		"app.API_PASSWORD": 0, "other.DB_PASSWORD": 0, "common": 0,
		"revision of shop-app": 0, "revision of shop-other": 0,
	})
}

// TestAValueAloneIsLetGo changes nothing but a value, which restarts its service.
func TestAValueAloneIsLetGo(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	r.text = strings.NewReplacer(", NUMBER: <V>", "", ", NUMBER: <W>", "", "version <V>", "version").Replace(rotated)
	for i := range 4 {
		r.apply(fmt.Sprint(i), "0", "common")
	}
	r.expect("the last value", map[string]int{"app.API_PASSWORD": 2, "revision of shop-app": 4, "other.DB_PASSWORD": 1})
}

// TestAServiceGoesWithAllItsValues prunes a service of which there are two revisions.
func TestAServiceGoesWithAllItsValues(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	r.apply("1", "1", "common")
	r.apply("1", "2", "common")
	r.text = without(rotated, "other")
	r.write("1", "2", "common")
	r.mustApply(plan.Scope{Prune: true})
	r.expect("without it", map[string]int{"other.DB_PASSWORD": 0, "revision of shop-other": 0, "app.API_PASSWORD": 1})
}

// saysWhatGoes holds a plan against the kinds of what it lets go.
func (r *rotation) saysWhatGoes(kinds ...string) {
	r.tb.Helper()
	_, p, _ := r.plan(plan.Scope{})
	var got []string
	for _, resource := range p.Resources {
		if resource.Cause == plan.Outlived {
			got = append(got, resource.Address.Kind)
		}
	}
	if d := cmp.Diff(kinds, got); d != "" || p.Summary.Delete != 0 || p.Summary.Outlived != len(kinds) {
		r.tb.Errorf("%+v (-want +got)\n%s", p.Summary, d)
	}
}

// TestAnOldValueStaysForWhoeverMayNeedIt has values that one service uses no more and
// another one may.
func TestAnOldValueStaysForWhoeverMayNeedIt(t *testing.T) {
	t.Parallel()
	tests := map[string]func(r *rotation){
		"a change of another service": func(r *rotation) {
			r.apply("2", "1", "common") // its own old value is named by its last revision but one
			r.apply("2", "2", "common")
			r.expect("other changed", map[string]int{"app.API_PASSWORD": 2, "other.DB_PASSWORD": 2})
			r.apply("2", "3", "common")
			r.expect("other changed again", map[string]int{"app.API_PASSWORD": 2, "other.DB_PASSWORD": 2})
		},
		"a value of two services": func(r *rotation) {
			r.apply("1", "1", "uncommon")
			r.apply("2", "1", "uncommon")
			r.expect("one of them changed since", map[string]int{"common": 2})
			r.apply("2", "2", "uncommon")
			r.expect("both changed since", map[string]int{"common": 1})
		},
		"a value that nobody asks for any more": func(r *rotation) {
			r.text = strings.ReplaceAll(r.text, "    secrets: [common]\n", "")
			r.text = strings.ReplaceAll(r.text, "secrets: {common: {file: common.txt}}\n", "")
			r.apply("1", "1", "common")
			r.expect("it is asked for no more", map[string]int{"common": 1})
			if err := r.embedded.apply(plan.Scope{Prune: true}); err != nil {
				r.tb.Fatal(err)
			}
			r.expect("pruned, while the last revisions but one name it", map[string]int{"common": 1})
			r.apply("2", "1", "common")
			r.apply("2", "2", "common")
			r.expect("the next change", map[string]int{"common": 0})
		},
		"the value of before": func(r *rotation) {
			r.apply("2", "1", "common")
			r.apply("1", "1", "common")
			r.expect("back again", map[string]int{"app.API_PASSWORD": 2, "image of shop/app": 2})
			r.apply("3", "1", "common")
			r.expect("another one", map[string]int{"app.API_PASSWORD": 2, "image of shop/app": 2})
		},
		"a service that is no longer in the file": func(r *rotation) {
			whole := r.text
			i, j := strings.Index(whole, "  other:"), strings.Index(whole, "  plain:")
			r.text = whole[:i] + whole[j:]
			r.apply("2", "", "common")
			r.apply("3", "", "uncommon")
			r.apply("4", "", "uncommon")
			r.expect("a leftover that runs", map[string]int{"other.DB_PASSWORD": 1, "common": 2, "revision of shop-other": 1})
			if err := r.embedded.apply(plan.Scope{Prune: true}); err != nil {
				r.tb.Fatal(err)
			}
			r.expect("pruned", map[string]int{"other.DB_PASSWORD": 0, "common": 1, "revision of shop-other": 0})
		},
		"what was rolled back": func(r *rotation) {
			whole := r.text
			r.text = strings.Replace(whole, "example/other:1", "example/other:1-never-healthy", 1)
			r.write("1", "2", "common")
			if err := r.embedded.apply(plan.Scope{}); err == nil {
				r.tb.Error("it did not fail")
			}
			r.text = whole
			r.apply("1", "3", "common")
			r.expect("after a failure nothing goes", map[string]int{"other.DB_PASSWORD": 3})
			r.apply("1", "4", "common")
			r.expect("after the next change", map[string]int{"other.DB_PASSWORD": 2})
		},
	}
	for name, change := range tests {
		if !sample.Takes("retention "+name, 12) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := newRotation(t)
			r.apply("1", "1", "common")
			change(r)
		})
	}
}
