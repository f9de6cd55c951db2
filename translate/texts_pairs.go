package translate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// pair is a key with a value in a text: host: db, "port": 5432, <host>db</host>.
type pair struct {
	line, column int // of the value
	indent       int
	moved        bool
	key          []string // its words
	value        string
}

var (
	pairForm = regexp.MustCompile(`(?:<([A-Za-z][A-Za-z0-9_.-]*)>|([A-Za-z][A-Za-z0-9_.-]*)["']?\s*(?:=>|[:=])\s*)["']?([A-Za-z0-9_][A-Za-z0-9_.-]*)(?:["',;<}\s\])]|$)`)
	// of Fluent Bit, say
	spacedForm = regexp.MustCompile(`^\s*([Hh]ost|[Pp]ort|HOST|PORT)\s+()([A-Za-z0-9_][A-Za-z0-9_.-]*)\s*$`)
)

// pairKeys are what the keys of hosts and of ports have in them: see hostKey and portKey.
var pairKeys = []string{"host", "port", "addr"}

// maxPairs are more than anybody writes into a line.
const maxPairs = 100

// keepPairs keeps the pairs of a line that are about a host or a port.
func (l textLine) keepPairs() {
	small := strings.ToLower(l.text)
	if !slices.ContainsFunc(pairKeys, func(key string) bool { return strings.Contains(small, key) }) {
		return
	}
	kept := len(l.pairs) + maxPairs
	forms := pairForm.FindAllStringSubmatchIndex(l.text, -1)
	if m := spacedForm.FindStringSubmatchIndex(l.text); m != nil {
		forms = append(forms, m)
	}
	for _, m := range forms {
		key := m[2:4]
		if key[0] < 0 {
			key = m[4:6]
		}
		if len(l.pairs) == kept {
			return
		}
		words, value := wordsOf(l.text[key[0]:key[1]]), l.text[m[6]:m[7]]
		_, isPort := portKey(words)
		_, isHost := hostKey(words)
		if isPort && isNumber(value) || isHost && l.known(value) {
			indent := len(l.text) - len(strings.TrimLeft(l.text, " \t-"))
			l.pairs = append(l.pairs, pair{l.number, m[6], indent, l.moved, words, value})
		}
	}
}

// isNumber says whether a value is that of a port.
func isNumber(value string) bool {
	n, err := strconv.ParseUint(value, 10, 16)
	return err == nil && n > 0
}

// hostKey says whether a key is that of a host, and what it belongs to: db of db_host.
func hostKey(words []string) (of string, ok bool) {
	return keyOf(words, "host", "hostname", "address", "addr")
}

// portKey is hostKey for ports: Envoy has port_value.
func portKey(words []string) (of string, ok bool) {
	if n := len(words); n > 1 && words[n-1] == "value" {
		words = words[:n-1]
	}
	return keyOf(words, "port")
}

func keyOf(words []string, names ...string) (of string, ok bool) {
	if len(words) == 0 {
		return "", false
	}
	end := last(words)
	if slices.Contains(names, end) {
		return strings.Join(words[:len(words)-1], " "), true
	}
	cut, ok := strings.CutSuffix(end, names[0])
	return strings.Join(append(slices.Clone(words[:len(words)-1]), cut), " "), ok
}

// nearLines is how far from its host a port may be.
const nearLines = 4

// hostsAndPorts finds the hosts that have a port beside them, and those that are hardly
// anything else.
func (t *textSearch) hostsAndPorts() {
	for _, host := range t.pairs {
		of, isHost := hostKey(host.key)
		if !isHost || isNumber(host.value) {
			continue
		}
		port := t.portOf(host, of)
		if port == 0 && !compound(host.value) {
			continue
		}
		l := textLine{textSearch: t, number: host.line, text: t.lines[host.line], moved: host.moved}
		l.add(hostUse{name: host.value, port: port, sure: true}, host.column)
	}
}

// portOf is the port of the nearest pair that belongs to the same; 0: there is none.
func (t *textSearch) portOf(host pair, of string) int {
	best, distance := 0, nearLines*lineApart+1
	for _, p := range t.pairsNear(host.line) {
		belongs, isPort := portKey(p.key)
		sameLine := p.line == host.line
		far := t.apart(p, host)
		if isPort && belongs == of && far < distance && (sameLine || p.indent == host.indent || t.format == xmlFormat) && isNumber(p.value) {
			best, _ = strconv.Atoi(p.value)
			distance = far
		}
	}
	return best
}

// pairsNear are those of a line and of the lines around it. Pairs are in the order of lines.
func (t *textSearch) pairsNear(line int) []pair {
	byLine := func(p pair, line int) int { return p.line - line }
	from, _ := slices.BinarySearchFunc(t.pairs, line-nearLines, byLine)
	to, _ := slices.BinarySearchFunc(t.pairs, line+nearLines+1, byLine)
	return t.pairs[from:to]
}

// lineApart is how far a line is from the next one, in columns.
const lineApart = 4 * maxLine

// apart is how far two pairs are from each other. What is between braces of its own is farther away
// than anything else of the line.
func (t *textSearch) apart(a, b pair) int {
	if a.line != b.line {
		return max(a.line-b.line, b.line-a.line) * lineApart
	}
	if a.moved || b.moved {
		return 0
	}
	from, to := min(a.column, b.column), max(a.column, b.column)
	if strings.ContainsAny(t.lines[a.line][from:to], "{}") {
		return lineApart/2 + to - from
	}
	return to - from
}
