package compose

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
)

// faults gathers what is wrong with files that compose-go refused.
type faults struct {
	*sources
	ds     diag.List
	broken []broken           // what to take out so that the rest can be looked at
	blank  map[diag.Pos]bool  // where a fault names a blank variable
	items  map[*yaml.Node]int // the index of each item of a list, before any is taken out

	bodies      map[*document]extended // what was checked of files that extends names
	sound       map[*yaml.Node]bool    // whether a service there can be extended, by its key
	withoutBase map[string]bool        // services that extend one which cannot: extends is taken out

	partial bool // some files could not be read
	// repaired is what loads once all that is broken is taken out, nil for
	// nothing: it has more to tell.
	repaired *Project
}

func newFaults(r *sources) *faults {
	f := &faults{sources: r, blank: map[diag.Pos]bool{}, sound: map[*yaml.Node]bool{}, bodies: map[*document]extended{}, withoutBase: map[string]bool{}}
	f.indexItems()
	return f
}

// broken is a key of a mapping or an item of a list.
type broken struct {
	doc  *document
	node *yaml.Node
}

// explain says why compose-go refused the files: everything that is wrong, not
// just the first problem. It checks each document separately, then removes what
// is wrong and loads the rest, until that loads or nothing more is found. If
// err is nil, some file could not be read, and it checks the other files. It
// returns the project made of the nodes that are left; nil if nothing loads.
func (r *sources) explain(ctx context.Context, s *settings, err error) (*Project, diag.List) {
	secrets := r.secrets() // before texts are removed
	p, ds := r.explained(ctx, s, err)
	return p, ds.Without(secrets)
}

func (r *sources) explained(ctx context.Context, s *settings, err error) (*Project, diag.List) {
	f := newFaults(r)
	f.partial = err == nil
	for _, d := range r.layers {
		f.document(d)
	}
	warnings := r.blankWarnings(func(d *document, service string) bool { return d.inactive(service, s.profiles) })
	if err == nil {
		return nil, append(f.ds, warnings...)
	}
	f.reload(ctx, s)
	if !f.ds.HasErrors() {
		f.report(findings(err))
	}
	if !f.ds.HasErrors() {
		f.ds.Errorf(diag.Pos{}, "", "", "%s", f.plain(findings(err)[0].summary))
	}
	return f.repaired, append(f.ds, slices.DeleteFunc(warnings, func(d diag.Diagnostic) bool { return f.blank[d.Pos] })...)
}

// fault adds an error at a node. Where the value, which may be nil, has blank
// variables, it names them: they are the likely cause.
func (f *faults) fault(d *document, path []string, at, value *yaml.Node, help, format string, args ...any) {
	summary := fmt.Sprintf(format, args...)
	if i, ok := f.items[at]; ok {
		path = append(slices.Clone(path[:len(path)-1]), strconv.Itoa(i))
	} else if key, ok := pairKey(path, at); ok {
		path = append(slices.Clone(path[:len(path)-1]), key)
	}
	if value != nil && value.Kind == yaml.ScalarNode {
		if blank := expand(value.Value, d.env).blank; len(blank) > 0 {
			summary += "; " + blankText(blank)
			help = SetHelp(blank[0])
			f.blank[d.pos(value)] = true
		}
	}
	f.ds.Errorf(d.pos(at), Dotted(path), help, "%s", summary)
}

// indexItems notes where the items of lists are that faults name by index.
func (f *faults) indexItems() {
	f.items = map[*yaml.Node]int{}
	for _, d := range f.main {
		for _, service := range d.services() {
			for _, list := range []string{"ports", "volumes", "secrets", "configs", "env_file", "label_file", "tmpfs"} {
				n := target(lookup(service.value, list).value)
				if n == nil || n.Kind != yaml.SequenceNode {
					continue
				}
				for i, item := range n.Content {
					f.items[item] = i
				}
			}
		}
	}
}

func (f *faults) reload(ctx context.Context, s *settings) {
	for range maxReloads {
		if !f.repair() {
			return
		}
		var refused diag.List
		s.admit = func(model map[string]any) { refused = nil; f.admitAttached(model, s.profiles, &refused) }
		model, project, err := f.loadRepaired(ctx, s)
		if err == nil {
			f.ds = append(f.ds, refused...)
			f.project(project, s)
			f.repaired = &Project{Name: project.Name, Directory: s.dir, Gate: s.gate.Gate, Compose: project, Model: model, files: f.sources,
				repaired: true, mistakes: slices.Clone(f.ds)}
			return
		}
		if errors.Is(err, errPanic) {
			if !f.blame(ctx, s) {
				return
			}
		} else if !f.report(findings(err)) {
			return
		}
	}
}

// maxReloads bounds how many mistakes are found one by one.
const maxReloads = 20

// repair removes what is broken. It returns false if that is in a file that
// compose-go reads itself, but for one that extends names: that is taken out there.
func (f *faults) repair() bool {
	for _, b := range f.broken {
		if b.doc.config < 0 && !b.doc.extended {
			return false
		}
		remove(b.doc.root, b.node)
		b.doc.large = nil // it has what was removed
	}
	f.broken = nil
	return true
}

