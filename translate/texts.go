package translate

import (
	"bytes"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// The bounds of what is read: more than anybody writes by hand.
const (
	maxTextFile  = 1 << 20 // bytes of one file
	maxTextBytes = 8 << 20 // of all files of a project
	maxTextFiles = 1_000
	maxTextWalk  = 2_000 // entries of one directory that are looked at, with what is in it
	textDepth    = 6
	textHead     = 1 << 10 // a text has no NUL here
)

// textsOf are the texts of an active service. All of them are read when the first is asked for,
// each file once.
func (p *Project) textsOf(service string) []*textFile {
	p.textsOnce.Do(func() {
		r := textReader{Project: p, read: map[string][]string{}}
		p.texts = map[string][]*textFile{}
		for _, name := range p.Compose.ServiceNames() {
			s := p.Compose.Services[name]
			p.texts[name] = r.service(container{ServiceConfig: &s})
		}
	})
	return p.texts[service]
}

// textReader reads the texts of a project.
type textReader struct {
	*Project
	read  map[string][]string // lines, by file; nil for what is no text
	files int
	bytes int64
}

// service are the texts of a service and of its steps of pre_start, each once.
func (r *textReader) service(s container) []*textFile {
	c := textCollector{textReader: r, seen: map[string]bool{}}
	for _, one := range s.with() {
		c.container = one
		c.mounts()
		c.configs()
	}
	c.container = s
	c.copies()
	return c.out
}

// textCollector collects those of one service.
type textCollector struct {
	*textReader
	container container
	seen      map[string]bool // by file, or by the name of a config
	out       []*textFile
}

// mounts are files and directories that go to the service with its configuration.
func (c *textCollector) mounts() {
	for i, v := range c.container.Volumes {
		b := c.bindOf(c.container.Name, v.Source, v.Target, v.ReadOnly)
		if v.Type != types.VolumeTypeBind || b.kind != bindFiles || inside(v.Source, c.Directory) { // all of a source tree
			continue
		}
		place, target := c.container.at("volumes", strconv.Itoa(i)), path.Clean(v.Target)
		if !isDirectory(v.Source) {
			if isReadable(path.Base(filepath.ToSlash(v.Source))) {
				c.file(v.Source, target, place)
			}
			continue
		}
		hidden := hiddenBelow(c.container, target)
		c.walk(v.Source, func(dir string) bool { return !isShieldOrHidden(dir) && dir != "dashboards" }, func(file, below string) {
			if name := path.Join(target, below); isConfiguration(name) && !hidden(name) {
				c.file(file, name, place)
			}
		})
	}
}

// configs are those whose text is in the files: a variable may hold a secret.
func (c *textCollector) configs() {
	for i, use := range c.container.Configs {
		config := c.Compose.Configs[use.Source]
		place, target := c.container.at("configs", strconv.Itoa(i)), targetOf(use.Target, "/", use.Source)
		switch {
		case config.File != "":
			local := localFiles{newBase(c.Project, plan.Facts{})}
			if file, _, ok := local.localFile(config.File, place, maxTextFile, ""); ok {
				c.file(file, target, place)
			}
		case config.Content != "" && !c.seen["config "+use.Source]:
			c.seen["config "+use.Source] = true
			at := diag.Path{"configs", use.Source, "content"}
			c.out = append(c.out, &textFile{
				path: place, name: target, targets: []string{target}, env: c.container.Environment, lines: linesOf(config.Content),
				inline: func(line int) diag.Pos { return c.LineAt(line, at...) },
			})
		}
	}
}

// copies are files of the build context that the image has, where their name says that
// they are configuration, or a script.
func (c *textCollector) copies() {
	build, _ := c.buildOf(c.container)
	image := c.builtImageOf(c.container)
	if build == nil || image == nil || !filepath.IsAbs(build.Context) {
		return
	}
	enters := func(dir string) bool { return !isShieldOrHidden(dir) && (!isAside(dir) || image.copiesFrom(dir)) }
	c.walk(build.Context, enters, func(file, below string) {
		if !isConfiguration(below) || isOfTools(path.Base(below)) || image.ignored.LeavesOut(below) {
			return
		}
		if landings := image.landings(file, false); len(landings) > 0 {
			c.file(file, below, c.container.at("build"), landings...)
		}
	})
}

// copiesFrom says whether a COPY names a directory, and not only one around it.
func (i *builtImage) copiesFrom(dir string) bool {
	return slices.ContainsFunc(i.stages, func(s dockerStage) bool {
		return slices.ContainsFunc(s.copies, func(c dockerCopy) bool {
			return slices.ContainsFunc(c.sources, func(source string) bool {
				return slices.Contains(strings.Split(strings.ToLower(unquoted(source)), "/"), dir)
			})
		})
	})
}

// walk goes through the files of a directory, but for those in directories that it should not enter.
func (c *textCollector) walk(root string, enters func(dir string) bool, found func(file, below string)) {
	left := maxTextWalk
	var look func(below string, depth int)
	look = func(below string, depth int) {
		for child, err := range content.Children(filepath.Join(root, filepath.FromSlash(below))) {
			if left--; err != nil || left < 0 {
				return
			}
			name := path.Join(below, child.Name())
			switch {
			case child.Type().IsRegular():
				found(filepath.Join(root, filepath.FromSlash(name)), name)
			case child.IsDir() && depth > 1 && enters(strings.ToLower(child.Name())):
				look(name, depth-1)
			}
		}
	}
	look("", textDepth)
}

// file adds a file of this machine, unless the service has it already. landings are the
// paths at which an image has it; none: it is mounted at its name.
func (c *textCollector) file(file, name string, place diag.Path, landings ...string) {
	if c.seen[file] {
		return
	}
	c.seen[file] = true
	if lines := c.linesOfFile(file); lines != nil {
		f := &textFile{path: place, name: name, targets: landings, shown: c.Display(file), built: true, env: c.container.Environment, lines: lines}
		if len(landings) == 0 {
			f.targets, f.built = []string{name}, false
		}
		c.out = append(c.out, f)
	}
}

// linesOfFile are the lines of a text file; nil where it is none, or the bounds are reached.
func (r *textReader) linesOfFile(file string) []string {
	lines, known := r.read[file]
	if known || r.files >= maxTextFiles || r.bytes >= maxTextBytes {
		return lines
	}
	r.files++
	text, err := content.ReadFile(file, maxTextFile)
	if r.bytes += int64(len(text)); err == nil && bytes.IndexByte(text[:min(len(text), textHead)], 0) < 0 {
		lines = linesOf(string(text))
	}
	r.read[file] = lines
	return lines
}

func linesOf(text string) []string {
	return strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}
