package translate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/plan"
)

func TestADockerfileIsReadByStages(t *testing.T) {
	text := `# syntax=docker/dockerfile:1
ARG VERSION=22
FROM --platform=$BUILDPLATFORM node:${VERSION} AS Build
WORKDIR /src
COPY package.json yarn.lock ./
RUN --mount=type=cache,target=/root/.npm npm ci
FROM nginx
WORKDIR srv
WORKDIR "www"
COPY --chown=1000 --from=build /src/dist html
COPY ["a file", "/etc/a file"]
ADD https://example.org/x.tgz /opt/
USER nginx
HEALTHCHECK NONE
HEALTHCHECK --interval=5s CMD curl -f http://localhost/ || exit 1
ENV A=1 B="$A 2"
ENTRYPOINT ["/entry", "-x"]
CMD serve --all
`
	want := []dockerStage{
		{from: "node:22", name: "build", workdirs: []string{"/src"}, runsShell: true, copies: []dockerCopy{{sources: []string{"package.json", "yarn.lock"}, target: "/src"}}},
		{
			from: "nginx", workdirs: []string{"/srv", "/srv/www"}, user: "nginx",
			copies: []dockerCopy{
				{sources: []string{"/src/dist"}, target: "/srv/www/html", from: "build"},
				{sources: []string{"a file"}, target: "/etc/a file"},
				{sources: []string{"https://example.org/x.tgz"}, target: "/opt"},
			},
			healthcheck: &plan.ImageCheck{Test: []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"}, Interval: 5e9},
			variables:   []dockerWords{{[]string{"A", "1"}, 16}, {[]string{"B", "1 2"}, 16}},
			entrypoint:  dockerWords{[]string{"/entry", "-x"}, 17},
			command:     dockerWords{[]string{"/bin/sh", "-c", "serve --all"}, 18},
		},
	}
	if d := cmp.Diff(want, stagesOf(text, nil), cmp.AllowUnexported(dockerStage{}, dockerCopy{}, dockerWords{}), cmpopts.IgnoreFields(dockerStage{}, "lines")); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestAHealthcheckIsReadAsAnImageHasIt(t *testing.T) {
	for text, want := range map[string]*plan.ImageCheck{
		"HEALTHCHECK NONE":                                 {Test: []string{"NONE"}},
		"HEALTHCHECK CMD true":                             {Test: []string{"CMD-SHELL", "true"}},
		`HEALTHCHECK CMD ["pg_isready"]`:                   {Test: []string{"CMD", "pg_isready"}},
		`HEALTHCHECK cmd ["wget", "-q", "x"]`:              {Test: []string{"CMD", "wget", "-q", "x"}},
		"SHELL [\"bash\", \"-c\"]\nHEALTHCHECK CMD a && b": {Test: []string{"CMD", "bash", "-c", "a && b"}},
		"HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=40s --start-interval=1s --retries=5 \\\n  CMD true": {
			Test: []string{"CMD-SHELL", "true"}, Interval: 90e9, Timeout: 5e8, StartPeriod: 40e9, Retries: 5,
		},
		"HEALTHCHECK CMD true\nHEALTHCHECK NONE": {Test: []string{"NONE"}},
		"RUN true":                               nil,
	} {
		if d := cmp.Diff(want, stagesOf("FROM scratch\n"+text, nil)[0].healthcheck); d != "" {
			t.Errorf("%s: -want +got:\n%s", text, d)
		}
	}
}

func TestWhatIsNoDockerfileHasNoStages(t *testing.T) {
	for _, text := range []string{"", "# a comment\n", "FROM scratch\nRUN <<EOF\nno end\n", "FROM scratch\nENV A\n"} {
		if got := stagesOf(text, nil); got != nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestUsersThatADockerfileMakesHaveNumbers(t *testing.T) {
	for command, want := range map[string]map[string]int{
		"useradd -u 1001 app": {"app": 1001},
		"groupadd -g 5 x && useradd --uid=1002 -g x -s /bin/sh -m app": {"app": 1002},
		"adduser -S nextjs -u 1003":                                    {"nextjs": 1003},
		"adduser -D -h /home/a -u 1004 -G www app; adduser app www":    {"app": 1004},
		`/usr/sbin/useradd --no-log-init -r --uid "1005" 'app'`:        {"app": 1005},
		"useradd app":                nil,
		"useradd -u $UNKNOWN app":    nil,
		"echo useradd-u 1 | adduser": nil,
	} {
		if d := cmp.Diff(want, stagesOf("FROM scratch\nRUN "+command, nil)[0].users); d != "" {
			t.Errorf("%s: -want +got:\n%s", command, d)
		}
	}
}

// TestStagesAreFoundAsBuildKitDoes looks names up.
func TestStagesAreFoundAsBuildKitDoes(t *testing.T) {
	stages := stagesOf("FROM a AS Base\nFROM b\nFROM c AS base\nFROM d AS last\n", nil)
	for name, want := range map[string]int{"base": 2, "BASE": 2, "last": 3, "0": -1, "1": -1, "": -1, "c": -1} {
		if got := stageNamed(stages, name); got != want {
			t.Errorf("%q is stage %d, want %d", name, got, want)
		}
	}
}

func TestAStageWorksWhereTheOneEndedThatItGoesOnFrom(t *testing.T) {
	for text, want := range map[string]string{
		"FROM ruby AS base\nWORKDIR /rails\nFROM base AS build\nCOPY . .":                  "/rails",
		"FROM ruby AS Base\nWORKDIR /a\nFROM base AS b\nWORKDIR sub\nFROM B\nCOPY . x":     "/a/sub/x",
		"FROM ruby AS base\nWORKDIR /a\nFROM ruby\nCOPY . x":                               "/x",
		"FROM a AS base\nWORKDIR /a\nFROM base AS b\nWORKDIR /b\nFROM base AS c\nCOPY . .": "/a",
		"FROM docker.io/library/php:8-apache\nCOPY . .":                                    "/var/www/html",
		"FROM php:8@sha256:1 AS x\nFROM x\nCOPY . public":                                  "/var/www/html/public",
		"FROM example.org/php\nCOPY . .":                                                   "/",
	} {
		stages := stagesOf(text, nil)
		if got := stages[len(stages)-1].copies[0].target; got != want {
			t.Errorf("%s: copied to %s, want %s", text, got, want)
		}
	}
}

func TestWhatBuildKitRefusesCannotBeUnderstood(t *testing.T) {
	for text, want := range map[string]string{
		"FROM":                          "line 1: FROM requires either one or three arguments",
		"FROM a as":                     "line 1: FROM requires either one or three arguments",
		"FROM a\nCOPY src":              "line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined",
		"FROM a\nCOPY [\"src\"":         "line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined",
		"FROM a\nADD":                   "line 2: ADD requires at least two arguments, but only one was provided. Destination could not be determined",
		"FROM a\nENV":                   "line 2: ENV requires at least one argument",
		"FROM a\nWORKDIR":               "line 2: WORKDIR requires exactly one argument",
		"FROM a\nUSER":                  "line 2: USER requires exactly one argument",
		"FROM a\nHEALTHCHECK --x CMD a": "",
		"RUN true\nFROM a":              "line 1: RUN stands before FROM",
		"ARG A=1\nFROM a":               "",
		"FROM a\nCOPY --exclude=*.py --parents --later=1 a b\nRUN --device=x true\nMAINTAINER me\nONBUILD RUN true": "",
		"\x00\x01\x02": "line 1: unknown instruction \x00\x01\x02",
		"":             "file with no instructions",
		"FROM a\n" + strings.Repeat("RUN <<E\n", 5_001):                              "it has more than 5000 lines",
		"FROM a\n#" + strings.Repeat("a", 1<<20):                                     "it has more than 1 MiB",
		"FROM a\nARG A=aaaaaaaaaa\n" + strings.Repeat("ARG A=$A$A\n", 30):            "line 18: its variables stand for more than 1 MiB up to here",
		"FROM a\nENV A=aaaaaaaaaa\n" + strings.Repeat("ENV A=${A:-b}$A$A$A$A\n", 12): "line 10: its variables stand for more than 1 MiB up to here",
		"FROM a\nARG A=aaaaaaaaaa\n" + strings.Repeat("ARG A=$A$A\n", 10):            "",
	} {
		if got := problemOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestALongDockerfileCannotBeUnderstood(t *testing.T) {
	dir := t.TempDir()
	text := "FROM a\n" + strings.Repeat("# more\n", maxDockerfile/7+1)
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	long, none := &types.BuildConfig{Context: dir}, &types.BuildConfig{Context: dir, Dockerfile: "none"}
	found := readDockerfiles(content.Gate{Root: "/"}, []*types.BuildConfig{long, none})
	if got, want := found[long].problem, "it has more than 1 MiB"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := found[none].problem; got != "" {
		t.Errorf("one that is not there: %q", got)
	}
}

func TestTheDockerfilesOfAProjectAreBounded(t *testing.T) {
	dir := t.TempDir()
	text := "FROM a\n" + strings.Repeat("EXPOSE 80\n", maxDockerLines-1)
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var builds []*types.BuildConfig
	for range mostDockerLines/maxDockerLines + 5 {
		builds = append(builds, &types.BuildConfig{Context: dir})
	}
	found := readDockerfiles(content.Gate{Root: "/"}, builds)
	if got := found[builds[0]].problem; got != "" {
		t.Errorf("the first: %s", got)
	}
	if got := found[builds[len(builds)-1]]; got.problem == "" || len(got.stages) > 0 {
		t.Errorf("of the last, %d stages are known: %q", len(got.stages), got.problem)
	}
}

func problemOf(text string) string {
	_, problem := readDockerfile(text, nil)
	return problem
}

func stagesOf(text string, args types.MappingWithEquals) []dockerStage {
	stages, _ := readDockerfile(text, args)
	return stages
}
