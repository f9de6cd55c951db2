package compose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

const positionsMain = `x-env: &env
  LEVEL: info
x-base: &base
  image: base
  environment:
    <<: *env
    NAME: base
include:
  - sub/inc.yaml
services:
  web:
    <<: *base
    extends: {file: common.yaml, service: site}
    hostname: www
    ports:
      - "3000-3002:3000-3002"
      - target: 8080
        published: "80"
    labels:
      - owner=me
      - team=us
    links: [db:database]
  api:
    extends: web
    user: "1"
  db:
    image: postgres
    environment: *env
    ports: ["1:1"]
`

const positionsOverride = `services:
  web:
    hostname: override
    labels: {team: them}
  db:
    ports: ["2:2"]
    deploy: {replicas: 2}
  api:
    sysctls: !override {a: b}
`

const positionsCommon = `services:
  site:
    extends: root
    domainname: example.org
  root:
    cap_add: [SYS_PTRACE]
    sysctls: {c: d}
`

const positionsIncluded = `services:
  cache:
    image: redis
    ports: ["6379:6379"]
`

func positions(t *testing.T) *Project {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"compose.yaml": positionsMain, "compose.override.yaml": positionsOverride,
		"common.yaml": positionsCommon, "sub/inc.yaml": positionsIncluded,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, ds := Load(t.Context(), Options{Dir: dir})
	if p == nil {
		t.Fatal(ds.Err())
	}
	return p
}

func TestAtFindsWhatIsInForce(t *testing.T) {
	p := positions(t)
	for _, test := range []struct{ name, path, want string }{
		{"a service where it was first written, or overridden", "services web", "compose.override.yaml:2:3"},
		{"a key that an override replaces", "services web hostname", "compose.override.yaml:3:5"},
		{"a key that a merge key brings", "services web image", "compose.yaml:4:3"},
		{"a key that a merge key in it brings", "services web environment LEVEL", "compose.yaml:2:3"},
		{"a key through an alias", "services db environment LEVEL", "compose.yaml:2:3"},
		{"a KEY=value item by its key", "services web labels owner", "compose.yaml:20:9"},
		{"an item that an override has as a key", "services web labels team", "compose.override.yaml:4:14"},
		{"a port of a range", "services web ports 2 target", "compose.yaml:16:9"},
		{"a port after a range", "services web ports 3 target", "compose.yaml:17:9"},
		{"a port that is not there, by its list", "services web ports 9", "compose.yaml:15:5"},
		{"a key of another file's service", "services web domainname", "common.yaml:4:5"},
		{"a key at the end of a chain of extends", "services api cap_add 0", "common.yaml:6:15"},
		{"a key of the service's own", "services api user", "compose.yaml:25:5"},
		{"what !override hides is not found", "services api sysctls c", "compose.override.yaml:9:5"},
		{"a service of an included file", "services cache ports 0", "sub/inc.yaml:4:13"},
		{"what is derived from links", "services web depends_on db", "compose.yaml:22:5"},
		{"a key deep in an override", "services db deploy replicas", "compose.override.yaml:7:14"},
		{"the nearest where there is none", "services db healthcheck test", "compose.override.yaml:5:3"},
		{"nothing at all", "nowhere", "compose.override.yaml:1:1"},
		{"the top", "", "compose.override.yaml:1:1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := p.At(strings.Fields(test.path)...).String(); got != test.want {
				t.Errorf("%s: got %s, want %s", test.path, got, test.want)
			}
		})
	}
}

func TestWrittenKnowsDefaultsFromWhatTheUserWrote(t *testing.T) {
	p := positions(t)
	for path, want := range map[string]bool{
		"services web hostname":        true,
		"services web domainname":      true,
		"services web networks":        false,
		"services web restart":         false,
		"services cache ports 0 mode":  false,
		"services web labels owner":    true,
		"services web depends_on db":   false,
		"services db environment NAME": false,
	} {
		if got := p.Written(strings.Fields(path)...); got != want {
			t.Errorf("%s: written %v, want %v", path, got, want)
		}
	}
}

func FuzzPositions(f *testing.F) {
	for _, seed := range []string{positionsMain, positionsOverride, positionsCommon,
		"a: &a [*a]\n", "a: &a {<<: *a, b: *a}\n", "services: &s {web: {<<: [*s, *s], extends: web}}\n",
		"services: {a: {extends: b}, b: {extends: a}}\n", "services: [1]\n", "? [a, b]\n: c\n", "!reset\n", "---\n---\na: b\n",
		"services: {web: {ports: [\"1-9999999:2\"], extends: {file: 1}}}\n", "1: 2\n\"\": 3\n", "a: ${A:-${B}}\nb: ${\n"} {
		f.Add(seed, "services.web.ports.3.target")
	}
	f.Fuzz(func(t *testing.T, content, path string) {
		var ds diag.List
		env := types.Mapping{}
		r := &sources{bases: map[string][]*document{}, main: nil, layers: parse("a", "a", []byte(content), env, t.TempDir(), &ds)}
		place := r.find(strings.Split(path, "."))
		if place.doc != nil && place.depth > strings.Count(path, ".")+1 {
			t.Errorf("found %d of %s", place.depth, path)
		}
		r.blankWarnings(func(*document, string) bool { return false })
	})
}
