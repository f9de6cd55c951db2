package resource

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// withImage is a shop whose service web runs an image of the project's with one
// mounted file.
func (w *world) withImage(tag, content string) []*plan.Resource {
	shop := w.shop("web")
	for _, r := range shop {
		if d, ok := r.Spec.(*spec.TaskDefinition); ok {
			d.ContainerDefinitions[0].Image = plan.RefTo(address("image/web"), "uri", "")
		}
	}
	return append(shop,
		&plan.Resource{Address: address("repository/web"), Spec: &spec.Repository{RepositoryName: "shop/web"}},
		w.imageResource(tag, content))
}

func (w *world) imageResource(tag, content string) *plan.Resource {
	file := spec.ImageFile{Path: "/etc/nginx/nginx.conf", Mode: "0644", SHA256: "hash of " + content, Size: int64(len(content)), Text: content}
	return &plan.Resource{
		Address: address("image/web"),
		Spec: &spec.Image{
			Repository: plan.RefTo(address("repository/web"), "name", "shop/web"), Tag: tag, Platform: "linux/amd64",
			Base: "nginx:1.27", Files: []spec.ImageFile{file},
		},
		Payload: &spec.ImageSource{Base: "nginx:1.27", Files: []spec.FileSource{{ImageFile: file, Content: []byte(content), Perm: 0o644}}},
	}
}

