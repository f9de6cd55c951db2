package translate

import (
	"path/filepath"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// admitHomes reports the credentials of a user that a directory would take along because it
// is his home or holds it, and returns whether it may be read.
func (b *base) admitHomes(path diag.Path, l *content.Listing, help string) bool {
	ok, root := true, content.Resolve(l.Root)
	for _, file := range b.HomeCredentials(l.Root) {
		text, other := b.OutsideText(path, file)
		if text == "" || !hasBelow(l, root, file) {
			continue
		}
		if b.Gate.Admits(file) {
			b.warnf(path, help+other, "%s", text)
			continue
		}
		ok = false
		b.errorf(path, help+other, "%s", text)
	}
	return ok
}

// hasBelow says whether a listing of root has a file, or anything in a directory, of a name.
func hasBelow(l *content.Listing, root, name string) bool {
	for _, e := range l.Entries {
		if !e.Mode.IsDir() && content.Within(name, filepath.Join(root, filepath.FromSlash(e.Path))) {
			return true
		}
	}
	return false
}
