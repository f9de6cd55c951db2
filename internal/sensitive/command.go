package sensitive

import (
	_ "embed"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

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

// programsByName are the programs of the table that a word may be.
var programsByName = sync.OnceValue(func() map[string][]program {
	out := map[string][]program{}
	for _, p := range programs().Programs {
		for name := range p.Names {
			out[name] = append(out[name], p)
		}
	}
	return out
})

// Command says of each word of a command line whether it must not be shown. A script of a
// shell is one word.
func Command(words []string) []bool {
	out := make([]bool, len(words))
	for i, word := range words {
		out[i] = !isReference(word) && Text(word)
	}
	markWords(words, out)
	return out
}

// markWords marks the secrets that stand where a command line has them, whatever their form.
func markWords(words []string, out []bool) {
	shell, marked := false, set{}
	for i, word := range words {
		switch {
		case i == 0 && strings.ContainsAny(word, " \t\n"), // a script for the entrypoint: no program is called so
			i > 0 && isScriptOption(words[i-1], i == 1, shell):
			out[i] = Script(word)
		case i > 0 && isNamedWord(words[i-1], word), isSecretOption(word):
			out[i] = true
		}
		base := path.Base(word)
		shell = shell || shells[base]
		if !marked[base] { // what stands behind another one of the same name stands behind the first
			markBehindProgram(base, words[i+1:], out[i+1:])
			marked[base] = true
		}
	}
}

func markBehindProgram(name string, words []string, out []bool) {
	for _, p := range programsByName()[name] {
		if p.applies(words) {
			p.mark(words, out)
		}
	}
}

// Script says whether a script of a shell has a secret in it.
func Script(script string) bool { return Text(script) || hasSecretCommand(script) }

// hasSecretCommand looks for secrets in the commands of a script, apart from those that the
// form of its text tells.
func hasSecretCommand(script string) bool {
	pairs, stdin := strings.Contains(script, "chpasswd"), strings.Contains(script, "-stdin")
	return slices.ContainsFunc(commandsOf(script), func(words []string) bool {
		return isSecretCommand(words) || isEcho(words) && slices.ContainsFunc(words[1:], func(word string) bool {
			return isSecretLine(word) || pairs && isPairOf(word, ":") || stdin && isValue("password", word)
		})
	})
}

func isSecretCommand(words []string) bool {
	out := make([]bool, len(words))
	markWords(words, out)
	return slices.Contains(out, true)
}

// isEcho says whether a command writes its words, to a file most often.
func isEcho(words []string) bool { return words[0] == "echo" || words[0] == "printf" }

// isScriptOption says whether a word is the -c of a shell, or what health checks say for it.
func isScriptOption(word string, first, shell bool) bool {
	return first && word == "CMD-SHELL" || shell && shellOption.MatchString(word)
}

var (
	shellOption = regexp.MustCompile(`^-[a-z]*c$`)
	shells      = set{"sh": true, "bash": true, "ash": true, "dash": true, "zsh": true, "ksh": true, "busybox": true, "su": true}
	// option is one without a value, as it is written before its value.
	option = regexp.MustCompile(`^--?\pL[\w\pL.-]*$`)
	// setting is the name of one, as "aws configure set" takes it.
	setting = regexp.MustCompile(`^[a-z][a-z0-9]*(?:[_.-][a-z0-9]+)+$`)
)

// isNamedWord says whether a word is a secret since it stands behind the option for one, or
// behind the name of a setting.
func isNamedWord(before, word string) bool {
	if len(word) > mostNameParts*8 || isSecretHeader(before, word) {
		return len(word) <= mostNameParts*8
	}
	if setting.MatchString(before) {
		return judge(before) == secret && isOpaque(word) && !isAddress(word) && isValue(before, word)
	}
	if !option.MatchString(before) {
		return false
	}
	name := strings.TrimLeft(before, "-")
	if name == "u" || name == "user" {
		return isValue("password", word) && sambaUser.MatchString(word) || aclUser.MatchString(word) || isOpaqueUser(word)
	}
	return len(name) > 2 && isValue(name, word) && isNamed(name, word)
}

// sambaUser is USER;PASSWORD and what else the image of dperson takes.
var sambaUser = regexp.MustCompile(`^[\w.-]+;[^;\s=/]+(?:;[\w.-]*)*$`)

// aclUser is a user of Redis with a password, as its options have it.
var aclUser = regexp.MustCompile(`^\S+ .*\s>[^\s~]+`)

// isOpaqueUser says whether a word is USER:PASSWORD, and not UID:GID or an image.
func isOpaqueUser(word string) bool {
	_, password, ok := strings.Cut(word, ":")
	return ok && isOpaque(password) && isValue("password", password)
}

// isSecretOption judges --name=value where the name leaves it to the value.
func isSecretOption(word string) bool {
	name, value, ok := strings.Cut(word, "=")
	if !ok || !option.MatchString(name) {
		return false
	}
	if name == "--header" {
		return isSecretHeader(name, value)
	}
	name = strings.TrimLeft(name, "-")
	return len(name) > 2 && isValue(name, value) && isNamed(name, value)
}

// isSecretHeader judges what stands behind -H: names of headers say more than others.
func isSecretHeader(before, word string) bool {
	if before != "-H" && before != "--header" {
		return false
	}
	name, value, ok := strings.Cut(word, ":")
	return ok && isSecretField(name, strings.TrimSpace(value))
}

// isSecretField says whether a header has a secret in it.
func isSecretField(name, value string) bool {
	if strings.ContainsAny(value, "${<") || value == "" {
		return false
	}
	if strings.EqualFold(name, "authorization") || strings.EqualFold(name, "proxy-authorization") || strings.EqualFold(name, "cookie") {
		return !strings.EqualFold(value, "bearer") && !isPlain(name, value)
	}
	return judge(name) == secret && isValue(name, value)
}

// isValue says whether a word behind the option of a secret is that secret.
func isValue(name, word string) bool {
	word = strings.Trim(word, `"'\`)
	return word != "" && !strings.HasPrefix(word, "-") && !isReference(word) && !isCode(word) && !isPlain(name, word) && !isBlanked(word)
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
		out[i] = out[i] || p.isSecret(before, word)
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

func (p program) isSecret(before, word string) bool {
	switch {
	case p.Next[before]:
		return isValue("password", word)
	case p.Pair[before]:
		return isPairOf(word, ":")
	case p.Percent[before]:
		return isPairOf(word, "%")
	}
	return p.isJoined(word)
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

// markBehind marks the words at their places behind a subcommand; options and NAME=value do
// not count.
func (p program) markBehind(words []string, out []bool) {
	n, last := 0, slices.Max(p.Words)
	for i, word := range words {
		if strings.HasPrefix(word, "-") {
			continue
		}
		if n++; slices.Contains(p.Words, n) && !strings.Contains(strings.TrimRight(word, "="), "=") {
			out[i] = out[i] || isValue("password", word)
		}
		if n == last {
			return
		}
	}
}

// isPairOf says whether a word is a user and a password.
func isPairOf(word, sign string) bool {
	_, password, ok := strings.Cut(word, sign)
	return ok && isValue("password", strings.TrimSpace(password))
}

// reader reads the words of a script.
type reader struct {
	commands       [][]string
	words          []string
	text           strings.Builder
	quote          rune
	began, escaped bool // a word is; the next character is
	target         bool // the next word is a file that output goes to
}

// commandsOf are the words of each simple command of a script, unquoted, as far as they can
// be told without running it. Files that it reads and writes are none of its words.
func commandsOf(script string) [][]string {
	var r reader
	for _, c := range script {
		r.read(c)
	}
	r.endCommand()
	return r.commands
}

func (r *reader) read(c rune) {
	switch {
	case r.escaped:
		if r.escaped = false; c != '\n' {
			r.add(c)
		}
	case c == '\\' && r.quote != '\'':
		r.escaped = true
	case r.quote != 0 && c == r.quote:
		r.quote = 0
	case r.quote != 0:
		r.add(c)
	case c == '\'' || c == '"':
		r.quote, r.began = c, true
	case c == ' ' || c == '\t':
		r.endWord()
	case c == '>' || c == '<':
		r.redirect()
	case strings.ContainsRune(";&|\n()`", c):
		r.endCommand()
	default:
		r.add(c)
	}
}

func (r *reader) add(c rune) {
	r.text.WriteRune(c)
	r.began = true
}

// redirect takes 2> for no word, and what follows for a file.
func (r *reader) redirect() {
	if text := r.text.String(); text == "1" || text == "2" {
		r.text.Reset()
		r.began = false
	}
	r.endWord()
	r.target = true
}

func (r *reader) endWord() {
	if r.began && !r.target {
		r.words = append(r.words, r.text.String())
	}
	if r.began {
		r.target = false
	}
	r.text.Reset()
	r.began = false
}

func (r *reader) endCommand() {
	r.endWord()
	r.target = false
	if len(r.words) > 0 {
		r.commands, r.words = append(r.commands, r.words), nil
	}
}
