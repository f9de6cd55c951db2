package translate

import (
	_ "embed"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

// knownSilence is a port at which an image does not listen unless it is told to.
type knownSilence struct {
	Images []string `json:"images"` // repositories
	Ports  []int    `json:"ports"`
	Config []string `json:"config"` // directories of its configuration: what is mounted there may say otherwise

	Said   table.Pattern `json:"said"`   // that the words of the service have to match; not given: all do
	Unless table.Pattern `json:"unless"` // that says otherwise; not given: the number of the port
	Why    string        `json:"why"`
	Source string        `json:"source"`
}

// knownACME is an image that gets its certificates itself, through ports 80 and 443.
type knownACME struct {
	Images []string      `json:"images"`
	Unless table.Pattern `json:"unless"` // of NAME=VALUE of its environment
	What   string        `json:"what"`
	Source string        `json:"source"`
}

//go:embed serving.json
var servingJSON []byte

var knownServing = table.Of[struct {
	Silent []knownSilence `json:"silent"`
	ACME   []knownACME    `json:"acme"`
}](servingJSON)

// silentByImage says why nobody listens at a port as far as the image alone tells; "" where
// somebody does, or may.
func (p *Project) silentByImage(m container, port int) string {
	if m.Entrypoint != nil || m.Command != nil {
		return ""
	}
	image, built := m.Image, p.builtImageOf(m)
	switch {
	case built != nil:
		image = built.base()
	case m.Build != nil:
		return ""
	}
	for _, k := range knownServing().Silent {
		if !slices.Contains(k.Images, nameOf(image).hub()) || !slices.Contains(k.Ports, port) {
			continue
		}
		if built != nil && built.configures(k) {
			return ""
		}
		words := p.wordsOf(m)
		if k.mounted(m) || !k.said(words, port) {
			return ""
		}
		return k.Why
	}
	return ""
}

// said says whether the words of a service leave a port of it silent.
func (k knownSilence) said(words string, port int) bool {
	otherwise := k.Unless.MatchString(words) || k.Unless.Regexp == nil && hasNumber(words, port)
	return !otherwise && (k.Said.Regexp == nil || k.Said.MatchString(words))
}

// hasNumber says whether a number is in a text, as a word.
func hasNumber(text string, n int) bool {
	digits := strconv.Itoa(n)
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isWordRune(r) }) {
		if word == digits {
			return true
		}
	}
	return false
}

// isWordRune says whether a character is of a word, as \w is.
func isWordRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// mayConfigure is a RUN that may change where a program listens.
var mayConfigure = regexp.MustCompile(`(?i)^\s*RUN\b.*(\bconf\b|\bconfig\b|\bini\b|ssl|\btls\b|a2en|listen|plugin|\bsed\b|>)`)

// configures says whether a Dockerfile may have its program listen elsewhere than its base.
func (i *builtImage) configures(k knownSilence) bool {
	return slices.ContainsFunc(i.chain(), func(s dockerStage) bool {
		copied := slices.ContainsFunc(s.copies, func(c dockerCopy) bool { return strings.Contains(c.target, "$") || k.tells(c.target) })
		started := s.entrypoint.line > 0 || s.command.line > 0
		return copied || started || slices.ContainsFunc(s.lines, mayConfigure.MatchString)
	})
}

// tells says whether a file or directory is about the configuration of the image.
func (k knownSilence) tells(target string) bool {
	return slices.ContainsFunc(k.Config, func(dir string) bool { return within(target, dir) || within(dir, target) })
}

// mounted says whether something is mounted over the configuration of the image.
func (k knownSilence) mounted(m container) bool {
	for _, v := range m.Volumes {
		if k.tells(path.Clean(v.Target)) {
			return true
		}
	}
	for _, c := range m.Configs {
		if k.tells(targetOf(c.Target, "/", c.Source)) {
			return true
		}
	}
	return false
}

// wordsOf are the values of the environment of a service, and the texts that it mounts.
func (p *Project) wordsOf(m container) string {
	var out strings.Builder
	for _, name := range sortedKeys(m.Environment) {
		if value := m.Environment[name]; value != nil {
			out.WriteString(name + "=" + *value + "\n")
		}
	}
	for _, f := range p.textsOf(m.Name) {
		out.WriteString(strings.Join(f.lines, "\n") + "\n")
	}
	return out.String()
}

// getsCertificates is the program of an image that gets certificates itself; "" for none.
func getsCertificates(m container) string {
	for _, k := range knownServing().ACME {
		if !slices.Contains(k.Images, nameOf(m.Image).hub()) {
			continue
		}
		for name, value := range m.Environment {
			if value != nil && k.Unless.MatchString(name+"="+*value) {
				return ""
			}
		}
		return k.What
	}
	return ""
}
