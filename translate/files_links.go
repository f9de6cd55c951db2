package translate

import (
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// placed is where a container sees a file that a helper brings: at its target, or below
// linkDirectory, where a link leads to.
func (t *fileLayers) placed(s container, target string) string {
	if n, ok := t.nest(s, fileTree{target: target}, true); ok {
		return n.to
	}
	if t.isLinked(s, target) {
		return linkDirectory + target
	}
	return target
}

// isLinked says whether a file that a helper brings is found by a link. A layer of the
// image can hold none where another mount lies over it, nor where the files ask for no
// layer and there is none without it.
func (t *fileLayers) isLinked(s container, target string) bool {
	return !t.unlinked && !within(target, secretsDirectory) && t.mountOver(s, target) == "" && t.mayLayer(s, target)
}

func (t *fileLayers) mayLayer(s container, target string) bool {
	if t.X.FileMode(s.Name, target) != xfargate.Inline {
		return true
	}
	build, _ := t.buildOf(s)
	copied := t.X.Service(s.Name).Copy
	return build != nil || copied != nil && *copied || len(t.trees(s, xfargate.InImage)) > 0
}

// mountOver is where a container mounts something over a path; "" where it does not.
func (t *fileLayers) mountOver(s container, target string) string {
	var over []string
	for _, m := range t.storage.mountsOf(s) {
		over = append(over, m.target)
	}
	for _, v := range s.Volumes {
		if v.Type != types.VolumeTypeBind {
			over = append(over, v.Target)
		}
	}
	for _, text := range s.Tmpfs {
		dir, _, _ := strings.Cut(text, ":")
		over = append(over, dir)
	}
	i := slices.IndexFunc(over, func(dir string) bool { return within(target, dir) })
	if i < 0 {
		return ""
	}
	return path.Clean(over[i])
}

// links are the symbolic links of a container to what a helper brings.
func (t *fileLayers) links(s container) []fileTree {
	var out []fileTree
	for _, f := range t.brought(s) {
		if t.isLinked(s, f.target) {
			out = append(out, fileTree{target: f.target, link: t.placed(s, f.target), path: f.path})
		}
	}
	return out
}

// brought are the files that a helper brings to a container.
func (t *fileLayers) brought(s container) []fileTree {
	var out []fileTree
	for _, f := range t.secrets.filesOf(s) {
		out = append(out, fileTree{target: f.target, path: f.path})
	}
	return append(out, slices.DeleteFunc(t.trees(s, xfargate.Inline), isMountedDirectory)...)
}

// link adds a symbolic link.
func (c *collector) link(f fileTree) {
	c.put(f, spec.FileSource{ImageFile: spec.ImageFile{Path: f.target, Mode: modeText("l", 0o777), Link: f.link}, Perm: 0o777})
}

func isMountedDirectory(f fileTree) bool { return f.source != "" && isDirectory(f.source) }

// imageDirectories are those in which an image has files, whatever it is.
var imageDirectories = strings.Fields(`/ /etc /usr /usr/bin /usr/sbin /usr/lib /usr/local /usr/local/bin /usr/local/etc /usr/local/lib /usr/share /usr/src/app
	/bin /sbin /lib /lib64 /opt /srv /home /root /run /tmp /var /var/lib /var/run /var/www /var/www/html /app /code /workspace /data`)

// isOfImage says whether a directory is surely one in which the image of a container has
// files.
func (t *fileLayers) isOfImage(s container, dir string) bool {
	image := t.baseImage(s)
	return slices.Contains(imageDirectories, dir) || dir == t.facts.Images[image].WorkingDir || slices.Contains(knownOf(image).Filled, dir)
}
