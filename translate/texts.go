package translate

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

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

	mostSearched = 8 << 20  // bytes of all texts, each as often as services have it
	searchedEach = 16 << 10 // and for each service
	lineWeight   = 16       // bytes that a line stands for beside its own
)

// textsOf are the texts of an active service. All of them are read when the first is asked for,
// each file once: the configuration of all services, and then programs, as far as the bounds let.
func (p *Project) textsOf(service string) []*textFile {
	p.textsOnce.Do(func() {
		r := newTextReader(p)
		var collectors []*textCollector
		for _, name := range p.Compose.ServiceNames() {
			s := p.Compose.Services[name]
			collectors = append(collectors, r.service(container{ServiceConfig: &s}))
		}
		p.texts = map[string][]*textFile{}
		for _, c := range collectors {
			c.programs()
			p.texts[c.container.Name] = c.out
		}
		p.unread = r.unread
	})
	return p.texts[service]
}

// textReader reads the texts of a project.
type textReader struct {
	*Project
	claims []textClaim
	read   map[textKey][]string // lines; nil for what is no text
	files  int
	bytes  int64
	weight int // of the texts that services have
	unread []unreadText
}

// textKey is a file, of which only the addresses may be kept.
type textKey struct {
	file    string
	program bool
}

func newTextReader(p *Project) *textReader {
	return &textReader{Project: p, claims: claimsOf(p), read: map[textKey][]string{}}
}

// service collects the configuration of a service and of its steps of pre_start, each file once.
func (r *textReader) service(s container) *textCollector {
	c := &textCollector{textReader: r, seen: map[string]bool{}, started: r.startNames(s)}
	for _, one := range s.with() {
		c.container = one
		c.mounts()
		c.configs()
	}
	c.container = s
	c.secrets()
	c.copies()
	return c
}

// textCollector collects those of one service.
type textCollector struct {
	*textReader
	container container
	seen      map[string]bool // by file, or by the name of a config
	started   []string        // startNames
	later     []*textFile     // programs, which are not read yet
	out       []*textFile
}

