package image

import (
	"context"
	"fmt"
	"sync"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// sharedBuilds are the builds under way: services that are built of the same, such as web
// and worker, wait for one build.
type sharedBuilds struct {
	mu      sync.Mutex
	running map[string]*sharedBuild
}

// sharedBuild is a build for some services, of which the last one removes its file.
type sharedBuild struct {
	users  int
	ended  chan struct{} // closed when the others are set
	file   string
	remove func()
	err    error
}

// build makes or awaits the build of what has the hash want; see Builder.Build.
func (s *sharedBuilds) build(ctx context.Context, b Builder, source spec.BuildSource, want string) (file string, done func(), err error) {
	key := buildKey(source, want)
	shared, first := s.join(key)
	if first {
		shared.file, shared.remove, shared.err = b.Build(ctx, source, want)
		close(shared.ended)
	}
	select {
	case <-shared.ended:
		err = shared.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	done = func() { s.leave(key, shared) }
	if err != nil {
		done()
		return "", nil, err
	}
	return shared.file, done, nil
}

// join says whether the caller is the first, who has to build.
func (s *sharedBuilds) join(key string) (shared *sharedBuild, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shared = s.running[key]
	if shared == nil {
		shared, first = &sharedBuild{ended: make(chan struct{})}, true
		if s.running == nil {
			s.running = map[string]*sharedBuild{}
		}
		s.running[key] = shared
	}
	shared.users++
	return shared, first
}

func (s *sharedBuilds) leave(key string, shared *sharedBuild) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if shared.users--; shared.users > 0 {
		return
	}
	if s.running[key] == shared {
		delete(s.running, key)
	}
	if shared.remove != nil {
		shared.remove()
	}
}

// buildKey is all that a build depends on but for whose it is.
func buildKey(source spec.BuildSource, want string) string {
	source.Service, source.Machine = "", content.Machine{}
	return fmt.Sprintf("%#v %s", source, want)
}
