// Package spec defines what is managed of each kind of AWS resource, one file
// per kind: its fields under the names of the AWS CLI, its normal form, the
// identity of list items, which changes replace it and which restart tasks. It
// performs no I/O and does not import the AWS SDK.
package spec

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
)

func sortBy[T any, K cmp.Ordered](list []T, key func(T) K) {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

// set is a sorted list without doubles; an empty one is nil.
func set[T cmp.Ordered](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

func valueSet(list []plan.Value) []plan.Value {
	if len(list) == 0 {
		return nil
	}
	out := slices.Clone(list)
	sortBy(out, plan.Value.String)
	return slices.Compact(out)
}

// compactJSON removes white space from a JSON text; a text that is not JSON
// stays as it is.
func compactJSON(text string) string {
	var out bytes.Buffer
	if json.Compact(&out, []byte(text)) != nil {
		return text
	}
	return out.String()
}

// fill sets *field to fallback where it is the zero value.
func fill[T comparable](field *T, fallback T) {
	var zero T
	if *field == zero {
		*field = fallback
	}
}
