package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/compose2fargate/compose2fargate/plan"
)

// line is one line of the details of a resource plan, before it is laid out for
// a terminal or for a comment. Its text is safe to print.
type line struct {
	op    string // "+", "-", "~", or " " for what only gives context
	drift bool
	depth int
	text  string
	// from and to are set on the line of a field that changes from one value to
	// another; text is its label then.
	from, to string
	note     string // printed as a comment
}

// Values longer than this are shortened unless all is asked for; the difference
// of two long strings keeps some text around it.
const (
	longValue  = 160
	diffMargin = 24
	objectLine = 120 // longest object on one line
)

// liner writes the changes of one resource as lines.
type liner struct {
	resource *plan.ResourcePlan
	secrets  secrets
	full     bool
}

func (l liner) lines() []line {
	switch {
	case l.all(plan.OpCreate) && l.resource.Has(plan.Create):
		return l.whole("+")
	case l.all(plan.OpDelete) && l.resource.Has(plan.Delete):
		return l.whole("-")
	}
	var out []line
	for _, c := range l.resource.Changes {
		out = append(out, l.change(c)...)
	}
	return out
}

func (l liner) all(op plan.Op) bool {
	return !slices.ContainsFunc(l.resource.Changes, func(c plan.Change) bool { return c.Op != op })
}

// change writes one field.
func (l liner) change(c plan.Change) []line {
	first := line{drift: c.Cause == plan.Drift, text: l.secrets.label(c.Path), note: l.note(c)}
	from, to := l.secrets.values(c)
	switch {
	case c.Op == plan.OpCreate:
		return l.value(first, "+", to)
	case c.Op == plan.OpDelete:
		return l.value(first, "-", from)
	case comparesByLine(from, to):
		first.op, first.text = "~", first.text+":"
		return append([]line{first}, diffLines(blockLines(from), blockLines(to), l.full)...)
	default:
		return []line{l.update(first, from, to)}
	}
}

// update writes a field whose values stand on one line each.
func (l liner) update(first line, from, to any) line {
	first.op = "~"
	first.from, first.to = inline(from), inline(to)
	before, isText := from.(string)
	after, both := to.(string)
	if isText && both && !l.full {
		first.from, first.to = contrast(before, after)
	}
	return first
}

// comparesByLine says whether two values are better compared line by line:
// texts of several lines, long lists, and values that contain objects.
func comparesByLine(from, to any) bool {
	if !fitsLine(from) || !fitsLine(to) {
		return true
	}
	before, isList := from.([]any)
	after, both := to.([]any)
	if isList && both {
		return max(len(inline(from)), len(inline(to))) > longValue/2 || slices.ContainsFunc(slices.Concat(before, after), hasLines)
	}
	return hasLines(from) && hasLines(to)
}

func hasLines(value any) bool {
	text, ok := value.(string)
	return ok && strings.Contains(strings.TrimSuffix(text, "\n"), "\n")
}

// blockLines writes a value over several lines, much as YAML does.
func blockLines(value any) []string {
	list, isList := value.([]any)
	object, _ := value.(map[string]any)
	if hasLines(value) {
		return textLines(value.(string))
	}
	if len(list) == 0 && len(object) == 0 {
		return []string{inline(value)}
	}
	var out []string
	for _, item := range names(value) {
		switch {
		case isList:
			out = append(out, beside("- ", blockLines(item.value))...)
		case fitsLine(item.value) && !hasLines(item.value):
			out = append(out, item.label+": "+inline(item.value))
		default:
			out = append(out, item.label+":")
			out = append(out, beside("  ", blockLines(item.value))...)
		}
	}
	return out
}

func textLines(text string) []string {
	var out []string
	for row := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		out = append(out, cleanLine(row))
	}
	if !strings.HasSuffix(text, "\n") {
		out = append(out, "(no line break at the end)")
	}
	return out
}

// beside puts head before the first line and indents the others as far.
func beside(head string, lines []string) []string {
	for i := range lines {
		lines[i] = head + lines[i]
		head = strings.Repeat(" ", len(head))
	}
	return lines
}

