package translate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Key says what one compose attribute, or some of its values, becomes. It
// covers everything below the attribute that has no Key of its own, unless it
// is a frame.
type Key struct {
	Path    string  `json:"path"`            // as compose-go's schema.AttributePaths: * any name, [] any item
	Value   string  `json:"value,omitempty"` // the values it is about; "": those that no Key before it is about
	Verdict Verdict `json:"verdict"`
	To      string  `json:"to,omitempty"`     // what it becomes on AWS, from becomes; "" for nothing of its own
	Reason  string  `json:"reason,omitempty"` // why, in one lower-case sentence; "" where mapped needs no word
	Help    string  `json:"help,omitempty"`   // what to do instead

	field *string // what the attribute becomes, and what is in it; nil: see the Key around it

	says func(use) (reason, help string) // in place of those of the row; nil: they are the same for all uses
	what func(use) string                // what the reason is about, where a message must name it; nil: the path says it

	when  func(use) bool // nil: every value that asks for something
	mild  bool           // nobody will miss it: a note, no warning
	frame bool           // holds other attributes, each with a Key of its own
	item  bool           // stands for the item it is in, whose short form has no such attribute
}

// use is a value that the files give to an attribute.
type use struct {
	value   any            // of the merged model, in long form
	parent  map[string]any // the attributes beside it
	path    diag.Path      // of the attribute
	service string         // "" outside services
	config  types.ServiceConfig
	project *Project
	mains   map[string]string // in whose tasks services run
}

// container is that of the service which has the attribute.
func (u use) container() container { return container{ServiceConfig: &u.config} }

// name is the last element of the path: that of an entry of a mapping.
func (u use) name() string { return last(u.path) }

// sibling is the text of an attribute beside this one.
func (u use) sibling(name string) string { return use{value: u.parent[name]}.text() }

// text is the value as a scalar, "" where it is none.
func (u use) text() string {
	switch u.value.(type) {
	case nil, map[string]any, []any:
		return ""
	default:
		return fmt.Sprint(u.value)
	}
}

// asks says whether the value asks for anything: an empty one, false and 0 do
// not.
func (u use) asks() bool {
	switch v := u.value.(type) {
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	default:
		return !slices.Contains([]string{"", "false", "0"}, u.text())
	}
}

func (k Key) applies(u use) bool {
	if k.when == nil {
		return u.asks()
	}
	return k.when(u)
}

// The makers of table rows, under which the rows line up.

func mapped(path, reason string) Key {
	return Key{Path: path, Verdict: Mapped, Reason: reason}
}

// framed is a row of an attribute that only holds others. A new attribute in it
// must get a row of its own.
func framed(path, reason string) Key {
	return Key{Path: path, Verdict: Mapped, Reason: reason, frame: true}
}

func approximated(path, reason, help string) Key {
	return Key{Path: path, Verdict: Approximated, Reason: reason, Help: help}
}

func ignored(path, reason, help string) Key {
	return Key{Path: path, Verdict: Ignored, Reason: reason, Help: help}
}

func refused(path, reason, help string) Key {
	return Key{Path: path, Verdict: Refused, Reason: reason, Help: help}
}

// notYet refuses what Fargate can do and this release cannot.
func notYet(path, reason, help string) Key {
	return refused(path, "not supported yet: "+reason, help)
}

// later is of what Fargate can do and a stack can live without until this
// tool can do it too.
func later(path, reason, help string) Key {
	return ignored(path, "not supported yet, "+reason, help)
}

// of narrows a row down to some values.
func (k Key) of(value string, when func(use) bool) Key {
	k.Value, k.when = value, when
	return k
}

// noted makes a note of a row where nobody will miss the attribute.
func (k Key) noted() Key {
	k.mild = true
	return k
}

// ofItem makes a row speak of the item that has the attribute.
func (k Key) ofItem() Key {
	k.item = true
	return k
}

// about makes a row name what it is about before the reason.
func (k Key) about(what func(use) string) Key {
	k.what = what
	return k
}

// saying makes a row find its words for each use.
func (k Key) saying(says func(use) (reason, help string)) Key {
	k.says = says
	return k
}

// to sets what an attribute and what is in it become: a field of the task
// definition, or of the resource before the colon; "": nothing of its own.
func (k Key) to(field string) Key {
	k.field = &field
	return k
}

// into sets what the values of a row become, if that differs from the other
// rows of the attribute.
func (k Key) into(to string) Key {
	k.To = to
	return k
}

// words are the reason and the help of a row for a value in use.
func (k Key) words(u use) (reason, help string) {
	switch {
	case k.says != nil:
		return k.says(u)
	case k.what != nil:
		return k.what(u) + ": " + k.Reason, k.Help
	default:
		return k.Reason, k.Help
	}
}

// Conditions of rows.

func is(values ...string) func(use) bool {
	return func(u use) bool { return slices.Contains(values, u.text()) }
}

func hasPrefix(prefixes ...string) func(use) bool {
	return func(u use) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(u.text(), prefix) })
	}
}

// only holds where every item of a list satisfies a condition.
func only(condition func(item string) bool) func(use) bool {
	return func(u use) bool {
		items := u.items()
		return len(items) > 0 && !slices.ContainsFunc(items, func(item string) bool { return !condition(item) })
	}
}

// named holds for an entry whose name satisfies a condition.
func named(condition func(name string) bool) func(use) bool {
	return func(u use) bool { return condition(u.name()) }
}

// called holds for an entry of one name.
func called(name string) func(use) bool {
	return func(u use) bool { return u.name() == name }
}

// some holds where an item of a list satisfies a condition.
func some(condition func(item string) bool) func(use) bool {
	return func(u use) bool { return slices.ContainsFunc(u.items(), condition) }
}

// items are the scalars of a list or of a scalar, and the entries of a mapping as
// NAME:VALUE.
func (u use) items() []string {
	switch value := u.value.(type) {
	case map[string]any:
		var out []string
		for _, name := range sortedKeys(value) {
			for _, scalar := range scalarsOf(value[name]) {
				out = append(out, name+":"+scalar)
			}
		}
		return out
	case []any:
		return scalarsOf(value)
	default:
		return strings.Fields(u.text())
	}
}

// What to use where Fargate is the wrong place.
const elsewhereOnAWS = "run the service on EC2 or ECS Managed Instances, and leave it out here with x-fargate: {skip: true}"
