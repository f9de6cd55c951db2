package translate

import (
	"regexp"
	"strings"
)

// onlyAddresses blanks the lines of source code that have no address in them: most of it.
func onlyAddresses(lines []string) []string {
	for i, line := range lines {
		if !addressMark.MatchString(line) {
			lines[i] = ""
		}
	}
	return lines
}

var addressMark = regexp.MustCompile(`://|[A-Za-z0-9_]:[0-9]{2}|["']\s*,\s*[0-9]{2}`)

// addresses finds NAME:PORT and SCHEME://NAME in a line of source code, where it is what a text
// there begins with.
func (l textLine) addresses() {
	for _, w := range namesIn(l.text) {
		if !l.known(w.name) {
			continue
		}
		port, sure := w.inText()
		if sure && port > 0 && (strings.Contains(w.before, "://") || w.before != "" && strings.ContainsAny(w.before[len(w.before)-1:], "\"'`,@=")) {
			l.add(hostUse{name: w.name, port: port, udp: w.udp(), sure: true}, len(w.before))
		}
	}
}

var variableName = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*[A-Za-z0-9]`)

// isOverruled says whether a line of source code, or of variables, is about a variable that the
// service has from its compose file: that one comes first, and the line has the default.
func (t *textSearch) isOverruled(line string) bool {
	if t.format != envFormat && t.format != settingsFormat && t.format != programFormat {
		return false
	}
	for _, word := range variableName.FindAllString(line, -1) {
		if t.env[word] != nil && word == strings.ToUpper(word) {
			return true
		}
	}
	return false
}
