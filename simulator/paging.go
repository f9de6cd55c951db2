package simulator

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// errToken is a page token that this simulator did not give out.
var errToken = errors.New("the page token is not valid")

// page cuts one page from a list: size is what the caller asked for and usual is
// AWS's default. It returns the token of the next page, nil after the last.
//
// Place is what a list is ordered by, and no two items have the same. A token has the
// place of the last item of its page, so that what goes or comes between two pages
// neither hides nor repeats what is there all the time.
func page[T any](a *Account, items []T, place func(T) string, token *string, size *int32, usual int) ([]T, *string, error) {
	last, err := parseToken(token)
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
	rest := after(items, place, last)
	if len(rest) <= n {
		return rest, nil, nil
	}
	return rest[:n], ptr(pageToken(place(rest[n-1]))), nil
}

// after are the items behind a place, in order.
func after[T any](items []T, place func(T) string, last string) []T {
	type placed struct {
		at   string
		item T
	}
	var list []placed
	for _, item := range items {
		if at := place(item); at > last {
			list = append(list, placed{at, item})
		}
	}
	slices.SortStableFunc(list, func(x, y placed) int { return cmp.Compare(x.at, y.at) })
	var rest []T
	for _, p := range list {
		rest = append(rest, p.item)
	}
	return rest
}

// itself is the place of a name in a list of names.
func itself(name string) string { return name }

// backwards turns the order of a list round.
func backwards[T any](place func(T) string) func(T) string {
	return func(item T) string {
		text := []byte(place(item))
		for i := range text {
			text[i] = ^text[i]
		}
		return string(text) + "\xff" // of two of which one begins like the other, the longer one comes first
	}
}

// instant is a time as a part of a place.
func instant(t *time.Time) string { return fmt.Sprintf("%020d", val(t).UnixMilli()) }

func pageToken(last string) string {
	return base64.StdEncoding.EncodeToString([]byte("simulator:" + last))
}

// parseToken is the place in a token, "" without one.
func parseToken(token *string) (last string, err error) {
	if str(token) == "" {
		return "", nil
	}
	data, err := base64.StdEncoding.DecodeString(*token)
	if err != nil {
		return "", err
	}
	last, ours := strings.CutPrefix(string(data), "simulator:")
	if !ours || last == "" {
		return "", errToken
	}
	return last, nil
}