// remove takes a key with its value, or an item, out of the tree.
func remove(tree, node *yaml.Node) bool {
	for i, child := range tree.Content {
		switch {
		case child != node:
			if remove(child, node) {
				return true
			}
		case tree.Kind == yaml.MappingNode:
			tree.Content = slices.Delete(tree.Content, i, i+2)
			return true
		default:
			tree.Content = slices.Delete(tree.Content, i, i+1)
			return true
		}
	}
	return false
}

// loadRepaired loads what is left of the files, without the checks that are
// made here.
func (f *faults) loadRepaired(ctx context.Context, s *settings) (map[string]any, *types.Project, error) {
	configs, err := f.rewritten()
	if err != nil {
		return nil, nil, err
	}
	lenient := *s
	lenient.options = []func(*loader.Options){func(o *loader.Options) {
		o.SkipConsistencyCheck = true
		o.SkipResolveEnvironment = true
		o.SkipResolveLabels = true
	}}
	return loadModel(ctx, &lenient, configs)
}

// rewritten are the files given to compose-go with what is left in them.
func (f *faults) rewritten() ([]types.ConfigFile, error) {
	configs := make([]types.ConfigFile, len(f.configs))
	for i, c := range f.configs {
		var content bytes.Buffer
		encoder := yaml.NewEncoder(&content)
		for _, d := range f.main {
			if d.config != i {
				continue
			}
			spellNulls(d.root)
			if err := encoder.Encode(d.root); err != nil {
				return nil, err
			}
		}
		if err := encoder.Close(); err != nil {
			return nil, err
		}
		configs[i] = types.ConfigFile{Filename: c.Filename, Content: content.Bytes()}
	}
	return configs, nil
}

// spellNulls writes out nulls that were left blank: the encoder would make empty
// texts of those in {flow: } style.
func spellNulls(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		n.Value = "null"
	}
	for _, child := range n.Content {
		spellNulls(child)
	}
}

// report adds what compose-go reported, if it is new, and marks it as broken.
// It returns false if loading again would not help.
func (f *faults) report(found []finding) (news bool) {
	for _, x := range found {
		path := f.resolve(x.path)
		place := f.find(path)
		if place.doc == nil || place.depth == 0 || f.reportedAt(Dotted(path)) {
			continue
		}
		news = true
		f.broken = append(f.broken, broken{place.doc, place.key})
		if f.reportedBelow(path) || x.because != "" && f.reportedAt(x.because) {
			continue // it follows from what was taken out
		}
		value := place.value
		if place.depth < len(path) {
			value = nil
		}
		f.fault(place.doc, path, place.key, target(value), x.help, "%s", f.plain(x.summary))
	}
	return news
}

// reportedAt says whether something is wrong at one of the paths already, so
// that what follows from it is not.
func (f *faults) reportedAt(paths ...string) bool { return reportedAt(f.ds, paths...) }

func reportedAt(ds diag.List, paths ...string) bool {
	return slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return slices.Contains(paths, d.Path) })
}

// reportedBelow says whether something is wrong below a path.
func (f *faults) reportedBelow(path []string) bool { return reportedBelow(f.ds, Dotted(path)) }

func reportedBelow(ds diag.List, name string) bool {
	return slices.ContainsFunc(ds, func(d diag.Diagnostic) bool {
		return strings.HasPrefix(d.Path, name+".") || strings.HasPrefix(d.Path, name+"[")
	})
}

// resolve finds the elements of a path that compose-go wrote with dots, where
// names may have dots too and [] stands for any item.
func (f *faults) resolve(path string) []string {
	parts := strings.Split(path, ".")
	var out []string
	for len(parts) > 0 {
		n := 1
		for i := len(parts); i > 1; i-- {
			longer := append(slices.Clone(out), strings.Join(parts[:i], "."))
			if f.find(longer).depth == len(longer) {
				n = i
				break
			}
		}
		name := strings.Join(parts[:n], ".")
		if name == tree.PathMatchList {
			return out
		}
		out = append(out, strings.Trim(name, "[]"))
		parts = parts[n:]
	}
	return out
}

// plain takes the absolute names of files out of a text.
func (f *faults) plain(text string) string {
	for _, d := range f.layers {
		text = strings.ReplaceAll(text, d.path, d.file)
	}
	return strings.ReplaceAll(text, f.cwd+string(filepath.Separator), "")
}

func (r *sources) display(file string) string { return diag.Relative(r.cwd, file) }

// inactive says whether a service is of other profiles only, or for other machines.
func (d *document) inactive(service string, profiles []string) bool {
	own := texts(lookup(d.services()[service].value, "profiles").value, d.env)
	return d.skipped[service] || len(own) > 0 && !slices.Contains(profiles, "*") &&
		!slices.ContainsFunc(own, func(profile string) bool { return slices.Contains(profiles, profile) })
}

// noteSkipped notes which services are for other machines, as x-fargate of any file says.
func (r *sources) noteSkipped() {
	skipped := map[string]bool{}
	for _, d := range r.layers {
		d.skipped = skipped
		for name, service := range d.services() {
			if skip := lookup(lookup(service.value, "x-fargate").value, "skip").value; skip != nil {
				skipped[name] = lastText(skip, d.env) == "true"
			}
		}
	}
}
