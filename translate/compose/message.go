package compose

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/sensitive"
)

// Quoted joins names for a message: "a", "b".
func Quoted(names []string) string {
	var out []string
	for _, name := range names {
		out = append(out, strconv.Quote(name))
	}
	return strings.Join(out, ", ")
}

// blankText speaks of variables that are not set.
func blankText(names []string) string {
	if len(names) == 1 {
		return "variable " + Quoted(names) + " is not set and became blank"
	}
	return "variables " + Quoted(names) + " are not set and became blank"
}

// finding is an error of compose-go in our words.
type finding struct {
	path    string // as compose-go writes paths; "" where it names none
	summary string
	help    string
	because string // a path at which a fault explains this one
}

// findings takes apart what compose-go joins, and finds the path in each part.
func findings(err error) []finding {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // it is the join that is looked for
		var out []finding
		for _, e := range joined.Unwrap() {
			out = append(out, findings(e)...)
		}
		return out
	}
	text := err.Error()
	if _, list, ok := strings.Cut(text, "decoding failed due to the following error(s):"); ok {
		return decodingFindings(list)
	}
	return []finding{rephrase(text)}
}

var decodingLine = regexp.MustCompile(`^'([^']+)' (.*)$`)

// decodingFindings reads lines such as 'services[web].mem_limit' invalid size.
func decodingFindings(list string) []finding {
	var out []finding
	for line := range strings.Lines(list) {
		if m := decodingLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			path := strings.NewReplacer("[", ".", "]", "").Replace(m[1])
			summary, help := decodingText(m[2])
			out = append(out, finding{path: path, summary: summary, help: help})
		}
	}
	return out
}

// rephrasing is a form of error text of compose-go; path and summary are made
// of its groups.
type rephrasing struct {
	form          *regexp.Regexp
	path, summary string
	help          string
}

// rephrasings are tried in this order. The forms are those of compose-go
// v2.16.2; what none fits is passed on as it is.
var rephrasings = []rephrasing{
	{regexp.MustCompile(`^validating .*?: (\S+) false schema$`), "$1", "unknown key", ""},
	{regexp.MustCompile(`^validating .*?: (\S+) (.*)$`), "$1", "$2", ""},
	{regexp.MustCompile(`^error while interpolating (\S+): (?:failed to cast to expected type: )?(.*)$`), "$1", "$2", ""},
	{regexp.MustCompile(`(?s)^invalid interpolation format for (\S+)\.\n.*$`), "$1", "is not valid variable syntax", "write $$ for a dollar sign"},
	{regexp.MustCompile(`^cannot extend service "([^"]+)" in .*: service "([^"]+)" not found.*$`), "services.$1.extends", "there is no service \"$2\"", ""},
	{regexp.MustCompile(`^cannot extend service "([^"]+)" in .*: (.*)$`), "services.$1.extends", "$2", ""},
	{regexp.MustCompile(`(?s)^Circular reference:\s+(\S+) in .*$`), "services.$1.extends", "services extend each other in a circle", "remove one extends"},
	{regexp.MustCompile(`(?s)^include cycle detected:.*$`), "include", "files include each other in a circle", "remove one include"},
	{regexp.MustCompile(`^dependency cycle detected: (\S+) -> (.*)$`), "services.$1.depends_on", "services wait for each other in a circle: $1 -> $2", "remove one depends_on"},
	{regexp.MustCompile(`^service "([^"]+)" (.*?)(?:: invalid compose project)?$`), "services.$1", "$2", ""},
	{regexp.MustCompile(`^job "([^"]+)" (.*?)(?:: invalid compose project)?$`), "jobs.$1", "$2", ""},
	{regexp.MustCompile(`^secret "([^"]+)" (.*?)(?:: invalid compose project)?$`), "secrets.$1", "$2", ""},
	{regexp.MustCompile(`^environment path attribute (\S+) is missing$`), "$1", "needs path", ""},
	{regexp.MustCompile("^`include` (.*)$"), "include", "$1", "write include: [FILE]"},
	{regexp.MustCompile(`^non-string key in (\S+): (.*)$`), "$1", "key $2 is not a string", "put it in quotes"},
	{regexp.MustCompile(`^(\S+): conflicting parameters "external" and "([^"]+)" specified$`), "$1", "$2 cannot be combined with external: true", "remove one of the two keys"},
	{regexp.MustCompile(`^(\S+): unsupported expose value .*$`), "$1", "is no port, which is a number from 1 to 65535", ""},
	{regexp.MustCompile(`^(\S+): one of (\S+) must be set$`), "$1", "needs $2", ""},
	{regexp.MustCompile(`^(\S+): (\S+) attributes are mutually exclusive$`), "$1", "has more than one of $2", "keep one of them"},
	{regexp.MustCompile(`^((?:services|networks|volumes|secrets|configs|models|jobs)(?:\.[^\s:]+)?):? (.*?)(?:: invalid compose project)?$`), "$1", "$2", ""},
	{regexp.MustCompile(`^(?:env|label) file (\S+) not found: .*$`), "", "no such file: $1", ""},
}

// indexed is an item of a list as compose-go writes it here and there, ports[0] for ports.0.
var indexed = regexp.MustCompile(`([^.\[\]])\[(\d+)\]`)

// rephrase puts an error of compose-go in our words.
func rephrase(text string) finding {
	for _, r := range rephrasings {
		if m := r.form.FindStringSubmatchIndex(text); m != nil {
			return finding{
				path:    indexed.ReplaceAllString(string(r.form.ExpandString(nil, r.path, text, m)), "$1.$2"),
				summary: strings.ReplaceAll(string(r.form.ExpandString(nil, r.summary, text, m)), "|", " or "),
				help:    r.help,
				because: because(r, text, m),
			}
		}
	}
	return finding{summary: strings.TrimSuffix(text, ": invalid compose project")}
}

