package translate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// outsideTree is a machine: a repository, in which files lead out of it, beside others.
// What must not be read says so.
var outsideTree = map[string]string{
	"repository/.git/config":                     "[remote]\n\turl = https://MUST-NOT-BE-READ@example.com\n",
	"repository/shared/inside.txt":               "inside\n",
	"repository/project/fine.txt":                "fine\n",
	"elsewhere/file.txt":                         "MUST-NOT-BE-READ\n",
	"elsewhere/file.env":                         "MUST_NOT_BE_READ=1\n",
	"elsewhere/base.yaml":                        "services: {base: {image: MUST-NOT-BE-READ}}\n",
	"elsewhere/dir/file.txt":                     "MUST-NOT-BE-READ\n",
	"elsewhere/build/Dockerfile":                 "MUST-NOT-BE-READ\n",
	"repository/project/x/Dockerfile":            "FROM busybox\n",
	"home/.netrc":                                "MUST_NOT_BE_READ=1\n",
	"repository/project/tilde.yaml":              "services: {base: {image: busybox, env_file: ~/.netrc}}\n",
	"repository/project/~/.netrc":                "FINE=1\n",
	"repository/project/~/base.yaml":             "services: {base: {image: busybox, env_file: .netrc}}\n",
	"repository/project/chain.yaml":              "services: {base: {extends: {file: ~/base.yaml, service: base}}}\n",
	"repository/project/ignoring/Dockerfile":     "FROM busybox\n",
	"repository/project/ignoring-git/Dockerfile": "FROM busybox\n",
	"repository/project/x/Other":                 "FROM busybox\n",
	"home/base.yaml":                             "services: {base: {image: MUST-NOT-BE-READ}}\n",
}

var outsideLinks = map[string]string{
	"repository/project/link.txt":  "../../elsewhere/file.txt",
	"repository/project/link":      "../../elsewhere",
	"repository/project/chain":     "link.txt",
	"repository/project/home":      "../shared/inside.txt",
	"repository/project/gone":      "../../elsewhere/gone.txt",
	"repository/project/git":       "../.git",
	"repository/project/.hid.env":  "../../elsewhere/file.env",
	"repository/project/null.conf": "/dev/null",

	"repository/project/ignoring/.dockerignore":     "../../../elsewhere/file.txt",
	"repository/project/ignoring-git/.dockerignore": "../../.git/config",
	"repository/project/x/Other.dockerignore":       "../../../elsewhere/file.txt",
}

