package translate

import (
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"
)

// within makes messages about attributes of the service, while f runs, refer to
// the step: to the place where the step sets the attribute. There are none if
// the step inherits it, because they were already reported for the service.
func (b *base) within(p step, f func()) {
	b.step = &p
	f()
	b.step = nil
}

// spoken returns the path to use in messages: while a step is translated, that
// of the step. It is not ok if the step inherits the attribute.
func (b *base) spoken(path []string) ([]string, bool) {
	if b.step == nil || len(path) < 3 || !slices.Equal(path[:2], at(b.step.service.Name)) {
		return path, true
	}
	moved := append(b.step.path(), path[2:]...)
	depth := b.Depth(moved...)
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
