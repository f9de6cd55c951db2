package main

import (
	"fmt"
	"strings"

	"github.com/compose2fargate/compose2fargate/translate"
)

// printKeys prints what becomes of every key there is.
func (s *settings) printKeys(format string) error {
	if err := checkFormat(format, "text", "json", "markdown"); err != nil {
		return err
	}
	if format == "json" {
		return s.printJSON(translate.Keys())
	}
	text := keysText()
	if format == "markdown" {
		text = keysMarkdown()
	}
	_, err := fmt.Fprintln(s.terminal.out, text)
	return err
}

// keysText is the table for a terminal, a group at a time.
func keysText() string {
	var b strings.Builder
	for i, group := range translate.KeyGroups() {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(group.Name + "\n")
		var rows [][]string
		for _, k := range group.Keys {
			rows = append(rows, []string{k.Path, k.Value, k.Verdict.String(), explained(asEntry(k))})
		}
		table(&b, "  ", rows)
	}
	return strings.TrimRight(b.String(), "\n")
}

// keysMarkdown is the table for the README, each group folded.
func keysMarkdown() string {
	var b strings.Builder
	for _, group := range translate.KeyGroups() {
		entries := make([]translate.Entry, 0, len(group.Keys))
		for _, k := range group.Keys {
			entries = append(entries, asEntry(k))
		}
		fmt.Fprintf(&b, "<details>\n<summary>%s: %s</summary>\n\n", group.Name, rowsCounted(translate.Count(entries)))
		b.WriteString("| key | values | verdict | becomes, or why not | help |\n|---|---|---|---|---|\n")
		for i, k := range group.Keys {
			e := entries[i]
			help := e.Help
			e.Help = ""
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", shortPath(k.Path), markdownText(k.Value), k.Verdict,
				markdownText(strings.TrimPrefix(explained(e), "-> ")), markdownText(help))
		}
		b.WriteString("\n</details>\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// rowsCounted leaves out the verdicts that no row of a group has.
func rowsCounted(c translate.Counts) string {
	var parts []string
	for _, count := range []struct {
		n       int
		verdict translate.Verdict
	}{{c.Mapped, translate.Mapped}, {c.Approximated, translate.Approximated}, {c.Ignored, translate.Ignored}, {c.Refused, translate.Refused}} {
		if count.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count.n, count.verdict))
		}
	}
	return strings.Join(parts, ", ")
}

func asEntry(k translate.Key) translate.Entry {
	return translate.Entry{Path: k.Path, Key: k.Path, Verdict: k.Verdict, To: k.To, Reason: k.Reason, Help: k.Help}
}

// shortPath leaves out what all keys of services have in common.
func shortPath(path string) string { return strings.TrimPrefix(path, "services.*.") }

var markdownEscapes = strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "\n", " ")

func markdownText(text string) string { return markdownEscapes.Replace(text) }
