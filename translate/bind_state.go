package translate

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// sayState warns of what services write in a directory that becomes part of an image: a
// database in a file, certificates that a proxy gets itself, uploads. Docker keeps it on
// the host; in an image it is what it was when that was built.
func (t *storage) sayState(b bind, s container, v types.ServiceVolumeConfig, place diag.Path) {
	if v.ReadOnly || b.asked || b.kind != bindFiles && b.kind != bindSource {
		return
	}
	source := t.canonical(v.Source)
	look := stateLook{hidden: hiddenBelow(s, v.Target), data: t.binds.data, left: programFiles}
	look.directory(source, path.Clean(v.Target), programDepth)
	state := slices.DeleteFunc(look.found, func(name string) bool { return slices.Contains(b.lacks.data, name) })
	if len(state) == 0 {
		return
	}
	first := state[0]
	help := "mount it by itself, and it becomes an EFS volume: " + t.pathText(first) + ":" + mountedBelow(source, v, first)
	if isStateFile(first) {
		help = "have the service keep it in a directory of its own, and mount that"
	}
	t.warnf(place, help, "what the service writes there is lost when the task stops, because %s becomes part of its image: %s", b.shown, t.listedFiles(state))
}

// stateLook finds files and directories that are there because a service wrote them.
type stateLook struct {
	hidden func(place string) bool
	data   map[string]bool // directories that are on EFS
	left   int             // files to look at
	found  []string
}

// uploadNames are directories of which the name says who fills them.
var uploadNames = strings.Fields("upload uploads")

func (l *stateLook) directory(dir, target string, depth int) {
	for child, err := range content.Children(dir) {
		if l.left--; err != nil || l.left < 0 || depth == 0 {
			return
		}
		name, place := filepath.ToSlash(filepath.Join(dir, child.Name())), path.Join(target, child.Name())
		switch {
		case l.hidden(place), l.data[name], strings.HasPrefix(child.Name(), ".git"), slices.Contains(shieldNames, child.Name()):
		case !child.IsDir():
			if isStateFile(name) {
				l.found = append(l.found, name)
			}
		case slices.Contains(uploadNames, strings.ToLower(child.Name())):
			if empty, err := (content.Machine{}).IsEmpty(name, keepsEmpty); !empty && err == nil {
				l.found = append(l.found, name)
			}
		default:
			l.directory(name, place, depth-1)
		}
	}
}

// isStateFile says whether the name of a file is that of one which programs write.
func isStateFile(name string) bool { return isDatabaseName(name) || path.Base(name) == "acme.json" }