// because is the service that is not there to be extended: it may have been
// taken out.
func because(r rephrasing, text string, m []int) string {
	if !strings.HasPrefix(r.summary, "there is no service") {
		return ""
	}
	return string(r.form.ExpandString(nil, "services.$2", text, m))
}

// decodingText rephrases what the decoders of values say.
// typeTexts are what mapstructure says of a value of another type (errors.go).
var typeTexts = []struct {
	form    *regexp.Regexp
	summary string
}{
	{regexp.MustCompile(`^expected type 'bool', got `), "must be true or false"},
	{regexp.MustCompile(`^expected type 'string', got `), "must be a string"},
	{regexp.MustCompile(`^expected type 'u?int\d*', got `), "must be a whole number"},
	{regexp.MustCompile(`^expected type 'float\d*', got `), "must be a number"},
	{regexp.MustCompile(`^cannot parse value as 'uint\d*': (-\S+) overflows`), "is $1, must not be negative"},
	{regexp.MustCompile(`^cannot parse value as '(?:int|uint)\d*': (\S+) overflows`), "is $1, which is too large"},
	{regexp.MustCompile(`^cannot parse value as '(?:int|uint)\d*'`), "must be a whole number"},
	{regexp.MustCompile(`^cannot parse value as 'bool'`), "must be true or false"},
	{regexp.MustCompile(`^source data must be an array or slice, got `), "must be a list"},
	{regexp.MustCompile(`^expected a map or struct, got `), "must be a mapping"},
}

func decodingText(text string) (summary, help string) {
	for _, t := range typeTexts {
		if m := t.form.FindStringSubmatchIndex(text); m != nil {
			return string(t.form.ExpandString(nil, t.summary, text, m)), ""
		}
	}
	switch {
	case strings.HasPrefix(text, "time: "):
		return strings.TrimPrefix(text, "time: "), "write a duration as 30s, 1m30s or 500ms"
	case strings.HasPrefix(text, "invalid suffix"), strings.HasPrefix(text, "invalid size"):
		return text, "write a size as 512m, 1gb or a number of bytes"
	case strings.HasPrefix(text, "strconv.ParseFloat: parsing "):
		_, value, _ := strings.Cut(text, "parsing ")
		value, _, _ = strings.Cut(value, ": ")
		return "is " + value + ", must be a number", ""
	default:
		return text, ""
	}
}

// fileText says why a file cannot be read.
func fileText(file string, err error) string {
	switch {
	case errors.Is(err, errDirectory):
		return file + " is a directory, not a compose file"
	case errors.Is(err, fs.ErrNotExist):
		return "no such compose file: " + file
	case errors.Is(err, fs.ErrPermission):
		return "no permission to read " + file
	case unreadable(err):
		return "cannot read " + file + ": " + reasonOf(err)
	default:
		return fmt.Sprintf("cannot read %s: %v", file, err)
	}
}

// reasonOf is the text of a system error without the path.
func reasonOf(err error) string {
	if told, ok := errors.AsType[*fs.PathError](err); ok {
		return told.Err.Error()
	}
	return err.Error()
}

// castText says of what type a text should have been.
func castText(text string, err error) string {
	want := "of another type"
	switch message := err.Error(); {
	case strings.Contains(message, "Atoi"), strings.Contains(message, "ParseInt"), strings.Contains(message, "ParseUint"):
		want = "a whole number"
	case strings.Contains(message, "ParseFloat"):
		want = "a number"
	case strings.Contains(message, "boolean"):
		want = "true or false"
	}
	return fmt.Sprintf("is %q, must be %s", text, want)
}

// portText rephrases what compose-go says of the short form of a port.
func portText(err error) string {
	text := err.Error()
	lower := strings.ToLower(text) // as the releases of docker/go-connections differ in it
	for _, form := range [][2]string{
		{"no port specified: ", "it has no container port"},
		{"invalid containerport: ", "the container port is not a number from 1 to 65535"},
		{"invalid hostport: ", "the host port is not a number from 1 to 65535"},
		{"invalid ip address", "the address is not an IP address"},
		{"invalid proto: ", "the protocol is not tcp, udp or sctp"},
		{"invalid ranges specified", "the two ranges differ in length"},
	} {
		if strings.HasPrefix(lower, form[0]) {
			return form[1]
		}
	}
	return lower[:1] + text[1:]
}

// mountText rephrases what compose-go says of the short form of a volume.
func mountText(err error) string {
	text := err.Error()
	if strings.HasSuffix(text, "empty section between colons") {
		return "a part between two colons is empty"
	}
	if _, after, ok := strings.Cut(text, "invalid spec: "); ok {
		if _, reason, ok := strings.Cut(after, ": "); ok {
			return reason
		}
	}
	return text
}

// unknownText speaks of a key that compose does not have.
func unknownText(path []string) (summary, help string) {
	name := path[len(path)-1]
	if len(path) == 2 && len(siblings(path)) == 0 {
		return fmt.Sprintf("%q is not a valid name", name), "use letters, digits, dots, dashes and underscores"
	}
	return "unknown key", cmp.Or(DidYouMean(name, siblings(path)), "begin keys of your own with x-")
}

// secrets are what the variables of secrets put into texts, longest first: messages about files
// that are no project quote it.
func (r *sources) secrets() []string {
	found := map[string]bool{}
	for _, f := range r.fillings(func(*document, string) bool { return false }) {
		if len(f.Value) >= shortestSecret && sensitive.Is(f.Variable, f.Value) && !sensitive.IsCommon(f.Value) {
			found[f.Value] = true
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
}

// shortestSecret is how many bytes a text must have so that it stands in a message by no chance.
const shortestSecret = 6
