package translate

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func TestABuildIsAsTheFilesHaveIt(t *testing.T) {
	p, _, _ := stackOf(t, "testdata/map/build")
	dir := p.Directory
	var names []string
	for _, b := range p.Builds() {
		names = append(names, b.Service)
	}
	if d := cmp.Diff([]string{"Odd__name", "inline", "remote", "sidecar", "web"}, names); d != "" {
		t.Fatalf("-want +got:\n%s", d)
	}
	want := spec.BuildSource{
		Service: "web", Context: filepath.Join(dir, "app"), Dockerfile: filepath.Join(dir, "app", "prod.Dockerfile"),
		Args: map[string]string{"VERSION": "1.2", "FROM_ENVIRONMENT": "yes"}, Target: "final", Platform: "linux/amd64",
		AdditionalContexts: map[string]string{"shared": filepath.Join(dir, "shared"), "base": "docker-image://alpine:3"},
		Labels:             map[string]string{"owner": "shop"},
		Secrets:            []spec.BuildSecret{{ID: "npm", File: filepath.Join(dir, "npmrc")}, {ID: "github", Env: "GITHUB_TOKEN"}},
		SSH:                []string{"default"}, CacheFrom: []string{"type=registry,ref=example/cache"},
		ExtraHosts: []string{"mirror=192.0.2.1"}, ShmSize: 64 << 20, Ulimits: []string{"nofile=1024:1024", "nproc=10:20"},
	}
	if d := cmp.Diff(want, p.Builds()[4]); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestABuildThatCannotWorkIsLeftOut(t *testing.T) {
	p, _ := Load(t.Context(), Options{Dir: "testdata/map/build-refused"})
	if p == nil {
		t.Fatal("no project")
	}
	for _, b := range p.Builds() {
		if b.Service != "platforms" {
			t.Errorf("%s is built from %s", b.Service, b.Context)
		}
	}
}

// A mounted file is known by what is in it.
func TestAFileMakesAnotherImageByItsContentAlone(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tag := func() string {
		t.Helper()
		made := translateAnew(t, dir)
		if made.stack == nil {
			t.Fatal(printed(made.diagnostics))
		}
		return made.stack.Find(plan.Address{Kind: spec.ImageKind, Name: "web"}).Spec.(*spec.Image).Tag
	}
	write("compose.yaml", "name: shop\nservices: {web: {image: nginx, configs: [a]}}\nconfigs: {a: {file: a.conf}}\n")
	write("a.conf", "a = 1\n")
	first := tag()
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "a.conf"), past, past); err != nil {
		t.Fatal(err)
	}
	if got := tag(); got != first {
		t.Errorf("another time makes another image: %s, was %s", got, first)
	}
	write("a.conf", "a = 2\n")
	if got := tag(); got == first {
		t.Error("another byte makes the same image")
	}
}

func TestImagesAreThoseThatSomebodyElsePublishes(t *testing.T) {
	p, _, _ := stackOf(t, "testdata/map/build")
	got := map[string]string{}
	for _, i := range p.Images() {
		if !i.Base {
			got[i.Path] = i.Reference
		}
	}
	want := map[string]string{"services.web.pre_start[1].image": "busybox"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestTheImagesThatDockerfilesBeginWithAreLookedUp unless they are built here, or a
// variable decides.
func TestTheImagesThatDockerfilesBeginWithAreLookedUp(t *testing.T) {
	dir := t.TempDir()
	text := `services:
  a: {build: {dockerfile_inline: "FROM php:8-fpm AS x\nFROM scratch AS y\nFROM x"}, platform: linux/arm64}
  b: {build: {dockerfile_inline: "FROM scratch"}}
  c: {build: {dockerfile_inline: "FROM $$NONE"}}
  d: {build: {dockerfile_inline: "FROM own:1"}}
  e: {build: {dockerfile_inline: "FROM busybox"}, image: "own:1"}
  f: {build: {dockerfile_inline: "FROM other", additional_contexts: {other: "docker-image://alpine"}}}
  g: {image: "own:1"}
  h: {image: "php:8-fpm"}
`
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, ds := Load(t.Context(), Options{Dir: dir})
	if p == nil {
		t.Fatal(printed(ds))
	}
	var got []string
	for _, i := range p.Images() {
		got = append(got, fmt.Sprintf("%s %s %q %t", i.Path, i.Reference, i.Platform, i.Base))
	}
	want := []string{
		`services.e.build busybox "" true`, `services.e.build busybox "" true`,
		`services.a.build php:8-fpm "linux/arm64" true`, `services.h.image php:8-fpm "" false`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
