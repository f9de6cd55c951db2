package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aws/smithy-go/middleware"
)

// appendJSON appends v as JSON with the field names of the AWS CLI, without
// what is unset: nil pointers, lists and maps, and empty strings in structs, and
// without the metadata of an answer.
// encoding/json reads it back, as it does not mind the case of names.
func appendJSON(out []byte, v any) []byte { return appendValue(out, reflect.ValueOf(v)) }

func appendValue(out []byte, v reflect.Value) []byte {
	if !v.IsValid() {
		return append(out, "null"...)
	}
	switch x := v.Interface().(type) {
	case json.RawMessage:
		return append(out, x...)
	case time.Time:
		return appendString(out, x.UTC().Format(time.RFC3339Nano))
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return appendValue(out, v.Elem())
	case reflect.Struct:
		out, _ = appendFields(append(out, '{'), v, true)
		return append(out, '}')
	case reflect.Slice:
		return appendList(out, v)
	case reflect.Map:
		return appendMap(out, v)
	case reflect.String:
		return appendString(out, v.String())
	case reflect.Bool:
		return strconv.AppendBool(out, v.Bool())
	case reflect.Int, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(out, v.Int(), 10)
	case reflect.Float64:
		return strconv.AppendFloat(out, v.Float(), 'g', -1, 64)
	}
	panic(fmt.Sprintf("simulator: no JSON form for %s", v.Type()))
}

// appendFields writes the set fields of a struct and of those embedded in it.
func appendFields(out []byte, v reflect.Value, first bool) ([]byte, bool) {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		switch {
		case field.Anonymous && field.IsExported():
			out, first = appendFields(out, value, first)
			continue
		case !field.IsExported() || unset(value):
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(appendString(out, fieldName(field)), ':')
		out = appendValue(out, value)
	}
	return out, first
}

func unset(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	}
	return v.Type() == reflect.TypeFor[middleware.Metadata]()
}

func fieldName(f reflect.StructField) string {
	if name := f.Tag.Get("json"); name != "" {
		return name
	}
	first, size := utf8.DecodeRuneInString(f.Name)
	return string(unicode.ToLower(first)) + f.Name[size:]
}

func appendList(out []byte, v reflect.Value) []byte {
	out = append(out, '[')
	for i := range v.Len() {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendValue(out, v.Index(i))
	}
	return append(out, ']')
}

func appendMap(out []byte, v reflect.Value) []byte {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(x, y reflect.Value) int { return cmp.Compare(x.String(), y.String()) })
	out = append(out, '{')
	for i, key := range keys {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendString(out, key.String()), ':')
		out = appendValue(out, v.MapIndex(key))
	}
	return append(out, '}')
}

func appendString(out []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return append(out, text...)
}
