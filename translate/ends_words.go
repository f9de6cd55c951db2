package translate

import (
	_ "embed"
	"path"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed ends_programs.json
var endsProgramsJSON []byte

// endingProgram is a program that comes to an end by itself.
type endingProgram struct {
	Programs []string      `json:"programs"`
	With     table.Pattern `json:"with"`   // the arguments with which it does; "": any
	Unless   table.Pattern `json:"unless"` // those with which it does not; "": none
	Source   string        `json:"source"`
}

// wrappingProgram runs what its arguments name.
type wrappingProgram struct {
	Programs []string      `json:"programs"`
	Skip     int           `json:"skip"`    // words of its own, which are no options, before the command
	Options  table.Pattern `json:"options"` // options that have a value in the word behind them
	Sub      []string      `json:"sub"`     // the word of it that comes first: bundle exec; nil: none
	After    string        `json:"after"`   // the word behind which the command stands: --
	Source   string        `json:"source"`
}

// endingImage is an image whose entrypoint is a program that takes the command as its
// arguments.
type endingImage struct {
	Image   table.Pattern `json:"image"` // of the repository and the tag
	Program []string      `json:"program"`
	// Default: what it starts without a command of the files, a shell or a message, ends at once.
	Default bool   `json:"default"`
	Source  string `json:"source"`
}

var endsPrograms = table.Of[struct {
	Comment  string            `json:"comment"`
	Programs []endingProgram   `json:"programs"`
	Wrappers []wrappingProgram `json:"wrappers"`
	Images   []endingImage     `json:"images"`
}](endsProgramsJSON)

// imageEnds is what is known of the entrypoint of an image; nil for others.
func imageEnds(image string) *endingImage {
	name := nameOf(image).tagged()
	images := endsPrograms().Images
	i := slices.IndexFunc(images, func(e endingImage) bool { return e.Image.MatchString(name) })
	if i < 0 {
		return nil
	}
	return &images[i]
}

// endingWords judges the words of a command line.
type endingWords struct {
	script func(name string) (text string, ok bool) // a script of the container by its name there
	depth  int
}

func (e endingWords) ends(words []string) bool {
	if len(words) == 0 || e.depth > maxShellDepth || slices.ContainsFunc(words, joins) {
		return false
	}
	e.depth++
	if isShell(words[0]) {
		return e.shell(words[1:])
	}
	if words[0] == "." || words[0] == "source" {
		words = words[1:]
	}
	if len(words) == 0 {
		return false
	}
	if rest, wraps := unwrapped(words, func(w wrappingProgram) bool { return w.After != "" }); wraps {
		return e.ends(rest)
	}
	if text, ok := e.script(words[0]); ok { // it tells more than its name
		return lineEnds(text, words[1:], e.ends)
	}
	if rest, wraps := unwrapped(words, func(wrappingProgram) bool { return true }); wraps {
		return e.ends(rest)
	}
	name, arguments := programName(words[0]), strings.Join(words[1:], " ")
	for _, p := range endsPrograms().Programs {
		if slices.Contains(p.Programs, name) && (p.With.Regexp == nil || p.With.MatchString(arguments)) && !p.Unless.MatchString(arguments) {
			return true
		}
	}
	return false
}

// programName is the name of a program without its directory. A program at the root of an
// image is one of its own, of which the name tells nothing.
func programName(word string) string {
	if path.Dir(word) == "/" && path.Ext(word) == "" {
		return word
	}
	return path.Base(word)
}

// joins says whether a word joins commands for a shell, which there is none to read.
func joins(word string) bool { return slices.Contains([]string{"&&", "||", ";", "|", "&"}, word) }

// shell judges the arguments of a shell: options, then a line behind -c, or a script.
func (e endingWords) shell(words []string) bool {
	for i, word := range words {
		switch {
		case strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.HasSuffix(word, "c"):
			return i+1 < len(words) && lineEnds(words[i+1], words[min(i+3, len(words)):], e.ends)
		case strings.HasPrefix(word, "-"), word == "pipefail":
		default:
			text, ok := e.script(word)
			return ok && lineEnds(text, words[i+1:], e.ends)
		}
	}
	return false // it waits for input, or ends at once without any
}

// unwrapped are the words of the command that a wrapper runs, one of those that which takes.
func unwrapped(words []string, which func(wrappingProgram) bool) (rest []string, wraps bool) {
	for _, w := range endsPrograms().Wrappers {
		if !which(w) || !slices.Contains(w.Programs, path.Base(words[0])) {
			continue
		}
		if rest, ok := w.command(words[1:]); ok {
			return rest, true
		}
	}
	return nil, false
}

func (w wrappingProgram) command(words []string) (rest []string, ok bool) {
	if w.After != "" {
		i := slices.Index(words, w.After)
		return words[i+1:], i >= 0
	}
	if len(w.Sub) > 0 {
		if len(words) == 0 || !slices.Contains(w.Sub, words[0]) {
			return nil, false
		}
		words = words[1:]
	}
	for skip := w.Skip; len(words) > 0; {
		switch {
		case words[0] == "--":
			return words[1:], true
		case w.Options.MatchString(words[0]):
			words = words[min(2, len(words)):]
		case strings.HasPrefix(words[0], "-"), strings.Contains(words[0], "=") && path.Base(words[0]) == words[0]:
			words = words[1:]
		case skip > 0:
			words, skip = words[1:], skip-1
		default:
			return words, true
		}
	}
	return nil, false
}
