package compose

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// Limits of all files together; see measure.go for those of one.
const (
	maxServices = 5_000  // of a cluster (ECS, service quotas: services per cluster)
	maxItems    = 1_000  // of a list of ports: what is more is a range
	maxPorts    = 25_000 // of all services, each of a range counted: a service of ECS has tens
	mostWaits   = 20_000 // of all services for each other
	waitsEach   = 10     // and for each service
)

// spent is what was read so far.
type spent struct {
	files    int
	bytes    int64
	lines    int  // of env files, with the variables that these are added to
	attached int  // bytes of the files of services, see attachedBytes
	most     int  // of these
	full     bool // and that was said
}

// file notes a compose file of that size. It is not ok where one too many was read, which
// it reports once.
func (s *spent) file(at diag.Pos, size int64, ds *diag.List) bool {
	s.files++
	if s.files > maxDocuments && !s.full {
		s.full = true
		ds.Errorf(at, "", "include and extend fewer files", "more than %d files are included or extended", maxDocuments)
	}
	return !s.full && s.add(at, size, ds)
}

// bytesOf notes a file that is read beside them, each time that it is.
func (s *spent) bytesOf(at diag.Pos, file string, ds *diag.List) bool {
	info, err := os.Stat(file)
	return err != nil || s.add(at, info.Size(), ds)
}

func (s *spent) add(at diag.Pos, size int64, ds *diag.List) bool {
	s.bytes += size
	if s.bytes > mostBytes && !s.full {
		s.full = true
		ds.Errorf(at, "", "use fewer or smaller files, or use them less often", "the files have more than %d MiB, each as often as it is read", mostBytes>>20)
	}
	return !s.full
}

// settings notes that as many variables are looked at, which each include does with all
// that it has.
func (s *spent) settings(at diag.Pos, count int, ds *diag.List) bool {
	s.lines += count
	if most := mostSettings + s.files*settingsEach; s.lines > most && !s.full {
		s.full = true
		ds.Errorf(at, "", "use fewer or smaller env files, or use them less often", "the env files, and the variables of all that is included, have more than %d lines, each as often as it is read", most)
	}
	return !s.full
}

// attachedTo notes an env file or a label file, each time that a service has it.
func (s *spent) attachedTo(at diag.Pos, file string, ds *diag.List) bool {
	s.attached += attachedBytes(file)
	if s.attached > s.most && !s.full {
		s.full = true
		ds.Errorf(at, "", "give each service only what it needs", "the env files and label files of services have more than %d MiB, each as often as a service has it", s.most>>20)
	}
	return !s.full
}

// attachedBytes is what a file has, with what a task definition writes around each variable.
func attachedBytes(file string) int {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return int(info.Size()) + linesOf(file)*len(`{"name":"","value":""},`)
}

// linesOf counts those of a file; of what can be read only once, or not at all, none.
func linesOf(file string) int {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return 0
	}
	text, err := content.ReadFile(file, longestFile)
	if err != nil {
		return 0
	}
	return bytes.Count(text, []byte("\n")) + 1
}

// weight is what a service makes compose-go do, with all that it extends.
type weight struct {
	amount        // of what it extends
	own    amount // of the service itself
	ports  int
	waits  int // of depends_on
	chain  int // of services that extend each other
}

// scales weigh what services become, before compose-go makes it.
type scales struct {
	*sources
	ds    *diag.List
	known map[*yaml.Node]weight // by the key of the service
	open  []link                // the service that is weighed, after those that extend it
	sum   weight
}

type link struct {
	file, section, name string
	away                bool // it extends one in a file that it names
}

// weighAll reports services that extend each other without an end, and where all
// services become more than the limits allow.
func (r *sources) weighAll(ds *diag.List) {
	s := scales{sources: r, ds: ds, known: map[*yaml.Node]weight{}}
	names := map[string]bool{}
	var before amount // of the documents, each of which is looked at with those before it
	for _, d := range r.layers {
		s.sum.amount = s.sum.plus(d.size)
		if d.config >= 0 {
			s.sum.amount = s.sum.plus(before)
			before = before.plus(d.size)
		}
		for _, section := range extending {
			for _, name := range slices.Sorted(maps.Keys(d.sections[section])) {
				names[name] = true
				w := s.of(d, section, name)
				s.sum = weight{amount: s.sum.plus(w.amount), ports: s.sum.ports + w.ports, waits: s.sum.waits + w.waits}
				if r.beyond = s.exceeded(d, section, name, len(names)); r.beyond {
					return
				}
			}
		}
	}
}