func makeMachine(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", filepath.Join(dir, "home")) // compose-go asks the process
	writeTree(t, dir, outsideTree)
	for name, to := range outsideLinks {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// atGate loads a stack in the project of the machine and translates it.
func atGate(t *testing.T, machine, file string, o Options) diag.List {
	t.Helper()
	o.Dir = filepath.Join(machine, "repository/project")
	o.Files, o.Stdin = []string{"-"}, strings.NewReader(file)
	p, ds := Load(t.Context(), o)
	if p != nil {
		_, more := p.Stack(plan.Facts{})
		ds = append(ds, more...).Sorted()
	}
	return ds
}

// TestFilesOutsideOfTheRepository has all that names a file of this machine name one
// outside: it is a warning at its place, which --allow-path answers, an error where
// the files may be a stranger's, and what git has for itself is one always.
func TestFilesOutsideOfTheRepository(t *testing.T) {
	const inside, outside, git = "", "outside of the repository", "belongs to git itself"
	for file, want := range map[string]string{
		"env_file: ../../elsewhere/file.env":                                                                                  outside,
		"env_file: [{path: ../../elsewhere/file.env, required: false}]":                                                       outside,
		"env_file: [fine.txt, .hid.env]":                                                                                      outside,
		"label_file: ../../elsewhere/file.env":                                                                                outside,
		"extends: {file: ../../elsewhere/base.yaml, service: base}":                                                           outside,
		"environment: {}\njobs: {job: {image: a, triggers: {manual: true}, env_file: ../../elsewhere/file.env}}":              outside,
		"environment: {}\njobs: {job: {triggers: {manual: true}, extends: {file: ../../elsewhere/base.yaml, service: base}}}": outside,
		"pre_start: [{command: [a], env_file: ../../elsewhere/file.env}]":                                                     outside,
		"volumes: [../../elsewhere/file.txt:/a:ro]":                                                                           outside,
		"volumes: [../../elsewhere/dir:/a:ro]":                                                                                outside,
		"volumes: [./link.txt:/a:ro]":                                                                                         outside,
		"volumes: [./chain:/a:ro]":                                                                                            outside,
		"volumes: [./link/dir:/a:ro]":                                                                                         outside,
		"volumes: [{type: bind, source: ./link/file.txt, target: /a}]":                                                        outside,
		"build: ../../elsewhere/build":                                                                                        outside,
		"build: {context: ., dockerfile: ../../elsewhere/build/Dockerfile}":                                                   outside,
		"build: {context: ./x, additional_contexts: {other: ../../elsewhere/build}}":                                          outside,
		"configs: [file]\nconfigs: {file: {file: ../../elsewhere/file.txt}}":                                                  outside,
		"configs: [file]\nconfigs: {file: {file: link.txt}}":                                                                  outside,
		"secrets: [file]\nsecrets: {file: {file: ../../elsewhere/file.txt}}":                                                  outside,
		"environment: {}\ninclude: [../../elsewhere/base.yaml]":                                                               outside,
		"environment: {}\ninclude: [{path: more.yaml, env_file: [link/file.env]}]":                                            outside,
		"build: {context: ./x, ssh: [\"k=../../elsewhere/file.txt\"]}":                                                        outside,
		"build: {context: ./x, ssh: {k: ~/.netrc}}":                                                                           outside,
		"build: {context: ./x, ssh: [default, k=fine.txt]}":                                                                   inside,
		"build: {context: ./x, cache_from: [\"type=local,src=../../elsewhere/dir\"]}":                                         outside,
		"build: {context: ./x, cache_from: [\"\\\"src=../../elsewhere/dir\\\",type=local\"]}":                                 outside,
		"build: {context: ./x, cache_to: [\"type=local,mode=max,dest=../../elsewhere/dir\"]}":                                 outside,
		"build: {context: ./x, cache_to: [\"type=local,dest=.cache\"], cache_from: [example/a]}":                              inside,
		"build: {context: ./x, additional_contexts: {a: \"oci-layout://../../elsewhere/dir\"}}":                               outside,
		"build: {context: ./x, additional_contexts: [\"a=oci-layout://link/dir:tag\"]}":                                       outside,
		"build: {context: ./x, additional_contexts: {a: \"file:///elsewhere\"}}":                                              outside,
		"build: {context: ./x, additional_contexts: {a: \"docker-image://alpine\"}}":                                          inside,
		"build: {context: \"file:///elsewhere\"}":                                                                             outside,
		"build: ./ignoring": outside,
		"build: {context: ./x, additional_contexts: {a: ./ignoring}}":               outside,
		"build: {context: ./x, dockerfile: Other}":                                  outside,
		"build: ./ignoring-git":                                                     git,
		"env_file: ~/.netrc":                                                        outside,
		"label_file: [~/.netrc]":                                                    outside,
		"pre_start: [{command: [a], env_file: [{path: ~/.netrc}]}]":                 outside,
		"environment: {}\ninclude: [tilde.yaml]":                                    outside,
		"extends: {file: tilde.yaml, service: base}":                                outside,
		"extends: {file: ~/base.yaml, service: base}":                               outside, // compose-go reads ~/.netrc
		"extends: {file: chain.yaml, service: base}":                                outside,
		"environment: {}\ninclude: [{path: ~/base.yaml}]":                           inside,
		"environment: {}\ninclude: [{path: ~/base.yaml, project_directory: \"~\"}]": inside,
		"env_file: [{path: ../../elsewhere/none.env, required: false}]":             inside,
		"volumes: [../.git/config:/a:ro]":                                           git,
		"volumes: [./git/config:/a:ro]":                                             git,
		"configs: [file]\nconfigs: {file: {file: ../.git/config}}":                  git,
		"env_file: ../.git/config":                                                  git,
		"volumes: [../shared/inside.txt:/a:ro, ./home:/b:ro, ./fine.txt:/c:ro]":     inside,
		"configs: [file]\nconfigs: {file: {file: home}}":                            inside,
		"build: ./x":                             inside,
		"env_file: /dev/null":                    inside,
		"volumes: [./link:/data]\nx-fargate: {}": outside,
		"environment: {A: \"${B:-../../elsewhere}\"}\nx-not-a-file: ../../elsewhere": inside,
		"volumes: [\"${NOWHERE:-../../elsewhere/file.txt}:/a:ro\"]":                  outside,
		"env_file: [\"${NOWHERE:-../../elsewhere/file.env}\"]":                       outside,
		"volumes: [../../elsewhere/nothing:/var/lib/postgresql/data]":                inside, // a volume on EFS, of which nothing is read
		"secrets: [file]\nsecrets: {file: {file: ../../elsewhere/none.txt}}":         outside,
		"pre_start: [{command: [a], volumes: [\"../../elsewhere/file.txt:/a:ro\"]}]": outside,
	} {
		t.Run(file, func(t *testing.T) {
			machine := makeMachine(t)
			writeTree(t, machine, map[string]string{"repository/project/more.yaml": "services: {}\n"})
			service, top, _ := strings.Cut(file, "\n")
			image := "    image: busybox\n"
			if strings.HasPrefix(service, "build") || strings.HasPrefix(service, "extends") {
				image = ""
			}
			stack := "name: x\nservices:\n  web:\n" + image + "    " + service + "\n" + top + "\n"

			said := placesOf(atGate(t, machine, stack, Options{}), "outside of the repository", "belongs to git itself")
			refused := atGate(t, machine, stack, Options{Untrusted: true})
			strict := placesOf(refused, "outside of the repository", "belongs to git itself")
			switch {
			case want == inside && len(said)+len(strict) > 0:
				t.Fatalf("said of what is in the repository: %v %v", said, strict)
			case want != inside && (len(said) != 1 || len(strict) != 1):
				t.Fatalf("%v, untrusted %v", said, strict)
			case want == outside && (said[0].Severity != diag.Warning || strict[0].Severity != diag.Error):
				t.Errorf("not a warning and an error: %v, %v", said[0], strict[0])
			case want == git && (said[0].Severity != diag.Error || strict[0].Severity != diag.Error):
				t.Errorf("not an error: %v, %v", said[0], strict[0])
			}
			if text := printed(refused); strings.Contains(text, "MUST") {
				t.Errorf("read all the same:\n%s", text)
			}
			if want != outside {
				return
			}
			_, flag, ok := strings.Cut(strict[0].Help, "--allow-path ")
			if !ok {
				t.Fatalf("no way out: %s", strict[0].Help)
			}
			allowed := Options{Untrusted: true, AllowPaths: []string{flag}}
			if d := cmp.Diff([]diag.Diagnostic(nil), placesOf(atGate(t, machine, stack, allowed), "outside of the repository")); d != "" {
				t.Errorf("with %s:\n%s", flag, d)
			}
		})
	}
}

// placesOf are the diagnostics that say one of some words.
func placesOf(ds diag.List, words ...string) []diag.Diagnostic {
	var out []diag.Diagnostic
	for _, d := range ds {
		for _, word := range words {
			if strings.Contains(d.Summary, word) {
				out = append(out, d)
			}
		}
	}
	return out
}

// TestAllThatIsOutsideIsNamedAtOnce allows just what the messages of one run name.
func TestAllThatIsOutsideIsNamedAtOnce(t *testing.T) {
	machine := makeMachine(t)
	stack := `name: x
services:
  web:
    image: busybox
    env_file: ../../elsewhere/file.env
    configs: [file]
    volumes: [./link/dir:/a:ro]
  built:
    build: ./link/build
configs: {file: {file: ./link.txt}}
`
	o := Options{Untrusted: true}
	for _, d := range atGate(t, machine, stack, o) {
		if _, flag, ok := strings.Cut(d.Help, "--allow-path "); ok && d.Severity == diag.Error {
			o.AllowPaths = append(o.AllowPaths, flag)
		}
	}
	want := []string{"../../elsewhere/file.env", "../../elsewhere/build", "../../elsewhere/dir", "../../elsewhere/file.txt"}
	if d := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(o.AllowPaths))); d != "" {
		t.Errorf("what to allow (-want +got)\n%s", d)
	}
	if rest := placesOf(atGate(t, machine, stack, o), "outside of the repository"); len(rest) > 0 {
		t.Errorf("still outside with %q: %v", o.AllowPaths, rest)
	}
}

