package render

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/compose2fargate/compose2fargate/plan"
)

// TextOptions says how a plan is laid out for a terminal or a log.
type TextOptions struct {
	Color bool // with ANSI colours; they say nothing that the text does not
	Width int  // of the terminal in columns; 0: no limit
	Full  bool // every field of what is created or deleted, long values whole
}

// Text writes the plan for a person: the verdict first, then what happens to
// which resource, why, and to which of its fields. It holds no secret and no
// control character.
func Text(w io.Writer, kinds plan.Kinds, p *plan.Plan, o TextOptions) error {
	t := newTextPrinter(o)
	t.view(newView(kinds, p, o.Full))
	return t.writeTo(w)
}

// Heading writes how the text of a plan begins: what happens, and where.
func Heading(w io.Writer, kinds plan.Kinds, p *plan.Plan, o TextOptions) error {
	t := newTextPrinter(o)
	t.heading(newView(kinds, p, false))
	return t.writeTo(w)
}

// The columns at which things begin: items, their remarks and fields, and what
// hangs below those.
const (
	itemIndent  = 2
	fieldIndent = 6
	depthIndent = 4
)

type textPrinter struct {
	options TextOptions
	out     strings.Builder
}

func newTextPrinter(o TextOptions) *textPrinter {
	if o.Width > 0 {
		o.Width = max(o.Width, minWidth)
	}
	return &textPrinter{options: o}
}