// diff plans how the live stack becomes want.
func (w *world) diff(want *plan.Stack) *plan.Plan {
	w.Helper()
	p, err := plan.Diff(spec.Kinds(), w.read(want), want, plan.Options{})
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// textChange is the change of the text of the mounted file.
func textChange(p *plan.Plan) (from, to any) {
	r := p.Find(address("image/web"))
	if r == nil {
		return nil, nil
	}
	for _, c := range r.Changes {
		if strings.Join(c.Path, " ") == "files /etc/nginx/nginx.conf text" {
			return c.From, c.To
		}
	}
	return nil, nil
}

func TestAPlanShowsWhatChangesInAMountedFile(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	before := w.stack(w.withImage("v1", "worker 1;\n")...)
	w.mustApply(before)
	if p := w.diff(before); p.Changed() {
		t.Errorf("settled, it wants %v", p.Steps)
	}
	after := w.stack(w.withImage("v2", "worker 2;\n")...)
	p := w.diff(after)
	if from, to := textChange(p); from != "worker 1;\n" || to != "worker 2;\n" {
		t.Errorf("the file changes from %v to %v", from, to)
	}
	r := p.Find(address("image/web"))
	if !r.Has(plan.Revise) || r.Cause != plan.Config {
		t.Errorf("the image: %v because of %s", r.Actions, r.Cause)
	}
	if d := p.Find(address("task-definition/web")); !d.Has(plan.Revise) || d.Cause != plan.Dependency {
		t.Errorf("the task definition: %v because of %s", d.Actions, d.Cause)
	}
	if s := p.Find(address("service/web")); s.Effects.Restarts != 1 {
		t.Errorf("the service restarts %d tasks", s.Effects.Restarts)
	}
	if !Unmade(w.read(after), p, address("image/web")) {
		t.Error("it is there already")
	}
	w.mustApply(after)
	if p := w.diff(after); p.Changed() {
		t.Errorf("settled, it wants %v", p.Steps)
	}
}

// TestAnImageThatComesBackIsNotMadeAgain and its change is shown like any other.
func TestAnImageThatComesBackIsNotMadeAgain(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	first := w.stack(w.withImage("v1", "worker 1;\n")...)
	w.mustApply(first)
	w.mustApply(w.stack(w.withImage("v2", "worker 2;\n")...))
	live, p := w.read(first), w.diff(first)
	if from, to := textChange(p); from != "worker 2;\n" || to != "worker 1;\n" {
		t.Errorf("the file changes from %v to %v", from, to)
	}
	if Unmade(live, p, address("image/web")) {
		t.Error("it is to be made")
	}
	w.sim.ResetCalls()
	w.mustApply(first)
	if n := w.calls("PutImage"); n > 0 {
		t.Errorf("it is pushed %d times", n)
	}
	if p := w.diff(first); p.Changed() {
		t.Errorf("settled, it wants %v", p.Steps)
	}
}

// TestAnImageOfAnApplyThatWasCutShortIsFound by its tag: no task runs it yet.
func TestAnImageOfAnApplyThatWasCutShortIsFound(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.withImage("v1", "x")...)
	a := w.account()
	for _, kind := range []string{spec.RepositoryKind, spec.ImageKind} {
		for _, r := range ofKind(want, kind) {
			if _, err := a.Kind(kind).Create(t.Context(), w.ready(r, nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if p := w.diff(want); p.Find(address("image/web")) != nil {
		t.Errorf("it wants %+v", p.Find(address("image/web")))
	}
}

// TestARevisionThatNothingRunsSaysNothingOfImages: such are left when a stack is
// destroyed.
func TestARevisionThatNothingRunsSaysNothingOfImages(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.mustApply(w.stack(w.withImage("v1", "x")...))
	want := w.stack(w.withImage("v2", "y")...)
	w.mustApply(want)
	service := w.read(want).Find(address("service/web"))
	if err := w.account().Kind(spec.ServiceKind).Delete(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	back := w.stack(w.withImage("v1", "x")...)
	if p := w.diff(back); p.Find(address("image/web")) != nil {
		t.Errorf("it wants %+v", p.Find(address("image/web")))
	}
}

// TestAnImageThatWasDeletedIsMadeAgain although its service proves the rest.
func TestAnImageThatWasDeletedIsMadeAgain(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.withImage("v1", "x")...)
	w.mustApply(want)
	live := w.read(want).Find(address("image/web"))
	kind := w.account().Kind(spec.ImageKind)
	for range 2 {
		if err := kind.Delete(t.Context(), live); err != nil {
			t.Fatal(err)
		}
	}
	if r := w.diff(want).Find(address("image/web")); r == nil || !r.Has(plan.Create) {
		t.Errorf("it wants %+v", r)
	}
}

// TestAnImageThatOthersPushedSaysNothing and is no obstacle.
func TestAnImageThatOthersPushedSaysNothing(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.stack(w.withImage("v1", "x")...)
	kind := w.account().Kind(spec.RepositoryKind)
	w.create(kind, w.ready(want.Find(address("repository/web")), nil))
	push := func(manifest string) {
		t.Helper()
		_, err := ecr.NewFromConfig(w.sim.Config()).PutImage(t.Context(), &ecr.PutImageInput{
			RepositoryName: aws.String("shop/web"), ImageTag: aws.String("v1"), ImageManifest: &manifest,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, manifest := range []string{`{"schemaVersion": 2}`, `{"schemaVersion": 2, "annotations": {"dev.compose2fargate.files": "damaged"}}`} {
		push(manifest)
		live := w.read(want).Find(address("image/web"))
		if live == nil || live.Tags[plan.TagSpec] != "" {
			t.Errorf("%s: it is read as %+v", manifest, live)
		}
	}
	w.mustApply(want)
	live := w.read(want).Find(address("image/web"))
	w.same(live, want.Find(address("image/web")).Spec)
}

// asked is a maker that makes nothing.
type asked struct {
	orders []image.Order
	before func(image.Order) // nil: nothing happens meanwhile
	err    error
}

func (a *asked) Make(_ context.Context, o image.Order) (string, error) {
	a.orders = append(a.orders, o)
	if a.before != nil {
		a.before(o)
	}
	return "sha256:" + strings.Repeat("ab", 32), a.err
}

// TestAnImageThatSomebodyElsePushesMeanwhileIsTaken: two applies race, and a tag
// that is immutable takes the first.
func TestAnImageThatSomebodyElsePushesMeanwhileIsTaken(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.create(w.account().Kind(spec.RepositoryKind), w.one("repository/web", &spec.Repository{RepositoryName: "shop/web", ImageTagMutability: "IMMUTABLE"}))
	var first string
	late := &asked{err: errors.New("the tag is immutable"), before: func(o image.Order) {
		var err error
		if first, err = NewRecorder(w.sim.Config()).Make(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}}
	want := w.ready(w.stack(w.withImage("v1", "x")...).Find(address("image/web")), nil)
	attrs, err := w.account().WithMaker(late).Kind(spec.ImageKind).Create(t.Context(), want)
	if err != nil || attrs["digest"] != first {
		t.Errorf("got %s, want %s: %v", attrs["digest"], first, err)
	}
}

func TestAMakerGetsAllItNeeds(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.create(w.account().Kind(spec.RepositoryKind), w.one("repository/web", &spec.Repository{RepositoryName: "shop/web"}))
	maker := &asked{}
	want := w.ready(w.stack(w.withImage("v1", "x")...).Find(address("image/web")), nil)
	attrs, err := w.account().WithMaker(maker).Kind(spec.ImageKind).Create(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	repository := w.facts.Account + ".dkr.ecr." + w.facts.Region + ".amazonaws.com/shop/web"
	if got := attrs["uri"]; got != repository+"@sha256:"+strings.Repeat("ab", 32) {
		t.Errorf("its uri is %s", got)
	}
	if len(maker.orders) != 1 {
		t.Fatalf("%d orders", len(maker.orders))
	}
	got := maker.orders[0]
	if d := cmp.Diff(image.Destination{Repository: repository, Tag: "v1", Username: "AWS", Password: "simulated"}, got.To); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if got.Platform != "linux/amd64" || got.Source.Base != "nginx:1.27" || got.Annotations["dev.compose2fargate.spec"] != want.Hash {
		t.Errorf("the order is %+v", got)
	}
	if got.Login != nil {
		t.Error("docker's credentials are not good enough")
	}
}

func TestAnImageThatCannotBeMadeIsAnError(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.create(w.account().Kind(spec.RepositoryKind), w.one("repository/web", &spec.Repository{RepositoryName: "shop/web"}))
	want := w.ready(w.stack(w.withImage("v1", "x")...).Find(address("image/web")), nil)
	for _, c := range []struct {
		name    string
		maker   Maker
		payload any
		says    string
	}{
		{"the maker fails", &asked{err: errors.New("no space left")}, want.Payload, "create image/web: no space left"},
		{"there is no maker", nil, want.Payload, "no image builder is set up"},
		{"there is no payload", &asked{}, nil, "its source is not known"},
	} {
		broken := *want
		broken.Payload = c.payload
		attrs, err := w.account().WithMaker(c.maker).Kind(spec.ImageKind).Create(t.Context(), &broken)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
		if attrs != nil {
			t.Errorf("%s: it claims to have written", c.name)
		}
	}
}

// TestASimulatedImageWithAMissingFileIsAnError as it would be with a real one.
func TestASimulatedImageWithAMissingFileIsAnError(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.create(w.account().Kind(spec.RepositoryKind), w.one("repository/web", &spec.Repository{RepositoryName: "shop/web"}))
	r := w.imageResource("v1", "x")
	source := r.Payload.(*spec.ImageSource)
	source.Files[0].Content, source.Files[0].File = nil, t.TempDir()+"/gone"
	repository := &plan.Resource{Address: address("repository/web"), Spec: &spec.Repository{RepositoryName: "shop/web"}}
	want := w.ready(w.stack(repository, r).Find(r.Address), nil)
	if _, err := w.account().Kind(spec.ImageKind).Create(t.Context(), want); err == nil || !strings.Contains(err.Error(), "nginx.conf") {
		t.Errorf("it says %v", err)
	}
}
