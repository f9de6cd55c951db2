package translate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sample"
)

// TestLoadSaysAllThereIsToSay runs over testdata/load: each folder holds compose
// files, options.json where flags are given, and diagnostics.txt, which is what
// is printed.
func TestLoadSaysAllThereIsToSay(t *testing.T) {
	for _, dir := range loadCases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			p, ds := Load(t.Context(), loadOptions(t, dir))
			if p == nil && !ds.HasErrors() {
				t.Error("no project, and no error")
			}
			for _, d := range ds {
				if d.Severity == diag.Error && !regexp.MustCompile(`^\S.*:\d+:\d+: error: `).MatchString(d.String()) {
					t.Errorf("no position: %s", d)
				}
			}
			compareGolden(t, filepath.Join(dir, "diagnostics.txt"), printedList(ds))
		})
	}
}

func loadCases(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("testdata/load/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	return dirs
}

func loadOptions(t *testing.T, dir string) Options {
	t.Helper()
	var o Options
	content, err := os.ReadFile(filepath.Join(dir, "options.json"))
	if err == nil {
		err = json.Unmarshal(content, &o)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	o.Dir = dir
	return o
}

func printedList(ds diag.List) string {
	var b strings.Builder
	ds.Print(&b)
	return b.String()
}

// compareGolden compares a text with a file, or writes the file.
func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestLoadTwiceSaysTheSame(t *testing.T) {
	for _, dir := range sample.Of(t, loadCases(t), 4, filepath.Base) {
		o := loadOptions(t, dir)
		_, first := Load(t.Context(), o)
		for range 5 {
			if _, again := Load(t.Context(), o); !cmp.Equal(first, again) {
				t.Errorf("%s:\n%s", dir, cmp.Diff(first, again))
				break
			}
		}
	}
}

func TestLoadsSideBySideWriteNothingToTheLogger(t *testing.T) {
	var out strings.Builder
	logrus.SetOutput(&out)
	defer logrus.SetOutput(os.Stderr)
	var wg sync.WaitGroup
	for _, dir := range loadCases(t) {
		o := loadOptions(t, dir)
		wg.Go(func() { Load(t.Context(), o) })
	}
	wg.Wait()
	if out.Len() > 0 {
		t.Errorf("logged: %s", out.String())
	}
	if logrus.StandardLogger().Out != io.Writer(&out) {
		t.Error("the output of the logger was not given back")
	}
}

func TestLoadFindsFilesAsDockerComposeDoes(t *testing.T) {
	const content = "services: {web: {image: nginx}}\n"
	for _, test := range []struct {
		name  string
		files []string // to write
		o     Options
		want  string // "", or what an error says
		used  []string
	}{
		{name: "the first of the default names, and its override", files: []string{"docker-compose.yml", "compose.yaml", "compose.override.yml"},
			used: []string{"compose.yaml", "compose.override.yml"}},
		{name: "a parent directory", files: []string{"../compose.yml"}, used: []string{"../compose.yml"}},
		{name: "files that are named", files: []string{"a.yaml", "b.yaml"}, o: Options{Files: []string{"a.yaml", "b.yaml"}},
			used: []string{"a.yaml", "b.yaml"}},
		{name: "COMPOSE_FILE", files: []string{"a.yaml", "b.yaml"}, o: Options{Environment: map[string]string{
			"COMPOSE_FILE": "a.yaml,b.yaml", "COMPOSE_PATH_SEPARATOR": ","}}, used: []string{"a.yaml", "b.yaml"}},
		{name: "standard input", o: Options{Files: []string{"-"}, Stdin: strings.NewReader(content)}, used: []string{"-"}},
		{name: "no standard input", o: Options{Files: []string{"-"}}, want: "error: cannot read <stdin>: there is no standard input"},
		{name: "a file that is not there", o: Options{Files: []string{"no.yaml"}}, want: "error: no such compose file: no.yaml"},
		{name: "one of two that is not there", files: []string{"a.yaml"}, o: Options{Files: []string{"a.yaml", "no.yaml"}},
			want: "a.yaml:1:1: error: no such compose file: no.yaml"},
		{name: "a directory", files: []string{"d/x"}, o: Options{Files: []string{"d"}}, want: "error: d is a directory, not a compose file"},
		{name: "no file at all", want: "error: no compose file: looked for compose.yaml, compose.yml, docker-compose.yml, docker-compose.yaml in "},
		{name: "an env file that is not there", files: []string{"a.yaml"}, o: Options{Files: []string{"a.yaml"}, EnvFiles: []string{"no.env"}},
			want: "error: no such env file: no.env, which --env-file names"},
		{name: "an env file of a variable that is not there", files: []string{"a.yaml"}, o: Options{Files: []string{"a.yaml"}, Environment: map[string]string{"COMPOSE_ENV_FILES": "no.env"}},
			want: "error: no such env file: no.env, which COMPOSE_ENV_FILES names"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "project")
			for _, file := range append(test.files, ".keep") {
				file = filepath.Join(dir, file)
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			test.o.Dir = dir
			p, ds := Load(t.Context(), test.o)
			if test.want != "" {
				if got := printedList(ds); p != nil || !strings.HasPrefix(got, test.want) {
					t.Errorf("got %s", got)
				}
				return
			}
			if p == nil {
				t.Fatal(ds.Err())
			}
			var used []string
			for _, file := range p.Compose.ComposeFiles {
				if file != "-" {
					file, _ = filepath.Rel(dir, file)
				}
				used = append(used, file)
			}
			if diff := cmp.Diff(test.used, used); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheProjectIsNamedAsDockerComposeDoes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "My Project.1")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	unnamed, named := "services: {web: {image: nginx}}\n", "name: ${STACK:-Shop}\nservices: {web: {image: nginx}}\n"
	env := map[string]string{"COMPOSE_PROJECT_NAME": "fromenv"}
	for _, test := range []struct {
		name, content, want string
		o                   Options
	}{
		{"after its directory", unnamed, "myproject1", Options{}},
		{"after the file", named, "shop", Options{}},
		{"after the file, with a variable", named, "other", Options{Environment: map[string]string{"STACK": "other"}}},
		{"after the environment", named, "fromenv", Options{Environment: env}},
		{"after the flag", named, "flag", Options{Environment: env, ProjectName: "flag"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.o.Dir, test.o.Files, test.o.Stdin = dir, []string{"-"}, strings.NewReader(test.content)
			p, ds := Load(t.Context(), test.o)
			if p == nil {
				t.Fatal(ds.Err())
			}
			if p.Name != test.want {
				t.Errorf("got %s, want %s", p.Name, test.want)
			}
		})
	}
}

func TestProfilesComeFromFlagsOrElseTheEnvironment(t *testing.T) {
	content := "services: {a: {image: x, profiles: [a]}, b: {image: x, profiles: [b]}, c: {image: x}}\n"
	env := map[string]string{"COMPOSE_PROFILES": " a ,"}
	for _, test := range []struct {
		name string
		o    Options
		want []string
	}{
		{"none", Options{}, []string{"c"}},
		{"the environment", Options{Environment: env}, []string{"a", "c"}},
		{"flags win", Options{Environment: env, Profiles: []string{"b"}}, []string{"b", "c"}},
		{"all", Options{Profiles: []string{"*"}}, []string{"a", "b", "c"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.o.Dir, test.o.Files, test.o.Stdin = t.TempDir(), []string{"-"}, strings.NewReader(content)
			p, ds := Load(t.Context(), test.o)
			if p == nil {
				t.Fatal(ds.Err())
			}
			if diff := cmp.Diff(test.want, p.Compose.ServiceNames()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzLoad looks for files that bring the search for mistakes to its knees.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/load/*/compose.yaml")
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content))
	}
	f.Fuzz(func(t *testing.T, content string) {
		p, ds := Load(t.Context(), Options{Dir: t.TempDir(), Files: []string{"-"}, Stdin: strings.NewReader(content)})
		if p == nil && !ds.HasErrors() {
			t.Error("no project, and no error")
		}
		for _, d := range ds {
			if d.Severity == diag.Error && d.Pos.Line == 0 {
				t.Errorf("no position: %s", d)
			}
		}
	})
}

func ExampleLoad() {
	p, ds := Load(context.Background(), Options{Dir: "testdata/load/override-wins"})
	fmt.Println(p.Name, p.At("services", "web", "hostname"))
	fmt.Println(ds[0])
	// Output:
	// override-wins compose.override.yaml:4:5
	// compose.override.yaml:3:5: error: services.web.privileged: Fargate does not run privileged containers
	//   help: run the service on EC2 or ECS Managed Instances, and leave it out here with x-fargate: {skip: true}
}
