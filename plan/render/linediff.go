package render

import (
	"slices"
)

// Lines that stay the same around those that change, and how many cells the
// table of the comparison may have before it is no longer worth it.
const (
	contextLines = 2
	maxDiffCells = 1 << 20
)

// diffLines compares two texts line by line. Unless full is set, it shows only
// the lines near changes.
func diffLines(from, to []string, full bool) []line {
	all := compareLines(from, to)
	for i := range all {
		all[i].depth = 1
	}
	if full {
		return all
	}
	return nearChanges(all)
}

func compareLines(a, b []string) []line {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	out := linesOf(" ", a[:head])
	out = append(out, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	return append(out, linesOf(" ", a[len(a)-tail:])...)
}

func linesOf(op string, texts []string) []line {
	out := make([]line, len(texts))
	for i, text := range texts {
		out[i] = line{op: op, text: text}
	}
	return out
}

// middle is the textbook longest common subsequence.
func middle(a, b []string) []line {
	if len(a)*len(b) > maxDiffCells {
		return append(linesOf("-", a), linesOf("+", b)...)
	}
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return walk(a, b, common)
}

func walk(a, b []string, common [][]int) []line {
	var out []line
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			out = append(out, line{op: " ", text: a[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			out = append(out, line{op: "-", text: a[i]})
			i++
		default:
			out = append(out, line{op: "+", text: b[j]})
			j++
		}
	}
	out = append(out, linesOf("-", a[i:])...)
	return append(out, linesOf("+", b[j:])...)
}

// nearChanges replaces each run of lines that are far from any change by one
// line that counts them.
func nearChanges(all []line) []line {
	var out []line
	skipped := 0
	flush := func() {
		if skipped > 0 {
			out = append(out, line{op: " ", depth: 1, note: plural(skipped, "line", "lines") + " unchanged"})
		}
		skipped = 0
	}
	for i, l := range all {
		near := all[max(0, i-contextLines):min(len(all), i+contextLines+1)]
		if !slices.ContainsFunc(near, func(l line) bool { return l.op != " " }) {
			skipped++
			continue
		}
		flush()
		out = append(out, l)
	}
	flush()
	return out
}
