package translate

import (
	"path"
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

// commandLines are the words of the command lines of a container, those that count first.
func (p *Project) commandLines(s container) []startedLine {
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
	return append(out, startedLine{strings.Join(words, " "), s.at("build"), inDockerfile})
}

func lineWords(line string) []string {
	return strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(" \t\n\"';&|", c) })
}

// isProgram compares with a program as a table names it: one with a path is meant there,
// a script only without one.
func isProgram(program string) func(word string) bool {
	if strings.Contains(program, "/") || path.Ext(program) == ".sh" {
		return func(word string) bool { return word == program }
	}
	return func(word string) bool { return path.Base(word) == program }
}

// startNames are the names, without directories, of what the command lines of a container
// may start.
func (p *Project) startNames(s container) []string {
	var out []string
	for _, line := range p.commandLines(s) {
		for _, word := range lineWords(line.text) {
			if out = append(out, path.Base(word)); isProgram("make")(word) {
				out = append(out, "Makefile", "makefile")
			}
		}
	}
	return out
}