// TestWhatIsNotReadIsNotRefused has files outside that no service which is deployed reads.
func TestWhatIsNotReadIsNotRefused(t *testing.T) {
	for _, service := range []string{
		"profiles: [debug]\n    env_file: ../../elsewhere/file.env",
		"profiles: [debug]\n    label_file: ../../elsewhere/file.env\n    pre_start: [{command: [a], env_file: ~/.netrc}]",
		"x-fargate: {skip: true}\n    env_file: ../../elsewhere/file.env",
		"x-fargate: {skip: true}\n    environment: [AWS_SECRET_ACCESS_KEY, \"A=${GITHUB_TOKEN}\"]",
		"env_file: [{path: ../../elsewhere/none.env, required: false}]",
	} {
		machine := makeMachine(t)
		stack := "name: x\nservices:\n  web: {image: busybox, command: [httpd, -f]}\n  other:\n    image: busybox\n    " + service + "\n"
		o := Options{Untrusted: true, Environment: map[string]string{"AWS_SECRET_ACCESS_KEY": "MUST-NOT", "GITHUB_TOKEN": "MUST-NOT"}}
		if ds := atGate(t, machine, stack, o); ds.HasErrors() || strings.Contains(printed(ds), "MUST") {
			t.Errorf("%s:\n%s", service, printed(ds))
		}
	}
}

