package image

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// TestServicesOfOneBuildShareIt makes the images of services at the same time, as apply
// does: each is pushed, and what is built of the same is built once.
func TestServicesOfOneBuildShareIt(t *testing.T) {
	host, dir := hub(t), t.TempDir()
	tag, _ := name.NewTag("built:1")
	saved := filepath.Join(dir, "saved.tar")
	if err := tarball.WriteToFile(saved, tag, machine(t, "linux/amd64")); err != nil {
		t.Fatal(err)
	}
	// a build takes until all have come
	program := docker(t, `case "$1 $2" in
"buildx build") echo "$@" >> `+dir+`/log; while [ ! -e `+dir+`/all ]; do sleep 0.01; done;;
"save --output") cp `+saved+` "$3";; esac`)
	registries := New(Options{})
	var group sync.WaitGroup
	for service, target := range map[string]string{"web": "", "worker": "", "beat": "", "tests": "test"} {
		group.Go(func() {
			_, err := registries.Make(t.Context(), Order{
				Source:   spec.ImageSource{Build: &spec.BuildSource{Service: service, Context: dir, DockerfileInline: "FROM x", Target: target, Platform: "linux/amd64"}},
				Platform: "linux/amd64", To: Destination{Repository: host + "/shop/" + service, Tag: "abc"},
			}, Builder{Command: program})
			if err != nil {
				t.Errorf("%s: %v", service, err)
			}
		})
	}
	waitUntil(t, func() bool { return registries.builds.users() == 4 })
	if err := os.WriteFile(filepath.Join(dir, "all"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	if n := strings.Count(string(log), "buildx build"); n != 2 {
		t.Errorf("%d builds:\n%s", n, log)
	}
	if n := registries.builds.users(); n != 0 {
		t.Errorf("%d still use a build", n)
	}
}

func TestWhoeverWaitsForABuildHearsOfItsFailure(t *testing.T) {
	dir, work := t.TempDir(), t.TempDir()
	program := docker(t, `while [ ! -e `+dir+`/all ]; do sleep 0.01; done; exit 3`)
	var builds sharedBuilds
	failed := make(chan error, 2)
	for range 2 {
		go func() {
			_, _, err := builds.build(t.Context(), Builder{Command: program}, spec.BuildSource{Service: "web", Context: work, DockerfileInline: "FROM x"}, "")
			failed <- err
		}()
	}
	waitUntil(t, func() bool { return builds.users() == 2 })
	if err := os.WriteFile(filepath.Join(dir, "all"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(<-failed, <-failed); err == nil || strings.Count(err.Error(), "exit status 3") != 2 {
		t.Errorf("they hear %v", err)
	}
}

// users are all who wait for a build or use one.
func (s *sharedBuilds) users() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, shared := range s.running {
		n += shared.users
	}
	return n
}

func waitUntil(t *testing.T, ready func() bool) {
	t.Helper()
	for range 1000 {
		if ready() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it takes too long")
}
