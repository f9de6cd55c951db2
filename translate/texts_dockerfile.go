package translate

import (
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// dockerfileUses are the hosts that the Dockerfile of a service names: in the variables and
// in the command line that the compose files leave as they are.
func (p *Project) dockerfileUses(s container, known func(name string) bool) []hostUse {
	build, _ := p.buildOf(s)
	image := p.builtImages[build]
	if image == nil {
		return nil
	}
	h := hostSearch{Project: p, service: s.Name, known: known, shell: s.Environment}
	for _, v := range image.variables() {
		if _, given := s.Environment[v.words[0]]; given {
			continue
		}
		for _, w := range namesIn(v.words[1]) {
			if port, sure := w.inText(); sure && known(w.name) {
				h.add(hostUse{path: s.at("build"), pos: p.dockerfileAt(s, build, v.line), name: w.name, port: port, sure: true})
			}
		}
	}
	for _, c := range image.commandsOf(s) {
		h.line(s.at("build"), c.words, func(int) diag.Pos { return p.dockerfileAt(s, build, c.line) })
	}
	var out []hostUse
	for _, u := range h.found {
		if u.sure {
			u.inFile, u.built = true, true
			out = append(out, u)
		}
	}
	return out
}

// dockerfileAt is a line of the Dockerfile of a service.
func (p *Project) dockerfileAt(s container, build *types.BuildConfig, line int) diag.Pos {
	if build.DockerfileInline != "" {
		return p.LineAt(line-1, s.at("build", "dockerfile_inline")...)
	}
	return diag.Pos{File: p.Display(dockerfileName(build)), Line: line, Column: 1}
}

// variables are those of ENV, each once: what is set last counts.
func (i *builtImage) variables() []dockerWords {
	var out []dockerWords
	seen := map[string]bool{}
	for _, stage := range i.chain() {
		for n := len(stage.variables) - 1; n >= 0; n-- {
			if v := stage.variables[n]; !seen[v.words[0]] {
				seen[v.words[0]] = true
				out = append(out, v)
			}
		}
	}
	return out
}
