package simulator

import (
	"strings"
	"testing"
)

func TestATableIsReadInTheOrderOfItsKeys(t *testing.T) {
	var table Table[string]
	read := func() string {
		var keys []string
		for key := range table.All() {
			keys = append(keys, key)
		}
		return strings.Join(keys, "")
	}
	for _, step := range []struct{ put, remove, want string }{
		{"dab", "", "abd"}, {"c", "", "abcd"}, {"", "b", "acd"}, {"be", "a", "bcde"}, {"b", "", "bcde"}, {"", "bcde", ""}, {"xa", "", "ax"},
	} {
		for _, key := range step.put {
			table.Put(string(key), "")
		}
		for _, key := range step.remove {
			table.Delete(string(key))
		}
		if got := read(); got != step.want {
			t.Errorf("after +%s -%s: got %s, want %s", step.put, step.remove, got, step.want)
		}
	}
}

func TestATableMayChangeWhileItIsRead(t *testing.T) {
	var table Table[int]
	for _, key := range []string{"a", "b", "c"} {
		table.Put(key, 1)
	}
	seen := ""
	for key := range table.All() {
		seen += key
		table.Delete("b")
		table.Put("d", 1)
	}
	if seen != "ac" || table.Len() != 3 {
		t.Errorf("saw %s, %d rows left", seen, table.Len())
	}
}

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true},
		{"shop-*", "shop-web", true},
		{"shop-*", "shop", false},
		{"*-web", "shop-web", true},
		{"s?op*b", "shop/web", true},
		{"a*b*c", "axxbyyc", true},
		{"a*b*c", "axxbyy", false},
		{"web", "web2", false},
	} {
		if glob(c.pattern, c.text) != c.want {
			t.Errorf("%q on %q is not %t", c.pattern, c.text, c.want)
		}
	}
}