// TestIncludedFilesAreReadWhereTheyWereLookedAt has included files include others from
// project directories of their own: compose-go looks for them from the current directory
// where nobody tells it better.
func TestIncludedFilesAreReadWhereTheyWereLookedAt(t *testing.T) {
	outer, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for what, files := range map[string]map[string]string{
		"from directories below": {
			"main.yaml":              "include: [{path: apps/compose.yaml, project_directory: apps}]\n",
			"apps/compose.yaml":      "include: [{path: api/compose.yaml, project_directory: api}]\n",
			"apps/api/compose.yaml":  "include: [{path: ../../shared/s.yaml, env_file: ../../shared/read.env}]\n",
			"shared/s.yaml":          "services: {found: {image: busybox, labels: {read: \"${READ}\"}, env_file: found.env}}\n",
			"shared/read.env":        "READ=right\n",
			"shared/found.env":       "FOUND=right\n",
			"apps/api/shared/s.yaml": "services: {wrong: {image: busybox}}\n",
		},
		"from directories beside": {
			"main.yaml":    "include: [{path: f0.yaml, project_directory: p/q/r}]\n",
			"p/q/r/.env":   "READ=right\n",
			"f0.yaml":      "include: [{path: ../../../f1.yaml, project_directory: ../../../p/q/r}]\n",
			"f1.yaml":      "include: [{path: ../../../f2.yaml, project_directory: ../../../p/q/r}]\n",
			"f2.yaml":      "include: [../../../in/inc.yaml]\n",
			"in/inc.yaml":  "services: {found: {image: busybox, labels: {read: \"${READ}\"}, env_file: found.env}}\n",
			"in/found.env": "FOUND=right\n",
		},
		"by absolute names and twice": {
			"main.yaml":   "include: [DIR/a.yaml, {path: [b.yaml, DIR/c.yaml], env_file: [DIR/a.env]}]\n",
			"a.yaml":      "include: [sub/d.yaml]\n",
			"b.yaml":      "include: [{path: sub/d.yaml}]\n",
			"c.yaml":      "services: {found: {labels: {read: right}}}\n",
			"a.env":       "A=1\n",
			"sub/d.yaml":  "services: {found: {image: busybox, env_file: e.env}}\n",
			"sub/e.env":   "FOUND=right\n",
			"sub/.env":    "B=1\n",
			"e.env":       "FOUND=wrong\n",
			"sub/sub/a.b": "",
		},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range files {
				files[name] = strings.ReplaceAll(text, "DIR", dir)
			}
			writeTree(t, dir, files)
			p, ds := Load(t.Context(), Options{Dir: outer, Files: []string{filepath.Join(dir, "main.yaml")}, ProjectName: "x", Untrusted: true})
			if ds.HasErrors() {
				t.Fatal(printed(ds))
			}
			found := p.Compose.Services["found"]
			if value := found.Environment["FOUND"]; value == nil || *value != "right" || found.Labels["read"] != "right" || len(p.Compose.Services) != 1 {
				t.Errorf("services %v: %v, %v", p.Compose.ServiceNames(), found.Environment, found.Labels)
			}
		})
	}
}

