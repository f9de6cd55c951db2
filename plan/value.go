package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Ref names an attribute that AWS assigns to another resource of the stack:
// the "id" of security-group/net.back.
type Ref struct {
	Address Address
	Attr    string
}

// String returns the form in which a ref stands in a spec that is printed
// before its value is known.
func (r Ref) String() string { return refMark + r.Address.String() + "." + r.Attr + "}" }

// Value is a string of a spec that is either literal or an attribute of another
// resource. A Value with a Ref is an edge of the graph whether or not its text
// is known already.
type Value struct {
	Text string // "" while a Ref is not known
	Ref  *Ref   // nil for a literal
}

// Literal is a Value that refers to nothing.
func Literal(text string) Value { return Value{Text: text} }

// RefTo is the attribute attr of the resource at address; text is its value
// where that can be computed ahead, else "".
func RefTo(address Address, attr, text string) Value {
	return Value{Text: text, Ref: &Ref{Address: address, Attr: attr}}
}

// Known says whether the text of v stands for its value.
func (v Value) Known() bool { return v.Ref == nil || v.Text != "" }

// IsZero makes `omitzero` leave out a Value that says nothing.
func (v Value) IsZero() bool { return v == Value{} }

// String returns the text, or the ref where the text is not known.
func (v Value) String() string {
	if v.Known() {
		return v.Text
	}
	return v.Ref.String()
}

// The beginnings of what is not the text itself in JSON: a ref, and a text that
// would be taken for one.
const refMark, textMark = "${ref:", "${text:"

// MarshalJSON writes the text of v, or its ref where the text is not known. A literal
// that looks like a ref is marked.
func (v Value) MarshalJSON() ([]byte, error) {
	text := v.String()
	if v.Ref == nil && (strings.HasPrefix(text, refMark) || strings.HasPrefix(text, textMark)) {
		text = textMark + text + "}"
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the encoder around this one decides
	err := encoder.Encode(text)
	return out.Bytes(), err
}

// UnmarshalJSON is the inverse of MarshalJSON; a known text loses its ref.
func (v *Value) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	if marked, ok := strings.CutPrefix(text, textMark); ok && strings.HasSuffix(marked, "}") {
		*v = Literal(strings.TrimSuffix(marked, "}"))
		return nil
	}
	*v = Literal(text)
	inner, isRef := strings.CutPrefix(text, refMark)
	if !isRef || !strings.HasSuffix(inner, "}") {
		return nil
	}
	dot := strings.LastIndexByte(inner, '.')
	if dot < 0 {
		return fmt.Errorf("%s has no attribute", text)
	}
	address, err := ParseAddress(inner[:dot])
	if err != nil {
		return err
	}
	*v = RefTo(address, strings.TrimSuffix(inner[dot+1:], "}"), "")
	return nil
}

// Refs lists the refs of a spec, sorted, each once.
func Refs(spec any) []Ref {
	found := map[Ref]bool{}
	each(reflect.ValueOf(spec), func(v Value) {
		if v.Ref != nil {
			found[*v.Ref] = true
		}
	})
	return slices.SortedFunc(maps.Keys(found), func(a, b Ref) int {
		return strings.Compare(a.String(), b.String())
	})
}

// each calls f with every Value in v.
func each(v reflect.Value, f func(Value)) {
	switch {
	case !v.IsValid():
		return
	case v.Type() == valueType:
		f(v.Interface().(Value))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		each(v.Elem(), f)
	case reflect.Struct:
		for i := range v.NumField() {
			each(v.Field(i), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), f)
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			each(iter.Value(), f)
		}
	}
}

// Map returns a deep copy of spec, a pointer to a struct of plain data, in which
// every Value v became f(v).
func Map(spec any, f func(Value) Value) any {
	if spec == nil {
		return nil
	}
	return mapValues(reflect.ValueOf(spec), f).Interface()
}

var valueType = reflect.TypeFor[Value]()

func mapValues(v reflect.Value, f func(Value) Value) reflect.Value {
	if v.Type() == valueType {
		return reflect.ValueOf(f(v.Interface().(Value)))
	}
	switch v.Kind() {
	case reflect.Pointer:
		return mapPointer(v, f)
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			out.Field(i).Set(mapValues(v.Field(i), f))
		}
		return out
	case reflect.Slice:
		return mapSlice(v, f)
	case reflect.Map:
		return mapMap(v, f)
	default:
		return v
	}
}

func mapPointer(v reflect.Value, f func(Value) Value) reflect.Value {
	if v.IsNil() {
		return v
	}
	out := reflect.New(v.Type().Elem())
	out.Elem().Set(mapValues(v.Elem(), f))
	return out
}

func mapSlice(v reflect.Value, f func(Value) Value) reflect.Value {
	if v.IsNil() {
		return v
	}
	out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		out.Index(i).Set(mapValues(v.Index(i), f))
	}
	return out
}

func mapMap(v reflect.Value, f func(Value) Value) reflect.Value {
	if v.IsNil() {
		return v
	}
	out := reflect.MakeMapWithSize(v.Type(), v.Len())
	for iter := v.MapRange(); iter.Next(); {
		out.SetMapIndex(iter.Key(), mapValues(iter.Value(), f))
	}
	return out
}
