package translate

import (
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"
)

// within speaks, while f runs, of attributes of a service as of those of a step:
// at the step where they are written there, and not at all where they are
// inherited, since then they were spoken of at the service.
func (b *base) within(p step, f func()) {
	b.step = &p
	f()
	b.step = nil
}

// spoken returns the path to speak of: within a step, that of the step. Not ok
// where the step inherits the attribute.
func (b *base) spoken(path []string) ([]string, bool) {
	if b.step == nil || len(path) < 3 || !slices.Equal(path[:2], at(b.step.service.Name)) {
		return path, true
	}
	moved := append(b.step.path(), path[2:]...)
	depth := b.files.find(moved).depth
	inherited := depth < 5 || depth < len(moved) && moved[4] == "volumes"
	return moved, !inherited
}

// containerKey names a container of a stack: SERVICE, or SERVICE/pre-start-1.
func (b *base) containerKey(s *types.ServiceConfig) string {
	if b.step == nil {
		return s.Name
	}
	return s.Name + "/pre-start-" + strconv.Itoa(b.step.index+1)
}

// eachContainer calls f for the members of a task and for their steps of
// pre_start.
func (b *base) eachContainer(k *task, f func(*types.ServiceConfig)) {
	for _, m := range k.members {
		f(m)
		for _, p := range stepsOf(m) {
			b.within(p, func() { f(p.config()) })
		}
	}
}
