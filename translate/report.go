package translate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// Report returns the row of the key table for every attribute in the files, in
// active services and at the top level. An attribute that only contains others
// has no entry if one of those has. The entries are sorted by service and
// place, those of the top level first. ApplyDiagnostics adds the messages of Stack.
func (p *Project) Report() []Entry {
	return slices.SortedFunc(slices.Values(p.used), func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), a.Pos.Compare(b.Pos), strings.Compare(a.Path, b.Path))
	})
}

// ApplyDiagnostics applies the messages of Stack to entries that are mapped: with an error
// the attribute is refused, with a warning approximated. Messages about an item
// of a list as a whole make it a single entry.
func ApplyDiagnostics(entries []Entry, found diag.List) []Entry {
	var out []Entry
	worst := worstByPath(found)
	for _, e := range entries {
		if path, about := around(e.Path, worst); about != "" && e.Verdict == Mapped {
			e.apply(path, worst[about])
			if n := len(out); n > 0 && out[n-1].Path == e.Path {
				continue
			}
		}
		out = append(out, e)
	}
	return out
}

// worstByPath has the first error of each path, or else the first warning.
func worstByPath(found diag.List) map[string]diag.Diagnostic {
	out := map[string]diag.Diagnostic{}
	for _, d := range found {
		known, ok := out[d.Path]
		if d.Severity != diag.Note && (!ok || d.Severity < known.Severity) {
			out[d.Path] = d
		}
	}
	return out
}

func (e *Entry) apply(path string, d diag.Diagnostic) {
	e.Verdict = Approximated
	if d.Severity == diag.Error {
		e.Verdict = Refused
	}
	if e.Path != path {
		e.Key = KeyPath(path)
		e.To = becomes(e.Key)
		e.Path = path
	}
	e.Reason, e.Help = d.Summary, d.Help
}

// around finds the nearest diagnostic about an attribute or what holds it within
// its service; the path is that of the attribute, or of the item of a list that
// it is in.
func around(path string, said map[string]diag.Diagnostic) (_, about string) {
	item := path
	for p := path; strings.Count(p, ".") >= 2; {
		if _, ok := said[p]; ok {
			if strings.HasSuffix(p, "]") {
				item = p
			}
			return item, p
		}
		cut := strings.LastIndexAny(p, ".[")
		if p[cut] == '[' {
			item = p
		}
		p = p[:cut]
	}
	return "", ""
}

// Counts are the numbers of entries of each verdict.
type Counts struct {
	Keys         int `json:"keys"`
	Mapped       int `json:"mapped"`
	Approximated int `json:"approximated"`
	Ignored      int `json:"ignored"`
	Refused      int `json:"refused"`
}

// Count counts entries.
func Count(entries []Entry) Counts {
	c := Counts{Keys: len(entries)}
	for _, e := range entries {
		switch e.Verdict {
		case Mapped:
			c.Mapped++
		case Approximated:
			c.Approximated++
		case Ignored:
			c.Ignored++
		case Refused:
			c.Refused++
		}
	}
	return c
}

// KeyPath returns the path of the nearest attribute of the key table that a path
// in the files, as in Entry and diag.Diagnostic, belongs to; "" for none.
func KeyPath(path string) string {
	n, key, best := keyTree(), "", ""
	for _, part := range strings.Split(strings.NewReplacer("[", ".[", "]", "").Replace(path), ".") {
		name := strings.TrimPrefix(part, "[")
		if name != part {
			name = tree.PathMatchList
		}
		if n.children[name] == nil {
			name = tree.PathMatchAll
		}
		if n = n.children[name]; n == nil {
			break
		}
		key = strings.TrimPrefix(key+"."+name, ".")
		if len(n.rows) > 0 {
			best = key
		}
	}
	return best
}

