package compose

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

var (
	ofLine = regexp.MustCompile(`^line \d+: `) // which the place says
	// openInEnv is a value whose quote is not closed; the line that compose-go names is where
	// the file ends (dotenv/parser.go).
	openInEnv = regexp.MustCompile(`unterminated quoted value (["'][^\n]*)`)
	// requiredInEnv and invalidInEnv are what compose-go says of a value without its line
	// (template.go, MissingRequiredError and InvalidTemplateError).
	requiredInEnv = regexp.MustCompile(`required variable (\S+) is missing a value`)
	invalidInEnv  = regexp.MustCompile(`(?s)Invalid template: (".*")`)
)

// sayDotEnv reports why an env file, which was read, is none. The path is "" for a file that
// no service has.
func sayDotEnv(display func(file string) string, file, path string, err error, ds *diag.List) {
	text, _ := content.ReadFile(file, longestFile)
	sayEnv(display(file), string(text), path, err, ds)
}

// sayEnv does so with the text of a file, which has this name in messages.
func sayEnv(file, text, path string, err error, ds *diag.List) {
	summary, help := dotEnvText(err)
	ds.Errorf(dotEnvPos(file, text, err), path, help, "%s", summary)
}

// dotEnvPos is the line of an env file with this text that an error is about.
func dotEnvPos(file, text string, err error) diag.Pos {
	at := diag.Pos{File: file, Line: 1, Column: 1}
	said := err.Error()
	if m := lineNumber.FindStringSubmatch(said); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
	}
	for i, line := range strings.Split(text, "\n") {
		if isAbout(said, line) {
			at.Line = i + 1
			return at
		}
	}
	return at
}

// isAbout says whether an error that names a variable or a value is about a line.
func isAbout(said, line string) bool {
	if m := requiredInEnv.FindStringSubmatch(said); m != nil {
		return strings.Contains(line, "${"+m[1]+":?") || strings.Contains(line, "${"+m[1]+"?")
	}
	if m := openInEnv.FindStringSubmatch(said); m != nil {
		return strings.Contains(line, "="+m[1]) || strings.Contains(line, ":"+m[1])
	}
	if strings.HasSuffix(said, "zero length string") { // dotenv/parser.go, locateKeyName
		return strings.TrimSpace(line) == "export"
	}
	m := invalidInEnv.FindStringSubmatch(said)
	if m == nil {
		return false
	}
	value, err := strconv.Unquote(m[1])
	first, _, _ := strings.Cut(value, "\n")
	return err == nil && first != "" && strings.Contains(line, first)
}

// dotEnvText rephrases an error about an env file. What the parser quotes may be
// a secret, so that none of it is passed on.
func dotEnvText(err error) (summary, help string) {
	text := err.Error()
	switch {
	case strings.HasSuffix(text, "is a directory"):
		return "is a directory, not an env file", ""
	case strings.Contains(text, "unterminated quoted value"):
		return "a quoted value is not closed", "close the quotes"
	case strings.HasSuffix(text, "zero length string"), strings.Contains(text, "unexpected character"), strings.Contains(text, "key cannot contain a space"):
		return "this is not a line of an env file", "write NAME=value"
	case strings.Contains(text, "required variable"):
		return text[strings.Index(text, "required variable"):], ""
	case invalidInEnv.MatchString(text):
		return "the value has a $ that begins no valid variable", "put the value in single quotes for a dollar sign, or write ${NAME} for a variable"
	default:
		return "this cannot be read as an env file", "write NAME=value lines"
	}
}
