package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// shownValue turns a value of a change into what is shown of it: strings with
// their secrets masked, numbers by their digits, and the objects and lists of
// those. A mask hides each scalar that is not a hash.
func (s secrets) shownValue(value any, mask bool) any {
	switch value := value.(type) {
	case nil, marker:
		return value
	case map[string]any:
		out := make(map[string]any, len(value))
		for _, name := range slices.Sorted(maps.Keys(value)) { // sorted: it numbers secrets
			out[s.mask(name)] = s.shownValue(value[name], mask)
		}
		return unwrap(out)
	case []any:
		out := make([]any, len(value))
		for i, item := range value {
			out[i] = s.shownValue(item, mask)
		}
		return out
	case string:
		shown := s.shown(value)
		if _, plain := shown.(string); plain && mask {
			return hidden
		}
		return shown
	case bool, json.Number:
		if mask {
			return hidden
		}
		return value
	default:
		return s.shownValue(generic(value), mask)
	}
}

// generic brings what a caller put into a change without decoding it, an int or
// a struct, into the form that decoding gives.
func generic(value any) any {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	var out any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&out); err != nil {
		return fmt.Sprint(value)
	}
	return out
}

// unwrap turns {"value": v}, what is left of an environment entry or a tag when
// its name became its key, into v.
func unwrap(object map[string]any) any {
	if value, ok := object["value"]; ok && len(object) == 1 {
		return value
	}
	return object
}

// inline writes a value on one line.
func inline(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case marker:
		return string(value)
	case string:
		return strconv.Quote(value)
	case map[string]any:
		parts := make([]string, 0, len(value))
		for _, name := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, key(name)+": "+inline(value[name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		parts := make([]string, len(value))
		for i, item := range value {
			parts[i] = inline(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return clean(fmt.Sprint(value))
	}
}

// fitsLine says whether a value is shown on one line: all but objects with
// something in them, and lists of those.
func fitsLine(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return len(value) == 0
	case []any:
		return !slices.ContainsFunc(value, func(item any) bool { return !isScalar(item) })
	default:
		return true
	}
}

func isScalar(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	default:
		return true
	}
}

// Keys that say what they are without quotes, in a dotted path and in a list.
var (
	bareKey  = regexp.MustCompile(`^[A-Za-z0-9_/:@*+-]+$`)
	bareName = regexp.MustCompile(`^[A-Za-z0-9_/:@*+.-]+$`)
)

func key(name string) string {
	name = squeeze(name)
	if bareKey.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

// refInside is a ref within an identity; what matters of it is the address.
var refInside = regexp.MustCompile(`\$\{ref:([^}]*)\.[^.}]*\}`)

// squeeze drops the empty parts of an identity: "tcp/80/80//0.0.0.0/0///" of a
// security group rule is "tcp/80/80/0.0.0.0/0". Refs in it become addresses.
func squeeze(name string) string {
	name = refInside.ReplaceAllString(name, "$1")
	if strings.HasPrefix(name, "/") || !strings.Contains(name+"/", "//") {
		return name
	}
	parts := slices.DeleteFunc(strings.Split(name, "/"), func(part string) bool { return part == "" })
	return strings.Join(parts, "/")
}

// label writes the path of a field: dotted, with elements that are not plain
// words as ["elements"].
func (s secrets) label(path diag.Path) string {
	var b strings.Builder
	for _, element := range shortPath(path) {
		name := key(s.mask(element))
		switch {
		case strings.HasPrefix(name, `"`):
			b.WriteString("[" + name + "]")
		case b.Len() > 0:
			b.WriteString("." + name)
		default:
			b.WriteString(name)
		}
	}
	return b.String()
}

// shortPath drops the "value" of environment.NAME.value, as unwrap does.
func shortPath(path diag.Path) diag.Path {
	n := len(path)
	if n >= 3 && path[n-1] == "value" && (path[n-3] == "environment" || path[n-3] == "tags") {
		return path[:n-1]
	}
	return path
}
