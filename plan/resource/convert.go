package resource

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// text is the string behind p, "" for nil.
func text(p *string) string { return aws.ToString(p) }

// number is the int behind p, 0 for nil.
func number(p *int32) int { return int(aws.ToInt32(p)) }

// orZero is what p points to, nothing for the nil that the SDK returns with an error.
func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func pointer[T any](v T) *T { return &v }

// optional is a pointer to v, nil for the zero value: what it means is left out.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func number32(n int) *int32 { return pointer(int32(n)) }

func optional32(n int) *int32 { return optional(int32(n)) }

// convertPointer converts what p points to, nil for nil.
func convertPointer[From, To any](p *From, convert func(From) To) *To {
	if p == nil {
		return nil
	}
	return pointer(convert(*p))
}

func each[From, To any](list []From, convert func(From) To) []To {
	if list == nil {
		return nil
	}
	out := make([]To, len(list))
	for i, item := range list {
		out[i] = convert(item)
	}
	return out
}

func eachValue[K comparable, From, To any](m map[K]From, convert func(From) To) map[K]To {
	if m == nil {
		return nil
	}
	out := make(map[K]To, len(m))
	for key, value := range m {
		out[key] = convert(value)
	}
	return out
}

// sortedKeys are the keys of m, in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// words turns strings into strings of another type, as the SDK's enumerations.
func words[To, From ~string](list []From) []To {
	return each(list, func(s From) To { return To(s) })
}

func literals(list []string) []plan.Value { return each(list, plan.Literal) }

func texts(list []plan.Value) []string {
	return each(list, func(v plan.Value) string { return v.Text })
}

// same compares two values by their JSON, in which a plan.Value is its text
// whether or not it was a ref.
func same(a, b any) bool {
	left, leftErr := json.Marshal(a)
	right, rightErr := json.Marshal(b)
	return leftErr == nil && rightErr == nil && string(left) == string(right)
}

// unique keeps the first of each.
func unique[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	var out []T
	for _, item := range list {
		if !seen[item] {
			seen[item] = true
			out = append(out, item)
		}
	}
	return out
}

// rules are the rules by which specs are normalized after reading.
var rules = spec.Kinds()

// normal brings a spec into its normal form and returns it.
func normal(kind string, s any) any {
	rules[kind].Normalize(s)
	return s
}
