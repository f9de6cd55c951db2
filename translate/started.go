package translate

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// startedLine is a line that a container runs when it starts: the words of a command line,
// or a line of a script that one names.
type startedLine struct {
	text string
	path diag.Path // where the compose files ask for it
	in   string    // the file, as words to put behind it: " in run.sh"; "" for the compose files
}

const inDockerfile = " in the Dockerfile"

// startedLines are those of a container: of its command line, which the Dockerfile has where
// the compose files leave it as it is, and of the scripts in it that are here.
func (p *Project) startedLines(s container) []startedLine {
	return p.linesRun(s, func(script *textFile) bool { return !slices.ContainsFunc(script.lines, branches.MatchString) })
}

// possibleLines are those that a container may run when it starts: scripts that run one
// thing or another are among them, with all of their lines.
func (p *Project) possibleLines(s container) []startedLine {
	return p.linesRun(s, func(*textFile) bool { return true })
}

func (p *Project) linesRun(s container, takes func(script *textFile) bool) []startedLine {
	var words []string
	if image := p.builtImageOf(s); image != nil {
		for _, c := range image.commandsOf(s) {
			words = append(words, c.words...)
		}
	}
	var out []startedLine
	for _, attribute := range []string{"command", "entrypoint"} {
		if path := s.at(attribute); p.Written(path...) { // after the ENTRYPOINT of the Dockerfile
			out = append(out, startedLine{strings.Join(slices.Concat(words, s.Entrypoint, s.Command), " "), path, ""})
			break
		}
	}
	out = append(out, startedLine{strings.Join(words, " "), s.at("build"), inDockerfile})
	return append(out, p.scriptLines(s, out, takes)...)
}

// branches are beginnings of lines of scripts that run one thing or another, in which nobody knows here what is run.
var branches = regexp.MustCompile(`^\s*(?:if|elif|case)\s|^\s*\[.*(?:&&|\|\|)`)

func (p *Project) scriptLines(s container, started []startedLine, takes func(script *textFile) bool) []startedLine {
	var names []string
	for _, line := range started {
		for _, word := range strings.Fields(line.text) {
			names = append(names, path.Base(strings.Trim(word, `"';`)))
		}
	}
	var out []startedLine
	for _, f := range p.textsOf(s.Name) {
		isNamed := func(target string) bool { return slices.Contains(names, path.Base(target)) }
		t := textSearch{textFile: f, format: formatOf(f)}
		if t.format != shellFormat || !slices.ContainsFunc(f.targets, isNamed) || !takes(f) {
			continue
		}
		for _, line := range f.lines {
			if line = strings.TrimSpace(t.uncommented(line)); line != "" {
				out = append(out, startedLine{line, f.path, " in " + path.Base(f.shownName())})
			}
		}
	}
	return out
}
