package translate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
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
`
	want := []dockerStage{
		{from: "node:22", name: "build", workdirs: []string{"/src"}, copies: []dockerCopy{{sources: []string{"package.json", "yarn.lock"}, target: "/src"}}},
		{
			from: "nginx", workdirs: []string{"/srv", "/srv/www"}, user: "nginx",
			copies: []dockerCopy{
				{sources: []string{"/src/dist"}, target: "/srv/www/html", from: "build"},
				{sources: []string{"a file"}, target: "/etc/a file"},
				{sources: []string{"https://example.org/x.tgz"}, target: "/opt"},
			},
			healthcheck: []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"},
		},
	}
	if d := cmp.Diff(want, parseDockerfile(text, nil), cmp.AllowUnexported(dockerStage{}, dockerCopy{})); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestAHealthcheckIsReadAsAnImageHasIt(t *testing.T) {
	for text, want := range map[string][]string{
		"HEALTHCHECK NONE":                    {"NONE"},
		"HEALTHCHECK CMD true":                {"CMD-SHELL", "true"},
		`HEALTHCHECK CMD ["pg_isready"]`:      {"CMD", "pg_isready"},
		`HEALTHCHECK cmd ["wget", "-q", "x"]`: {"CMD", "wget", "-q", "x"},
		"RUN true":                            nil,
	} {
		if d := cmp.Diff(want, parseDockerfile("FROM scratch\n"+text, nil)[0].healthcheck); d != "" {
			t.Errorf("%s: -want +got:\n%s", text, d)
		}
	}
}

func TestWhatIsNoDockerfileHasNoStages(t *testing.T) {
	for _, text := range []string{"", "# a comment\n", "FROM scratch\nRUN <<EOF\nno end\n", "FROM scratch\nENV A\n"} {
		if got := parseDockerfile(text, nil); got != nil {
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
		if d := cmp.Diff(want, parseDockerfile("FROM scratch\nRUN "+command, nil)[0].users); d != "" {
			t.Errorf("%s: -want +got:\n%s", command, d)
		}
	}
}

// TestStagesAreFoundAsBuildKitDoes looks names up.
func TestStagesAreFoundAsBuildKitDoes(t *testing.T) {
	stages := parseDockerfile("FROM a AS Base\nFROM b\nFROM c AS base\nFROM d AS last\n", nil)
	for name, want := range map[string]int{"base": 2, "BASE": 2, "last": 3, "0": -1, "1": -1, "": -1, "c": -1} {
		if got := stageNamed(stages, name); got != want {
			t.Errorf("%q is stage %d, want %d", name, got, want)
		}
	}
}
