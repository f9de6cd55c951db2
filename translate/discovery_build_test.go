package translate

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/plan"
)

func TestADockerfileTellsThePorts(t *testing.T) {
	for name, test := range map[string]struct {
		text, target string
		want         []int
	}{
		"those that it exposes":                   {text: "FROM scratch\nEXPOSE 8080 9090/tcp 53/udp\nexpose 7000-7002\n", want: []int{7000, 7001, 7002, 8080, 9090}},
		"those of the image it starts from":       {text: "FROM docker.io/library/redis:7\nRUN true\n", want: []int{6379}},
		"what is known of that image":             {text: "FROM acme/base:1\nEXPOSE 80\n", want: []int{80, 4000}},
		"the last stage":                          {text: "FROM node AS build\nEXPOSE 3000\nFROM scratch\nEXPOSE 80\n", want: []int{80}},
		"a stage that it goes on from":            {text: "FROM --platform=$X scratch AS Base\nEXPOSE 3000\nFROM base\n", want: []int{3000}},
		"the target":                              {text: "FROM scratch AS dev\nEXPOSE 3000\nFROM scratch AS prod\nEXPOSE 80\n", target: "dev", want: []int{3000}},
		"variables of the file":                   {text: "ARG TAG=7\nFROM redis:${TAG}\nENV PORT 8000\nARG OTHER=\"8001\"\nEXPOSE $PORT ${OTHER} $NONE ${NONE:-8002}\n", want: []int{6379, 8000, 8001, 8002}},
		"lines that go on":                        {text: "FROM scratch\nEXPOSE 80 \\\n  # a comment\n  81\n", want: []int{80, 81}},
		"none of a heredoc":                       {text: "FROM scratch\nEXPOSE 80\nRUN <<EOF\nEXPOSE 9999\nEOF\nCOPY <<-'X' /x\n\tEXPOSE 9998\n\tX\n", want: []int{80}},
		"lines with another escape":               {text: "# escape=`\nFROM scratch\nEXPOSE 80 `\n 81\n", want: []int{80, 81}},
		"none where there is no image":            {text: "EXPOSE 80\n"},
		"none of a range that is hardly meant so": {text: "FROM scratch\nEXPOSE 1-65535\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			images := map[string]plan.Image{"acme/base:1": {Ports: []string{"4000/tcp"}}}
			for _, build := range []*types.BuildConfig{{Context: dir, Target: test.target}, {DockerfileInline: test.text, Target: test.target}} {
				if d := cmp.Diff(test.want, portsBuilt(images, build)); d != "" {
					t.Errorf("-want +got:\n%s", d)
				}
			}
		})
	}
}

func TestADockerfileThatIsNotHereTellsNothing(t *testing.T) {
	for _, build := range []*types.BuildConfig{{Context: "https://example.org/x.git"}, {Context: t.TempDir()}, {Context: t.TempDir(), Dockerfile: "."}} {
		if got := portsBuilt(nil, build); got != nil {
			t.Errorf("%+v: got %v", build, got)
		}
	}
}

func portsBuilt(images map[string]plan.Image, build *types.BuildConfig) []int {
	p := &Project{dockerfiles: readDockerfiles(content.Gate{Root: "/"}, []*types.BuildConfig{build})}
	b := &base{Project: p, facts: plan.Facts{Images: images}}
	return b.builtPorts(build, "tcp")
}
