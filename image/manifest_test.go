package image

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func TestAPushedImageSaysWhatItIsMadeOf(t *testing.T) {
	host := hub(t)
	put(t, host+"/nginx:1", machine(t, "linux/arm64"))
	made := spec.Image{
		Tag: "abc", Platform: "linux/arm64", Base: "nginx:1", Context: "c0ffee",
		Files: []spec.ImageFile{{Path: "/a", Mode: "0644", SHA256: "ab", Size: 1, Text: "x"}},
	}
	annotations, err := Annotations(made, "hash of the spec")
	if err != nil {
		t.Fatal(err)
	}
	digest, err := New(Options{}).Make(t.Context(), Order{
		Source:   spec.ImageSource{Base: host + "/nginx:1", Files: []spec.FileSource{text("/a", "x", 0o644)}},
		Platform: "linux/arm64", Annotations: annotations, To: Destination{Repository: host + "/shop/web", Tag: "abc"},
	}, Builder{})
	if err != nil {
		t.Fatal(err)
	}
	ref, _ := name.ParseReference(host + "/shop/web@" + digest)
	got, err := remote.Get(ref)
	if err != nil {
		t.Fatal(err)
	}
	described, by, err := Describe(got.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(made, described); d != "" || by.Hash != "hash of the spec" || by.Release != strconv.Itoa(plan.Release) {
		t.Errorf("made by %q (-want +got)\n%s", by, d)
	}
}

// TestAnAnnotatedImageIsOCIAllThrough: a manifest of Docker has no annotations, and
// one that mixes both families is nothing that any builder makes.
func TestAnAnnotatedImageIsOCIAllThrough(t *testing.T) {
	base := machine(t, "linux/amd64")
	img, err := annotate(base, map[string]string{"a": "1"})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := base.Manifest()
	after, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if before.MediaType != types.DockerManifestSchema2 || before.Layers[0].MediaType != types.DockerLayer {
		t.Fatalf("the base is %s with %s", before.MediaType, before.Layers[0].MediaType)
	}
	if after.MediaType != types.OCIManifestSchema1 || after.Config.MediaType != types.OCIConfigJSON || after.Layers[0].MediaType != types.OCILayer {
		t.Errorf("it is %s with %s and %s", after.MediaType, after.Config.MediaType, after.Layers[0].MediaType)
	}
	if after.Layers[0].Digest != before.Layers[0].Digest || after.Config.Digest != before.Config.Digest {
		t.Error("its layers or its configuration are others")
	}
	if before.Annotations["a"] != "" {
		t.Error("the base is annotated as well")
	}
}

func TestAnImageOfOthersIsMadeOfNothingKnown(t *testing.T) {
	got, by, err := Describe([]byte(`{"schemaVersion": 2, "annotations": {"org.opencontainers.image.title": "x"}}`))
	if d := cmp.Diff(spec.Image{}, got); d != "" || by != (Made{}) || err != nil {
		t.Errorf("%q %v (-want +got)\n%s", by, err, d)
	}
	if _, _, err := Describe([]byte("{")); err == nil {
		t.Error("what is no JSON is read")
	}
}

// TestMuchTextStaysOutOfAManifest, which registries and container runtimes bound.
func TestMuchTextStaysOutOfAManifest(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	for text.Len() < 1<<20 { // that it cannot be compressed is the point
		text.WriteByte(byte('0' + noise.IntN(64)))
	}
	file := spec.ImageFile{Path: "/a", Mode: "0644", SHA256: "ab", Size: 1 << 20, Text: text.String()}
	annotations, err := Annotations(spec.Image{Tag: "abc", Files: []spec.ImageFile{file}}, "")
	if err != nil {
		t.Fatal(err)
	}
	listed, err := DecodeFiles(annotations[filesAnnotation])
	if err != nil {
		t.Fatal(err)
	}
	file.Text = ""
	if d := cmp.Diff([]spec.ImageFile{file}, listed); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestTheListOfFilesSurvivesItsManifest(t *testing.T) {
	files := []spec.ImageFile{{Path: "/a", Mode: "0644", SHA256: "ab", Size: 3, Text: "x\n\"ü\""}, {Path: "/b", Mode: "l0777", Link: "a"}}
	listed, err := EncodeFiles(files)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeFiles(listed)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(files, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	for _, damaged := range []string{"%", "aGVsbG8=", listed[:len(listed)-8]} {
		if _, err := DecodeFiles(damaged); err == nil {
			t.Errorf("%q is read", damaged)
		}
	}
}
