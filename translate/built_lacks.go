package translate

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/content"
)

// lacking is what a mounted directory has that an image which COPY fills from it does not
// have: .dockerignore or --exclude left it out, and docker's mount would show it.
type lacking struct {
	// parts are the files of this machine that are missing, true, and the directories
	// around them, of which the image may have some.
	parts   map[string]bool
	private []string // files that are left out so that nobody reads them in the image, sorted
	data    []string // directories for what services write, with something in them, sorted
	many    bool     // there are more parts than anybody leaves out of a program
}

// maxLacking is how many missing files are looked for.
const maxLacking = 2_000

// lacks looks through a directory that the image has at a path. What other mounts hide
// there is nothing that a program misses.
func (i *builtImage) lacks(dir, target string, hidden func(place string) bool) lacking {
	l := lackingLook{builtImage: i, hidden: hidden, left: maxFound, lacking: lacking{parts: map[string]bool{}}}
	if i.ignored != nil || i.excludes() {
		l.directory(dir, target)
	}
	return l.lacking
}

// excludes says whether a COPY leaves anything out.
func (i *builtImage) excludes() bool {
	return slices.ContainsFunc(i.stages, func(s dockerStage) bool {
		return slices.ContainsFunc(s.copies, func(c dockerCopy) bool { return len(c.excludes) > 0 })
	})
}

type lackingLook struct {
	*builtImage
	lacking

	hidden func(place string) bool
	left   int // of maxFound
}

// directory looks through one directory, and says whether anything in it is missing.
func (l *lackingLook) directory(dir, target string) bool {
	found := false
	for child, err := range content.Children(dir) {
		if l.left--; err != nil || l.left < 0 || l.many {
			return found
		}
		name, place := filepath.Join(dir, child.Name()), path.Join(target, child.Name())
		switch {
		case l.hidden(place), child.Name() == ".git":
		case child.IsDir():
			found = l.part(name, place) || found
		case l.misses(name, place, false):
			found = l.file(name) || found
		}
	}
	return found
}

// part looks through a directory below the one that is mounted. What tools fill while the
// image is built is its own. Data is named; of it, as of what people keep empty, there is
// the directory.
func (l *lackingLook) part(name, place string) bool {
	missing := l.misses(name, place, true)
	base := path.Base(name)
	switch all := l.ignores(name); {
	case all && (slices.Contains(shieldNames, base) || strings.HasPrefix(base, ".")):
		return false
	case all && namesData(base):
		if empty, err := (content.Machine{}).IsEmpty(name, keepsEmpty); !empty && err == nil && !slices.Contains(passingNames, base) {
			l.data = append(l.data, name)
		}
	}
	keeper := keeperOf(name)
	if found := l.directory(name, place); !found && !(missing && keeper != "") {
		return false
	}
	if l.parts[name] = missing; missing && keeper != "" {
		l.parts[keeper] = true
	}
	return true
}

// file counts a missing file.
func (l *lackingLook) file(name string) bool {
	base := path.Base(name)
	switch {
	case content.PrivateFile(name) != "":
		l.private = append(l.private, name)
		return false
	case notRun(base), slices.Contains(litter, path.Ext(base)), slices.ContainsFunc(l.data, func(dir string) bool { return inside(dir, name) }),
		slices.ContainsFunc(passingNames, func(dir string) bool { return path.Base(path.Dir(name)) == dir }):
		return false
	}
	l.parts[name] = true
	l.many = len(l.parts) > maxLacking
	return true
}

// misses says whether the image has not got a file or directory at a path.
func (i *builtImage) misses(name, place string, isDir bool) bool {
	relative, ok := i.inContext(name)
	return ok && i.ignored.LeavesOut(relative) || !slices.Contains(i.landings(name, isDir), place)
}

// passingNames are directories whose content nobody misses, and litter endings of files
// that programs leave behind.
var (
	passingNames = strings.Fields("log logs cache tmp temp sessions spool coverage htmlcov __pycache__")
	litter       = strings.Fields(".pyc .pyo .log .pid .swp .tmp .bak .orig")
)

// keeperOf is the file that keeps a directory in a repository; "": there is none.
func keeperOf(dir string) string {
	for child, err := range content.Children(dir) {
		if err == nil && keepsEmpty(child.Name()) {
			return filepath.Join(dir, child.Name())
		}
	}
	return ""
}

// shown are the parts that are missing, as a reader knows them: of a directory of which
// all is missing, the directory.
func (l lacking) shown() []string {
	var out []string
	for _, name := range sortedKeys(l.parts) {
		if l.parts[name] && (len(out) == 0 || !inside(out[len(out)-1], name)) {
			out = append(out, name)
		}
	}
	return out
}
