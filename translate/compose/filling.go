package compose

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"

	"github.com/compose2fargate/compose2fargate/content"
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

// envFileCheck looks at env files that follow each other before anybody else does.
type envFileCheck struct {
	lookup func(variable string) (string, bool) // what is set beside the files; nil: nothing
	values map[string]string                    // of the files so far
	bytes  int                                  // that variables put into these
}

func newEnvFileCheck(lookup func(variable string) (string, bool)) *envFileCheck {
	return &envFileCheck{lookup: lookup, values: map[string]string{}}
}

func (c *envFileCheck) value(variable string) (string, bool) {
	if c.lookup != nil {
		if value, ok := c.lookup(variable); ok {
			return value, true
		}
	}
	value, ok := c.values[variable]
	return value, ok
}

// file says why an env file is not to be read, as content.CheckFile does. The time that
// compose-go takes for a value grows with the square of its variables.
func (c *envFileCheck) file(name, format string) error {
	if err := content.CheckFile(name, longestFile); err != nil {
		return err
	}
	text, err := content.ReadFile(name, longestFile)
	if err != nil {
		return nil //nolint:nilerr // a directory, of which others tell
	}
	if reason := c.text(text, format); reason != "" {
		return &fs.PathError{Op: "read", Path: name, Err: errors.New(reason)}
	}
	return nil
}

// text says what of an env file is too much, "" where nothing is.
func (c *envFileCheck) text(text []byte, format string) string {
	if bytes.Count(text, []byte("\n")) > maxLines {
		return fmt.Sprintf("it has more than %d lines", maxLines)
	}
	reader := envReader{text: string(text)}
	for v, ok := reader.next(); ok; v, ok = reader.next() {
		if strings.Count(v.value, "$") > maxVariables {
			return fmt.Sprintf("the value of %s has more than %d variables", v.key, maxVariables)
		}
	}
	f := filling{lookup: c.value}
	_ = dotenv.ParseWithFormat(bytes.NewReader(text), "", c.values, f.value, format) // what is wrong is said elsewhere
	c.bytes += f.bytes
	if f.beyond != "" {
		line := placeIn("", string(text), offsetOf(string(text), f.beyond)).Line
		return fmt.Sprintf("line %d: its variables stand for more than %d MiB up to here", line, maxFilled>>20)
	}
	return ""
}
