package translate

import (
	"path"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// nest is how a container finds a file in a mount; not ok where it is in none. What the
// link leads to depends on the volume, so that all who mount it agree.
func (t *fileLayers) nest(s container, f fileTree, brought bool) (out nestedFile, ok bool) {
	if brought && t.unlinked || !t.isNested(s, f.target, brought) {
		return nestedFile{}, false
	}
	around := t.mountAround(s, f.target)
	mounts := t.storage.mountsOf(s)
	i := slices.IndexFunc(mounts, func(m *mount) bool { return path.Clean(m.target) == around })
	if i < 0 {
		return nestedFile{}, false // refused, or left out
	}
	to := layerDirectory
	if brought {
		to = linkDirectory
	}
	below := strings.TrimPrefix(f.target, around+"/")
	return nestedFile{mounts[i], below, path.Join(to, mounts[i].name, below), f.target, f.path}, true
}

// nested are the files of a container that are found by links in its mounts.
func (t *fileLayers) nested(s container) []nestedFile {
	var out []nestedFile
	add := func(f fileTree, brought bool) {
		if n, ok := t.nest(s, f, brought); ok {
			out = append(out, n)
		}
	}
	for _, f := range t.trees(s, xfargate.InImage) {
		add(f, false)
	}
	for _, f := range t.brought(s) {
		add(f, true)
	}
	return out
}

// inLayer is a file of the image of a container where a layer may hold it.
func (t *fileLayers) inLayer(s container, f fileTree) fileTree {
	n, ok := t.nest(s, f, false)
	if !ok {
		return f
	}
	target, hides := f.target, f.hides
	f.target, f.merged, f.has = n.to, false, nil
	if hides != nil {
		f.hides = func(name string) bool { return hides(target + strings.TrimPrefix(name, n.to)) }
	}
	return f
}

// seenAt is where a container sees a file of its layer.
func (t *fileLayers) seenAt(s container, file string) string {
	for _, n := range t.nested(s) {
		if within(file, n.to) {
			return n.target + strings.TrimPrefix(file, n.to)
		}
	}
	return file
}

// isFilledByOthers says whether a container of another helper fills a volume from its image.
func (t *fileLayers) isFilledByOthers(volume string) bool {
	return slices.ContainsFunc(t.tasks, func(k *task) bool {
		return slices.ContainsFunc(t.storage.taskMounts(k), func(m *mount) bool { return m.name == volume && t.storage.seeded(m) })
	})
}
