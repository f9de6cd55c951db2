package simulator

import (
	"encoding/base64"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// errToken is a page token that this simulator did not give out.
var errToken = errors.New("the page token is not valid")

// page cuts one page from items: size is what the caller asked for and usual is
// AWS's default. It returns the token of the next page, nil after the last. As on
// AWS, what goes or comes between two pages hides nothing that is there all the time.
func page[T any](a *Account, items []T, token *string, size *int32, usual int) ([]T, *string, error) {
	start, err := startOf(items, token)
	if err != nil {
		return nil, nil, err
	}
	n := usual
	if val(size) > 0 {
		n = int(*size)
	}
	if a.PageSize > 0 {
		n = min(n, a.PageSize)
	}
	end := min(start+n, len(items))
	if end == len(items) || end == start {
		return items[start:end], nil, nil
	}
	return items[start:end], ptr(pageToken(end, identify[T]()(items[end-1]))), nil
}

// startOf is where the page of a token begins: after the item that was the last of
// the page before. If that one is gone, its place is where it would be in a sorted
// list, and where it was in another one.
func startOf[T any](items []T, token *string) (int, error) {
	start, last, err := parseToken(token)
	if err != nil || start == 0 {
		return 0, err
	}
	identity := identify[T]()
	if start <= len(items) && identity(items[start-1]) == last {
		return start, nil
	}
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = identity(item)
	}
	switch at := slices.Index(names, last); {
	case last == "":
		return min(start, len(items)), nil
	case at >= 0:
		return at + 1, nil
	case slices.IsSorted(names):
		at, _ = slices.BinarySearch(names, last)
		return at, nil
	default:
		return min(start, len(items)), nil
	}
}

// identify is a function that tells what names an item of a list: its ARN, its id or
// its name; "" for what has none of these.
func identify[T any]() func(T) string {
	field := namingField(reflect.TypeFor[T]())
	return func(item T) string {
		v := reflect.Indirect(reflect.ValueOf(item))
		if v.Kind() == reflect.String {
			return v.String()
		}
		if field < 0 || !v.IsValid() || v.Field(field).IsNil() {
			return ""
		}
		return v.Field(field).Elem().String()
	}
}

// namingField is the index of the field that names a struct of the SDK, or -1.
func namingField(t reflect.Type) int {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return -1
	}
	for _, suffix := range []string{"Arn", "ARN", "Id", "Name", "Key"} {
		for i := range t.NumField() {
			if f := t.Field(i); f.Type == reflect.TypeFor[*string]() && strings.HasSuffix(f.Name, suffix) {
				return i
			}
		}
	}
	return -1
}

func pageToken(n int, last string) string {
	return base64.StdEncoding.EncodeToString([]byte("simulator:" + strconv.Itoa(n) + ":" + last))
}

func parseToken(token *string) (start int, last string, err error) {
	if str(token) == "" {
		return 0, "", nil
	}
	data, err := base64.StdEncoding.DecodeString(*token)
	if err != nil {
		return 0, "", err
	}
	text, ours := strings.CutPrefix(string(data), "simulator:")
	number, last, whole := strings.Cut(text, ":")
	if !ours || !whole {
		return 0, "", errToken
	}
	start, err = strconv.Atoi(number)
	if err != nil || start < 1 {
		return 0, "", errToken
	}
	return start, last, nil
}
