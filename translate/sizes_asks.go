package translate

import (
	"cmp"
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
	a.words(s.at("entrypoint"), "", s.Entrypoint)
	a.words(s.at("command"), "", s.Command)
	a.built()
	a.texts()
	return a.found, a.place
}

// askSearch searches what belongs to one container.
type askSearch struct {
	*Project
	container container
	image     string // the published one
	scripts   []string
	found     []memoryAsk
	place     diag.Path
	largest   int
}

func (a *askSearch) add(place diag.Path, in string, found []memoryAsk) {
	for _, ask := range found {
		if ask.mib > a.largest {
			a.largest, a.place = ask.mib, place
		}
		ask.text += in
		a.found = append(a.found, ask)
	}
}

// words searches a command line, and keeps the names of the scripts that it may run.
func (a *askSearch) words(place diag.Path, in string, words []string) {
	line := strings.Join(words, " ")
	a.add(place, in, asks(memoryOptions, line, a.image))
	for _, word := range strings.Fields(line) {
		a.scripts = append(a.scripts, path.Base(strings.Trim(word, `"';`)))
	}
}

// built searches the variables and the command line that the stage which is built gives the
// image, where the compose files leave them as they are.
func (a *askSearch) built() {
	image := a.builtImageOf(a.container)
	if image == nil {
		return
	}
	const in = " in the Dockerfile"
	place := a.container.at("build")
	for _, v := range image.variables() {
		if _, given := a.container.Environment[v.words[0]]; !given {
			a.add(place, in, asksInVariable(v.words[0], v.words[1], a.image))
		}
	}
	for _, c := range image.commandsOf(a.container) {
		a.words(place, in, c.words)
	}
}

// texts searches the files of configuration, and the scripts that a command line names.
func (a *askSearch) texts() {
	for _, f := range a.textsOf(a.container.Name) {
		if slices.Contains(f.path, "pre_start") {
			continue
		}
		name := path.Base(cmp.Or(f.shown, f.name))
		a.add(f.path, " in "+name, asksInText(name, f.lines))
		if t := (&textSearch{textFile: f, format: formatOf(f)}); t.format == shellFormat && slices.Contains(a.scripts, name) {
			for _, line := range f.lines {
				a.add(f.path, " in "+name, asks(memoryOptions, t.uncommented(line), a.image))
			}
		}
	}
}
