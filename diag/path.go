package diag

import (
	"slices"
	"strconv"
	"strings"
)

// Path is the way to a value in a tree of maps and lists: the keys of maps and
// the indexes of lists, from the root. The nil Path is the root.
type Path []string

// Key returns the path of the value at a key of the map at p, or further down at
// several. It shares no memory with p: two paths may be made from one.
func (p Path) Key(keys ...string) Path { return slices.Concat(p, keys) }

// Item returns the path of the i-th item, from 0, of the list at p. It shares no
// memory with p.
func (p Path) Item(i int) Path { return p.Key(strconv.Itoa(i)) }

// String writes the path as messages do: services.web.ports[0]. A number among
// the first two elements is the name of a section or of what is in it, a service
// called 1, and never an index.
func (p Path) String() string {
	var b strings.Builder
	for i, element := range p {
		if _, err := strconv.Atoi(element); err == nil && i > 1 {
			b.WriteString("[" + element + "]")
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(element)
	}
	return b.String()
}
