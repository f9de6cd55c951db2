package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// sink is the one place through which everything goes that this process writes to a
// terminal, a log, a comment or a file that is redirected to: in what others wrote
// there may be what drives a terminal or a CI system, and there may be secrets.
type sink struct {
	mu    sync.Mutex
	to    io.Writer
	last  rune   // of the line
	words int    // how many runes of it are no white space
	rest  []byte // the beginning of a rune
	hide  *strings.Replacer
}

func newSink(to io.Writer) *sink { return &sink{to: to} }

// streamBehind is the stream that a writer cleans for.
func streamBehind(w io.Writer) io.Writer {
	if s, ok := w.(*sink); ok {
		return s.to
	}
	return w
}

// Write implements io.Writer. It returns the length of data, whatever that became.
func (s *sink) Write(data []byte) (int, error) { return s.write(data, false) }

// painter is a sink for what plan/render paints: it cleans all texts of others itself, so
// that colours are ours.
type painter struct{ *sink }

// Write implements io.Writer.
func (p painter) Write(data []byte) (int, error) { return p.write(data, true) }

// painted is the writer for plans on a stream.
func painted(w io.Writer) io.Writer {
	if s, ok := w.(*sink); ok {
		return painter{s}
	}
	return w
}

func (s *sink) write(data []byte, paints bool) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := append(s.rest, data...)
	whole := len(text) - cutRune(text)
	s.rest = slices.Clone(text[whole:])
	if _, err := io.WriteString(s.to, s.clean(string(text[:whole]), paints)); err != nil {
		return 0, err
	}
	return len(data), nil
}

// cutRune is how many bytes at the end of a text are the beginning of a rune.
func cutRune(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// keepSecret has values replaced from now on: what AWS, a registry or a builder says
// may repeat what it was given.
func (s *sink) keepSecret(values []string) {
	set := map[string]bool{}
	for _, value := range values {
		if set[value] = true; strings.Contains(value, "\n") { // an error may have it in quotes
			set[strings.ReplaceAll(value, "\n", `\n`)] = true
			for line := range strings.Lines(value) { // which may be indented, or shown alone
				if line = strings.TrimSpace(line); len(line) >= shortestLine {
					set[line] = true
				}
			}
		}
	}
	var pairs []string
	longest := func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) }
	for _, value := range slices.SortedFunc(maps.Keys(set), longest) {
		if len(value) >= shortestKept {
			pairs = append(pairs, value, "***")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hide = strings.NewReplacer(pairs...)
}

// shortestLine is that of a line of one, which is more often like other text.
const shortestLine = 12

// shortestKept is the length from which on a secret can be told from other text.
const shortestKept = 8

// ours are the escape sequences that plan/render paints with: SGR of colours.
var ours = regexp.MustCompile(`^\x1b\[(?:0|1|2|3[0-7]|9[0-7]|[012];3[0-7])?m`)

// commands are what CI systems take for orders: of GitHub a line that begins with ::, and
// those that GitHub, Azure Pipelines and TeamCity find anywhere in a line
// (actions/runner, src/Runner.Common/ActionCommand.cs; microsoft/azure-pipelines-agent,
// docs/preview/outputvariable.md; TeamCity, Service Messages).
var commands = regexp.MustCompile(`##(\[|vso\[|teamcity\[)`)

func (s *sink) clean(text string, paints bool) string {
	if s.hide != nil {
		text = s.hide.Replace(text)
	}
	text = commands.ReplaceAllString(text, `#\u0023$1`)
	var out strings.Builder
	for len(text) > 0 {
		if sequence := ours.FindString(text); paints && sequence != "" {
			out.WriteString(sequence)
			text = text[len(sequence):]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == '\n', r == '\t':
			out.WriteRune(r)
		case r == ':' && s.last == ':' && s.words == 1:
			out.WriteString(`\u003a`)
		default:
			writeRune(&out, r)
		}
		s.follow(r)
		text = text[size:]
	}
	return out.String()
}

// follow keeps in mind how the line begins.
func (s *sink) follow(r rune) {
	switch s.last = r; {
	case r == '\n':
		s.words = 0
	case !unicode.IsSpace(r):
		s.words++
	}
}

// writeRune writes a rune, or escapes one that does not print: as JSON does, so that a
// document means the same. Bytes that are none become U+FFFD.
func writeRune(out *strings.Builder, r rune) {
	if unicode.IsPrint(r) {
		out.WriteRune(r)
		return
	}
	if high, low := utf16.EncodeRune(r); low != unicode.ReplacementChar {
		fmt.Fprintf(out, `\u%04x\u%04x`, high, low)
		return
	}
	fmt.Fprintf(out, `\u%04x`, r)
}
