package resource

import (
	_ "embed"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// shape says how the fields of an SDK struct are handled. A field that is in
// none of the lists came with a newer SDK; it is reported like those in
// reported until somebody decides otherwise.
type shape struct {
	Managed  []string       // read into a spec; looked into where their type has a shape
	Ignored  []string       // follows from others, or is a state and no setting
	Reported []string       // settings that this version neither sets nor compares
	Defaults map[string]any // values of reported fields that AWS fills in
	Name     string         // the field by which the items of a list are called
}

//go:embed shapes.yaml
var shapesFile []byte

// shapes has the shapes of structs by the SDK's package and their name: ecs.Service.
var shapes = sync.OnceValue(func() (out map[string]shape) {
	if err := yaml.Load(shapesFile, &out, yaml.WithKnownFields()); err != nil {
		panic(err) // a test decodes the file
	}
	return out
})

func shapeOf(t reflect.Type) (shape, bool) {
	s, ok := shapes()[path.Base(path.Dir(t.PkgPath()))+"."+t.Name()]
	return s, ok
}

// unmanaged lists the settings of a live resource that no spec covers, as dotted
// paths, sorted.
func unmanaged(live any) []string {
	var out []string
	walk(reflect.ValueOf(live), "", func(path string) { out = append(out, path) })
	slices.Sort(out)
	return slices.Compact(out)
}

func walk(v reflect.Value, path string, report func(string)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), path, report)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), join(path, label(v.Index(i), i)), report)
		}
	case reflect.Struct:
		if s, ok := shapeOf(v.Type()); ok {
			walkFields(v, s, path, report)
		}
	}
}

func walkFields(v reflect.Value, s shape, path string, report func(string)) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		below := join(path, lower(field.Name))
		switch {
		case !field.IsExported() || slices.Contains(s.Ignored, field.Name):
		case slices.Contains(s.Managed, field.Name):
			walk(v.Field(i), below, report)
		case isSet(v.Field(i), s.Defaults[field.Name]):
			report(below)
		}
	}
}

// isSet says whether a field is neither left out nor at its default, which is
// nothing at all for most.
func isSet(v reflect.Value, fallback any) bool {
	absent := v.Kind() == reflect.Pointer && v.IsNil() ||
		(v.Kind() == reflect.String || v.Kind() == reflect.Slice) && v.Len() == 0
	if fallback == nil || absent {
		return !empty(v)
	}
	return !same(v.Interface(), fallback)
}

// empty says whether nothing is set: AWS returns {} and [] and false for what was
// never sent.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || empty(v.Elem())
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !empty(v.Field(i)) {
				return false
			}
		}
		return true
	default:
		return v.IsZero()
	}
}

// label calls an item of a list by its name, or by its place.
func label(v reflect.Value, i int) string {
	if s, ok := shapeOf(v.Type()); ok && s.Name != "" {
		if name, ok := v.FieldByName(s.Name).Interface().(*string); ok && name != nil {
			return *name
		}
	}
	return fmt.Sprint(i)
}

func join(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }

// lower makes a Go name the name of the AWS CLI.
func lower(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}
