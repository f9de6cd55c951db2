package sensitive

import (
	_ "embed"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed programs.json
var programsFile []byte

// program is where programs take a secret that nothing else tells.
type program struct {
	Names      set           `json:"names"`
	Next       set           `json:"next"`       // options before a secret
	Joined     []string      `json:"joined"`     // options that a secret is written to
	Pair       set           `json:"pair"`       // options before USER:PASSWORD
	JoinedPair []string      `json:"joinedPair"` // options that USER:PASSWORD is written to
	Percent    set           `json:"percent"`    // options before USER%PASSWORD
	After      set           `json:"after"`      // subcommands behind which, at Words, secrets stand
	Words      []int         `json:"words"`      // 1 is the first word behind a subcommand that is no option
	Last       []int         `json:"last"`       // 1 is the last word
	Only       set           `json:"only"`       // one of these is among the words
	OnlyMatch  table.Pattern `json:"onlyMatch"`  // one word matches
}

var programs = table.Of[struct {
	Sources  []string  `json:"sources"`
	Programs []program `json:"programs"`
}](programsFile)

// Command says of each word of a command line whether it must not be shown. A script of a
// shell is one word.
func Command(words []string) []bool {
	out := make([]bool, len(words))
	for i, word := range words {
		switch {
		case i > 0 && isScriptOption(words[:i]):
			out[i] = Script(word)
		case isReference(word):
		case Text(word), i > 0 && isFlagOfSecret(words[i-1]) && isValue(flagName(words[i-1]), word):
			out[i] = true
		}
	}
	for i, word := range words {
		for _, p := range programs().Programs {
			if p.Names[path.Base(word)] && p.applies(words[i+1:]) {
				p.mark(words[i+1:], out[i+1:])
			}
		}
	}
	return out
}

// Script says whether a script of a shell has a secret in it.
func Script(script string) bool {
	if Text(script) {
		return true
	}
	for _, command := range commandsOf(script) {
		if slices.Contains(Command(command), true) {
			return true
		}
	}
	return false
}

// isScriptOption says whether the words end with a shell and its -c.
func isScriptOption(words []string) bool {
	last := words[len(words)-1]
	if len(words) == 1 && last == "CMD-SHELL" { // of a health check
		return true
	}
	if !shellOption.MatchString(last) {
		return false
	}
	return slices.ContainsFunc(words, func(word string) bool { return shells[path.Base(word)] })
}

var (
	shellOption = regexp.MustCompile(`^-[a-z]*c$`)
	shells      = set{"sh": true, "bash": true, "ash": true, "dash": true, "zsh": true, "ksh": true, "busybox": true, "su": true}
	// flag is an option without a value.
	flag = regexp.MustCompile(`^--?[A-Za-z][\w.-]*$`)
)

func flagName(word string) string { return strings.TrimLeft(word, "-") }

func isFlagOfSecret(word string) bool {
	return flag.MatchString(word) && len(flagName(word)) > 2 && judge(flagName(word)) == secret
}

// isValue says whether a word behind the option of a secret is that secret.
func isValue(name, word string) bool {
	return word != "" && !strings.HasPrefix(word, "-") && !isReference(word) && !isCode(word) && !isPlain(name, word)
}

func (p program) applies(words []string) bool {
	if len(p.Only) > 0 && !slices.ContainsFunc(words, func(word string) bool { return p.Only[word] }) {
		return false
	}
	return p.OnlyMatch.Regexp == nil || slices.ContainsFunc(words, p.OnlyMatch.MatchString)
}

// mark marks the secrets among the words behind a program.
func (p program) mark(words []string, out []bool) {
	for i, word := range words {
		before := ""
		if i > 0 {
			before = words[i-1]
		}
		switch {
		case p.Next[before]:
			out[i] = out[i] || isValue("password", word)
		case p.Pair[before]:
			out[i] = out[i] || isPairOf(word, ":")
		case p.Percent[before]:
			out[i] = out[i] || isPairOf(word, "%")
		default:
			out[i] = out[i] || p.isJoined(word)
		}
		if p.After[word] {
			p.markBehind(words[i+1:], out[i+1:])
		}
	}
	for _, n := range p.Last {
		if at := len(words) - n; at >= 0 {
			out[at] = out[at] || isValue("password", words[at])
		}
	}
}

func (p program) isJoined(word string) bool {
	for _, option := range p.Joined {
		if rest, ok := strings.CutPrefix(word, option); ok && isValue("password", rest) && !strings.HasPrefix(rest, "=$") {
			return true
		}
	}
	for _, option := range p.JoinedPair {
		if rest, ok := strings.CutPrefix(word, option); ok && isPairOf(rest, ":") {
			return true
		}
	}
	return false
}

// markBehind marks the words at their places behind a subcommand; options do not count.
func (p program) markBehind(words []string, out []bool) {
	n := 0
	for i, word := range words {
		if strings.HasPrefix(word, "-") {
			continue
		}
		if n++; slices.Contains(p.Words, n) {
			out[i] = out[i] || isValue("password", word)
		}
	}
}

// isPairOf says whether a word is a user and a password.
func isPairOf(word, sign string) bool {
	_, password, ok := strings.Cut(word, sign)
	return ok && isValue("password", password)
}

// commandsOf are the words of each simple command of a script, unquoted, as far as they can
// be told without running it.
func commandsOf(script string) [][]string {
	var out [][]string
	var words []string
	var text strings.Builder
	var quote rune
	began, escaped := false, false
	word := func() {
		if began {
			words = append(words, text.String())
		}
		text.Reset()
		began = false
	}
	command := func() {
		if word(); len(words) > 0 {
			out, words = append(out, words), nil
		}
	}
	for _, r := range script {
		switch {
		case escaped:
			if r != '\n' {
				text.WriteRune(r)
				began = true
			}
			escaped = false
		case r == '\\' && quote != '\'':
			escaped = true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				text.WriteRune(r)
			}
		case r == '\'' || r == '"':
			quote, began = r, true
		case r == ' ' || r == '\t':
			word()
		case strings.ContainsRune(";&|\n()`", r):
			command()
		default:
			text.WriteRune(r)
			began = true
		}
	}
	command()
	return out
}
