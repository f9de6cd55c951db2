package simulator

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/smithy-go"
)

// ptr is a pointer to a copy of v, as SDK structs want their fields.
func ptr[T any](v T) *T { return &v }

// val is what p points to, the zero value when nil.
func val[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// str is val for strings, the most common case.
func str(p *string) string { return val(p) }

// orElse is p, or a pointer to fallback where p is nil.
func orElse[T any](p *T, fallback T) *T {
	if p == nil {
		return &fallback
	}
	return p
}

// filled is a list that is never nil: AWS answers [] where nothing was sent.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// sortedKeys are the keys of m in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// apiError is an error of a service that has no type of its own in the SDK.
func apiError(code, format string, args ...any) error {
	return &smithy.GenericAPIError{Code: code, Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}
