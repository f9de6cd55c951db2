package translate

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// sayNested speaks of the links to files of a container that others see as well.
func (t *delivery) sayNested(s container) {
	for _, n := range t.fileLayers.nested(s) {
		if n.in.memory != nil || !n.in.lasts() {
			continue
		}
		var others []string
		for _, k := range t.tasks {
			for _, other := range k.containers() {
				if other.Name != s.Name && t.mountsAlone(other, n) {
					others = append(others, other.Name)
				}
			}
		}
		slices.Sort(others)
		if others = slices.Compact(others); len(others) > 0 {
			t.notef(n.path, "mount it there as well where it is read",
				"a link in the volume stands for %s: it leads nowhere in %s, without such a mount", n.target, compose.Quoted(others))
		}
	}
}

// mountsAlone says whether a container mounts a volume without a file that others have
// in it.
func (t *delivery) mountsAlone(s container, n nestedFile) bool {
	mounts := func(m *mount) bool { return m.name == n.in.name }
	has := func(o nestedFile) bool { return o.in.name == n.in.name && o.to == n.to }
	return slices.ContainsFunc(t.fileLayers.storage.mountsOf(s), mounts) && !slices.ContainsFunc(t.fileLayers.nested(s), has)
}
