package render

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// MarkdownOptions says how large a comment may be.
type MarkdownOptions struct {
	Limit int // bytes, the comment has fewer; 0: what GitHub takes
}

// githubLimit is the longest comment that GitHub takes.
const githubLimit = 65536

// Markdown writes the plan as a comment on a pull request: the verdict, a table
// of the resources, and as many of their details as there is room for, those of
// what is deleted first. It holds no secret, and nothing in it that stems from
// a compose file is markup. The first line is a mark to find the comment by.
func Markdown(w io.Writer, kinds plan.Kinds, p *plan.Plan, o MarkdownOptions) error {
	limit := o.Limit
	if limit == 0 {
		limit = githubLimit
	}
	c := comment{view: newView(kinds, p, false), room: limit - 1}
	text, err := c.write()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// comment is written in order of importance: first the parts that must be
// there, last those that may be left out.
type comment struct {
	view *view
	room int // bytes that are left
}

// write decides on the parts in the order of their importance and joins them in
// the order of reading.
func (c *comment) write() (string, error) {
	head, foot := c.take(c.head()), c.take(c.foot())
	blocked := c.take(c.blocked(c.room / 2))
	c.take(leftOut(len(c.items()))) // may turn out not to be needed
	table := c.take(c.table(c.room))
	if c.room < 0 {
		return "", errors.New("write plan: the limit is too small for any comment")
	}
	extras := c.take(c.extras(c.room / 4))
	details, left := c.details()
	return head + blocked + table + details + leftOut(left) + extras + foot, nil
}

func (c *comment) take(part string) string {
	c.room -= len(part)
	return part
}

func (c *comment) items() []item {
	var out []item
	for _, g := range c.view.groups {
		out = append(out, g.items...)
	}
	return out
}

func (c *comment) head() string {
	v := c.view
	var out strings.Builder
	fmt.Fprintf(&out, "<!-- compose2fargate:plan project=%s account=%s region=%s digest=%s -->\n",
		attribute(v.project), attribute(v.account), attribute(v.region), attribute(v.digest))
	out.WriteString("### " + escapeMarkdown(cut(v.verdict, longTitle)) + "\n\n")
	for _, fact := range v.facts {
		out.WriteString(escapeMarkdown(cut(fact, longTitle)) + "  \n")
	}
	out.WriteString("\n")
	return out.String()
}

func (c *comment) foot() string {
	v := c.view
	parts := []string{"digest " + htmlCode(cut(v.digest, len("sha256:")+15))}
	if v.account != "" {
		parts = append(parts, "account "+htmlCode(cut(v.account, longCell)), "region "+htmlCode(cut(v.region, longCell)))
	}
	if v.tool != "" {
		parts = append(parts, escapeMarkdown(cut(v.tool, longCell)))
	}
	return "<sub>" + strings.Join(parts, " · ") + "</sub>\n"
}

// blocked lists the guards as far as room allows.
func (c *comment) blocked(room int) string {
	var out strings.Builder
	for i, n := range c.view.blocked {
		row := "- **blocked**: " + escapeMarkdown(cut(joined(n.subject, n.text), longRow))
		if n.help != "" {
			row += "<br>help: " + escapeMarkdown(cut(n.help, longRow))
		}
		if out.Len()+len(row)+longCell > room {
			fmt.Fprintf(&out, "- **blocked** by %s\n", plural(len(c.view.blocked)-i, "more guard", "more guards"))
			break
		}
		out.WriteString(row + "\n")
	}
	if out.Len() > 0 {
		out.WriteString("\n")
	}
	return out.String()
}

const tableHead = "| | resource | what happens | its tasks | why |\n|---|---|---|---|---|\n"

// table is the table of resources. If it is too long by itself, the least
// important rows are left out.
func (c *comment) table(room int) string {
	var rows []tableRow
	size := 0
	for _, i := range c.items() {
		row := tableRow{tier: i.tier, text: i.row()}
		rows = append(rows, row)
		size += len(row.text)
	}
	if len(rows) == 0 {
		return ""
	}
	room -= len(tableHead) + len("\n")
	if size > room {
		room -= len(moreRows(len(rows)))
	}
	body, left := fitRows(rows, room)
	out := tableHead + body + "\n"
	if left > 0 {
		out += moreRows(left)
	}
	return out
}

func moreRows(n int) string {
	return "and " + plural(n, "more resource", "more resources") + " that this table has no room for\n\n"
}

func (i item) row() string {
	symbol := i.symbol
	if i.drifted {
		symbol = "! " + symbol
	}
	cells := []string{code(symbol), code(cut(i.address, longCell)), escapeMarkdown(i.what), escapeMarkdown(i.tasks), escapeMarkdown(cut(i.reason(), longCell))}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// details are one block a resource, tier by tier. It returns how many did not
// fit.
func (c *comment) details() (string, int) {
	var out strings.Builder
	left := 0
	for tier := range tiers {
		for _, i := range c.items() {
			if i.tier != tier || len(i.lines) == 0 {
				continue
			}
			text := i.block().fit(min(c.room, c.limitOfOne()))
			if text == "" {
				left++
			}
			out.WriteString(c.take(text))
		}
	}
	return out.String(), left
}

// limitOfOne keeps one resource from using up all the room.
func (c *comment) limitOfOne() int { return max(c.room/3, 4096) }

func leftOut(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 resource's details left out: see `compose2fargate show plan.json`\n\n"
	default:
		return fmt.Sprintf("%d resources' details left out: see `compose2fargate show plan.json`\n\n", n)
	}
}

func (i item) block() block {
	summary := htmlCode(i.symbol+" "+cut(i.address, longCell)) + " " + escapeMarkdown(i.headline())
	var rows []string
	if remark := i.remark(); remark != "" {
		rows = append(rows, "# "+remark)
	}
	for _, l := range i.lines {
		rows = append(rows, l.diffRows()...)
	}
	return block{summary: summary, lang: "diff", rows: rows, unit: [2]string{"more line", "more lines"}}
}

// diffRows writes a line so that it gets the colours of a diff: a field that
// changes is a removed and an added row.
func (l line) diffRows() []string {
	indent := strings.Repeat("  ", l.depth)
	note := ""
	if l.note != "" {
		note = "  # " + l.note
	}
	changes := l.from != "" || l.to != ""
	switch {
	case l.drift && changes:
		return []string{"! " + indent + l.text + ": " + marker(l.from).change(marker(l.to)) + note}
	case l.drift:
		return []string{"! " + indent + strings.TrimPrefix(l.op+" ", "~ ") + l.text + note}
	case changes:
		return []string{"- " + indent + l.text + ": " + l.from, "+ " + indent + l.text + ": " + l.to + note}
	case l.op == "~":
		return []string{"  " + indent + l.text + note}
	case l.text == "":
		return []string{"  " + indent + "# " + l.note}
	default:
		return []string{l.op + " " + indent + l.text + note}
	}
}

// extras are the resources that are left alone, and the messages of the
// translation.
func (c *comment) extras(room int) string {
	var out strings.Builder
	for _, b := range []block{
		noticeBlock("leftover kept", "leftovers kept", c.view.kept),
		noticeBlock("note", "notes", c.view.notes),
		c.problems(),
	} {
		if len(b.rows) == 0 {
			continue
		}
		text := b.fit(room / 3)
		if text == "" {
			text = b.summary + ", left out\n\n"
		}
		if out.Len()+len(text) <= room {
			out.WriteString(text)
		}
	}
	return out.String()
}

func noticeBlock(one, many string, notices []notice) block {
	b := block{summary: plural(len(notices), one, many), lang: "text", unit: [2]string{"more", "more"}}
	for _, n := range notices {
		b.rows = append(b.rows, joined(n.subject, n.text))
	}
	return b
}

func (c *comment) problems() block {
	var parts []string
	if n := c.view.errors; n > 0 {
		parts = append(parts, plural(n, "error", "errors"))
	}
	if n := c.view.warnings; n > 0 {
		parts = append(parts, plural(n, "warning", "warnings"))
	}
	return block{summary: strings.Join(parts, ", "), lang: "text", rows: c.view.problems, unit: [2]string{"more line", "more lines"}}
}
