package simulator

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"time"
)

// clone copies v deeply, so that no caller shares memory with the account.
func clone[T any](v T) T { return copier{}.copy(reflect.ValueOf(&v).Elem()).Interface().(T) }

// present copies an answer for the caller, its lists in another order than
// they were sent: AWS promises none, and a comparison must not rely on it.
func (s *Simulator) present(output any) any {
	c := copier{reorder: true, shuffle: s.shuffle}
	out := reflect.ValueOf(output).Elem()
	answer := reflect.New(out.Type())
	for i := range out.NumField() {
		if field := out.Type().Field(i); field.IsExported() {
			answer.Elem().Field(i).Set(c.copyField(out.Field(i), field.Name != "Tags"))
		}
	}
	return answer.Interface()
}

// ordered are the lists whose order means something.
var ordered = []string{"Command", "EntryPoint", "Events", "Deployments"}

// copier copies values deeply.
type copier struct {
	reorder bool
	shuffle *rand.Rand // nil: reverse
}

func (c copier) copy(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(c.copy(v.Elem()))
		return out
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type()).Elem()
		out.Set(c.copy(v.Elem()))
		return out
	case reflect.Struct:
		return c.copyStruct(v)
	case reflect.Slice:
		return c.copySlice(v)
	case reflect.Map:
		return c.copyMap(v)
	}
	return v
}

func (c copier) copyStruct(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	if v.Type() == reflect.TypeFor[time.Time]() {
		out.Set(v)
		return out
	}
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			out.Field(i).Set(c.copyField(v.Field(i), slices.Contains(ordered, field.Name)))
		}
	}
	return out
}

func (c copier) copyField(v reflect.Value, keepOrder bool) reflect.Value {
	out := c.copy(v)
	if !c.reorder || keepOrder || v.Kind() != reflect.Slice {
		return out
	}
	swap := reflect.Swapper(out.Interface())
	if c.shuffle != nil {
		c.shuffle.Shuffle(out.Len(), swap)
		return out
	}
	for i, j := 0, out.Len()-1; i < j; i, j = i+1, j-1 {
		swap(i, j)
	}
	return out
}

func (c copier) copySlice(v reflect.Value) reflect.Value {
	if v.IsNil() {
		return v
	}
	out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		out.Index(i).Set(c.copy(v.Index(i)))
	}
	return out
}

func (c copier) copyMap(v reflect.Value) reflect.Value {
	if v.IsNil() {
		return v
	}
	out := reflect.MakeMapWithSize(v.Type(), v.Len())
	for entries := v.MapRange(); entries.Next(); {
		out.SetMapIndex(entries.Key(), c.copy(entries.Value()))
	}
	return out
}
