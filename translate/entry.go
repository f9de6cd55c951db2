package translate

import (
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Verdict says what happens to a compose attribute.
type Verdict int

const (
	Mapped       Verdict = iota // it means on Fargate what it means to compose
	Approximated                // something close to it happens
	Ignored                     // nothing happens, and the stack runs
	Refused                     // the stack cannot or must not run like that
)

// String returns the word for v: mapped, approximated, ignored or refused.
func (v Verdict) String() string {
	return [...]string{"mapped", "approximated", "ignored", "refused"}[v]
}

// MarshalText writes the word of v.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Entry says what one attribute in the files becomes.
type Entry struct {
	Service string   `json:"service,omitempty"` // "" at the top level
	Path    string   `json:"path"`              // as it is used: services.web.ports[0]
	Pos     diag.Pos `json:"position,omitzero"`
	Key     string   `json:"key"`             // the Path of the row of the key table that says so
	Value   string   `json:"value,omitempty"` // the values that the row is about; "": any
	Verdict Verdict  `json:"verdict"`
	To      string   `json:"to,omitempty"`     // what it becomes on AWS; "" for nothing of its own
	Reason  string   `json:"reason,omitempty"` // why, or what else there is to know
	Help    string   `json:"help,omitempty"`   // what to do instead
}

// Name is the path within the service; at the top level all of it.
func (e Entry) Name() string {
	return strings.TrimPrefix(e.Path, "services."+e.Service+".")
}
