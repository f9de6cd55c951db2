package spec_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func TestAPlanSaysWhatItPushes(t *testing.T) {
	target := plan.Target{Partition: "aws", Account: "123456789012", Region: "eu-west-1", Project: "shop"}
	facts := plan.Facts{Images: map[string]plan.Image{"nginx:1": {Digest: "sha256:ab", SizeInBytes: 61_400_000}}}
	files := []spec.FileSource{{ImageFile: spec.ImageFile{Path: "/a", Size: 2000}}, {ImageFile: spec.ImageFile{Path: "/b", Size: 99}}}
	made := func(attrs plan.Attrs) *plan.Resource {
		return &plan.Resource{Address: plan.Address{Kind: spec.ImageKind, Name: "web"}, Spec: &spec.Image{Tag: "old"}, Attrs: attrs}
	}
	for _, c := range []struct {
		name   string
		source *spec.ImageSource
		live   []*plan.Resource
		want   string
	}{
		{"a copy of a known size", &spec.ImageSource{Base: "nginx@sha256:ab"}, nil, "note: web: nginx@sha256:ab is copied to ECR, up to 61.4 MB"},
		{"with files", &spec.ImageSource{Base: "nginx@sha256:ab", Files: files}, nil, "note: web: nginx@sha256:ab is copied to ECR, up to 61.4 MB, with 2 mounted files, 2.1 kB"},
		{"of an unknown size", &spec.ImageSource{Base: "httpd:2", Files: files[1:]}, nil, "note: web: httpd:2 is copied to ECR, with 1 mounted file, 99 bytes"},
		{"built", &spec.ImageSource{Build: &spec.BuildSource{}}, nil, "note: web: the image is built here and pushed to ECR"},
		{"another one", &spec.ImageSource{Base: "httpd:2"}, []*plan.Resource{made(nil)}, "note: web: httpd:2 is copied to ECR"},
		{"one that is there", &spec.ImageSource{Base: "httpd:2"}, []*plan.Resource{made(plan.Attrs{"made": "sha256:cd"})}, ""},
	} {
		r := &plan.Resource{Address: plan.Address{Kind: spec.ImageKind, Name: "web"}, Spec: &spec.Image{Tag: "new"}, Payload: c.source}
		want, err := plan.NewStack(spec.Kinds(), target, []*plan.Resource{r})
		if err != nil {
			t.Fatal(err)
		}
		live, err := plan.LiveStack(spec.Kinds(), target, c.live)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.Diff(spec.Kinds(), live, want, plan.Options{Facts: facts, Advise: spec.Pushes})
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		p.Diagnostics.Print(&got)
		if strings.TrimSpace(got.String()) != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.String(), c.want)
		}
	}
}