// value writes a field that exists on one side only, objects over several
// lines.
func (l liner) value(first line, op string, value any) []line {
	first.op = op
	if fitsLine(value) || len(inline(value)) <= objectLine/2 {
		first.text = labelled(first.text, l.short(value))
		return []line{first}
	}
	below := line{drift: first.drift, depth: first.depth}
	var out []line
	if first.text != "" {
		first.text += ":"
		below.depth++
		out = append(out, first)
	}
	for _, name := range names(value) {
		below.text = name.label
		out = append(out, l.value(below, op, name.value)...)
	}
	return out
}

func labelled(label, value string) string {
	if label == "" {
		return value
	}
	return label + ": " + value
}

// short writes a value on one line; a long one is cut unless full is set.
func (l liner) short(value any) string {
	text, isString := value.(string)
	switch {
	case l.full:
		return inline(value)
	case isString && utf8.RuneCountInString(text) > longValue:
		head := string([]rune(text)[:longValue*3/4])
		return strconv.Quote(head) + fmt.Sprintf("... (%d characters)", utf8.RuneCountInString(text))
	default:
		return cut(inline(value), longValue*2)
	}
}

type namedValue struct {
	label string
	value any
}

// names lists the entries of an object or a list, in order.
func names(value any) []namedValue {
	var out []namedValue
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			out = append(out, namedValue{key(name), value[name]})
		}
	case []any:
		for i, item := range value {
			out = append(out, namedValue{"[" + strconv.Itoa(i) + "]", item})
		}
	}
	return out
}

// note says what is special about a field: that it replaces the resource, why
// it changes if that differs from the reason of the resource, and where its
// value comes from.
func (l liner) note(c plan.Change) string {
	var parts []string
	if c.Replaces {
		parts = append(parts, "forces replacement")
	}
	if why := l.fieldCause(c); why != "" {
		parts = append(parts, clean(l.secrets.mask(why)))
	}
	if ref, ok := c.To.(string); ok && unresolved.MatchString(ref) {
		address, attr := refParts(ref)
		parts = append(parts, clean(l.secrets.mask(attr+" of "+address)))
	}
	if c.Source != nil && !c.Source.IsZero() {
		parts = append(parts, clean(l.secrets.mask(c.Source.String())))
	}
	return strings.Join(parts, ", ")
}

func (l liner) fieldCause(c plan.Change) string {
	switch {
	case c.Cause == plan.Drift:
		return l.driftNote(c.Op)
	case c.Cause == l.resource.Cause || c.Cause == plan.Config || c.Cause == plan.Dependency:
		return ""
	default:
		return causeText(c.Cause)
	}
}

func (l liner) driftNote(op plan.Op) string {
	switch {
	case !l.resource.Changed():
		return "changed outside; left as it is"
	case op == plan.OpCreate:
		return "removed outside; apply puts it back"
	case op == plan.OpDelete:
		return "added outside; apply removes it"
	default:
		return "changed outside; apply sets it back"
	}
}

// refParts splits ${ref:ADDRESS.attr} into its address and attribute.
func refParts(ref string) (address, attr string) {
	inner := strings.TrimSuffix(strings.TrimPrefix(ref, "${ref:"), "}")
	dot := strings.LastIndexByte(inner, '.')
	if dot < 0 {
		return inner, "value"
	}
	return inner[:dot], inner[dot+1:]
}

// contrast quotes two strings; of long ones only the part in which they differ
// and some text around it, so that shortening never hides the difference.
func contrast(from, to string) (string, string) {
	a, b := []rune(from), []rune(to)
	if max(len(a), len(b)) <= longValue {
		return strconv.Quote(from), strconv.Quote(to)
	}
	shorter := min(len(a), len(b))
	head := 0
	for head < shorter && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < shorter-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	head, tail = max(0, head-diffMargin), max(0, tail-diffMargin)
	return excerpt(a, head, tail), excerpt(b, head, tail)
}

func excerpt(text []rune, head, tail int) string {
	out := strconv.Quote(string(text[head : len(text)-tail]))
	if head > 0 {
		out = "..." + out
	}
	if tail > 0 {
		out += "..."
	}
	return out
}
