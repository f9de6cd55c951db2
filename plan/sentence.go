package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// spaced is an address as it stands in a sentence: service db.
func spaced(a Address) string { return strings.ReplaceAll(a.Kind, "-", " ") + " " + a.Name }

// FirstOf cuts a list that is too long for a sentence: eight words, and how many
// more there are.
func FirstOf(words []string) []string {
	const most = 8
	if len(words) <= most {
		return words
	}
	return append(slices.Clone(words[:most]), fmt.Sprintf("and %d more", len(words)-most))
}

// called is a live resource in a sentence: load balancer shop-1a2b3c.
func called(live *Resource) string {
	return strings.ReplaceAll(live.Address.Kind, "-", " ") + " " + cmp.Or(live.Attrs["name"], live.Attrs["id"], live.Attrs["arn"])
}

// String is "the new names db:5432, db:8008 of service db". Of many names it writes
// the first ones and how many more there are.
func (names NewNames) String() string {
	head := "the new name "
	if len(names) > 1 {
		head = "the new names "
	}
	var parts []string
	for i, n := range names {
		part := n.Name
		if last := i == len(names)-1 || names[i+1].Address != n.Address; last {
			part += " of " + spaced(n.Address)
		}
		parts = append(parts, part)
	}
	return head + strings.Join(FirstOf(parts), ", ")
}
