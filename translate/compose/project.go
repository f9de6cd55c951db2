package compose

import (
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// Project is a loaded compose project, which knows the files that it was read
// from.
type Project struct {
	Name      string       // as docker compose would call it
	Directory string       // absolute; what paths in the files are relative to
	Gate      content.Gate // which local files the compose files may have read

	// Compose is the model with active services only: those of other profiles are
	// among its DisabledServices.
	Compose *types.Project
	// Model is the merged tree in long form, from which Compose was made.
	Model map[string]any

	files    *sources
	envKeys  sync.Map  // places of variables, by env file
	repaired bool      // what was wrong has been taken out
	mistakes diag.List // about what was taken out
}

// find finds nothing in a project without files, such as one that a test made.
func (p *Project) find(path []string) place {
	if p.files == nil {
		return place{}
	}
	return p.files.find(path)
}

// HasService says whether the files have an active service of that name.
func (p *Project) HasService(name string) bool {
	_, ok := p.Compose.Services[name]
	return ok
}

// At returns the place of the attribute at path in the files, or that of the
// nearest attribute around it which is written there:
//
//	p.At("services", "web", "ports", "0", "target")
//
// Overrides, include, extends, anchors and merge keys are followed to where the
// key in force stands. An item of a list is named by its index, or, in the
// KEY=value form of a mapping, by its key. Lists that several files add up to
// have the place of the list that is in force last.
func (p *Project) At(path ...string) diag.Pos {
	return p.find(path).pos()
}

// LineAt returns the place of a line, counted from 0, of the text at path: in a block
// that keeps its lines (|) the line itself, else where the text stands.
func (p *Project) LineAt(line int, path ...string) diag.Pos {
	place := p.find(path)
	out := place.pos()
	if n := target(place.value); n != nil && place.depth == len(path) && n.Style&yaml.LiteralStyle != 0 {
		out.Line = n.Line + 1 + line
	}
	return out
}

// Depth is how many elements of path the files have; what is beyond them is a
// default, or derived from another attribute.
func (p *Project) Depth(path ...string) int {
	return p.find(path).depth
}

// Written says whether a file has the attribute at path, so that it is neither
// a default nor derived from another one.
func (p *Project) Written(path ...string) bool {
	return p.Depth(path...) == len(path)
}

// HasVariables says whether the text at path is written with variables, so that
// its type is not that of a text in quotes.
func (p *Project) HasVariables(path ...string) bool {
	n := target(p.find(path).value)
	return n != nil && n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "$")
}

// HasAnchor says whether the value at path is there for aliases to refer to.
func (p *Project) HasAnchor(path ...string) bool {
	n := p.find(path).value
	return n != nil && n.Anchor != ""
}

// MountSource returns the source of a mount, an item of volumes, as the files
// write it: compose-go makes it absolute. It is "" where none is written.
func (p *Project) MountSource(path ...string) string {
	place := p.find(path)
	n := target(place.value)
	switch {
	case place.depth < len(path) || n == nil:
		return ""
	case n.Kind == yaml.ScalarNode:
		v, err := format.ParseVolume(substitute(n.Value, place.doc.env))
		if err != nil {
			return ""
		}
		return v.Source
	}
	return lastText(lookup(n, "source").value, place.doc.env)
}

// Display names a file of this machine as messages do.
func (p *Project) Display(file string) string { return p.files.display(file) }

// BlankVariables warns about each variable that is not set and became blank,
// once for each place in active services, in their env files, and in the rest of the
// project.
func (p *Project) BlankVariables() diag.List {
	return append(p.blankInEnvFiles(), p.files.blankWarnings(func(_ *document, service string) bool {
		_, disabled := p.Compose.DisabledServices[service]
		return disabled
	})...)
}

// Unexplained returns what is left of diagnostics about a project that Load had
// errors about: errors that do not follow from a mistake which was taken out.
// Where there was none it is all of them.
func (p *Project) Unexplained(found diag.List) diag.List {
	if !p.repaired {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), func(d diag.Diagnostic) bool {
		return d.Severity != diag.Error || reportedAt(p.mistakes, d.Path) || reportedBelow(p.mistakes, d.Path)
	})
}

// Anchored sorts diagnostics, and gives each error without a place the beginning
// of the first file, so that an editor or a reviewer always has one to open.
func (p *Project) Anchored(ds diag.List) diag.List { return anchored(ds, p.files) }