func (t *textPrinter) writeTo(w io.Writer) error {
	if _, err := io.WriteString(w, t.out.String()); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

func (t *textPrinter) heading(v *view) {
	t.prose(0, bold, "", v.verdict)
	for _, fact := range v.facts {
		t.prose(0, plain, "", fact)
	}
}

func (t *textPrinter) view(v *view) {
	t.heading(v)
	for _, b := range v.blocked {
		t.blocked(b)
	}
	if len(v.legend) > 0 {
		t.blank()
		t.legend(v.legend)
	}
	for _, g := range v.groups {
		t.group(g)
	}
	t.notices("leftovers, kept", v.kept)
	t.notices("notes", v.notes)
	if v.minor {
		t.blank()
		t.prose(0, dim, "", "default fields of new resources are hidden; --full shows them")
	}
	if v.same > 0 {
		t.blank()
		t.prose(0, dim, "", plural(v.same, "resource stays as it is", "resources stay as they are"))
	}
}

func (t *textPrinter) legend(entries []string) {
	head := "symbols:  "
	for _, row := range wrapParts(entries, "   ", t.room(len(head))) {
		t.out.WriteString(t.paint(dim, head+row) + "\n")
		head = strings.Repeat(" ", len(head))
	}
}

func (t *textPrinter) blocked(b notice) {
	t.blank()
	t.prose(0, red, "", joined("blocked", b.subject, b.text))
	if b.help != "" {
		t.prose(2, plain, "", "help: "+b.help)
	}
}

// joined puts a colon between the parts that are there.
func joined(parts ...string) string {
	var out []string
	for _, part := range parts {
		if part != "" {
			out = append(out, part)
		}
	}
	return strings.Join(out, ": ")
}

func (t *textPrinter) notices(title string, notices []notice) {
	if len(notices) == 0 {
		return
	}
	t.blank()
	t.prose(0, bold, "", title)
	for _, n := range notices {
		t.prose(itemIndent, plain, "", joined(n.subject, n.text))
	}
}

func (t *textPrinter) group(g viewGroup) {
	t.blank()
	t.prose(0, bold, "", g.title)
	for _, i := range g.items {
		t.item(i)
	}
}

func (t *textPrinter) item(i item) {
	mark := strings.Repeat(" ", itemIndent)
	if i.drifted {
		mark = t.paint(styleOf("!"), "! ")
	}
	head := i.address + ": " + i.headline()
	t.hang(mark, itemIndent, i.symbol, bold, head)
	if remark := i.remark(); remark != "" {
		t.prose(fieldIndent, dim, "# ", remark)
	}
	for _, l := range i.lines {
		t.line(l)
	}
}

// headline is what happens, to the resource and to its tasks.
func (i item) headline() string {
	if i.tasks == "" {
		return i.what
	}
	return i.what + ", " + i.tasks
}

// remark says why, and where in the compose file and in AWS. A resource that is
// created needs no reason.
func (i item) remark() string {
	if i.tier == tierCreated {
		return i.source
	}
	text := i.reason()
	if i.live != "" {
		text += "; in AWS: " + i.live
	}
	return text
}

func (i item) reason() string {
	if i.source == "" {
		return i.why
	}
	return i.why + " (" + i.source + ")"
}

// line writes one field. What does not fit into one row goes below its label.
func (t *textPrinter) line(l line) {
	indent := fieldIndent + depthIndent*l.depth
	op := l.op
	if l.drift {
		op = strings.TrimSuffix("!"+l.op, "~")
	}
	text := l.text
	if l.from != "" || l.to != "" {
		text += ": " + marker(l.from).change(marker(l.to))
	}
	switch {
	case t.fits(indent, op, text, l.note):
		t.row(indent, op, text, l.note)
	case l.from == "" && l.to == "":
		t.wrapped(indent, op, text)
		t.below(indent, l.note)
	case t.fits(indent, op, text, ""):
		t.row(indent, op, text, "")
		t.below(indent, l.note)
	default:
		t.wrapped(indent, op, l.text+":")
		t.wrapped(indent+depthIndent, "-", l.from)
		t.wrapped(indent+depthIndent, "+", l.to)
		t.below(indent, l.note)
	}
}

func (t *textPrinter) fits(indent int, op, text, note string) bool {
	length := indent + len(op) + 1 + utf8.RuneCountInString(text)
	if note != "" {
		length += len("  # ") + utf8.RuneCountInString(note)
	}
	return t.options.Width == 0 || length <= t.options.Width
}

func (t *textPrinter) row(indent int, op, text, note string) {
	out := strings.Repeat(" ", indent) + t.paint(styleOf(op), op) + " " + text
	if note != "" && text != "" {
		out += "  "
	}
	if note != "" {
		out += t.paint(dim, "# "+note)
	}
	t.out.WriteString(strings.TrimRight(out, " ") + "\n")
}

func (t *textPrinter) below(indent int, note string) {
	if note != "" {
		t.prose(indent+depthIndent, dim, "# ", note)
	}
}

func (t *textPrinter) wrapped(indent int, op, text string) {
	t.hang(strings.Repeat(" ", indent), indent, op, plain, text)
}

// hang writes a symbol and text beside it, wrapped under itself.
func (t *textPrinter) hang(mark string, indent int, symbol string, s style, text string) {
	column := indent + len(symbol) + 1
	for n, row := range wrap(text, t.room(column)) {
		if n == 0 {
			t.out.WriteString(mark + t.paint(styleOf(symbol), symbol) + " " + t.paint(s, row) + "\n")
			continue
		}
		t.out.WriteString(strings.Repeat(" ", column+2) + t.paint(s, row) + "\n")
	}
}

// prose writes text whose every row begins with the same prefix.
func (t *textPrinter) prose(indent int, s style, prefix, text string) {
	for _, row := range wrap(text, t.room(indent+len(prefix))) {
		t.out.WriteString(strings.Repeat(" ", indent) + t.paint(s, prefix+row) + "\n")
	}
}

func (t *textPrinter) blank() { t.out.WriteByte('\n') }

// room is what is left of a row from column on; rows keep two columns for what
// hangs below the first.
func (t *textPrinter) room(column int) int {
	if t.options.Width == 0 {
		return 0
	}
	return max(t.options.Width-column-2, minWidth/2)
}

// style is the parameter of an ANSI SGR sequence.
type style string

const (
	plain style = ""
	bold  style = "1"
	dim   style = "2"
	red   style = "31"
)

var symbolStyles = map[string]style{
	"+": "32", "-": red, "~": "33", "^": "36", "!": "35", "=": "34", ">": "34", "-/+": red, "+/-": red,
}

// styleOf is the style of a symbol; drift outweighs what happens to it.
func styleOf(symbol string) style {
	if strings.HasPrefix(symbol, "!") {
		return symbolStyles["!"]
	}
	return symbolStyles[symbol]
}

func (t *textPrinter) paint(s style, text string) string {
	if !t.options.Color || s == plain || strings.TrimSpace(text) == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}
