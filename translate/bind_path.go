package translate

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// hostPath is a file or directory of this machine that services mount: who does, and
// what it is. What it is for is decided once, so that all its mounts have one fate: its
// data is on EFS for all of them, or its files are in all of their images.
type hostPath struct {
	real   string // where it is, see canonical
	mounts []*bindMount

	place dataPlace // where its data is on EFS, if anywhere

	info     fs.FileInfo // nil with an error
	err      error       // why it cannot be looked at
	unlisted bool        // a directory whose content cannot be listed
	filled   bool        // a directory with anything in it
	program  bool        // a directory with files that belong to a program, or configure it
	data     bool        // it is a directory for what services write
}

// hostPaths are those that active services mount, sorted.
func (p *Project) hostPaths() []*hostPath {
	paths := map[string]*hostPath{}
	for _, name := range p.Compose.ServiceNames() {
		s := p.Compose.Services[name]
		p.bindMounts(paths, container{ServiceConfig: &s}, s.Volumes)
		for _, step := range stepsOf(&s) {
			p.bindMounts(paths, step.container(), s.PreStart[step.index].Volumes)
		}
	}
	out := sortedValues(paths)
	for i, h := range out {
		h.look()
		h.data = h.holdsData(out[:i]) // what lies around it is sorted before it
		h.place = h.findPlace(out[:i])
	}
	return out
}

func (h *hostPath) look() {
	h.info, h.err = os.Stat(h.real)
	if h.err != nil || !h.info.IsDir() {
		return
	}
	empty, err := h.mounts[0].Machine.IsEmpty(h.real, keepsEmpty)
	h.filled, h.unlisted = !empty, err != nil
	h.program = h.filled && holdsProgram(h.real)
}

func (h *hostPath) missing() bool { return errors.Is(h.err, fs.ErrNotExist) }

// holdsData says whether a directory is one that services write to. One that is asked to
// be on EFS is so for all. Its name, and where it is mounted, count whatever is
// in it here: on the machine of a developer there may be a whole database in it, and in
// the repository nothing. Weaker signs count where it holds nothing of a program.
func (h *hostPath) holdsData(around []*hostPath) bool {
	asks := func(m *bindMount) bool { return m.asked == xfargate.OnEFS || m.ofVolume != "" }
	switch writers := h.written(); {
	case slices.ContainsFunc(h.mounts, asks):
		return true
	case h.missing(), h.liesInData(around) && !h.program:
		return true
	case len(writers) == 0:
		return false
	case h.err == nil && h.info.IsDir() && !h.filled && !h.unlisted, slices.ContainsFunc(writers, (*bindMount).isForData):
		return true
	case h.program:
		return false
	default:
		return h.sharesData() || slices.ContainsFunc(writers, (*bindMount).isIgnored)
	}
}

// written are the mounts through which services write, unless the files say what they
// are for.
func (h *hostPath) written() []*bindMount {
	return slices.DeleteFunc(slices.Clone(h.mounts), func(m *bindMount) bool { return m.readOnly || m.asked != "" || m.isOnlyRead() })
}

// writers are the services that write to it, sorted.
func (h *hostPath) writers() []string { return servicesOf(h.written()) }

func servicesOf(mounts []*bindMount) []string {
	var out []string
	for _, m := range mounts {
		out = append(out, m.service.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sharesData says whether other services see what one writes to a directory: more than
// one mounts it, and not because the image of each is built from it.
func (h *hostPath) sharesData() bool {
	return len(servicesOf(h.mounts)) > 1 && slices.ContainsFunc(h.mounts, func(m *bindMount) bool {
		return !m.imageHas()
	})
}

// liesInData says whether a directory for data is around it, through which another
// service writes.
func (h *hostPath) liesInData(around []*hostPath) bool {
	own := servicesOf(h.mounts)
	return slices.ContainsFunc(around, func(outer *hostPath) bool {
		return outer.data && inside(outer.real, h.real) &&
			slices.ContainsFunc(outer.writers(), func(writer string) bool { return !slices.Contains(own, writer) })
	})
}

// isForData says whether the name of a directory, or where it is mounted into which
// image, tells that data is in it. The name of the project's own directory tells nothing.
func (m *bindMount) isForData() bool {
	return namesData(path.Base(m.volumeName())) || namesData(path.Base(m.nameOf(m.source))) || slices.Contains(dataTargets, m.target) ||
		m.isDatabaseMount(m.service, m.target) || m.isVolume()
}

// isVolume says whether the image means to keep data at just the path of the mount, and
// the build does not put the directory there itself. What is mounted below is not
// decided by that.
func (m *bindMount) isVolume() bool {
	declared := slices.Contains(volumesOf(m.baseImage(m.service)), m.target) || m.image != nil && slices.Contains(m.image.volumes(), m.target)
	return declared && !m.imageHas()
}

// isIgnored says whether a directory of a build context is left out of it.
func (m *bindMount) isIgnored() bool { return m.image != nil && m.image.ignores(m.source) }

// programEndings are those of files that people write for programs.
var programEndings = strings.Fields(`.conf .cfg .cnf .ini .config .json .jsonc .yaml .yml .toml .xml .env .properties .hcl .tf .rules
	.sh .bash .sql .py .js .mjs .cjs .jsx .ts .tsx .vue .svelte .rb .php .pl .lua .go .rs .java .kt .c .h .cc .cpp .cs .ex .exs .erl
	.scala .clj .dart .swift .ps1 .jar .war .html .htm .css .scss .less .tmpl .tpl .template .j2 .jinja .twig .erb .vcl .crt .pem .key`)

// What holdsProgram looks at, at most.
const (
	programDepth = 4
	programFiles = 2_000
)

// holdsProgram says whether a directory has files of a program or its configuration.
func holdsProgram(dir string) bool {
	left := programFiles
	var look func(dir string, depth int) bool
	look = func(dir string, depth int) bool {
		for child, err := range content.Children(dir) {
			if left--; err != nil || left < 0 || depth == 0 {
				return false
			}
			name := strings.ToLower(child.Name())
			if child.IsDir() && look(path.Join(dir, child.Name()), depth-1) ||
				!child.IsDir() && (slices.Contains(programEndings, path.Ext(name)) || slices.Contains(fileNames, name)) {
				return true
			}
		}
		return false
	}
	return look(dir, programDepth)
}