func TestAFileWithTwoProjectDirectoriesIncludesNothing(t *testing.T) {
	dir := t.TempDir()
	writeTree(t, dir, map[string]string{
		"main.yaml": "include: [{path: a.yaml, project_directory: x}, {path: a.yaml, project_directory: y}]\nservices: {web: {image: busybox}}\n",
		"a.yaml":    "include: [b.yaml]\n", "x/b.yaml": "services: {}\n", "y/b.yaml": "services: {}\n",
	})
	_, ds := Load(t.Context(), Options{Dir: dir, Files: []string{"main.yaml"}, ProjectName: "x"})
	if got := placesOf(ds, "is read with two project directories"); len(got) != 1 || got[0].Pos.File != "a.yaml" {
		t.Errorf("%s", printed(ds))
	}
}

// TestNoFileMovesTheRoot has .env name compose files outside of the repository that it is in.
func TestNoFileMovesTheRoot(t *testing.T) {
	for _, named := range []string{
		"MACHINE/elsewhere/base.yaml", "../../elsewhere/base.yaml", "link/base.yaml", "../../elsewhere/base.yaml:compose.yaml",
		"../../elsewhere/base.yaml:compose.yaml\nCOMPOSE_PROJECT_NAME=x", "compose.yaml:link/base.yaml",
	} {
		machine := makeMachine(t)
		writeTree(t, machine, map[string]string{
			"elsewhere/.git/HEAD":             "ref: refs/heads/main\n",
			"repository/project/.env":         "COMPOSE_FILE=" + strings.ReplaceAll(named, "MACHINE", machine) + "\n",
			"repository/project/compose.yaml": "services: {web: {image: busybox}}\n",
		})
		_, ds := Load(t.Context(), Options{Dir: filepath.Join(machine, "repository/project"), ProjectName: "x", Untrusted: true})
		if got := placesOf(ds, "outside of the repository"); len(got) != 1 || strings.Contains(printed(ds), "MUST") {
			t.Errorf("%s:\n%s", named, printed(ds))
		}
	}
}

// TestTheUserMovesTheRoot has the process, or where a compose file was found, say the same.
func TestTheUserMovesTheRoot(t *testing.T) {
	for what, o := range map[string]Options{
		"-f":                         {Dir: "repository/project", Files: []string{"../../other/compose.yaml"}},
		"COMPOSE_FILE":               {Dir: "repository/project", Environment: map[string]string{"COMPOSE_FILE": "../../other/compose.yaml"}},
		"--project-directory":        {Dir: "repository/project", ProjectDirectory: "../../other"},
		"found in a directory above": {Dir: "other/modules/lib"},
	} {
		machine := makeMachine(t)
		writeTree(t, machine, map[string]string{
			"other/.git/HEAD": "", "other/modules/lib/.git": "gitdir: ../../.git/modules/lib\n", "other/a.env": "A=1\n",
			"other/compose.yaml": "services: {web: {image: busybox, env_file: a.env}}\n",
		})
		o.Dir, o.ProjectName, o.Untrusted = filepath.Join(machine, o.Dir), "x", true
		if _, ds := Load(t.Context(), o); ds.HasErrors() {
			t.Errorf("%s:\n%s", what, printed(ds))
		}
	}
}

// TestWhatIsGitsOwnUnderAnotherName is read for no file either.
func TestWhatIsGitsOwnUnderAnotherName(t *testing.T) {
	for what, make := range map[string]func(root string) error{
		"a file that names it": func(root string) error { return os.WriteFile(root+"/.git", []byte("gitdir: data\n"), 0o600) },
		"by its whole name":    func(root string) error { return os.WriteFile(root+"/.git", []byte("gitdir: "+root+"/data\n"), 0o600) },
		"a link":               func(root string) error { return os.Symlink("data", root+"/.git") },
		"a worktree": func(root string) error {
			return os.WriteFile(root+"/.git", []byte("gitdir: data/worktrees/w\n"), 0o600)
		},
	} {
		root := t.TempDir()
		writeTree(t, root, map[string]string{
			"data/config": "MUST-NOT-BE-READ", "data/HEAD": "", "data/worktrees/w/commondir": "../..\n", "project/.keep": "",
		})
		if err := make(root); err != nil {
			t.Fatal(err)
		}
		stack := "services: {web: {image: busybox, configs: [c]}}\nconfigs: {c: {file: ../data/config}}\n"
		o := Options{Dir: filepath.Join(root, "project"), Files: []string{"-"}, Stdin: strings.NewReader(stack), ProjectName: "x"}
		p, ds := Load(t.Context(), o)
		_, more := p.Stack(plan.Facts{})
		if got := placesOf(append(ds, more...), "belongs to git itself"); len(got) != 1 {
			t.Errorf("%s:\n%s", what, printed(append(ds, more...)))
		}
	}
}