// extending are the sections whose members can extend others.
var extending = []string{"services", "jobs"}

func (s *scales) exceeded(d *document, section, name string, services int) bool {
	at, path := d.pos(d.sections[section][name].key), Dotted([]string{section, name})
	switch {
	case services > maxServices:
		s.ds.Errorf(at, path, "split the project", "more than %d services: an ECS cluster holds no more", maxServices)
	case s.sum.ports > maxPorts:
		s.ds.Errorf(at, path, "publish fewer ports", "more than %d ports up to here, each of a range counted", maxPorts)
	case s.sum.waits > mostWaits+waitsEach*services:
		s.ds.Errorf(at, path, "name what a service needs at once, and not what that needs in turn", "services depend on each other more than %d times up to here", mostWaits)
	case s.sum.beyond() != "":
		s.ds.Errorf(at, path, "split the project, or have fewer documents and services repeat others", "the files stand for %s up to here", s.sum.beyond())
	default:
		return false
	}
	return true
}

// of weighs a service.
func (s *scales) of(d *document, section, name string) weight {
	service, ok := d.sections[section][name]
	if !ok {
		return weight{} // which is said elsewhere
	}
	if w, ok := s.known[service.key]; ok {
		return w
	}
	w := weight{own: extentOf(service.value, d.env).amount, ports: d.portsOf(service.value), waits: waitsIn(service.value)}
	ref, file := d.baseOf(section, name)
	if ref != "" && !remote(file) {
		at, path := d.pos(lookup(service.value, "extends").key), Dotted([]string{section, name, "extends"})
		self := link{content.Resolve(d.path), section, name, file != ""}
		if i := slices.Index(s.open, self); i >= 0 {
			if slices.ContainsFunc(s.open[i:], func(l link) bool { return l.away }) { // compose-go finds others, and what is wrong beside them
				s.ds.Errorf(at, path, "remove one extends", "services extend each other in a circle, through %q", ref)
			}
			return w
		}
		s.open = append(s.open, self)
		base := s.base(d, section, ref, file)
		s.open = s.open[:len(s.open)-1]
		if w = (weight{base.amount, w.own, w.ports + base.ports, w.waits + base.waits, base.chain + 1}); w.chain == maxMerges+1 {
			s.ds.Errorf(at, path, "extend fewer services in a row", "more than %d services extend each other", maxMerges)
		}
	}
	s.known[service.key] = w
	s.portLists(d, section, name, service.value)
	return w
}

// portLists reports lists of so many ports that nobody wrote them.
func (s *scales) portLists(d *document, section, name string, service *yaml.Node) {
	for _, key := range []string{"ports", "expose"} {
		found := lookup(service, key)
		if list := target(found.value); list != nil && list.Kind == yaml.SequenceNode && len(list.Content) > maxItems {
			s.ds.Errorf(d.pos(found.key), Dotted([]string{section, name, key}), "write ranges, such as 8000-8999", "more than %d items", maxItems)
		}
	}
}

// base weighs what a service extends. compose-go copies all services of another file.
func (s *scales) base(d *document, section, ref, file string) weight {
	if file == "" {
		w := s.of(d, section, ref)
		w.amount = w.plus(w.own)
		return w
	}
	var sum weight
	for _, base := range s.sources.base(d, file) {
		w := s.of(base, "services", ref)
		sum = weight{amount: sum.plus(w.amount).plus(base.size), ports: sum.ports + w.ports, waits: sum.waits + w.waits, chain: max(sum.chain, w.chain)}
	}
	return sum
}

// waitsIn counts what a service depends on.
func waitsIn(service *yaml.Node) int {
	switch found := target(lookup(service, "depends_on").value); {
	case found == nil:
		return 0
	case found.Kind == yaml.MappingNode:
		return len(found.Content) / 2
	default:
		return len(found.Content)
	}
}

// portsOf counts the ports that a service writes, each of a range.
func (d *document) portsOf(service *yaml.Node) int {
	sum := 0
	for _, key := range []string{"ports", "expose"} {
		list := target(lookup(service, key).value)
		if list == nil || list.Kind != yaml.SequenceNode {
			continue
		}
		for _, item := range list.Content {
			if n := target(item); n.Kind == yaml.ScalarNode && strings.ContainsAny(n.Value, "-$") {
				sum += portCount(substitute(n.Value, d.env))
			} else {
				sum++
			}
		}
	}
	return sum
}
