package translate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// inHome is a checkout of a CI system that sets HOME to it, or to a directory of it.
func inHome(t *testing.T, compose string, more map[string]string) string {
	t.Helper()
	repository := t.TempDir()
	writeTree(t, repository, map[string]string{
		"compose.yaml": compose, "compose.override.yaml": "services: {web: {labels: {a: b}}}\n", ".env": "READ=1\n",
		"svc/compose.yaml": "services: {web: {image: busybox, env_file: [../common/b.env, .hidden.env]}}\n", "svc/.hidden.env": "B=1\n",
		"common/b.env": "B=1\n", "common/c.txt": "c\n", "app/Dockerfile": "FROM busybox\n", ".yarnrc.yml": "a: b\n",
	})
	for _, home := range []string{"", ".home"} {
		for _, file := range []string{".ssh/id_rsa", ".aws/credentials", ".netrc", ".docker/config.json", ".config/gh/hosts.yml"} {
			writeTree(t, filepath.Join(repository, home), map[string]string{file: "MUST-NOT-BE-READ: 1\n"})
		}
	}
	writeTree(t, repository, more)
	return repository
}

func loadAll(t *testing.T, o Options) diag.List {
	t.Helper()
	t.Setenv("HOME", o.Environment["HOME"])
	p, ds := Load(t.Context(), o)
	if p != nil {
		_, more := p.Stack(plan.Facts{})
		ds = append(ds, more...).Sorted()
	}
	return ds
}

// TestAHomeMayHoldTheProject sets HOME where CI systems do: neither the compose files that
// are found nor what is beside them is refused, or warned of.
func TestAHomeMayHoldTheProject(t *testing.T) {
	const compose = `services:
  web: {image: busybox, env_file: [common/b.env, .env], volumes: ["./common/c.txt:/e:ro", "./common:/d:ro"], configs: [c]}
  app: {build: app}
configs: {c: {file: common/c.txt}}
`
	for what, test := range map[string]struct {
		git       bool
		dir, home string
		root      string
	}{
		"the repository":                    {git: true},
		"a directory of it":                 {git: true, home: ".home"},
		"a directory of it, from another":   {git: true, dir: "svc", home: ".home"},
		"the project, which is no checkout": {},
		"a directory of that":               {home: ".home"},
		"a root that is named":              {dir: "svc", root: ".."},
		"a root above it":                   {dir: "svc", root: "..", home: ".home"},
	} {
		for _, untrusted := range []bool{false, true} {
			repository := inHome(t, compose, nil)
			if test.git {
				writeTree(t, repository, map[string]string{".git/HEAD": ""})
			}
			ds := loadAll(t, Options{
				Dir: filepath.Join(repository, test.dir), ProjectName: "x", ProjectRoot: test.root, Untrusted: untrusted,
				Environment: map[string]string{"HOME": filepath.Join(repository, test.home)},
			})
			if got := placesOf(ds, "outside of", "hidden in", "root of the machine"); len(got) > 0 || ds.HasErrors() {
				t.Errorf("HOME is %s, untrusted %v:\n%s", what, untrusted, printed(ds))
			}
		}
	}
}

