package image

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// docker is a program with docker's command line that writes down what it is
// told, and saves the image it is given.
func docker(t *testing.T, script string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "docker")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestABuildIsSavedAndPushed(t *testing.T) {
	host, dir := hub(t), t.TempDir()
	tag, _ := name.NewTag("built:1")
	saved := filepath.Join(dir, "saved.tar")
	if err := tarball.WriteToFile(saved, tag, machine(t, "linux/amd64")); err != nil {
		t.Fatal(err)
	}
	program := docker(t, `echo "$@" >> `+dir+`/log
case "$1 $2" in "save --output") cp `+saved+` "$3";; esac
echo building with $NPM_TOKEN`)
	var said bytes.Buffer
	digest, err := New(Options{}).Make(t.Context(), Order{
		Source: spec.ImageSource{
			Build: &spec.BuildSource{Service: "web", Context: dir, DockerfileInline: "FROM x", Platform: "linux/amd64"},
			Files: []spec.FileSource{text("/a", "x", 0o644)},
		},
		Platform: "linux/amd64", To: Destination{Repository: host + "/shop/web", Tag: "abc"},
	}, Builder{Command: program, Output: &said, Environ: append(os.Environ(), "NPM_TOKEN=t0ken")})
	if err != nil {
		t.Fatal(err)
	}
	ref, _ := name.ParseReference(host + "/shop/web@" + digest)
	img, err := remote.Image(ref)
	if err != nil {
		t.Fatal(err)
	}
	if got := contents(t, img); got["a"] == "" || got["etc/nginx/mime.types"] == "" {
		t.Errorf("it holds %v", got)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	if lines := strings.Split(strings.TrimSpace(string(log)), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[2], "image rm compose2fargate/build:") {
		t.Errorf("told: %s", log)
	}
	if !strings.Contains(said.String(), "building with t0ken") {
		t.Errorf("said: %s", said.String())
	}
}

func TestABuildThatFailsLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	program := docker(t, "exit 3")
	_, _, err := Builder{Command: program}.Build(t.Context(), spec.BuildSource{Service: "web", Context: ".", DockerfileInline: "FROM x"}, "")
	if err == nil || !strings.Contains(err.Error(), "build web") {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestAMissingBuilderIsKnownBefore(t *testing.T) {
	for _, program := range []string{filepath.Join(t.TempDir(), "none"), docker(t, "exit 1")} {
		if err := (Builder{Command: program}).Check(t.Context()); !errors.Is(err, ErrNoBuilder) {
			t.Errorf("%s: %v", program, err)
		}
	}
	if err := (Builder{Command: docker(t, "exit 0")}).Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestValuesOfABuildAreNotOnItsCommandLine has a builder tell what it is given: values are
// in its environment, under names that steer nothing on this machine.
func TestValuesOfABuildAreNotOnItsCommandLine(t *testing.T) {
	dir := t.TempDir()
	program := docker(t, `echo "$@" >> `+dir+`/line; env >> `+dir+`/env; exit 1`)
	b := Builder{Command: program, Environ: []string{"PATH=" + os.Getenv("PATH"), "LEVEL=process"}, Variables: map[string]string{
		"LD_PRELOAD": "./evil.so", "DOCKER_HOST": "tcp://evil", "TOKEN": "t0ken",
	}}
	_, _, err := b.Build(t.Context(), spec.BuildSource{
		Service: "web", Context: dir, DockerfileInline: "FROM x",
		Args:    map[string]string{"LEVEL": "4", "NPM_TOKEN": "s3cret", "LD_PRELOAD": "./evil.so", "https_proxy": "http://evil", "PATH": "/evil", "DOCKER_HOST": "tcp://evil"},
		Secrets: []spec.BuildSecret{{ID: "a", Env: "TOKEN"}, {ID: "b", Env: "LD_PRELOAD"}, {ID: "c", Env: "UNSET"}},
	}, "")
	if err == nil {
		t.Fatal("the builder failed, and that is lost")
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	line, environment := read("line"), "\n"+read("env")
	for text, want := range map[string]bool{
		"--build-arg NPM_TOKEN ": true, "s3cret": false, "t0ken": false, "--build-arg LEVEL ": true, "--build-arg LD_PRELOAD=./evil.so": true,
		"--build-arg PATH=/evil": true, "--secret id=a,env=COMPOSE2FARGATE_SECRET_0": true, "--secret id=b,env=COMPOSE2FARGATE_SECRET_1": true,
	} {
		if strings.Contains(line, text) != want {
			t.Errorf("%q on the command line is %v: %s", text, !want, line)
		}
	}
	for text, want := range map[string]bool{
		"\nNPM_TOKEN=s3cret\n": true, "\nCOMPOSE2FARGATE_SECRET_0=t0ken\n": true, "\nCOMPOSE2FARGATE_SECRET_1=./evil.so\n": true, "\nLEVEL=4\n": true,
		"\nLD_PRELOAD=": false, "\nDOCKER_HOST=": false, "\nhttps_proxy=": false, "\nTOKEN=": false, "SECRET_2": false, "PATH=/evil": false,
	} {
		if strings.Contains(environment, text) != want {
			t.Errorf("%q in the environment is %v:%s", text, !want, environment)
		}
	}
}

func TestABuildSaysAllThatComposeSays(t *testing.T) {
	got := arguments(spec.BuildSource{
		Context: "/app", Dockerfile: "/app/Dockerfile", Args: map[string]string{"B": "2", "A": "1"}, Target: "run", Platform: "linux/arm64",
		AdditionalContexts: map[string]string{"base": "docker-image://alpine"}, Labels: map[string]string{"l": "1"},
		Secrets: []spec.BuildSecret{{ID: "npm", File: "/npmrc"}, {ID: "tok", Env: "TOKEN"}}, SSH: []string{"default"},
		CacheFrom: []string{"type=gha"}, CacheTo: []string{"type=gha,mode=max"}, Network: "host", Pull: true, NoCache: true,
		ExtraHosts: []string{"a=1.2.3.4"}, ShmSize: 1024, Ulimits: []string{"nofile=1:2"}, Entitlements: []string{"network.host"}, Privileged: true,
	}, "t:1")
	want := strings.Fields(`buildx build --load --tag t:1 --platform linux/arm64 --provenance=false --progress plain --file /app/Dockerfile
		--target run --network host --build-arg A --build-arg B --build-context base=docker-image://alpine --label l=1
		--secret id=npm,src=/npmrc --secret id=tok,env=COMPOSE2FARGATE_SECRET_1 --ssh default --cache-from type=gha --cache-to type=gha,mode=max
		--add-host a=1.2.3.4 --ulimit nofile=1:2 --allow network.host --allow security.insecure --shm-size 1024 --pull --no-cache /app`)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
