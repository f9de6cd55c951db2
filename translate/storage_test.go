package translate

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// efsPath is the form of RootDirectory.Path in the API reference, but for a dot at
// the beginning of a level, which Go has no expression for.
var efsPath = regexp.MustCompile("^(/[^$#<>;`|&?{}^*/\n]+){1,4}$")

func TestDirectoriesOnEFSAreThoseThatItTakes(t *testing.T) {
	seen := map[string]string{}
	long := strings.Repeat("long", 30)
	for _, name := range []string{
		".", "./a", "./a/b", "./a/b/c", "./a/b/c/d", "./a/b/c/d/e", "./a/b/c/d/f/e", "../a", "../../a", "../a/../b", "./.a", "./a b", "./a+b", "./ä", "./" + long, "./" + long + "2",
		"/a", "/a/b", "/opt/a", "/opt/a/b/c/d", "/opt/a/b/c/d/e", "/opt+a", "/srv", "~/a", "~/.a/b/c/d/e", "/" + long + "/a/b/c/d/e", "/-0a1b2c3d/" + long,
	} {
		dir := boundDirectory(name)
		if !efsPath.MatchString(dir) || len(dir) > maxPath || strings.Contains(dir, "/.") {
			t.Errorf("%s is at %s, which EFS does not take", name, dir)
		}
		if other, taken := seen[dir]; taken {
			t.Errorf("%s and %s are both at %s", other, name, dir)
		}
		seen[dir] = name
	}
}

func TestWhatLiesInAnotherOnAHostDoesSoOnEFS(t *testing.T) {
	for outer, inner := range map[string]string{
		"./data": "./data/web/a/b", "/opt/appdata": "/opt/appdata/a/b/c", "/data": "/data/media/films", "../data": "../data/a/b", "~/x": "~/x/y/z",
	} {
		if !within(boundDirectory(inner), boundDirectory(outer)) {
			t.Errorf("%s is at %s, and %s at %s", outer, boundDirectory(outer), inner, boundDirectory(inner))
		}
	}
}

// TestEmptyVolumesAreFilledOnce runs the script of the container that fills them.
func TestEmptyVolumesAreFilledOnce(t *testing.T) {
	for name, test := range map[string]struct{ before, want map[string]string }{
		"an empty one":                      {nil, map[string]string{"page": "image", "sub/page": "image"}},
		"one with something in it":          {map[string]string{"mine": "kept"}, map[string]string{"mine": "kept"}},
		"one whose copy was broken off":     {map[string]string{unfinishedSeed: "", "page": "im"}, map[string]string{"page": "image", "sub/page": "image"}},
		"one with something hidden in it":   {map[string]string{".mine": "kept"}, map[string]string{".mine": "kept"}},
		"one that an image has nothing for": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			from, to := filepath.Join(t.TempDir(), "it's here"), t.TempDir()
			if test.want != nil {
				writeTree(t, from, map[string]string{"page": "image", "sub/page": "image"})
			}
			writeTree(t, to, test.before)
			if out, err := exec.CommandContext(t.Context(), "sh", "-c", seedScript(from, to)).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if d := cmp.Diff(test.want, readTree(t, to)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// TestAServiceWaitsForItsVolumes runs what it starts with before and after they are filled.
func TestAServiceWaitsForItsVolumes(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", awaitScript(dir, "web-seed", maxSilence), "sh", "sh", "-c", `cat "$0"/done; echo "$1"`, dir, "it's  here")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writeTree(t, dir, map[string]string{"done": "filled, "})
	if err := cmd.Wait(); err != nil || out.String() != "filled, it's  here\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// TestAServiceDoesNotWaitForWhoIsDead: nothing fills its volumes any more.
func TestAServiceDoesNotWaitForWhoIsDead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seed := exec.CommandContext(t.Context(), "sh", "-c", beatScript(dir)+"\nkill -9 $! $$")
	if err := seed.Run(); err == nil {
		t.Fatal("it was not killed")
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", awaitScript(dir, "web-seed", 1), "sh", "echo", "started").CombinedOutput()
	if want := "compose2fargate: container web-seed ended before it had filled the volumes\n"; err == nil || string(out) != want {
		t.Errorf("%q, %v", out, err)
	}
}

// TestAServiceWaitsForWhoIsAtWork for longer than it waits for one that is silent.
func TestAServiceWaitsForWhoIsAtWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	beats := fmt.Sprintf("for n in 1 2 3 4; do echo $n > %[1]s/alive; sleep 1; done; : > %[1]s/done", quote(dir))
	seed := exec.CommandContext(t.Context(), "sh", "-c", beats)
	if err := seed.Start(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", awaitScript(dir, "web-seed", 2), "sh", "echo", "started").CombinedOutput()
	if err != nil || string(out) != "started\n" || seed.Wait() != nil {
		t.Errorf("%q, %v", out, err)
	}
}

func writeTree(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// readTree is nil for an empty directory.
func readTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	var out map[string]string
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if out == nil {
			out = map[string]string{}
		}
		relative, _ := filepath.Rel(dir, name)
		out[filepath.ToSlash(relative)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestNoVolumeIsNamedAfterTheMachine moves a project and its user, which must not
// move the data.
func TestNoVolumeIsNamedAfterTheMachine(t *testing.T) {
	const file = `
name: moved
services:
  web: {image: example/a, volumes: ["./a:/a", "../b:/b", "${HOME}/c:/c", "${PWD}/d:/d", "/srv/e:/e"]}
`
	names := func(project, home string) []string {
		dir := filepath.Join(t.TempDir(), project)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		p, ds := Load(t.Context(), Options{
			Dir: dir, Files: []string{"-"}, Stdin: strings.NewReader(file), Environment: map[string]string{"HOME": home, "PWD": dir},
		})
		if p == nil {
			t.Fatal(printed(ds))
		}
		stack, ds := p.Stack(knownFacts)
		if stack == nil {
			t.Fatal(printed(ds))
		}
		var out []string
		for _, r := range stack.Resources {
			if s, ok := r.Spec.(*spec.AccessPoint); ok {
				out = append(out, r.Address.Name+" at "+s.Path)
			}
		}
		return out
	}
	first, second := names("here/project", "/home/first"), names("elsewhere", "/users/second")
	if d := cmp.Diff(first, second); d != "" || len(first) != 5 {
		t.Errorf("%d volumes, -first +second:\n%s", len(first), d)
	}
}