// note records that the files use the attribute at path, with its row; nil if
// its value has no effect.
func (s *screening) note(path diag.Path, row *Key) {
	if len(path) == 0 {
		return
	}
	depth := s.Depth(path...)
	_, err := strconv.Atoi(last(path))
	isItem := err == nil && depth == len(path)-1 // of a list that several files add to
	if depth < len(path) && !isItem {
		return // a default, or derived from another
	}
	e := Entry{Path: compose.Dotted(path), Pos: s.At(path...)}
	if path[0] == "services" && len(path) > 1 {
		e.Service = path[1]
	}
	if row == nil {
		row = &Key{Path: s.near}
		if general := s.general; general != nil && general.Verdict == Mapped {
			row = general
		}
	}
	e.Key, e.Value, e.Verdict = row.Path, row.Value, row.Verdict
	e.To = row.To
	e.Reason, e.Help = row.words(s.use)
	s.used = append(s.used, e)
}

// below runs f over what is below an attribute. Where nothing there is in use by
// itself, the attribute as a whole is.
func (s *screening) below(n *keyNode, row *Key, f func()) {
	outer, path := s.enclosing, slices.Clone(s.path)
	if len(n.rows) > 0 {
		s.enclosing = enclosing{row, n.general(), n.rows[0].Path}
	}
	before := len(s.used)
	f()
	name := compose.Dotted(path)
	asWhole := slices.IndexFunc(s.used[before:], func(e Entry) bool { return e.Path == name })
	switch {
	case len(s.used) == before:
		s.note(path, s.row)
	case asWhole >= 0: // it speaks for all that is in it
		s.used = append(s.used[:before], s.used[before+asWhole])
	}
	s.enclosing = outer
}

// enclosing is the nearest attribute around that the table speaks of.
type enclosing struct {
	row     *Key   // what it says of the value in use; nil where that asks for nothing
	general *Key   // what it says of any value; nil for nothing
	near    string // its path in the table
}

// unmodelled notes down what compose-go acts on and leaves out of the model.
func (s *screening) unmodelled(n *keyNode, m map[string]any) {
	names := []string{"extends"}
	switch {
	case len(s.path) == 0:
		names = sortedKeys(n.children)
	case len(s.path) != 2 || s.path[0] != "services":
		return
	}
	for _, name := range names {
		if _, modelled := m[name]; modelled {
			continue
		}
		row := n.children[name].general()
		if row == nil || row.frame {
			continue
		}
		s.path = append(s.path, name)
		if row.Verdict == Mapped {
			s.note(s.path, row)
		} else {
			s.answer(row)
		}
		s.path = s.path[:len(s.path)-1]
	}
}

// general is the row for all values that no other one is about.
func (n *keyNode) general() *Key {
	for i, k := range n.rows {
		if k.when == nil {
			return &n.rows[i]
		}
	}
	return nil
}

// usedExtensions are the entries of x-fargate and of Docker's x-aws keys, with
// what was found to say of them.
func (p *Project) usedExtensions(found diag.List) []Entry {
	said := worstByPath(found)
	entries := p.extensionsAt(said, nil, "", p.Compose.Extensions)
	for _, name := range p.Compose.ServiceNames() {
		entries = append(entries, p.extensionsAt(said, at(name), "services.*.", p.Compose.Services[name].Extensions)...)
	}
	return entries
}

func (p *Project) extensionsAt(said map[string]diag.Diagnostic, path diag.Path, key string, extensions types.Extensions) []Entry {
	var entries []Entry
	add := func(names ...string) {
		full := append(slices.Clone(path), names...)
		e := Entry{Path: compose.Dotted(full), Pos: p.At(full...), Key: key + strings.Join(names, ".")}
		if len(path) > 0 {
			e.Service = path[1]
		}
		if d, ok := said[e.Path]; ok {
			e.Verdict, e.Reason, e.Help = Ignored, strings.TrimPrefix(d.Summary, "ignored: "), d.Help
			if d.Severity == diag.Error {
				e.Verdict = Refused
			}
		}
		if p.Written(full...) {
			entries = append(entries, e)
		}
	}
	for name, value := range extensions {
		keys, isMapping := value.(map[string]any)
		switch {
		case name == xfargate.Key && isMapping:
			for key := range keys {
				add(name, key)
			}
		case name == xfargate.Key, strings.HasPrefix(name, "x-aws-"):
			add(name)
		}
	}
	return entries
}
