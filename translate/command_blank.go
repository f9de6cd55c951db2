package translate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/mattn/go-shellwords"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// commandBlanks are the command lines of a container that lack what a variable of this
// machine gives. What a container gets by its environment, blanks has.
func (t *translation) commandBlanks(s container, name string) []plan.Blank {
	var out []plan.Blank
	for _, line := range []struct {
		path  diag.Path
		field string
		given []string // what the files say; a single text is split into its words
		words func(c spec.Container) [][]string
	}{
		{s.at("command"), "command", s.Command, startWords},
		{s.at("entrypoint"), "entryPoint", s.Entrypoint, startWords},
		{s.at("healthcheck", "test"), "healthCheck", testOf(s), checkWords},
	} {
		wanted, missing := t.wordsWithGaps(line.path, line.given)
		if len(missing) == 0 {
			continue
		}
		lost := func(live any) bool {
			d, ok := live.(*spec.TaskDefinition)
			return ok && slices.ContainsFunc(d.ContainerDefinitions, func(c spec.Container) bool {
				return c.Name == name && fillGaps(line.words(c), wanted)
			})
		}
		out = append(out, plan.Blank{
			Field: diag.Path{"containerDefinitions", name, line.field}, Missing: missing, Lost: lost, Secret: areSecret(missing),
		})
	}
	return out
}

// startWords are the lists of words with which a container starts: where the entrypoint of
// an image is cleared, its command stands in the other one, and where a shell fills in
// secrets, in its line.
func startWords(c spec.Container) [][]string {
	return append([][]string{c.EntryPoint, c.Command}, append(wordsOfLine(c.EntryPoint), wordsOfLine(c.Command)...)...)
}

func checkWords(c spec.Container) [][]string {
	if c.HealthCheck == nil {
		return nil
	}
	out := [][]string{c.HealthCheck.Command}
	if len(c.HealthCheck.Command) == 2 {
		if words, err := shellwords.Parse(c.HealthCheck.Command[1]); err == nil {
			out = append(out, append([]string{"CMD"}, words...))
			if len(words) == 2 && words[0] == "eval" {
				out = append(out, []string{"CMD-SHELL", words[1]})
			}
		}
	}
	return out
}

// wordsOfLine are the words of a line in which a shell fills in secrets, without its first ones
// too, which may be those of the image.
func wordsOfLine(words []string) [][]string {
	if len(words) != 3 || words[0] != lineShell[0] || words[1] != lineShell[1] {
		return nil
	}
	words, err := shellwords.Parse(words[2])
	if err != nil {
		return nil
	}
	var out [][]string
	for i := range words {
		out = append(out, words[i:])
	}
	return out
}

// wordsWithGaps are the words of a command line, with compose.Gap where a variable that is
// not set became blank, and the names of such variables.
func (p *Project) wordsWithGaps(path diag.Path, given []string) (words, missing []string) {
	if text, blank := p.Gaps(path...); len(blank) > 0 {
		if len(given) > 0 && given[0] == "CMD-SHELL" {
			return []string{given[0], text}, blank
		}
		var split types.ShellCommand
		if err := split.DecodeMapstructure(text); err != nil {
			return nil, nil // Load has reported it
		}
		return split, blank
	}
	words = slices.Clone(given)
	for i := range words {
		if text, blank := p.Gaps(append(slices.Clone(path), strconv.Itoa(i))...); len(blank) > 0 {
			words[i], missing = text, append(missing, blank...)
		}
	}
	return words, missing
}

// fillGaps says whether one of some lists of words has values where others have gaps: in a
// word that has more than a gap, or as a whole.
func fillGaps(lists [][]string, wanted []string) bool {
	return slices.ContainsFunc(lists, func(list []string) bool {
		if slices.EqualFunc(list, wanted, fills) {
			return true
		}
		return slices.ContainsFunc(wanted, func(word string) bool {
			return strings.Contains(word, compose.Gap) && strings.Trim(word, compose.Gap) != "" &&
				slices.ContainsFunc(list, func(have string) bool { return fills(have, word) })
		})
	})
}

// fills says whether a word is another one with something in all its gaps, or may be, since
// a shell puts it there.
func fills(have, word string) bool {
	if strings.HasPrefix(have, "$"+spec.LineVariable) {
		return strings.Contains(word, compose.Gap)
	}
	parts := strings.Split(word, compose.Gap)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`(?s)^` + strings.Join(parts, `.+`) + `$`).MatchString(have)
}
