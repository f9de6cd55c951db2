package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// What is a secret by its origin alone is known from the compose files that had it. A tag tells
// later plans where it stands in what is live, so that they hide it when the files say
// something else there.

// mostMarks is how many places fit into the value of a tag of 256 characters.
const mostMarks = 36

// everyMark stands for more places than these: all that changes is hidden then.
const everyMark = "*"

// mark is a place of a spec in few characters.
func mark(path diag.Path) string {
	sum := sha256.Sum256([]byte(strings.Join(path, "\x00")))
	return hex.EncodeToString(sum[:3])
}

// markHidden puts a tag on a desired resource for the places at which nothing but their origin
// tells that they hold secrets.
func (m *Masker) markHidden(rules Rules, r *Resource) {
	if len(m.hidden) == 0 || rules.Sensitive == nil || !rules.revises() {
		return
	}
	var marks []string
	m.eachByOrigin(rules, nil, r.canonical, func(path diag.Path) { marks = append(marks, mark(path)) })
	if len(marks) == 0 {
		return
	}
	if r.Tags = maps.Clone(r.Tags); r.Tags == nil {
		r.Tags = map[string]string{}
	}
	slices.Sort(marks)
	if r.Tags[TagHidden] = strings.Join(marks, " "); len(marks) > mostMarks {
		r.Tags[TagHidden] = everyMark
	}
}

// eachByOrigin calls found with each place of a text that is hidden by its origin alone; the
// items of a list are at their numbers.
func (m *Masker) eachByOrigin(rules Rules, path diag.Path, node any, found func(diag.Path)) {
	switch node := node.(type) {
	case tree:
		for name, child := range node {
			m.eachByOrigin(rules, path.Key(name), child, found)
		}
	case []any:
		texts, ok := textsOf(node)
		if !ok {
			return
		}
		for i, known := range rules.Sensitive(path, texts) {
			if !known && m.hides(texts[i]) {
				found(path.Key(strconv.Itoa(i)))
			}
		}
	case string:
		if !rules.Sensitive(path, []string{node})[0] && m.hides(node) {
			found(path)
		}
	}
}

// hiddenBefore is what was, with what was hidden when it was applied masked.
func (d *draft) hiddenBefore(address Address, path diag.Path, from any) any {
	live := d.live.Find(address)
	if live == nil || live.Tags[TagHidden] == "" {
		return from
	}
	return d.masker.marked(address, strings.Fields(live.Tags[TagHidden]), path, from)
}

// marked masks the texts of a node at marked places.
func (m *Masker) marked(address Address, marks []string, path diag.Path, node any) any {
	switch node := node.(type) {
	case string:
		if slices.Contains(marks, everyMark) || slices.Contains(marks, mark(path)) {
			return m.mask(address, node)
		}
	case []any:
		out := make([]any, len(node))
		for i, item := range node {
			out[i] = m.marked(address, marks, path.Key(strconv.Itoa(i)), item)
		}
		return out
	case tree:
		out := make(tree, len(node))
		for name, child := range node {
			out[name] = m.marked(address, marks, path.Key(name), child)
		}
		return out
	}
	return node
}
