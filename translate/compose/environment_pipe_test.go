//go:build unix

package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestAnEnvFileOutOfACommand has what a shell makes of <(COMMAND), which can be read once, though
// the directory of the files is known only after it.
func TestAnEnvFileOutOfACommand(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sub", "c.yaml"), []byte("services: {a: {image: 'busybox:${A}${B}'}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	_, err = in.WriteString("A=1\nB=.$A\n")
	if err != nil || in.Close() != nil {
		t.Fatal(err)
	}
	p, ds := Load(t.Context(), Options{Dir: dir, Files: []string{"sub/c.yaml"}, EnvFiles: []string{fmt.Sprintf("/dev/fd/%d", out.Fd())}, ProjectName: "x"})
	if p == nil || len(ds) > 0 || p.Compose.Services["a"].Image != "busybox:1.1" {
		t.Errorf("%v", ds)
	}
}
