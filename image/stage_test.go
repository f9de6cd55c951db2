package image

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// modesBelow are the modes of all below a directory, by path.
func modesBelow(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(file string, _ fs.DirEntry, err error) error {
		if err != nil || file == root {
			return err
		}
		info, err := os.Lstat(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		out[name] = info.Mode().String()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func buildOf(root string) spec.BuildSource {
	return spec.BuildSource{Service: "web", Context: root, Dockerfile: filepath.Join(root, "Dockerfile"), Platform: "linux/amd64"}
}

// planFile begins as a saved plan does.
const planFile = `{"formatVersion": "1.0", "kind": "compose2fargate.plan"}`

func TestABuilderGetsWhatWasHashed(t *testing.T) {
	root := tree(t, map[string]string{
		"Dockerfile": "FROM scratch\n", ".dockerignore": "*.log\nkeep\n!keep/this\n", "run.sh": "x", "key": "k", "a.log": "noise", "keep/this": "1", "keep/that": "2",
		"plan.json": planFile, ".compose2fargate/simulator.json": "{}", ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": "1\n",
	})
	if err := errors.Join(os.Chmod(filepath.Join(root, "run.sh"), 0o775), os.Chmod(filepath.Join(root, "key"), 0o600),
		os.Chmod(filepath.Join(root, "Dockerfile"), 0o664), os.Symlink("run.sh", filepath.Join(root, "link"))); err != nil {
		t.Fatal(err)
	}
	build := buildOf(root)
	want, dir := hashOf(t, build), t.TempDir()
	staged, err := stage(t.Context(), build, dir, want)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{
		"Dockerfile": "-rw-r--r--", ".dockerignore": "-rw-r--r--", "run.sh": "-rwxr-xr-x", "key": "-rw-------", "link": "Lrwxrwxrwx",
		"keep": "drwxr-xr-x", "keep/this": "-rw-r--r--",
		".git": "drwxr-xr-x", ".git/HEAD": "-rw-r--r--", ".git/refs": "drwxr-xr-x", ".git/refs/heads": "drwxr-xr-x", ".git/refs/heads/main": "-rw-r--r--",
	}, modesBelow(t, staged.Context)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if staged.Dockerfile == build.Dockerfile || staged.DockerfileInline != "" {
		t.Errorf("its Dockerfile is %s", staged.Dockerfile)
	}
}

func TestABuildOfSomethingElseIsRefused(t *testing.T) {
	root := tree(t, map[string]string{"Dockerfile": "FROM scratch\n", "a": "1"})
	want := hashOf(t, buildOf(root))
	write(t, filepath.Join(root, "a"), "2")
	if _, err := stage(t.Context(), buildOf(root), t.TempDir(), want); !errors.Is(err, errChanged) {
		t.Errorf("got %v", err)
	}
}

func TestEveryContextIsStaged(t *testing.T) {
	root := tree(t, map[string]string{"Dockerfile": "FROM scratch\n", "a": "1"})
	beside := tree(t, map[string]string{".dockerignore": "x", "x": "1", "y": "2", "plan.json": planFile})
	build := buildOf(root)
	build.AdditionalContexts = map[string]string{"beside": beside, "base": "docker-image://alpine"}
	staged, err := stage(t.Context(), build, t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if staged.AdditionalContexts["base"] != "docker-image://alpine" {
		t.Errorf("the image became %s", staged.AdditionalContexts["base"])
	}
	want := map[string]string{".dockerignore": "-rw-r--r--", "y": "-rw-r--r--"}
	if d := cmp.Diff(want, modesBelow(t, staged.AdditionalContexts["beside"])); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestAnotherMachineHashesTheSame changes what a machine decides and git does not
// keep.
func TestAnotherMachineHashesTheSame(t *testing.T) {
	files := map[string]string{"Dockerfile": "FROM scratch\n", "sub/a": "1", "run.sh": "x"}
	first := hashOf(t, buildOf(tree(t, files)))
	for what, change := range map[string]func(root string) error{
		"an open umask": func(root string) error {
			return errors.Join(os.Chmod(filepath.Join(root, "sub"), 0o775), os.Chmod(filepath.Join(root, "sub/a"), 0o664))
		},
		"a directory that hands on its group": func(root string) error { return os.Chmod(filepath.Join(root, "sub"), 0o755|fs.ModeSetgid) },
		"a file that is protected":            func(root string) error { return os.Chmod(filepath.Join(root, "sub/a"), 0o444) },
		"a saved plan":                        func(root string) error { return os.WriteFile(filepath.Join(root, "sub/p"), []byte(planFile), 0o600) },
	} {
		root := tree(t, files)
		if err := change(root); err != nil {
			t.Fatal(err)
		}
		if hashOf(t, buildOf(root)) != first {
			t.Errorf("%s gives another hash", what)
		}
	}
	for what, mode := range map[string]fs.FileMode{"executable": 0o755, "private": 0o600, "setuid": 0o755 | fs.ModeSetuid} {
		root := tree(t, files)
		if err := os.Chmod(filepath.Join(root, "run.sh"), mode); err != nil {
			t.Fatal(err)
		}
		if hashOf(t, buildOf(root)) == first {
			t.Errorf("that a file is %s gives the same hash", what)
		}
	}
}

func TestAnAdditionalContextHasItsOwnIgnoreFile(t *testing.T) {
	root := tree(t, map[string]string{"Dockerfile": "FROM scratch\n", "Dockerfile.dockerignore": "secret\n"})
	beside := tree(t, map[string]string{"secret": "1"})
	build := buildOf(root)
	build.AdditionalContexts = map[string]string{"beside": beside}
	first := hashOf(t, build)
	write(t, filepath.Join(beside, "secret"), "2")
	if hashOf(t, build) == first {
		t.Error("the ignore file of the Dockerfile counts for another context")
	}
}

// timesBelow are the times of all files and directories below a directory.
func timesBelow(t *testing.T, root string) map[time.Time]int {
	t.Helper()
	out := map[time.Time]int{}
	err := filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		out[info.ModTime()]++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestABuilderGetsNoTimeOfThisMachine(t *testing.T) {
	root := tree(t, map[string]string{"Dockerfile": "FROM scratch\n", "a": "1", "sub/b": "2"})
	staged := func() map[time.Time]int {
		s, err := stage(t.Context(), buildOf(root), t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		return timesBelow(t, s.Context)
	}
	first := staged()
	for moment := range first {
		if len(first) != 1 || moment.Year() < 1980 || moment.After(time.Now()) {
			t.Errorf("the times are %v", first)
		}
	}
	if err := os.Chtimes(filepath.Join(root, "a"), time.Unix(1e9, 0), time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, staged()); d != "" {
		t.Errorf("with another time (-want +got)\n%s", d)
	}
	if err := os.WriteFile(filepath.Join(root, "a"), []byte("3"), 0o600); err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(first, staged()) {
		t.Error("another content has the time of before, by which web servers tell versions")
	}
}
