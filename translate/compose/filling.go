package compose

import (
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
)

// Variables that stand for variables double with each line. What they put into a text is
// counted while they are filled in, a first time, and of what is too much nothing is.

// filling counts what the variables of a text put into it.
type filling struct {
	lookup func(variable string) (string, bool)
	bytes  int
	beyond string // the variable with which it was too much; "" where it was not
}

// value is that of a variable, of which nothing is left once it is too much.
func (f *filling) value(variable string) (string, bool) {
	value, ok := f.lookup(variable)
	if f.beyond == "" && f.bytes+len(value) > maxFilled {
		f.beyond = variable
	}
	if f.beyond != "" {
		return "", ok
	}
	f.bytes += len(value)
	return value, ok
}

// filled is how many bytes variables put into a text, and whether these are too many.
func filled(text string, lookup func(variable string) (string, bool)) (added int, beyond bool) {
	if !strings.Contains(text, "$") {
		return 0, false
	}
	f := filling{lookup: lookup}
	_, _ = template.SubstituteWithOptions(text, f.value, template.WithoutLogging) // what is wrong is said elsewhere
	return f.bytes, f.beyond != ""
}
