package translate

import (
	"path"
	"slices"
	"strings"
)

// startedLines are those of a container: of its command line, which the Dockerfile has where
// the compose files leave it as it is, and of the scripts in it that are here, as far as it is
// known what they run.
func (p *Project) startedLines(s container) []startedLine {
	return p.linesRun(s, func(script []string, arguments []string) []string {
		return scriptLinesRun(script, arguments, s.Environment)
	})
}

// possibleLines are those that a container may run when it starts: all lines of its scripts
// are among them.
func (p *Project) possibleLines(s container) []startedLine {
	return p.linesRun(s, func(script []string, _ []string) []string { return script })
}

func (p *Project) linesRun(s container, runs func(script, arguments []string) []string) []startedLine {
	out := p.commandLines(s)
	return append(out, p.scriptLines(s, out, runs)...)
}

// scriptLines are the lines of scripts, and of the recipes of Makefiles, that command lines
// name.
func (p *Project) scriptLines(s container, started []startedLine, runs func(script, arguments []string) []string) []startedLine {
	var out []startedLine
	for _, f := range p.textsOf(s.Name) {
		t := textSearch{textFile: f, format: f.format()}
		var lines []string
		switch arguments, named := argumentsOf(started, f.targets); {
		case isMakefile(f.name):
			for _, target := range makeTargets(started) {
				lines = append(lines, makeLines(f.lines, target, maxShellDepth)...)
			}
		case named && t.format == shellFormat:
			for _, line := range f.lines {
				if line = strings.TrimSpace(t.uncommented(line)); line != "" {
					lines = append(lines, line)
				}
			}
			lines = runs(lines, arguments)
		}
		for _, line := range lines {
			out = append(out, startedLine{line, f.path, " in " + path.Base(f.shownName())})
		}
	}
	return out
}

// argumentsOf are the words behind the name of a file in the command line that names it first.
func argumentsOf(started []startedLine, targets []string) (arguments []string, named bool) {
	for _, line := range started {
		words := lineWords(line.text)
		for i, word := range words {
			if slices.ContainsFunc(targets, func(target string) bool { return path.Base(target) == path.Base(word) }) {
				return words[i+1:], true
			}
		}
	}
	return nil, false
}

// makeTargets are the targets that command lines tell make to make.
func makeTargets(started []startedLine) []string {
	var out []string
	for _, line := range started {
		words := lineWords(line.text)
		i := slices.IndexFunc(words, isProgram("make"))
		for _, word := range words[i+1:] {
			if i >= 0 && !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") {
				out = append(out, word)
			}
		}
	}
	return out
}

func isMakefile(name string) bool { return strings.ToLower(path.Base(name)) == "makefile" }
