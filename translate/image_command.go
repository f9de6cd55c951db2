package translate

import (
	_ "embed"
	"path"
	"regexp"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed known_commands.json
var knownCommandsJSON []byte

// knownCommand is with what an image starts from which others are built.
type knownCommand struct {
	Image      table.Pattern `json:"image"` // of the reference
	Not        table.Pattern `json:"not"`   // of references to versions that start otherwise
	Entrypoint []string      `json:"entrypoint"`
	Command    []string      `json:"command"`
	Source     string        `json:"source"`
}

var knownCommands = table.Of[[]knownCommand](knownCommandsJSON)

// publishedCommand is with what a published image starts: as a registry says, else as is
// known of it.
func (t *imageFacts) publishedCommand(reference string) (command knownCommand, known bool) {
	if image, looked := t.facts.Images[reference]; looked {
		return knownCommand{Entrypoint: image.Entrypoint, Command: image.Command}, true
	}
	name := nameOf(reference).tagged()
	i := slices.IndexFunc(knownCommands(), func(k knownCommand) bool {
		return k.Image.MatchString(name) && (k.Not.Regexp == nil || !k.Not.MatchString(name))
	})
	if i < 0 {
		return knownCommand{}, false
	}
	return knownCommands()[i], true
}

// imageCommand is the CMD of the image of a container; not known where neither its
// Dockerfile nor a registry tells.
func (t *imageFacts) imageCommand(s container) (words []string, known bool) {
	if build, _ := t.buildOf(s); build != nil {
		built := t.builtImageOf(s)
		if built == nil {
			return nil, false
		}
		if words, known = built.command(); known {
			return words, true
		}
	}
	published, known := t.publishedCommand(t.baseImage(s))
	return slices.Clone(published.Command), known
}

// imageEntrypoint is the ENTRYPOINT of the image of a container.
func (t *imageFacts) imageEntrypoint(s container) (words []string, known bool) {
	if build, _ := t.buildOf(s); build != nil {
		built := t.builtImageOf(s)
		if built == nil {
			return nil, false
		}
		for _, stage := range built.chain() {
			if stage.entrypoint.line > 0 {
				return stage.entrypoint.words, true
			}
		}
		if built.base() == "scratch" {
			return nil, true
		}
	}
	published, known := t.publishedCommand(t.baseImage(s))
	return slices.Clone(published.Entrypoint), known
}

// startOf is how the image of a container starts.
func (t *imageFacts) startOf(s container) imageStart {
	entrypoint, known := t.imageEntrypoint(s)
	return imageStart{entrypoint, known, t.hasShell(s)}
}

// hasShell says whether the image of a container is known to have /bin/sh: it is one of which
// that is known, its Dockerfile runs one, or a command line of the image or of the files asks
// for one.
func (t *imageFacts) hasShell(s container) bool {
	image := t.baseImage(s)
	if slices.ContainsFunc(lackingOf(image, ""), func(l lackingImage) bool { return slices.Contains(l.Programs, "sh") }) {
		return false
	}
	if build, _ := t.buildOf(s); build != nil {
		built := t.builtImageOf(s)
		if built == nil || !built.hasShell() {
			return false
		}
		if built.runsShell() {
			return true
		}
	}
	entrypoint, _ := t.imageEntrypoint(s)
	command, _ := t.imageCommand(s)
	return knownPrograms().hasShell(image) ||
		slices.ContainsFunc([][]string{s.Entrypoint, s.Command, testOf(s), entrypoint, command}, asksForShell)
}

// shellProgram is a shell, or a script for one as images name theirs.
var shellProgram = regexp.MustCompile(`^(?:(?:ba|da|a)?sh|.*entrypoint|.*\.sh)$`)

// asksForShell says whether a command line or a health check begins with a shell.
func asksForShell(words []string) bool {
	if len(words) > 1 && words[0] == "CMD" {
		words = words[1:]
	}
	return len(words) > 0 && (words[0] == "CMD-SHELL" || shellProgram.MatchString(path.Base(words[0])))
}

// startCommand is the whole of what a container starts with, entrypoint and command; not
// known where the files leave any of it to an image of which it is not known.
func (t *imageFacts) startCommand(s container) (words []string, known bool) {
	switch {
	case isCleared(s.Entrypoint):
	case s.Entrypoint != nil: // that of the files takes the CMD of the image away
		return slices.Concat([]string(s.Entrypoint), s.Command), true
	default:
		if words, known = t.imageEntrypoint(s); !known {
			return nil, false
		}
	}
	command := []string(s.Command)
	if len(command) == 0 {
		if command, known = t.imageCommand(s); !known {
			return nil, false
		}
	}
	words = slices.Concat(words, command)
	return words, len(words) > 0
}

// isCleared says whether the files empty an entrypoint. Docker resets one of a single
// empty word (moby, mergeAndVerifyConfig).
func isCleared(words types.ShellCommand) bool {
	return words != nil && (len(words) == 0 || len(words) == 1 && words[0] == "")
}
