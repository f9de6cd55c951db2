package translate

import (
	"path"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// scriptText is a command line, or a line of a script, with the values of its variables.
type scriptText struct {
	path  diag.Path
	pos   diag.Pos
	text  string
	check bool // it is a health check
}

// scriptsOf are what a service runs as far as the project has it: its command lines, its health check,
// its scripts, and what its Dockerfile starts.
func (d *discovery) scriptsOf(m container) []scriptText {
	var out []scriptText
	for _, c := range m.with() {
		line := strings.Join(append(append([]string{}, c.Entrypoint...), c.Command...), " ")
		for _, attribute := range []string{"entrypoint", "command"} {
			if place := c.at(attribute); d.Written(place...) {
				out = append(out, scriptText{path: place, pos: d.At(place...), text: filledScript(line, c.Environment)})
				break
			}
		}
		if h := c.HealthCheck; h != nil && !h.Disable && len(h.Test) > 1 {
			place := c.at("healthcheck", "test")
			out = append(out, scriptText{path: place, pos: d.At(place...), text: filledScript(strings.Join(h.Test[1:], " "), c.Environment), check: true})
		}
	}
	for _, f := range d.textsOf(m.Name) {
		out = append(out, scriptsIn(f)...)
	}
	build, _ := d.buildOf(m)
	if image := d.builtImageOf(m); image != nil {
		for _, c := range image.commandsOf(m) {
			text := filledScript(strings.Join(c.words, " "), m.Environment)
			out = append(out, scriptText{path: m.at("build"), pos: d.dockerfileAt(m, build, c.line), text: text})
		}
	}
	return out
}

// scriptsIn are the lines of a script, or what package.json runs.
func scriptsIn(f *textFile) []scriptText {
	t := textSearch{textFile: f, format: f.format()}
	var lines []shellLine
	switch {
	case t.format == shellFormat:
		lines = shellLines(t.joinedLines(), f.env)
	case path.Base(f.name) == "package.json":
		for i, line := range f.lines {
			lines = append(lines, shellLine{i, filledScript(line, f.env), false})
		}
	}
	var out []scriptText
	for _, l := range lines {
		column := len(f.lines[l.number]) - len(strings.TrimLeft(f.lines[l.number], " \t"))
		out = append(out, scriptText{path: f.path, pos: f.at(l.number, column), text: l.text})
	}
	return out
}