// mounts are files and directories that go to the service with its configuration. All of a
// source tree is mounted for the program in it, as COPY puts it into an image.
func (c *textCollector) mounts() {
	for i, v := range c.container.Volumes {
		b := c.bindOf(c.container.Name, v.Source, v.Target, v.ReadOnly)
		if v.Type != types.VolumeTypeBind || b.kind != bindFiles {
			continue
		}
		place, target := c.container.at("volumes", strconv.Itoa(i)), path.Clean(v.Target)
		if !isDirectory(v.Source) {
			if isReadable(path.Base(filepath.ToSlash(v.Source))) {
				c.file(v.Source, &textFile{path: place, name: target, targets: []string{target}})
			}
			continue
		}
		whole := inside(v.Source, c.Directory)
		hidden := hiddenBelow(c.container, target)
		enters := func(dir string) bool {
			return !isShieldOrHidden(dir) && dir != "dashboards" && (!whole || !isAside(dir))
		}
		c.walk(textTree{v.Source, place, enters, nil}, func(file, below string) {
			name := path.Join(target, below)
			if !hidden(name) && !(whole && isOfTools(path.Base(name))) {
				c.member(file, &textFile{path: place, name: name, targets: []string{name}, built: whole})
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
				c.file(file, &textFile{path: place, name: target, targets: []string{target}})
			}
		case config.Content != "" && !c.seen["config "+use.Source]:
			c.seen["config "+use.Source] = true
			at := diag.Path{"configs", use.Source, "content"}
			c.add(&textFile{
				path: place, name: target, targets: []string{target}, env: c.container.Environment, lines: linesOf(config.Content),
				inline: func(line int) diag.Pos { return c.LineAt(line, at...) },
			})
		}
	}
}

// secrets are those that are on this machine. What is said of one has its place in the compose
// files, and nothing of its value but the name of a service.
func (c *textCollector) secrets() {
	for i, use := range c.container.Secrets {
		secret, place := c.Compose.Secrets[use.Source], c.container.at("secrets", strconv.Itoa(i))
		text := secret.Content
		if secret.Environment != "" {
			text = c.Compose.Environment[secret.Environment]
		}
		if secret.File != "" {
			local := localFiles{newBase(c.Project, plan.Facts{})}
			if file, _, ok := local.localFile(secret.File, place, maxTextFile, ""); ok {
				text = strings.Join(c.linesOfFile(file, &textFile{path: place}), "\n")
			}
		}
		c.add(&textFile{
			path: place, name: "secret", lines: linesOf(text),
			inline: func(int) diag.Pos { return c.At("secrets", use.Source) },
		})
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
	place := c.container.at("build")
	enters := func(dir string) bool { return !isShieldOrHidden(dir) && (!isAside(dir) || image.copiesFrom(dir)) }
	c.walk(textTree{build.Context, place, enters, image.names}, func(file, below string) {
		if isOfTools(path.Base(below)) || image.ignored.LeavesOut(below) {
			return
		}
		if landings := image.landings(file, false); len(landings) > 0 {
			c.member(file, &textFile{path: place, name: below, targets: landings, built: true, copied: true})
		}
	})
}

// copiesFrom says whether a COPY names a directory, and not only one around it.
func (i *builtImage) copiesFrom(dir string) bool {
	return i.copies(func(source string) bool { return slices.Contains(strings.Split(strings.ToLower(source), "/"), dir) })
}

// names says whether a COPY names a file.
func (i *builtImage) names(name string) bool {
	return i.copies(func(source string) bool { return path.Clean(source) == name })
}

// copies says whether a COPY has a source of a form.
func (i *builtImage) copies(is func(source string) bool) bool {
	return slices.ContainsFunc(i.stages, func(s dockerStage) bool {
		return slices.ContainsFunc(s.copies, func(c dockerCopy) bool {
			return slices.ContainsFunc(c.sources, func(source string) bool { return is(unquoted(source)) })
		})
	})
}

// member adds a file of a directory: configuration at once, and what a program is made of later.
func (c *textCollector) member(file string, f *textFile) {
	switch {
	case isSourceCode(f.name):
		f.shown, f.program = file, true
		c.later = append(c.later, f)
	case isConfiguration(f.name), c.starts(f):
		c.file(file, f)
	}
}

// starts says whether the command line of the service names a file that has no ending: a
// script, as far as it is a text.
func (c *textCollector) starts(f *textFile) bool {
	return path.Ext(f.name) == "" && slices.ContainsFunc(f.targets, func(target string) bool { return slices.Contains(c.started, path.Base(target)) })
}

// programs adds the files of programs.
func (c *textCollector) programs() {
	for _, f := range c.later {
		c.file(f.shown, f)
	}
}

// file adds a file of this machine, unless the service has it already.
func (c *textCollector) file(file string, f *textFile) {
	if c.seen[file] {
		return
	}
	c.seen[file] = true
	f.shown, f.env = c.Display(file), c.container.Environment
	f.lines = c.linesOfFile(file, f)
	if f.lines != nil {
		c.add(f)
	}
}

// add adds a text, as far as all are not too many.
func (c *textCollector) add(f *textFile) {
	if c.weight >= c.mostWeight() {
		c.leaveOut(f.path, "some files are", fmt.Sprintf("the services of the project have more than %d MiB, each text as often as a service has it", mostSearched>>20))
		return
	}
	c.weight += weightOf(f.lines)
	c.out = append(c.out, f)
}

// mostWeight is more than the texts of a project weigh, each as often as it is searched.
func (r *textReader) mostWeight() int { return mostSearched + searchedEach*len(r.Compose.Services) }

// weightOf is what it takes to search lines: their bytes, and something for each that is not blank.
func weightOf(lines []string) int {
	out := len(lines)
	for _, line := range lines {
		if line != "" {
			out += len(line) + lineWeight
		}
	}
	return out
}

// linesOfFile are the lines of a text file; nil where it is none, or the bounds are reached.
func (r *textReader) linesOfFile(file string, f *textFile) []string {
	key := textKey{file, f.program}
	lines, known := r.read[key]
	if known {
		return lines
	}
	if r.files >= maxTextFiles || r.bytes >= maxTextBytes {
		r.leaveOut(f.path, "some files are", fmt.Sprintf("the services of the project have more than %d, or more than %d MiB", maxTextFiles, maxTextBytes>>20))
		return nil
	}
	r.files++
	text, err := r.Gate.ReadFile(file, maxTextFile)
	if r.bytes += int64(len(text)); err == nil && bytes.IndexByte(text[:min(len(text), textHead)], 0) < 0 {
		lines = linesOf(string(text))
	}
	if err != nil && !f.program && isWritten(f.name) && isLarge(file) {
		r.leaveOut(f.path, f.shown+" is", fmt.Sprintf("it has more than %d MiB", maxTextFile>>20))
	}
	if f.program {
		lines = onlyAddresses(lines)
	}
	r.read[key] = lines
	return lines
}

// isLarge says whether a file is a text that is too large to be read.
func isLarge(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, textHead)
	n, err := file.Read(head)
	info, statErr := file.Stat()
	return err == nil && bytes.IndexByte(head[:n], 0) < 0 && statErr == nil && info.Mode().IsRegular() && info.Size() > maxTextFile
}

func linesOf(text string) []string {
	return strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}
