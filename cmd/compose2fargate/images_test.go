package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// hub is a registry on this machine that can be told to answer nothing but a
// status.
type hub struct {
	*testing.T
	host    string
	refuses atomic.Int32
}

func newHub(t *testing.T) *hub {
	t.Helper()
	h := &hub{T: t}
	open := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := h.refuses.Load(); status != 0 {
			w.WriteHeader(int(status))
			return
		}
		open.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	h.host = strings.TrimPrefix(server.URL, "http://")
	return h
}

// push pushes an image of a version and returns its digest.
func (h *hub) push(repository, version, architecture string) string {
	h.Helper()
	img, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{
		OS: "linux", Architecture: architecture, Author: version,
		Config: v1.Config{Healthcheck: &v1.HealthConfig{Test: []string{"CMD", "check"}}},
	})
	if err != nil {
		h.Fatal(err)
	}
	ref, err := name.ParseReference(h.host + "/" + repository)
	if err != nil {
		h.Fatal(err)
	}
	if err := remote.Write(ref, img); err != nil {
		h.Fatal(err)
	}
	digest, err := img.Digest()
	if err != nil {
		h.Fatal(err)
	}
	return digest.String()
}

// online is a project whose images are looked up, beside an embedded account.
type online struct {
	*embedded
	cache string
	flags planFlags
}

func (h *hub) project(compose string) *online {
	h.Helper()
	file := filepath.Join(h.TempDir(), "compose.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(compose, "HUB", h.host)), 0o600); err != nil {
		h.Fatal(err)
	}
	return &online{embedded: embed(h.T, file, simulator.Options{}), cache: h.TempDir()}
}

// session is what a new process would have.
func (o *online) session() *session {
	o.tb.Helper()
	s := o.embedded.session()
	s.images = images{
		pull: o.flags.pull, offline: o.flags.offline,
		registries: image.New(image.Options{Cache: o.cache, Offline: o.flags.offline, Pause: time.Millisecond}),
	}
	return s
}

// plan plans and returns what there is to say of images, without their places.
func (o *online) plan() (s *session, p *plan.Plan, st stacks, said string) {
	o.tb.Helper()
	o.talk.Reset()
	s = o.session()
	p, st, err := s.plan(o.tb.Context(), plan.Scope{})
	if err != nil {
		return s, nil, st, o.talk.String()
	}
	var out bytes.Buffer
	p.Diagnostics.Print(&out)
	return s, p, st, out.String()
}

func (o *online) apply() {
	o.tb.Helper()
	s, p, st, said := o.plan()
	if p == nil {
		o.tb.Fatalf("it does not plan: %s", said)
	}
	if err := s.carryOut(o.tb.Context(), p, st, applyFlags{}); err != nil {
		o.tb.Fatal(err)
	}
}

// runs is the image that a service is to run.
func runs(t *testing.T, st stacks, service string) string {
	t.Helper()
	r := st.want.Find(plan.Address{Kind: spec.TaskDefinitionKind, Name: service})
	if r == nil {
		t.Fatalf("there is no task definition of %s", service)
	}
	return r.Spec.(*spec.TaskDefinition).ContainerDefinitions[0].Image.Text
}

func TestWhatRunsStaysUntilItIsPulled(t *testing.T) {
	h := newHub(t)
	first := h.push("web:1", "1", "amd64")
	o := h.project("name: shop\nservices: {web: {image: HUB/web:1}}\n")
	pinned := h.host + "/web@" + first
	_, p, st, _ := o.plan()
	if got := runs(t, st, "web"); got != pinned {
		t.Errorf("at first it runs %s, want %s", got, pinned)
	}
	if check := p.Facts.Images[h.host+"/web:1"].Healthcheck; check == nil {
		t.Error("the health check of the image is not known")
	}
	o.apply()
	second := h.push("web:1", "2", "amd64")

	_, p, st, said := o.plan()
	if got := runs(t, st, "web"); got != pinned || p.Changed() {
		t.Errorf("after the tag moved, it runs %s and wants %v", got, p.Steps)
	}
	if !strings.Contains(said, "now names another image, "+brief(second)) || !strings.Contains(said, "compose.yaml:2:") {
		t.Errorf("it says %s", said)
	}

	h.refuses.Store(http.StatusServiceUnavailable)
	if _, p, _, said := o.plan(); p == nil || p.Changed() {
		t.Errorf("with a registry that is down and a cache, it says %s", said)
	}
	o.cache = t.TempDir()
	_, p, st, said = o.plan()
	if p == nil || runs(t, st, "web") != pinned || !strings.Contains(said, "warning: services.web.image") || !strings.Contains(said, "it stays at the running digest, "+brief(first)) {
		t.Errorf("with a registry that is down and no cache, it says %s", said)
	}
	h.refuses.Store(0)

	o.flags.pull = true
	_, p, st, said = o.plan()
	if got := runs(t, st, "web"); got != h.host+"/web@"+second || !p.Changed() {
		t.Errorf("pulled, it runs %s: %s", got, said)
	}
	o.apply()
	o.flags.pull = false
	if _, p, st, said := o.plan(); runs(t, st, "web") != h.host+"/web@"+second || p.Changed() || strings.Contains(said, "by now") {
		t.Errorf("after that, it wants %v: %s", p.Steps, said)
	}
}

