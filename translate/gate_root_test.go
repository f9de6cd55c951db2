package translate

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
)

// leading are services, and what stands at the top, that name a file which is in the
// repository and not in the project directory.
var leading = []string{
	"env_file: ../shared/a.env",
	"env_file: [{path: ../shared/a.env}]",
	"label_file: ../shared/a.txt",
	"extends: {file: ../shared/base.yaml, service: base}",
	"volumes: [../shared/a.txt:/a:ro]",
	"volumes: [../shared:/a:ro]",
	"build: ../shared/build",
	"build: {context: ./x, additional_contexts: {a: ../shared}}",
	"build: {context: .., dockerfile: project/x/Dockerfile}",
	"configs: [c]\nconfigs: {c: {file: ../shared/a.txt}}",
	"secrets: [s]\nsecrets: {s: {file: ../shared/a.txt}}",
	"environment: {}\ninclude: [../shared/more.yaml]",
	"environment: {}\ninclude: [{path: fine.yaml, env_file: ../shared/a.env}]",
}

// unpacked is the machine without a .git: what a download of a repository unpacks to.
func unpacked(t *testing.T) string {
	t.Helper()
	machine := t.TempDir()
	t.Setenv("HOME", filepath.Join(machine, "home"))
	writeTree(t, machine, map[string]string{
		"home/.netrc": "MUST_NOT_BE_READ=1\n", "repository/project/x/Dockerfile": "FROM busybox\n", "repository/project/fine.yaml": "services: {}\n",
		"repository/shared/a.env": "A=1\n", "repository/shared/a.txt": "A=1\n", "repository/shared/build/Dockerfile": "FROM busybox\n",
		"repository/shared/base.yaml": "services: {base: {image: busybox}}\n", "repository/shared/more.yaml": "services: {}\n",
	})
	return machine
}

// webWith is a stack with a service, and with what stands after it at the top.
func webWith(service string) string {
	service, top, _ := strings.Cut(service, "\n")
	image := "    image: busybox\n"
	if strings.HasPrefix(service, "build") || strings.HasPrefix(service, "extends") {
		image = ""
	}
	return "name: x\nservices:\n  web:\n" + image + "    " + service + "\n" + top + "\n"
}

// TestWithoutARepositoryTheRootIsToBeNamed has files beside the project directory where no
// .git tells that they are the project's: the help names the root that lifts it.
func TestWithoutARepositoryTheRootIsToBeNamed(t *testing.T) {
	for _, service := range leading {
		t.Run(service, func(t *testing.T) {
			machine := unpacked(t)
			strict := placesOf(atGate(t, machine, webWith(service), Options{Untrusted: true}), "outside of the project directory, and no .git is in it or above it")
			said := placesOf(atGate(t, machine, webWith(service), Options{}), "no .git is in it or above it")
			if len(strict) != 1 || strict[0].Severity != diag.Error || len(said) != 1 || said[0].Severity != diag.Warning {
				t.Fatalf("%v, untrusted %v", said, strict)
			}
			for _, d := range append(said, strict...) {
				if !strings.Contains(d.Help, "--project-root .., or allow it with --allow-path ..") || strings.Contains(d.Help, "repository") {
					t.Errorf("help: %s", d.Help)
				}
			}
			rest := atGate(t, machine, webWith(service), Options{Untrusted: true, ProjectRoot: ".."})
			if got := placesOf(rest, "outside of"); len(got) > 0 {
				t.Errorf("with the root: %v", got)
			}
		})
	}
}

// TestNoRootIsNamedThatIsNone has files that only the root of the machine, or a home, holds
// together with the project.
func TestNoRootIsNamedThatIsNone(t *testing.T) {
	for _, file := range []string{"/etc/hostname", "~/.netrc", "../../home/.netrc"} {
		machine := unpacked(t)
		got := placesOf(atGate(t, machine, webWith("env_file: "+file), Options{
			Untrusted: true, Environment: map[string]string{"HOME": filepath.Join(machine, "home")},
		}), "outside of the project directory")
		if len(got) != 1 || strings.Contains(got[0].Help, "--project-root") || !strings.Contains(got[0].Help, "--allow-path") {
			t.Errorf("%s: %v", file, got)
		}
	}
}

