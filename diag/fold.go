package diag

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Fold is a diagnostic with the others that say the same of something else.
type Fold struct {
	Diagnostic
	Others List
}

// Folded returns the sorted list with what says the same as one: the ports of a range,
// what several services have from one anchor, and one warning at several places. An error
// has to be mended at each of them.
func (l List) Folded() []Fold {
	var out []Fold
	for _, d := range l.Sorted() {
		out = append(out, Fold{Diagnostic: d})
	}
	for _, pass := range []struct {
		least int
		key   func(Diagnostic) string
	}{
		{2, func(d Diagnostic) string { return d.Pos.String() + "\n" + d.withoutNumbers() }},
		{2, func(d Diagnostic) string { return d.Pos.String() + "\n" + d.text() }},
		{severalNumbers, Diagnostic.withoutNumbers},
		{severalPlaces, Diagnostic.textOfAdvice},
		{severalNames, Diagnostic.withoutNames},
	} {
		out = foldBy(out, pass.least, pass.key)
	}
	return out
}

// What is said at several places, or of several names, has a line for each of them while
// they are few.
const (
	severalNumbers = 4
	severalPlaces  = 3
	severalNames   = 4
)

// foldBy folds what has the same key, where that is so of least diagnostics at least, and
// leaves what has none.
func foldBy(folds []Fold, least int, key func(Diagnostic) string) []Fold {
	counts := map[string]int{}
	for _, f := range folds {
		counts[key(f.Diagnostic)]++
	}
	var out []Fold
	at := map[string]int{}
	for _, f := range folds {
		k := key(f.Diagnostic)
		i, begun := at[k]
		switch {
		case f.Pos.IsZero(), k == "", counts[k] < least:
			out = append(out, f)
		case begun:
			out[i].Others = append(append(out[i].Others, f.Diagnostic), f.Others...)
		default:
			at[k] = len(out)
			out = append(out, f)
		}
	}
	return out
}

var (
	index  = regexp.MustCompile(`\[\d+\]`)
	number = regexp.MustCompile(`\b\d+\b`)
	name   = regexp.MustCompile(`"[^"]*"`)
	// variable is the name in ${NAME:-default} and in $$NAME.
	variable = regexp.MustCompile(`(\$\{|\$\$)\w+`)
)

// text is all that a diagnostic says.
func (d Diagnostic) text() string { return d.Severity.String() + "\n" + d.Summary + "\n" + d.Help }

// textOfAdvice is the text of a warning or a note; "" of an error.
func (d Diagnostic) textOfAdvice() string {
	if d.Severity == Error {
		return ""
	}
	return d.text()
}

func (d Diagnostic) withoutNumbers() string {
	return WithoutNumbers(d.Path, d.text())
}

// withoutNames is the text of a warning or a note of one file but for the name that it
// begins with and the variable in its help; "" of all else.
func (d Diagnostic) withoutNames() string {
	if names := name.FindAllString(d.Summary, 2); d.Severity == Error || len(names) != 1 {
		return ""
	}
	return d.Pos.File + "\n" + d.Severity.String() + "\n" + name.ReplaceAllString(d.Summary, "#") + "\n" + variable.ReplaceAllString(d.Help, "$1#")
}

// WithoutNumbers is what is said of an attribute but for the numbers in it, and for the
// item of a list that it is about.
func WithoutNumbers(path, text string) string {
	return index.ReplaceAllString(path, "") + "\n" + number.ReplaceAllString(text, "#")
}

// String returns the diagnostic as it is printed, with what else it is about.
func (f Fold) String() string {
	if len(f.Others) == 0 {
		return f.Diagnostic.String()
	}
	d := f.Diagnostic
	if numbers := f.numbers(); numbers != "" {
		d.Summary += fmt.Sprintf(" (the same for %s: %d more)", numbers, len(f.Others))
	} else if names := f.names(); len(names) > 0 {
		d.Summary += " (the same for " + strings.Join(first(names, mostNames), ", ") + ")"
	} else {
		d.Summary += " (the same at " + f.places() + ")"
	}
	return d.String()
}

// names are those in whose place the others have another one, each once, with the line on
// which it stands first.
func (f Fold) names() []string {
	var out []string
	said := []string{f.Summary}
	for _, o := range f.Others {
		if slices.Contains(said, o.Summary) {
			continue
		}
		said = append(said, o.Summary)
		out = append(out, fmt.Sprintf("%s in line %d", name.FindString(o.Summary), o.Pos.Line))
	}
	return out
}

// numbers are those in whose place the others have another one, as ranges; "" where the
// texts are the same.
func (f Fold) numbers() string {
	first := number.FindAllString(f.Summary, -1)
	for i := range first {
		var others []int
		for _, o := range f.Others {
			found := number.FindAllString(o.Summary, -1)
			if n, err := strconv.Atoi(found[i]); err == nil && found[i] != first[i] {
				others = append(others, n)
			}
		}
		if len(others) > 0 {
			return ranges(others)
		}
	}
	return ""
}

// ranges writes numbers as 80, 8000-8010.
func ranges(numbers []int) string {
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	var out []string
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		text := strconv.Itoa(numbers[i])
		if j > i {
			text += "-" + strconv.Itoa(numbers[j])
		}
		out = append(out, text)
		i = j + 1
	}
	return strings.Join(first(out, mostRanges), ", ")
}

// places are the paths of the others, each once, with their lines.
func (f Fold) places() string {
	var out []string
	for _, o := range f.Others {
		place := o.Path
		switch {
		case place == "":
			place = o.Pos.String()
		case o.Pos != f.Pos && o.Pos.File == f.Pos.File:
			place += fmt.Sprintf(", line %d", o.Pos.Line)
		case o.Pos != f.Pos:
			place += ", " + o.Pos.String()
		}
		out = append(out, place)
	}
	return strings.Join(first(slices.Compact(out), mostPlaces), "; ")
}

// How much of what is the same is listed.
const (
	mostRanges = 10
	mostPlaces = 10
	mostNames  = 20
)

// first are the first of several texts, and how many there are beside.
func first(texts []string, most int) []string {
	if len(texts) <= most+1 {
		return texts
	}
	return append(slices.Clone(texts[:most]), fmt.Sprintf("and %d more", len(texts)-most))
}