func TestPullPolicyAlwaysTakesWhatTheTagMeans(t *testing.T) {
	h := newHub(t)
	h.push("web:1", "1", "amd64")
	o := h.project("name: shop\nservices: {web: {image: HUB/web:1, pull_policy: always}}\n")
	o.apply()
	second := h.push("web:1", "2", "amd64")
	if _, _, st, said := o.plan(); runs(t, st, "web") != h.host+"/web@"+second {
		t.Errorf("it runs %s: %s", runs(t, st, "web"), said)
	}
}

func TestOfflineWhatRunsStays(t *testing.T) {
	h := newHub(t)
	h.push("web:1", "1", "amd64")
	o := h.project("name: shop\nservices: {web: {image: HUB/web:1}}\n")
	h.refuses.Store(http.StatusTeapot)
	o.flags.offline = true
	_, _, st, said := o.plan()
	if got := runs(t, st, "web"); got != h.host+"/web:1" || !strings.Contains(said, "no registry was asked (--offline)") {
		t.Errorf("it runs %s: %s", got, said)
	}
	h.refuses.Store(0)
	o.flags.offline = false
	o.apply()
	h.refuses.Store(http.StatusTeapot)
	o.flags.offline = true
	if _, p, _, said := o.plan(); p == nil || p.Changed() || strings.Contains(said, "no registry was asked") {
		t.Errorf("it wants something else: %s", said)
	}
}

func TestAnImageThatCannotBeHadIsAnErrorAtItsLine(t *testing.T) {
	for _, c := range []struct {
		name, image string
		status      int
		says, help  string
	}{
		{"there is none", "HUB/gone:1", 0, "does not have HUB/gone:1", "docker login HUB"},
		{"of another platform", "HUB/arm:1", 0, "is not available for linux/amd64, only for linux/arm64", ""},
		{"credentials", "HUB/web:1", http.StatusUnauthorized, "denies access to HUB/web:1 with these credentials", "docker login HUB"},
		{"forbidden", "HUB/web:1", http.StatusForbidden, "denies access to HUB/web:1 with these credentials", "docker login HUB"},
		{"too often", "HUB/web:1", http.StatusTooManyRequests, "limits its requests", "docker login HUB"},
		{"down", "HUB/web:1", http.StatusInternalServerError, "HUB/web:1 cannot be looked up", "--offline"},
		{"nobody there", "127.0.0.1:1/web:1", 0, "127.0.0.1:1/web:1 cannot be looked up", "--offline"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHub(t)
			h.push("web:1", "1", "amd64")
			h.push("arm:1", "1", "arm64")
			h.refuses.Store(int32(c.status))
			o := h.project("name: shop\nservices:\n  web:\n    platform: linux/amd64\n    image: " + c.image + "\n")
			o.fake.ResetCalls()
			_, p, _, said := o.plan()
			said = strings.ReplaceAll(said, h.host, "HUB")
			if p != nil || !strings.Contains(said, "compose.yaml:5:5: error: services.web.image: ") ||
				!strings.Contains(said, c.says) || !strings.Contains(said, c.help) {
				t.Errorf("it says %s", said)
			}
			for _, call := range o.fake.Calls() {
				if call.Writes {
					t.Errorf("it wrote: %s", call.Operation)
				}
			}
		})
	}
}

// TestASavedPlanIsAppliedWithTheImagesThatWereReviewed whatever its tags mean by
// then, and although no registry answers.
func TestASavedPlanIsAppliedWithTheImagesThatWereReviewed(t *testing.T) {
	h := newHub(t)
	first := h.push("web:1", "1", "amd64")
	o := h.project("name: shop\nservices: {web: {image: HUB/web:1}}\n")
	_, saved, _, _ := o.plan()
	h.push("web:1", "2", "amd64")
	h.refuses.Store(http.StatusInternalServerError)
	s := o.session()
	s.images.saved = &saved.Facts
	now, st, err := s.plan(t.Context(), saved.Scope)
	if err != nil {
		t.Fatalf("%v\n%s", err, o.talk.String())
	}
	if err := stale(saved, now, nil); err != nil {
		t.Error(err)
	}
	if got := runs(t, st, "web"); got != h.host+"/web@"+first {
		t.Errorf("it runs %s", got)
	}
}