// TestWhatIsHiddenInAHomeIsNotRead has all that names a file name one of a home.
func TestWhatIsHiddenInAHomeIsNotRead(t *testing.T) {
	homes := []string{".", "./.home"}
	const said = "hidden in the home directory"
	for i, service := range []string{
		"env_file: HOME/.netrc", "env_file: [{path: HOME/.aws/credentials}]", "label_file: HOME/.docker/config.json", "env_file: ~/.netrc",
		"configs: [c]\nconfigs: {c: {file: HOME/.docker/config.json}}", "secrets: [c]\nsecrets: {c: {file: HOME/.ssh/id_rsa}}",
		"volumes: [HOME/.ssh:/a:ro]", "volumes: [HOME/.config/gh/hosts.yml:/a:ro]", "volumes: [./link:/a:ro]", "env_file: link",
		"environment: {}\ninclude: [HOME/.config/gh/hosts.yml]", "extends: {file: HOME/.config/gh/hosts.yml, service: a}",
		"build: HOME/.ssh", "build: {context: app, additional_contexts: {a: HOME/.aws}}", "build: {context: app, dockerfile: ../HOME/.netrc}",
	} {
		for _, home := range homes[i%2:] { // each attribute in the second, every other one in both
			repository := inHome(t, "name: x\n"+webWith(strings.ReplaceAll(service, "HOME", home)), nil)
			if err := os.Symlink(home+"/.netrc", filepath.Join(repository, "link")); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(repository, "compose.override.yaml")); err != nil {
				t.Fatal(err)
			}
			o := Options{Dir: repository, Untrusted: true, Environment: map[string]string{"HOME": filepath.Join(repository, home)}}
			got := placesOf(loadAll(t, o), said)
			if len(got) != 1 || got[0].Severity != diag.Error || strings.Contains(printed(got), "MUST") {
				t.Errorf("%s in %s: %v", service, home, got)
				continue
			}
			for _, wide := range []Options{{AllowPaths: []string{"."}}, {ProjectRoot: "."}} {
				wide.Dir, wide.Untrusted, wide.Environment = o.Dir, true, o.Environment
				if ds := loadAll(t, wide); len(placesOf(ds, said)) != 1 || strings.Contains(printed(ds), "MUST") {
					t.Errorf("%s in %s with %v%s: %s", service, home, wide.AllowPaths, wide.ProjectRoot, printed(ds))
				}
			}
			_, flag, _ := strings.Cut(got[0].Help, "--allow-path ")
			o.AllowPaths = []string{flag}
			if rest := placesOf(loadAll(t, o), said); len(rest) > 0 {
				t.Errorf("%s in %s with %s: %v", service, home, flag, rest)
			}
			o.AllowPaths, o.Untrusted = nil, false
			if warned := placesOf(loadAll(t, o), said); len(warned) != 1 || warned[0].Severity != diag.Warning {
				t.Errorf("%s in %s on a terminal: %v", service, home, warned)
			}
		}
	}
}

// TestADirectoryThatIsAHome is mounted if it has no credentials of its user; other hidden
// files are the project's.
func TestADirectoryThatIsAHome(t *testing.T) {
	for source, want := range map[string]int{".": 5, "./.home": 5, "./common": 0, "./clean": 0, "./one": 1} {
		repository := inHome(t, "services: {web: {image: busybox, volumes: [\""+source+":/a:ro\"]}}\n", map[string]string{
			"clean/.yarnrc.yml": "a: b\n", "clean/.docker/Dockerfile": "FROM busybox\n", "one/.aws/config": "x\n", "one/a/.ssh/config": "x\n",
		})
		home := source
		if source == "./common" {
			home = "."
		}
		o := Options{Dir: repository, ProjectName: "x", Untrusted: true, Environment: map[string]string{"HOME": filepath.Join(repository, home)}}
		got := placesOf(loadAll(t, o), "hidden in the home directory")
		if len(got) != want {
			t.Errorf("%s: %v", source, got)
		}
		for _, d := range got {
			_, flag, _ := strings.Cut(d.Help, "--allow-path ")
			o.AllowPaths = append(o.AllowPaths, flag)
		}
		if rest := placesOf(loadAll(t, o), "hidden in the home directory"); len(rest) > 0 {
			t.Errorf("%s with %q: %v", source, o.AllowPaths, rest)
		}
	}
}

// TestAFoundFileThatIsALink is not the user's word: its author says where it leads.
func TestAFoundFileThatIsALink(t *testing.T) {
	for _, name := range []string{"compose.yaml", "compose.override.yaml"} {
		machine := makeMachine(t)
		project := filepath.Join(machine, "repository/project")
		writeTree(t, project, map[string]string{"compose.yaml": "services: {web: {image: busybox}}\n"})
		_ = os.Remove(filepath.Join(project, name))
		if err := os.Symlink("../../elsewhere/base.yaml", filepath.Join(project, name)); err != nil {
			t.Fatal(err)
		}
		_, ds := Load(t.Context(), Options{Dir: project, ProjectName: "x", Untrusted: true})
		if got := placesOf(ds, "outside of the repository"); len(got) != 1 || strings.Contains(printed(ds), "MUST") {
			t.Errorf("%s:\n%s", name, printed(ds))
		}
	}
}
