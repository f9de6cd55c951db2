package plan

import (
	"cmp"
	"fmt"
	"strings"
)

// Address names a resource of a stack, "service/web". The name is the compose
// name as it is written; the name that AWS sees is in the spec.
type Address struct{ Kind, Name string }

// String returns KIND/NAME, and "" for the zero Address.
func (a Address) String() string {
	if a == (Address{}) {
		return ""
	}
	return a.Kind + "/" + a.Name
}

// ParseAddress is the inverse of String. The kind ends at the first slash.
func ParseAddress(s string) (Address, error) {
	kind, name, ok := strings.Cut(s, "/")
	if !ok || kind == "" || name == "" {
		return Address{}, fmt.Errorf("%q is not an address: write KIND/NAME, for example service/web", s)
	}
	return Address{Kind: kind, Name: name}, nil
}

// MarshalText makes an address a JSON string and a JSON key.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (a *Address) UnmarshalText(text []byte) error {
	parsed, err := ParseAddress(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// Compare orders addresses by kind, then by name.
func (a Address) Compare(b Address) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
}

// LeftBehind parts an address from an AWS id: of several live resources of one
// address, those that are not the one that the compose file means. A replacement was
// cut short, or they are of earlier revisions.
const LeftBehind = "@"

// Base is the address without what LeftBehind parts from it.
func (a Address) Base() Address {
	a.Name, _, _ = strings.Cut(a.Name, LeftBehind)
	return a
}

func (a Address) isLeftBehind() bool { return strings.Contains(a.Name, LeftBehind) }
