package translate

import (
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
		t := textSearch{textFile: &textFile{env: c.Environment}, format: shellFormat}
		line := strings.Join(append(append([]string{}, c.Entrypoint...), c.Command...), " ")
		for _, attribute := range []string{"entrypoint", "command"} {
			if path := c.at(attribute); d.Written(path...) {
				out = append(out, scriptText{path: path, pos: d.At(path...), text: t.filledIn(line)})
				break
			}
		}
		if h := c.HealthCheck; h != nil && !h.Disable && len(h.Test) > 1 {
			path := c.at("healthcheck", "test")
			out = append(out, scriptText{path: path, pos: d.At(path...), text: t.filledIn(strings.Join(h.Test[1:], " ")), check: true})
		}
	}
	for _, f := range d.textsOf(m.Name) {
		t := textSearch{textFile: f, format: formatOf(f)}
		for i, line := range f.lines {
			if t.format == shellFormat && len(line) < maxLine {
				pos := f.at(i, len(line)-len(strings.TrimLeft(line, " \t")))
				out = append(out, scriptText{path: f.path, pos: pos, text: t.filledIn(t.uncommented(line))})
			}
		}
	}
	build, _ := d.buildOf(m)
	if image := d.builtImageOf(m); image != nil {
		for _, c := range image.commandsOf(m) {
			out = append(out, scriptText{path: m.at("build"), pos: d.dockerfileAt(m, build, c.line), text: strings.Join(c.words, " ")})
		}
	}
	return out
}
