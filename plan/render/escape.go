package render

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// entity is what HTML and Markdown could read as more than text. Entities work
// in a table cell, in a paragraph and inside <summary>.
const entity = "&<>|`*_[]~\\$^"

// notLinks keeps a comment from mentioning people, issues and addresses, by
// putting an invisible character into them.
var notLinks = strings.NewReplacer("@", "@&#8203;", "#", "#&#8203;", "://", "&#58;//", "www.", "www&#46;")

// escapeMarkdown makes cleaned text plain text of a comment.
func escapeMarkdown(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(entity, r) {
			fmt.Fprintf(&b, "&#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return linkless(b.String())
}

// linkless does not touch entities, which contain a # of their own.
func linkless(text string) string {
	const mark = "\x00" // cleaned text has none
	text = strings.ReplaceAll(text, "&#", mark)
	return strings.ReplaceAll(notLinks.Replace(text), mark, "&#")
}

// plainCode needs no escaping between backticks.
var plainCode = regexp.MustCompile(`^[A-Za-z0-9 ./:+~!=>^-]*[A-Za-z0-9./:+~!=>^-]$`)

// code sets cleaned text as code.
func code(text string) string {
	if plainCode.MatchString(text) {
		return "`" + text + "`"
	}
	return htmlCode(text)
}

// htmlCode is code for places where Markdown is not read, such as <summary>.
func htmlCode(text string) string { return "<code>" + escapeMarkdown(text) + "</code>" }

// attribute makes text safe inside an HTML comment, so that it cannot end the
// comment.
func attribute(text string) string {
	text = strings.ReplaceAll(url.QueryEscape(cut(text, longCell)), "%3A", ":")
	return strings.ReplaceAll(text, "--", "-%2D")
}

// fence is a row of backticks longer than any inside the lines.
func fence(lines []string) string {
	longest := 2
	for _, text := range lines {
		for run := range strings.FieldsFuncSeq(text, func(r rune) bool { return r != '`' }) {
			longest = max(longest, len(run))
		}
	}
	return strings.Repeat("`", longest+1)
}
