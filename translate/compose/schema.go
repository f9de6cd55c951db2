package compose

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/compose2fargate/compose2fargate/diag"
)

// CompileSchema compiles a JSON schema, or, where a pointer such as #/properties is
// given, this part of it. One that does not compile is a broken build.
func CompileSchema(schema []byte, part string) *jsonschema.Schema {
	const id = "https://compose2fargate.dev/schema.json"
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	compiler := jsonschema.NewCompiler()
	compiler.RegisterFormat(&jsonschema.Format{Name: "duration", Validate: isDuration})
	if err = cmp.Or(err, compiler.AddResource(id, document)); err != nil {
		panic(err)
	}
	return compiler.MustCompile(id + part)
}

func isDuration(v any) error {
	text, ok := v.(string)
	if !ok {
		return errors.New("not a string")
	}
	_, err := time.ParseDuration(text)
	return err
}

// Violation is one way in which a value is not what its JSON schema says.
type Violation struct {
	Path    []string // from the top of the value
	Summary string
	Help    string
	Unknown bool // the schema has no such key
	Missing bool // a key is not there which must be
	Alike   bool // two items of a list are
}

// Violations lists all that is wrong with a value: compose-go and the schema
// package itself report one thing only, or all alternatives at once. Forms says in
// words what the patterns of the schema require; one without words is printed as it
// is.
func Violations(err error, forms map[string]string) []Violation {
	invalid, ok := err.(*jsonschema.ValidationError) //nolint:errorlint // never wrapped
	if !ok {
		return nil
	}
	return violations(invalid, forms)
}

func violations(e *jsonschema.ValidationError, forms map[string]string) []Violation {
	switch k := e.ErrorKind.(type) {
	case *kind.OneOf, *kind.AnyOf:
		if len(e.Causes) > 0 {
			return ofAlternatives(e, forms)
		}
	case *kind.AdditionalProperties:
		var out []Violation
		for _, name := range k.Properties {
			out = append(out, Violation{Path: below(e, name), Summary: "unknown key", Unknown: true})
		}
		return out
	case *kind.FalseSchema:
		return []Violation{{Path: below(e), Summary: "unknown key", Unknown: true}}
	}
	if len(e.Causes) == 0 {
		_, missing := e.ErrorKind.(*kind.Required)
		v := Violation{Path: below(e), Summary: violationText(e.ErrorKind, forms), Missing: missing}
		switch k := e.ErrorKind.(type) {
		case *kind.Type:
			v.Help = typeHelp(k.Got, k.Want)
		case *kind.UniqueItems:
			v.Alike = true
		}
		return []Violation{v}
	}
	var out []Violation
	for _, cause := range e.Causes {
		out = append(out, violations(cause, forms)...)
	}
	return out
}

func below(e *jsonschema.ValidationError, names ...string) []string {
	return append(slices.Clone(e.InstanceLocation), names...)
}

// ofAlternatives reports the alternative that the value comes closest to, which is
// the one that fails deepest. If all fail on the type of the value itself, it
// reports the types.
func ofAlternatives(e *jsonschema.ValidationError, forms map[string]string) []Violation {
	var closest []Violation
	depth := -1
	var got string
	var want []string
	for _, cause := range e.Causes {
		if t, ok := leaf(cause).ErrorKind.(*kind.Type); ok && len(leaf(cause).InstanceLocation) == len(e.InstanceLocation) {
			got, want = t.Got, append(want, t.Want...)
			continue
		}
		found := violations(cause, forms)
		for _, v := range found {
			if len(v.Path) > depth {
				closest, depth = found, len(v.Path)
			}
		}
	}
	if closest == nil {
		return []Violation{{Path: below(e), Summary: typeText(got, want), Help: typeHelp(got, want)}}
	}
	return closest
}

// leaf goes down to what really failed, through references and schemas.
func leaf(e *jsonschema.ValidationError) *jsonschema.ValidationError {
	for len(e.Causes) == 1 {
		e = e.Causes[0]
	}
	return e
}

var english = message.NewPrinter(language.English)

