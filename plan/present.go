package plan

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// present makes a change fit to be stored and shown: secrets hashed, what is not
// known marked, its place in the compose file found.
func (d *draft) present(address Address, c Change) Change {
	rules := d.kinds[address.Kind]
	c.From = d.hiddenBefore(address, c.Path, d.blanked(address, c))
	if rules.Sensitive != nil || len(d.masker.hidden) > 0 || masked(c.To) {
		c.From = d.masker.beside(address, c.From, c.To)
		c.From, _ = d.masker.node(rules, address, c.Path, c.From)
		c.To, _ = d.masker.node(rules, address, c.Path, c.To)
		c.Sensitive = masked(c.From) || masked(c.To)
	}
	c.Unknown = unknown(c.To)
	if want := d.want.Find(address); want != nil && d.options.Locate != nil {
		c.Source = position(d.options.Locate(want, c.Path))
	}
	return c
}

// blanked is what was, with what a secret that is not set here gave to it masked: nothing else
// tells of it that it is one.
func (d *draft) blanked(address Address, c Change) any {
	from := c.From
	if want := d.want.Find(address); want != nil {
		for _, b := range want.Blanks {
			n := min(len(c.Path), len(b.Field))
			if b.Secret && slices.Equal(c.Path[:n], b.Field[:n]) {
				from = d.masker.below(address, from, b.Field[n:])
			}
		}
	}
	return from
}

func masked(value any) bool {
	return contains(value, func(s string) bool { return strings.HasPrefix(s, SecretPrefix) })
}

func unknown(value any) bool {
	return contains(value, func(s string) bool { return strings.HasPrefix(s, "${ref:") && strings.HasSuffix(s, "}") })
}

func contains(value any, is func(string) bool) bool {
	switch value := value.(type) {
	case string:
		return is(value)
	case []any:
		return slices.ContainsFunc(value, func(v any) bool { return contains(v, is) })
	case tree:
		for _, v := range value {
			if contains(v, is) {
				return true
			}
		}
	}
	return false
}

func position(pos diag.Pos) *diag.Pos {
	if pos == (diag.Pos{}) {
		return nil
	}
	return &pos
}