// TestTheRootIsWrittenForAShell has a root with a space in its name.
func TestTheRootIsWrittenForAShell(t *testing.T) {
	machine := unpacked(t)
	writeTree(t, machine, map[string]string{"a b/project/compose.yaml": "services: {web: {image: busybox, env_file: ../a.env}}\n", "a b/a.env": "A=1\n"})
	o := Options{Dir: machine, Files: []string{"a b/project/compose.yaml"}, Untrusted: true}
	_, ds := Load(t.Context(), o)
	if got := placesOf(ds, "outside of"); len(got) != 1 || !strings.Contains(got[0].Help, "--project-root 'a b', or allow it with --allow-path 'a b/a.env'") {
		t.Errorf("%s", printed(ds))
	}
}

// TestNobodyIsToldToCommitSecrets looks at the help for files that hold secrets, and at that
// for others, which belong into the repository.
func TestNobodyIsToldToCommitSecrets(t *testing.T) {
	for service, want := range map[string]string{
		"secrets: [tok]\nsecrets: {tok: {file: ../../elsewhere/file.txt}}":     "give the value by a variable with secrets.tok.environment, or allow it with --allow-path ../../elsewhere/file.txt",
		"secrets: [tok]\nsecrets: {tok: {file: \"${NO:-link.txt}\"}}":          "give the value by a variable with secrets.tok.environment, or allow it with --allow-path ../../elsewhere/file.txt",
		"env_file: ../../elsewhere/file.env":                                   "allow it with --allow-path ../../elsewhere/file.env",
		"env_file: [{path: ../../elsewhere/file.txt}]":                         "allow it with --allow-path ../../elsewhere/file.txt",
		"pre_start: [{command: [a], env_file: ../../elsewhere/file.txt}]":      "allow it with --allow-path ../../elsewhere/file.txt",
		"environment: {}\ninclude: [{path: ok.yaml, env_file: link/file.env}]": "allow it with --allow-path ../../elsewhere/file.env",
		"volumes: [../../elsewhere/file.env:/app/.env:ro]":                     "allow it with --allow-path ../../elsewhere/file.env",
		"configs: [c]\nconfigs: {c: {file: ../../elsewhere/file.txt}}":         "put it into the repository, or allow it with --allow-path ../../elsewhere/file.txt",
		"build: ../../elsewhere/build":                                         "put it into the repository, or allow it with --allow-path ../../elsewhere/build",
	} {
		for _, untrusted := range []bool{false, true} {
			machine := makeMachine(t)
			writeTree(t, machine, map[string]string{"repository/project/ok.yaml": "services: {}\n"})
			ds := atGate(t, machine, webWith(service), Options{Untrusted: untrusted})
			if got := placesOf(ds, "outside of the repository"); len(got) != 1 || got[0].Help != want {
				t.Errorf("%s: %v", service, got)
			}
		}
	}
}

// TestARemoteContextIsInNoDirectory: where no .git is found, nothing is looked for above it.
func TestARemoteContextIsInNoDirectory(t *testing.T) {
	for _, build := range []string{"https://github.com/acme/web.git#main", "git@github.com:acme/web.git", "{context: ., additional_contexts: {base: \"docker-image://busybox\"}}"} {
		dir := t.TempDir()
		writeTree(t, dir, map[string]string{"compose.yaml": "services: {web: {build: \"" + build + "\"}}\n", "Dockerfile": "FROM scratch\n"})
		if strings.HasPrefix(build, "{") {
			writeTree(t, dir, map[string]string{"compose.yaml": "services: {web: {build: " + build + "}}\n"})
		}
		ds := loadAll(t, Options{Dir: dir, ProjectName: "x", Untrusted: true, Environment: map[string]string{"HOME": t.TempDir()}})
		if got := placesOf(ds, "outside of"); len(got) > 0 {
			t.Errorf("%s: %v", build, got)
		}
	}
}
