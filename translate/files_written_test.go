package translate

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loadText loads a compose file in a directory of its own, with other files beside it,
// while the process writes some of them.
func loadText(t *testing.T, text string, files map[string]string, writing ...string) (*Project, string) {
	t.Helper()
	dir := t.TempDir()
	files["compose.yaml"] = text
	for name, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var open []fs.FileInfo
	for _, name := range writing {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, info)
	}
	p, ds := Load(t.Context(), Options{Dir: dir, Writing: func() []fs.FileInfo { return open }})
	return p, printed(ds)
}

// "plan > store/plan.txt" makes no source of an empty directory of data.
func TestWhatThisProcessWritesFillsNoDirectory(t *testing.T) {
	const text = "services: {a: {image: busybox, volumes: [\"./store:/store\"]}}\n"
	for what, test := range map[string]struct {
		files   map[string]string
		writing []string
		data    bool
	}{
		"a plan":        {map[string]string{"store/plan.txt": ""}, []string{"store/plan.txt"}, true},
		"a deep log":    {map[string]string{"store/a/b/log": "so far", "store/.gitkeep": ""}, []string{"store/a/b/log"}, true},
		"something":     {map[string]string{"store/plan.txt": "", "store/x": ""}, []string{"store/plan.txt"}, false},
		"somebody else": {map[string]string{"store/plan.txt": "hello"}, nil, false},
	} {
		p, said := loadText(t, text, test.files, test.writing...)
		if p == nil {
			t.Fatal(said)
		}
		if got := p.binds.data[filepath.ToSlash(filepath.Join(p.Directory, "store"))]; got != test.data {
			t.Errorf("%s: data %t", what, got)
		}
	}
}

func TestAnEnvFileThatCannotBeReadIsThere(t *testing.T) {
	_, said := loadText(t, "services: {a: {image: busybox, env_file: ./file/x.env}}\n", map[string]string{"file": ""})
	if want := "file/x.env cannot be read: not a directory"; !strings.Contains(said, want) {
		t.Errorf("no %q in\n%s", want, said)
	}
}
