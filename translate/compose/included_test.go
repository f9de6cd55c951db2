package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
)

// TestVariablesOfIncludesAreBounded has few files that are looked at with many variables,
// often. Beside each is one that is just small enough.
func TestVariablesOfIncludesAreBounded(t *testing.T) {
	lines := repeated(15_000, "V%[1]d=x\n")
	including := func(count int, item string) string {
		return "include:\n" + repeated(count, "  - "+item+"\n")
	}
	const bounded = " the env files, and the variables of all that is included, have more than %d lines, each as often as it is read"
	for name, test := range map[string]struct {
		files map[string]string
		want  string // of the first error; "" for none
	}{
		"an env file of many":        {map[string]string{"c.yaml": including(40, "{path: p%[1]d.yaml, env_file: e}"), "e": lines}, "c.yaml:15:5" + fmt.Sprintf(bounded, 407_000)},
		"an env file of some":        {map[string]string{"c.yaml": including(4, "{path: p%[1]d.yaml, env_file: e}"), "e": lines}, ""},
		"env files of one":           {map[string]string{"c.yaml": "include: [{path: p1.yaml, env_file: [" + strings.Repeat("e, ", 40) + "e]}]", "e": lines}, "c.yaml:1:11" + fmt.Sprintf(bounded, 400_500)},
		"a .env beside what is":      {map[string]string{"c.yaml": including(40, "{path: p%[1]d.yaml, project_directory: d}"), "d/.env": lines}, "c.yaml:15:5" + fmt.Sprintf(bounded, 407_000)},
		"the variables of all":       {map[string]string{"c.yaml": including(60, "d/p%[1]d.yaml"), ".env": lines}, "c.yaml:28:5" + fmt.Sprintf(bounded, 413_500)},
		"a file again and again":     {map[string]string{"c.yaml": "include: [{path: [" + strings.Repeat("d/p1.yaml, ", 60) + "d/p1.yaml]}]", ".env": lines}, "c.yaml:1:11" + fmt.Sprintf(bounded, 401_000)},
		"env files that .env names":  {map[string]string{".env": "COMPOSE_FILE=d/c.yaml\nCOMPOSE_ENV_FILES=" + "e" + strings.Repeat(",f", 60) + "\n", "f": "F=1\n", "d/c.yaml": "services: {a: {image: x}}\n", "e": lines}, "f:1:1" + fmt.Sprintf(bounded, 400_000)},
		"an env file that .env does": {map[string]string{".env": "COMPOSE_FILE=d/c.yaml\nCOMPOSE_ENV_FILES=e,e,e\n", "d/c.yaml": "services: {a: {image: x}}\n", "e": lines}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for i := range 61 {
				text := fmt.Sprintf("services: {s%d: {image: x}}\n", i)
				test.files[fmt.Sprintf("p%d.yaml", i)], test.files[fmt.Sprintf("d/p%d.yaml", i)] = text, text
			}
			writeFiles(t, dir, test.files)
			_, ds := Load(t.Context(), Options{Dir: dir, ProjectName: "x", Files: namedIn(test.files, "c.yaml")})
			got := ""
			for _, d := range ds {
				if d.Severity == diag.Error && got == "" {
					got = d.Pos.String() + " " + d.Summary
				}
			}
			if got != test.want {
				t.Errorf("got  %.300s\nwant %s", got, test.want)
			}
		})
	}
}

// TestEnvFileOfManyIncludesIsReadOnce counts how many sets of variables there are.
func TestEnvFileOfManyIncludesIsReadOnce(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"c.yaml": "include:\n" + repeated(20, "  - {path: p%[1]d.yaml, env_file: e}\n") + repeated(20, "  - {path: q%[1]d.yaml, env_file: [e, f]}\n"), "e": "TAG=1\n", "f": "TAG=2\n"}
	for i := range 20 {
		files[fmt.Sprintf("p%d.yaml", i)] = fmt.Sprintf("services: {p%d: {image: 'x:$TAG'}}\n", i)
		files[fmt.Sprintf("q%d.yaml", i)] = fmt.Sprintf("services: {q%d: {image: 'x:$TAG'}}\n", i)
	}
	writeFiles(t, dir, files)
	p, ds := Load(t.Context(), Options{Dir: dir, ProjectName: "x", Files: []string{"c.yaml"}})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	sets := map[uintptr]bool{}
	for _, d := range p.files.layers {
		sets[reflect.ValueOf(d.env).Pointer()] = true
	}
	if len(p.files.layers) != 41 || len(sets) != 3 {
		t.Errorf("%d sets of variables for %d files", len(sets), len(p.files.layers))
	}
	if p19, q0 := p.Compose.Services["p19"].Image, p.Compose.Services["q0"].Image; p19 != "x:1" || q0 != "x:2" {
		t.Errorf("images %s and %s", p19, q0)
	}
}

func namedIn(files map[string]string, name string) []string {
	if _, ok := files[name]; ok {
		return []string{name}
	}
	return nil
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
