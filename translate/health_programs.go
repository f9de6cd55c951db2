package translate

import (
	_ "embed"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

//go:embed known_programs.json
var knownProgramsJSON []byte

// lackingImage is an image of which it is known that it lacks programs with which people
// write health checks.
type lackingImage struct {
	Image    string   `json:"image"` // of the reference
	Not      string   `json:"not"`   // a word of tags that have them
	Programs []string `json:"programs"`
	Instead  string   `json:"instead"` // a key of instead
	Source   string   `json:"source"`
	pattern  *regexp.Regexp
}

var knownPrograms = sync.OnceValue(func() (known struct {
	Instead map[string]string `json:"instead"`
	Lacking []lackingImage    `json:"lacking"`
}) {
	if err := json.Unmarshal(knownProgramsJSON, &known); err != nil {
		panic(err) // the file is ours
	}
	for i := range known.Lacking {
		known.Lacking[i].pattern = regexp.MustCompile(known.Lacking[i].Image)
	}
	return known
})

func lackingOf(image string) (lackingImage, bool) {
	image, _, _ = strings.Cut(strings.TrimPrefix(strings.ToLower(image), "docker.io/"), "@")
	for _, l := range knownPrograms().Lacking {
		if l.pattern.MatchString(image) && (l.Not == "" || !strings.Contains(image, l.Not)) {
			return l, true
		}
	}
	return lackingImage{}, false
}

// warnOfPrograms warns of a health check whose program the image lacks, as far as that is
// known: docker would mark the container, ECS ends it again and again.
func (b *base) warnOfPrograms(s container) {
	image := b.baseImage(s)
	known, ok := lackingOf(image)
	if !ok || s.step != nil {
		return
	}
	for _, program := range programsOf(s.HealthCheck.Test) {
		if !slices.Contains(known.Programs, program) || b.addsProgram(s, program) {
			continue
		}
		whose := image + " has no " + program
		if b.builtImageOf(s) != nil {
			whose += ", and the Dockerfile adds none"
		}
		help := knownPrograms().Instead[known.Instead]
		if known.Instead != "none" {
			help = "use what is there, such as " + help
		} else {
			help = "use a program of the image itself, or write " + help
		}
		b.warnf(s.at("healthcheck", "test"), help, "this check never succeeds, so that ECS would end each task: %s", whose)
		return
	}
}

// programsOf are the programs without which a health check cannot succeed: the shell, and
// the only one of curl and wget that it tries.
func programsOf(test []string) []string {
	if len(test) < 2 {
		return nil
	}
	words := strings.FieldsFunc(strings.Join(test[1:], " "), func(c rune) bool { return strings.ContainsRune(" \t\n|&;()'\"`", c) })
	var out []string
	if first := path.Base(test[1]); test[0] == "CMD-SHELL" || first == "sh" {
		out = append(out, "sh")
	}
	for _, program := range []string{"curl", "wget"} {
		if slices.ContainsFunc(words, func(word string) bool { return path.Base(word) == program && !strings.Contains(word, ":") }) {
			out = append(out, program)
		}
	}
	both := slices.Contains(out, "curl") && slices.Contains(out, "wget")
	if both || strings.Contains(failsAnyway.ReplaceAllString(strings.Join(test, " "), ""), "||") { // something in its place
		return slices.DeleteFunc(out, func(program string) bool { return program != "sh" })
	}
	return out
}

// failsAnyway matches what a check does where its program failed, and fails itself.
var failsAnyway = regexp.MustCompile(`\|\|\s*(?:exit\s+[1-9]\d*|false|kill\b[^|]*)`)

// addsProgram says whether the Dockerfile of a container speaks of a program elsewhere than
// in its own health check, or may bring whole directories of programs from elsewhere. One
// that puts nothing into an empty image stands for another one.
func (p *Project) addsProgram(s container, program string) bool {
	built := p.builtImageOf(s)
	if built == nil {
		return false
	}
	if built.base() == "scratch" && len(built.places()) == 0 {
		return true
	}
	for _, stage := range built.chain() {
		if slices.ContainsFunc(stage.copies, func(c dockerCopy) bool {
			return c.from != "" && slices.Contains(programPlaces, path.Clean(c.target))
		}) {
			return true
		}
	}
	text, _ := dockerfileText(built.build)
	parsed, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return true
	}
	mention := regexp.MustCompile(`\b` + regexp.QuoteMeta(program) + `\b`)
	if program == "sh" {
		mention = regexp.MustCompile(`busybox|/bin/sh\b`)
	}
	return slices.ContainsFunc(parsed.AST.Children, func(n *parser.Node) bool {
		return !strings.EqualFold(n.Value, "healthcheck") && mention.MatchString(n.Original)
	})
}

// programPlaces are directories in which programs are.
var programPlaces = strings.Fields("/ /bin /usr /usr/bin /usr/local /usr/local/bin /sbin /usr/sbin")
