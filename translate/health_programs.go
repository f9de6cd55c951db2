package translate

import (
	"cmp"
	_ "embed"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed known_programs.json
var knownProgramsJSON []byte

// lackingImage is an image of which it is known that it lacks programs with which people
// write health checks.
type lackingImage struct {
	Image     table.Pattern `json:"image"` // of the reference
	Not       string        `json:"not"`   // a word of tags that have them
	Programs  []string      `json:"programs"`
	Elsewhere bool          `json:"elsewhere"` // they are there, and found only by their path
	Instead   string        `json:"instead"`   // a key of instead
	Source    string        `json:"source"`
}

var knownPrograms = table.Of[programTable](knownProgramsJSON)

type programTable struct {
	Instead map[string]string `json:"instead"`
	Lacking []lackingImage    `json:"lacking"`
	Fronts  []frontProgram    `json:"fronts"`
	Shells  []struct {
		Image  table.Pattern `json:"image"` // of the reference
		Source string        `json:"source"`
	} `json:"shells"` // images that have /bin/sh
}

func (p programTable) hasShell(image string) bool {
	name := nameOf(image).tagged()
	for _, s := range p.Shells {
		if s.Image.MatchString(name) {
			return true
		}
	}
	return false
}

// frontProgram is one that starts another server in the same container, and stands before it.
type frontProgram struct {
	Form     table.Pattern `json:"form"`     // of the command line
	Variable string        `json:"variable"` // which tells the port of the other server
	Port     int           `json:"port"`     // where it tells none
	Source   string        `json:"source"`
}

// frontedPort says whether a server behind another program of the container listens at a
// port that nobody writes.
func (p *Project) frontedPort(s container, port int) bool {
	return slices.ContainsFunc(knownPrograms().Fronts, func(f frontProgram) bool {
		return f.Port == port && s.Environment[f.Variable] == nil &&
			slices.ContainsFunc(p.startedLines(s), func(line startedLine) bool { return f.Form.MatchString(line.text) })
	})
}

// lackingOf are the rows of an image that are about a program in a command line.
func lackingOf(image, line string) []lackingImage {
	return slices.DeleteFunc(slices.Clone(lackingRows(nameOf(image).tagged())), func(l lackingImage) bool {
		return !slices.ContainsFunc(l.Programs, func(program string) bool { return program == "sh" || strings.Contains(line, program) })
	})
}

// lackingRows are all rows of an image.
var lackingRows = table.ByText(func(image string) []lackingImage {
	var out []lackingImage
	for _, l := range knownPrograms().Lacking {
		if l.Image.MatchString(image) && (l.Not == "" || !strings.Contains(image, l.Not)) {
			out = append(out, l)
		}
	}
	return out
})

// warnOfPrograms warns of a health check whose program the image lacks, as far as that is
// known: docker would mark the container, ECS ends it again and again.
func (b *base) warnOfPrograms(s container) {
	if s.step != nil {
		return
	}
	image := b.baseImage(s)
	for _, known := range lackingOf(image, strings.Join(s.HealthCheck.Test, " ")) {
		for _, program := range known.Programs {
			if !needs(s.HealthCheck.Test, program) || b.addsProgram(s, program) {
				continue
			}
			whose := image + " has no " + program
			if known.Elsewhere {
				whose += " on its PATH"
			}
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
}

// needs says whether a health check cannot succeed without a program: the shell that it
// asks for, or the only program that it tries.
func needs(test []string, program string) bool {
	if len(test) < 2 {
		return false
	}
	if program == "sh" {
		return test[0] == "CMD-SHELL" || path.Base(test[1]) == "sh"
	}
	programs := programsOf(test)
	both := slices.ContainsFunc(programs, isProgram("curl")) && slices.ContainsFunc(programs, isProgram("wget"))
	if both || hasOtherWay(test) {
		return false
	}
	return slices.ContainsFunc(programs, isProgram(program))
}

// programsOf are the programs that a health check runs, and curl and wget wherever they
// stand in it.
func programsOf(test []string) []string {
	line := strings.Join(test[1:], " ")
	out := slices.DeleteFunc(strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(" \t\n|&;()'\"`", c) }), func(word string) bool {
		return !isProgram("curl")(word) && !isProgram("wget")(word) || strings.Contains(word, ":")
	})
	if script := slices.Index(test, "-c"); test[0] == "CMD" && script < 0 {
		return append(out, test[1])
	} else if script > 0 {
		line = strings.Join(test[script+1:], " ")
	}
	for _, part := range programEnd.Split(quotedText.ReplaceAllString(line, "TEXT"), -1) {
		if words := strings.Fields(programStart.ReplaceAllString(part, "")); len(words) > 0 {
			out = append(out, words[0])
		}
	}
	return out
}

// programEnd matches what ends a command of a shell, programStart what may stand before
// its program.
var (
	programEnd   = regexp.MustCompile("[|&;()`\n]")
	programStart = regexp.MustCompile(`^(?:\s*(?:if|then|else|while|until|do|!|\{|exec|time|timeout(?:\s+-\S+)*\s+[0-9.]+[smh]?|\w+=\S*)\s)*`)
)

// hasOtherWay says whether a health check does something else where a program fails.
func hasOtherWay(test []string) bool {
	return strings.Contains(failsAnyway.ReplaceAllString(strings.Join(test, " "), ""), "||")
}

// failsAnyway matches what a check does where its program failed, and fails itself.
var failsAnyway = regexp.MustCompile(`\|\|\s*(?:exit\s+[1-9]\d*|false|kill\b[^|]*)`)

// addsProgram says whether the Dockerfile of a container speaks of a program where it makes
// the image, or may bring it unnamed: with whole directories of programs, by
// a script, or with packages that a file or a variable names. One that puts nothing into an
// empty image stands for another one.
func (p *Project) addsProgram(s container, program string) bool {
	built := p.builtImageOf(s)
	if built == nil {
		return false
	}
	if built.base() == "scratch" && len(built.places()) == 0 {
		return true
	}
	adds := false
	mention := regexp.MustCompile(cmp.Or(bringers[program], `\b`+regexp.QuoteMeta(program)+`\b`))
	for _, stage := range slices.Backward(built.chain()) {
		if slices.ContainsFunc(stage.copies, func(c dockerCopy) bool {
			place := path.Clean(c.target)
			return (c.from != "" || place != "/") && slices.Contains(programPlaces, place)
		}) {
			adds = true
		}
		for _, line := range stage.lines {
			adds = adds || program != "sh" && bringsUnnamed.MatchString(line)
			if found := mention.FindAllStringIndex(line, -1); found != nil {
				adds = !takesAway.MatchString(line[:found[len(found)-1][0]])
			}
		}
	}
	return adds
}

// bringers matches what brings programs whose packages have other names.
var bringers = map[string]string{
	"sh":         `busybox|/bin/sh\b`,
	"nc":         `\bnc\b|netcat|ncat|busybox`,
	"mysql":      `mysql|mariadb-client`,
	"mysqladmin": `mysql|mariadb-client`,
	"mongo":      `\bmongo\b|mongodb-org`,
}

// bringsUnnamed matches instructions that may install programs without naming them: a
// script, or packages that something else names. takesAway matches the end of a line before
// packages that it removes.
var (
	bringsUnnamed = regexp.MustCompile(`(?i)^\s*RUN\b.*?(?:\S\.sh\b|\bxargs\b|\b(?:install|add)\b[^&|;]*(?:\$|` + "`" + `))`)
	takesAway     = regexp.MustCompile(`\b(?:purge|remove|del|erase)\b[^&|;]*$`)
)

// programPlaces are directories in which programs are.
var programPlaces = strings.Fields("/ /bin /usr /usr/bin /usr/local /usr/local/bin /sbin /usr/sbin")
