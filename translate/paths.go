package translate

import (
	"path"
	"strings"
)

// within says whether a path is a directory or below it.
func within(name, dir string) bool {
	name, dir = path.Clean(name), path.Clean(dir)
	return name == dir || dir == "/" || strings.HasPrefix(name, dir+"/")
}