// TestAnImageIsMadeOfWhatTheRegistryHas: copied with a mounted file, and pushed to
// a repository of the same registry, which stands for ECR.
func TestAnImageIsMadeOfWhatTheRegistryHas(t *testing.T) {
	h := newHub(t)
	h.push("nginx:1", "1", "amd64")
	o := h.project("name: shop\nservices: {web: {image: HUB/nginx:1, volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']}}\n")
	if err := os.WriteFile(filepath.Join(filepath.Dir(o.file), "nginx.conf"), []byte("worker 1;\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := o.session()
	var said []string
	m := &maker{registries: s.images.registries, say: func(line string) { said = append(said, line) }}
	p, st, err := s.plan(t.Context(), plan.Scope{})
	if err != nil {
		t.Fatalf("%v\n%s", err, o.talk.String())
	}
	r := st.want.Find(plan.Address{Kind: spec.ImageKind, Name: "web"})
	if !resource.Unmade(st.live, p, r.Address) {
		t.Error("it is there already")
	}
	digest, err := m.Make(t.Context(), image.Order{
		Source: *r.Payload.(*spec.ImageSource), Platform: "linux/amd64", To: image.Destination{Repository: h.host + "/shop/web", Tag: "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if ref, _ := name.ParseReference(h.host + "/shop/web@" + digest); ref != nil {
		if img, err := remote.Image(ref); err != nil {
			t.Error(err)
		} else if layers, _ := img.Layers(); len(layers) != 1 {
			t.Errorf("%d layers", len(layers))
		}
	}
	if len(said) != 1 || !strings.HasPrefix(said[0], "web: copying "+h.host+"/nginx@sha256:") {
		t.Errorf("said: %q", said)
	}
}

// builds is a project with a build, and a session that would have it made.
func builds(t *testing.T, builder string) (*session, *plan.Plan, stacks) {
	t.Helper()
	h := newHub(t)
	o := h.project("name: shop\nservices: {web: {build: {dockerfile_inline: FROM scratch}}}\n")
	s, p, st, said := o.plan()
	if p == nil {
		t.Fatal(said)
	}
	s.maker = &maker{registries: s.images.registries, builder: image.Builder{Command: builder}}
	return s, p, st
}

func TestAMissingBuilderIsAnErrorBeforeAnyWrite(t *testing.T) {
	s, p, st := builds(t, filepath.Join(t.TempDir(), "none"))
	err := s.ready(t.Context(), p, st)
	if !errors.Is(err, image.ErrNoBuilder) || !strings.Contains(err.Error(), "web cannot be built, nothing was written") || !strings.Contains(err.Error(), builderVariable) {
		t.Errorf("it says %v", err)
	}
	if code := exitCode(t.Context(), err); code != codeError {
		t.Errorf("exit code %d", code)
	}
}

func TestARegistryThatIsNotThereIsAnErrorBeforeAnyWrite(t *testing.T) {
	program := filepath.Join(t.TempDir(), "docker")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s, p, st := builds(t, program)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // so that nobody looks for the host of an account that does not exist
	s.account.WithMaker(s.maker)
	if err := s.ready(ctx, p, st); err == nil || !strings.Contains(err.Error(), "nothing was written") {
		t.Errorf("it says %v", err)
	}
}

func TestWhatABuilderSaysIsToldLineByLineWithoutSecrets(t *testing.T) {
	var told []string
	w := &lineWriter{
		prefix: "web: ", say: func(line string) { told = append(told, line) },
		hide: hidden(&spec.BuildSource{
			Args:    map[string]string{"API_TOKEN": "t0ken-1", "MIRROR": "https://me:pa55@example.com/", "VERSION": "1.27"},
			Secrets: []spec.BuildSecret{{ID: "npm", Env: "NPM"}, {ID: "file", File: "/npmrc"}},
		}, map[string]string{"NPM": "npm-s3cret", "OTHER": "1.27"}),
	}
	for _, part := range []string{"#1 [1/2] RUN ", "login t0ken-1\n#2 ", "\x1b[31mnpm-s3cret\x1b[0m from https://me:pa55@example.com/\n", "10%\r 50%\r100%\n\n", "version 1.27"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	w.flush()
	want := []string{"web: #1 [1/2] RUN login ***", "web: #2 [31m***[0m from ***", "web: 100%", "web: version 1.27"}
	if d := cmp.Diff(want, told); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestWhatADockerfileBeginsWithIsLookedUp for its ports, and for no digest. Where it cannot be had, the
// builder has something to say.
func TestWhatADockerfileBeginsWithIsLookedUp(t *testing.T) {
	h := newHub(t)
	h.push("base:1", "1", "amd64")
	o := h.project("name: shop\nservices:\n  web: {build: {dockerfile_inline: FROM HUB/base:1}}\n  gone: {build: {dockerfile_inline: FROM HUB/gone:1}}\n")
	_, p, _, said := o.plan()
	if p == nil || strings.Contains(said, "gone:1") {
		t.Fatal(said)
	}
	known, ok := p.Facts.Images[h.host+"/base:1"]
	if !ok || known.Digest != "" || known.Healthcheck == nil {
		t.Errorf("known: %+v", known)
	}
	if len(p.Facts.Images) != 1 {
		t.Errorf("known: %v", p.Facts.Images)
	}
	o.flags.offline = true
	if _, p, _, said := o.plan(); p == nil || strings.Contains(said, "no registry was asked") {
		t.Errorf("it says %s", said)
	}
}