func violationText(k jsonschema.ErrorKind, forms map[string]string) string {
	switch k := k.(type) {
	case *kind.Type:
		return typeText(k.Got, k.Want)
	case *kind.Required:
		return "needs " + strings.Join(k.Missing, " and ")
	case *kind.Enum:
		return fmt.Sprintf("is %s, must be %s", Shown(k.Got), oneOf(k.Want))
	case *kind.Const:
		return fmt.Sprintf("is %s, must be %s", Shown(k.Got), plain(k.Want))
	case *kind.Pattern:
		if diag.HasPassword(k.Got) { // a URL with a password, where a host belongs
			return "is not " + patternText(k.Want, forms)
		}
		return fmt.Sprintf("%s is not %s", Shown(k.Got), patternText(k.Want, forms))
	case *kind.Format:
		return fmt.Sprintf("%s is not a valid %s", plain(k.Got), k.Want)
	case *kind.Minimum:
		return fmt.Sprintf("is %s, must be at least %s", Shown(k.Got), Shown(k.Want))
	case *kind.Maximum:
		return fmt.Sprintf("is %s, must be at most %s", Shown(k.Got), Shown(k.Want))
	case *kind.MinLength, *kind.MinItems, *kind.MinProperties:
		return "must not be empty"
	case *kind.UniqueItems:
		return fmt.Sprintf("items %d and %d are the same", k.Duplicates[0], k.Duplicates[1])
	default:
		return k.LocalizedString(english)
	}
}

// patternText is what the schema's author calls the texts of a form.
func patternText(pattern string, forms map[string]string) string {
	return cmp.Or(forms[pattern], "of the form "+pattern)
}

// Shown is a value of a file as messages write it: a text in quotes, a number, true, or
// in words what has more in it.
func Shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "empty"
	case string:
		return strconv.Quote(shortened(v))
	case bool, int, int64, uint64:
		return fmt.Sprint(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case *big.Rat:
		return ratText(v)
	case []any:
		return "a list"
	default:
		return "a mapping"
	}
}

func ratText(r *big.Rat) string {
	if r.IsInt() && r.Num().BitLen() <= 64 {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// mostShown is how many characters of a text are shown.
const mostShown = 120

func shortened(text string) string {
	if runes := []rune(text); len(runes) > mostShown {
		return string(runes[:mostShown]) + "…"
	}
	return text
}

// typeHelp is for numbers where a text is wanted, say user: 1000.
func typeHelp(got string, want []string) string {
	if slices.Contains([]string{"number", "integer", "boolean"}, got) && slices.Contains(want, "string") {
		return "write it in quotes"
	}
	return ""
}

func typeText(got string, want []string) string {
	var names []any
	for _, w := range want {
		if name := typeName(w); !slices.Contains(names, any(name)) {
			names = append(names, name)
		}
	}
	return fmt.Sprintf("is %s, must be %s", typeName(got), oneOf(names))
}

func typeName(jsonType string) string {
	switch jsonType {
	case "object":
		return "a mapping"
	case "array":
		return "a list"
	case "null":
		return "empty"
	case "boolean":
		return "true or false"
	case "integer":
		return "a whole number"
	default:
		return "a " + jsonType
	}
}

// plain is a value without quotes, as one would write it.
func plain(v any) string {
	if text, ok := v.(string); ok {
		return shortened(text)
	}
	return Shown(v)
}

func oneOf(values []any) string {
	var texts []string
	for _, v := range values {
		texts = append(texts, plain(v))
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " or " + texts[last]
}

// nearest returns the name that the user may have meant, "" where none is
// close.
func nearest(name string, candidates []string) string {
	best, bestDistance := "", max(1, len(name)/3)+1
	for _, candidate := range candidates {
		if len(name) > 3 && strings.HasPrefix(candidate, name) {
			return candidate
		}
		if d := Distance(strings.ToLower(name), strings.ToLower(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// Distance is the number of letters to insert, delete, replace or swap with
// their neighbour (optimal string alignment).
func Distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// DidYouMean is the help for an unknown key, "" where none is close.
func DidYouMean(name string, candidates []string) string {
	if near := nearest(name, candidates); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}
