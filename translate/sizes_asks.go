package translate

import (
	"path"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// memoryAsks are the settings of the program in a container, by its variables, its command
// lines and its texts and by those of the image that is built for it, and where the largest
// is.
func (p *Project) memoryAsks(s container) (all []memoryAsk, place diag.Path) {
	a := askSearch{Project: p, container: s, image: strings.ToLower(p.baseImage(s))}
	for _, name := range sortedKeys(s.Environment) {
		if value := s.Environment[name]; value != nil {
			a.add(s.at("environment", name), "", asksInVariable(name, *value, a.image))
		}
	}
	a.builtVariables()
	for _, line := range p.startedLines(s) {
		a.add(line.path, line.in, asks(memoryOptions, line.text, a.image))
	}
	a.texts()
	return a.found, a.place
}

// askSearch searches what belongs to one container.
type askSearch struct {
	*Project
	container container
	image     string // the published one
	found     []memoryAsk
	place     diag.Path
	largest   int
}

func (a *askSearch) add(place diag.Path, in string, found []memoryAsk) {
	for _, ask := range found {
		if ask.mib >= a.largest {
			a.largest, a.place = ask.mib, place
		}
		ask.text += in
		a.found = append(a.found, ask)
	}
}

// builtVariables searches those that the stage which is built gives the image, where the
// compose files leave them as they are.
func (a *askSearch) builtVariables() {
	image := a.builtImageOf(a.container)
	if image == nil {
		return
	}
	for _, v := range image.variables() {
		if _, given := a.container.Environment[v.words[0]]; !given {
			a.add(a.container.at("build"), inDockerfile, asksInVariable(v.words[0], v.words[1], a.image))
		}
	}
}

// texts searches the files of configuration.
func (a *askSearch) texts() {
	for _, f := range a.textsOf(a.container.Name) {
		if name := path.Base(f.shownName()); !slices.Contains(f.path, "pre_start") {
			a.add(f.path, " in "+name, asksInText(name, f.lines))
		}
	}
}
