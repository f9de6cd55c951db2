package translate

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// keyNode is a path of the key table, and all paths below it.
type keyNode struct {
	rows     []Key
	children map[string]*keyNode
}

// keyTree is the table by path.
var keyTree = sync.OnceValue(func() *keyNode {
	root := &keyNode{}
	for _, k := range Keys() {
		n := root
		for _, part := range tree.Path(k.Path).Parts() {
			if n.children[part] == nil {
				if n.children == nil {
					n.children = map[string]*keyNode{}
				}
				n.children[part] = &keyNode{}
			}
			n = n.children[part]
		}
		n.rows = append(n.rows, k)
	}
	// the steps of pre_start have the attributes of services
	service := root.children["services"].children[tree.PathMatchAll]
	step := service.children["pre_start"].children[tree.PathMatchList]
	for name, child := range service.children {
		if step.children[name] == nil && name != "pre_start" {
			step.children[name] = child
		}
	}
	return root
})

// row returns the row of the table for a use; nil if there is nothing to
// report.
func (n *keyNode) row(u use) *Key {
	for i, k := range n.rows {
		if k.applies(u) {
			return &n.rows[i]
		}
	}
	return nil
}

// screen reports what each attribute in the files becomes, for active services
// and what they share. The model is the merged one in long form.
func (p *Project) screen(model map[string]any) diag.List {
	s := screening{Project: p, shared: p.sharedNames(), use: use{project: p, mains: p.mainServices()}}
	s.mapping(keyTree(), model)
	p.used = s.used
	return s.ds
}

type screening struct {
	*Project
	shared map[string]map[string]bool // names in use, by top-level section
	path   diag.Path
	use    use
	ds     diag.List

	used []Entry
	enclosing
}

// sharedNames are the networks, volumes and so on that active services use.
func (p *Project) sharedNames() map[string]map[string]bool {
	networks, volumes := map[string]bool{}, map[string]bool{}
	for _, s := range p.Compose.Services {
		for name := range s.Networks {
			networks[name] = true
		}
		for _, c := range (container{ServiceConfig: &s}).with() {
			for _, v := range c.Volumes {
				if v.Type == types.VolumeTypeVolume {
					volumes[v.Source] = true
				}
			}
		}
	}
	secrets, configs := p.sharedFiles()
	return map[string]map[string]bool{"networks": networks, "volumes": volumes, "secrets": secrets, "configs": configs}
}

func (s *screening) mapping(n *keyNode, m map[string]any) {
	s.extensions(m[consts.Extensions])
	s.unmodelled(n, m)
	for name, value := range m {
		child := n.children[name]
		if child == nil {
			child = n.children[tree.PathMatchAll]
		}
		if child == nil || name == consts.Extensions || !s.enter(name) {
			continue
		}
		s.value(child, value, m)
		s.path = s.path[:len(s.path)-1]
	}
}

// enter adds a name to the path unless it belongs to something that is not in
// use.
func (s *screening) enter(name string) bool {
	if len(s.path) == 1 {
		section := s.path[0]
		if section == "services" {
			config, active := s.Compose.Services[name]
			if !active {
				return false
			}
			s.use.service, s.use.config = name, config
		} else if shared, ok := s.shared[section]; ok && !shared[name] {
			return false
		}
	}
	s.path = append(s.path, name)
	return true
}

func (s *screening) list(n *keyNode, items []any) {
	child := n.children[tree.PathMatchList]
	if child == nil && n.children[tree.PathMatchAll] != nil {
		s.mapping(n, entriesOf(items))
		return
	}
	if child == nil {
		return
	}
	for i, item := range items {
		s.path = append(s.path, strconv.Itoa(i))
		s.value(child, item, nil)
		s.path = s.path[:len(s.path)-1]
	}
}

// entriesOf reads a mapping in its short form: KEY=value.
func entriesOf(items []any) map[string]any {
	out := make(map[string]any, len(items))
	for _, item := range items {
		key, value, _ := strings.Cut(fmt.Sprint(item), "=")
		out[key] = value
	}
	return out
}

// value looks a use up in the table. What is below an attribute that is not
// mapped is part of the same matter.
func (s *screening) value(n *keyNode, value any, parent map[string]any) {
	s.use.value, s.use.parent, s.use.path = value, parent, s.path
	row := n.row(s.use)
	if row != nil && row.Verdict != Mapped {
		s.answer(row)
		return
	}
	s.below(n, row, func() {
		switch v := value.(type) {
		case map[string]any:
			if n.children != nil {
				s.mapping(n, v)
			}
		case []any:
			s.list(n, v)
		}
	})
}

// answer reports a row, unless the attribute was not written but is a default
// or derived from another one.
func (s *screening) answer(row *Key) {
	path := s.path
	if row.item {
		path = path[:len(path)-1]
	}
	if !row.item && !s.Written(path...) {
		return
	}
	s.note(path, row)
	at, name := s.At(path...), compose.Dotted(path)
	reason, help := row.words(s.use)
	switch {
	case row.Verdict == Refused:
		s.ds.Errorf(at, name, s.skipHelp(path, help), "%s", reason)
	case row.Verdict == Approximated && !row.mild:
		s.ds.Warnf(at, name, help, "%s", reason)
	case row.Verdict == Approximated:
		s.ds.Notef(at, name, help, "%s", reason)
	case row.mild:
		s.ds.Notef(at, name, help, "ignored: %s", reason)
	default:
		s.ds.Warnf(at, name, help, "ignored: %s", reason)
	}
}