// TestADeviceIsNotAllowed because nothing would be gained.
func TestADeviceIsNotAllowed(t *testing.T) {
	for _, service := range []string{"env_file: /dev/zero", "build: ./zero", "configs: [c]\nconfigs: {c: {file: /dev/zero}}"} {
		machine := makeMachine(t)
		writeTree(t, machine, map[string]string{"repository/project/zero/Dockerfile": "FROM busybox\n"})
		if err := os.Symlink("/dev/zero", filepath.Join(machine, "repository/project/zero/.dockerignore")); err != nil {
			t.Fatal(err)
		}
		of, top, _ := strings.Cut(service, "\n")
		ds := atGate(t, machine, "name: x\nservices:\n  web:\n    image: busybox\n    "+of+"\n"+top+"\n", Options{Untrusted: true})
		got := placesOf(ds, "is a device of this machine")
		if len(got) != 1 || strings.Contains(got[0].Help, "--allow-path") {
			t.Errorf("%s:\n%s", service, printed(ds))
		}
	}
}

func TestWhatAllowsNothingIsSaid(t *testing.T) {
	for _, test := range []struct {
		o        Options
		says     string
		severity diag.Severity
	}{
		{Options{AllowPaths: []string{""}}, "--allow-path is empty", diag.Error},
		{Options{AllowPaths: []string{"nothing/here"}}, "--allow-path nothing/here allows nothing", diag.Warning},
		{Options{AllowEnv: []string{"*"}}, "--allow-env * allows nothing", diag.Warning},
		{Options{AllowEnv: []string{"NOPE"}}, "--allow-env NOPE allows nothing", diag.Warning},
		{Options{AllowPaths: []string{"../../elsewhere"}, AllowEnv: []string{"GITHUB_TOKEN"}}, "", diag.Note},
	} {
		got := placesOf(atGate(t, makeMachine(t), "name: x\nservices: {web: {image: busybox}}\n", test.o), "--allow-")
		switch {
		case test.says == "" && len(got) > 0:
			t.Errorf("said of what allows something: %v", got)
		case test.says != "" && (len(got) != 1 || got[0].Severity != test.severity || !strings.HasPrefix(got[0].Summary, test.says)):
			t.Errorf("%s: %v", test.says, got)
		}
	}
}

// TestFilesThatCannotBeReadHaveTheirPlace names the file itself, or where it is named.
func TestFilesThatCannotBeReadHaveTheirPlace(t *testing.T) {
	dir := t.TempDir()
	writeTree(t, dir, map[string]string{
		"compose.yaml": "services: {web: {image: busybox}}\n",
		"env.yaml":     "services: {web: {image: busybox}}\ninclude:\n  - {path: compose.yaml, env_file: [a.env]}\n",
		"dir.yaml":     "services: {web: {image: busybox}}\ninclude:\n  - {path: compose.yaml, env_file: [sub]}\n",
		"odd.yaml":     "services: {web: {image: busybox}}\ninclude:\n  - {path: compose.yaml, env_file: [odd.env]}\n",
		"odd.env":      "A=1\nthis is none\n", "sub/a": "",
	})
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "endless.yaml")); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"endless.yaml": "endless.yaml:1:1: error: cannot read endless.yaml: it is a pipe or a device",
		"env.yaml":     "env.yaml:3:5: error: include: no such env file: a.env",
		"dir.yaml":     "dir.yaml:3:5: error: include: sub is a directory, not an env file",
		"odd.yaml":     "odd.env:2:1: error: this is not a line of an env file",
	} {
		_, ds := Load(t.Context(), Options{Dir: dir, Files: []string{"compose.yaml", file}, ProjectName: "x"})
		if got := printed(ds); !strings.Contains(got, want) || strings.Contains(got, "stat ") {
			t.Errorf("%s:\n%s", file, got)
		}
	}
}
