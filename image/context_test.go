package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// tree writes files below a new directory.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		write(t, filepath.Join(root, name), content)
	}
	return root
}

func write(t testing.TB, file, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func hashOf(t testing.TB, b spec.BuildSource) string {
	t.Helper()
	read, err := ReadContext(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return read.Hash
}

func TestTheHashOfAContextIsThatOfWhatTheBuildSees(t *testing.T) {
	files := map[string]string{
		"Dockerfile": "FROM scratch\n", "main.go": "package main", "sub/a": "1",
		"log/x": "noise", "keep/log/y": "kept", ".dockerignore": "log\n*.tmp\nkeep\n!keep/log\n",
	}
	build := func(root string) spec.BuildSource {
		return spec.BuildSource{Service: "web", Context: root, Dockerfile: filepath.Join(root, "Dockerfile"), Platform: "linux/amd64"}
	}
	first := hashOf(t, build(tree(t, files)))
	if again := hashOf(t, build(tree(t, files))); again != first {
		t.Error("the same files elsewhere give another hash")
	}
	for what, change := range map[string]struct {
		do      func(root string)
		matters bool
	}{
		"a byte of a file":             {func(root string) { write(t, filepath.Join(root, "main.go"), "package nain") }, true},
		"a new file":                   {func(root string) { write(t, filepath.Join(root, "new"), "") }, true},
		"an empty directory":           {func(root string) { _ = os.Mkdir(filepath.Join(root, "empty"), 0o755) }, false}, // git does not keep it
		"a mode":                       {func(root string) { _ = os.Chmod(filepath.Join(root, "main.go"), 0o755) }, true},
		"a link":                       {func(root string) { _ = os.Symlink("main.go", filepath.Join(root, "l")) }, true},
		"a file that is let in again":  {func(root string) { write(t, filepath.Join(root, "keep/log/y"), "other") }, true},
		"a time":                       {func(root string) { _ = os.Chtimes(filepath.Join(root, "main.go"), time.Now(), time.Unix(1, 0)) }, false},
		"an ignored file":              {func(root string) { write(t, filepath.Join(root, "log/z"), "noise") }, false},
		"a file that a pattern leaves": {func(root string) { write(t, filepath.Join(root, "a.tmp"), "noise") }, false},
	} {
		root := tree(t, files)
		change.do(root)
		if changed := hashOf(t, build(root)) != first; changed != change.matters {
			t.Errorf("%s: another hash %t", what, changed)
		}
	}
}

func TestTheHashKnowsTheRecipe(t *testing.T) {
	root := tree(t, map[string]string{"Dockerfile": "FROM scratch\n", "other/Dockerfile": "FROM scratch\n", "a": "1"})
	plain := spec.BuildSource{Context: root, Dockerfile: filepath.Join(root, "Dockerfile"), Platform: "linux/amd64"}
	first := hashOf(t, plain)
	for what, change := range map[string]func(b *spec.BuildSource){
		"an argument":    func(b *spec.BuildSource) { b.Args = map[string]string{"A": "1"} },
		"a target":       func(b *spec.BuildSource) { b.Target = "run" },
		"a platform":     func(b *spec.BuildSource) { b.Platform = "linux/arm64" },
		"an inline file": func(b *spec.BuildSource) { b.Dockerfile, b.DockerfileInline = "", "FROM busybox" },
		"another context": func(b *spec.BuildSource) {
			b.AdditionalContexts = map[string]string{"x": tree(t, map[string]string{"f": "1"})}
		},
		"an image beside it": func(b *spec.BuildSource) { b.AdditionalContexts = map[string]string{"x": "docker-image://alpine"} },
		"a remote context":   func(b *spec.BuildSource) { b.Context = "https://example.org/app.git" },
	} {
		b := plain
		change(&b)
		if hashOf(t, b) == first {
			t.Errorf("%s gives the same hash", what)
		}
	}
	b := plain
	b.Service, b.Pull = "other", true
	if hashOf(t, b) != first {
		t.Error("whose image it is gives another hash")
	}
}

func TestAContextThatIsNotThereIsAnError(t *testing.T) {
	root := tree(t, map[string]string{"Dockerfile": "FROM scratch\n"})
	for _, b := range []spec.BuildSource{
		{Service: "web", Context: filepath.Join(root, "none"), Dockerfile: filepath.Join(root, "Dockerfile")},
		{Service: "web", Context: root, Dockerfile: filepath.Join(root, "none")},
	} {
		if _, err := ReadContext(t.Context(), b); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	}
}

// BenchmarkReadContext reports MB/s of hashing a context beside those of tar on
// the same tree, and how many MB hashing allocates in all: buffers and a list of
// names, whatever the files hold.
func BenchmarkReadContext(b *testing.B) {
	const size = 20 << 10
	for _, files := range []int{2_000, 50_000} {
		b.Run(fmt.Sprint(files*size/1_000_000, " MB"), func(b *testing.B) {
			root := b.TempDir()
			block := make([]byte, size)
			for i := range files {
				copy(block, fmt.Sprint(i))
				write(b, filepath.Join(root, fmt.Sprint("d", i%100), fmt.Sprint("f", i)), string(block))
			}
			write(b, filepath.Join(root, "Dockerfile"), "FROM scratch\n")
			source := spec.BuildSource{Context: root, Dockerfile: filepath.Join(root, "Dockerfile")}
			var hashing, taring time.Duration
			var before, after runtime.MemStats
			var allocated uint64
			for b.Loop() {
				runtime.ReadMemStats(&before)
				start := time.Now()
				hashOf(b, source)
				hashing += time.Since(start)
				runtime.ReadMemStats(&after)
				allocated += after.TotalAlloc - before.TotalAlloc
				start = time.Now()
				tarTree(b, root)
				taring += time.Since(start)
			}
			read := float64(b.N) * float64(files) * size / 1e6
			b.ReportMetric(read/hashing.Seconds(), "MB/s")
			b.ReportMetric(read/taring.Seconds(), "tar-MB/s")
			b.ReportMetric(hashing.Seconds()/taring.Seconds(), "x-tar")
			b.ReportMetric(float64(allocated)/float64(b.N)/1e6, "alloc-MB")
		})
	}
}

func tarTree(b *testing.B, root string) {
	b.Helper()
	out := tar.NewWriter(io.Discard)
	if err := errors.Join(out.AddFS(os.DirFS(root)), out.Close()); err != nil {
		b.Fatal(err)
	}
}

// What a build reads from elsewhere has the same name wherever the checkout is.
func TestFilesOfAContextAreNamedTheSameOnEveryMachine(t *testing.T) {
	outside := tree(t, map[string]string{"lib/l": "1", "Dockerfile": "FROM scratch\n"})
	want := []string{":Dockerfile", "a/b", "beside/x", "more:lib", "more:lib/l", "more:Dockerfile"}
	for _, depth := range []string{"", "deep/er/still"} {
		root := filepath.Join(t.TempDir(), depth)
		write(t, filepath.Join(root, "a/b"), "1")
		write(t, filepath.Join(root, "beside/x"), "1")
		read, err := ReadContext(t.Context(), spec.BuildSource{
			Context: root, Dockerfile: filepath.Join(outside, "Dockerfile"),
			AdditionalContexts: map[string]string{"more": outside, "beside": filepath.Join(root, "beside")},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range want {
			if read.Files()[name] == "" {
				t.Errorf("no %s in %v", name, read.Files())
			}
		}
		if len(read.Files()) != len(want)+2 { // and the directories a and beside
			t.Errorf("got %v", read.Files())
		}
	}
}

// Hashes of images that are live have bytes as fmt prints them.
func TestNumbersAreThoseOfFmt(t *testing.T) {
	for _, data := range []string{"", "a", "FROM a\x00\xff\n"} {
		if got, want := string(numbers([]byte(data))), fmt.Sprint([]byte(data)); got != want {
			t.Errorf("%q: %s, want %s", data, got, want)
		}
	}
}

// TestADirectoryIsReadOnceForAllBuilds: what another build has of it is what was there then.
func TestADirectoryIsReadOnceForAllBuilds(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("FROM a\n")
	b := spec.BuildSource{Context: dir, Dockerfile: filepath.Join(dir, "Dockerfile")}
	var shared Contexts
	first, err := shared.Read(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	write("FROM b\n")
	again, err := shared.Read(t.Context(), b)
	if err != nil || again.Trees[""] != first.Trees[""] {
		t.Errorf("it is read again: %v", err)
	}
	if other, err := ReadContext(t.Context(), b); err != nil || other.Hash == first.Hash {
		t.Errorf("nobody sees that it changed: %v", err)
	}
}
