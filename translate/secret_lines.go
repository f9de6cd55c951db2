package translate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// ECS has secrets for variables alone: one in a command line or a health check stands in the
// task definition. A shell of the image, where it is known to have one, puts it there when
// the container starts, out of a variable that ECS fetches.

// secretLines are the command lines of a container in which secrets stood, as its task gets
// them.
type secretLines struct {
	start     []string         // the entrypoint, with the command in it; nil: as the files have it
	check     []string         // the health check; nil: as the files have it
	variables []secretVariable // what the shell reads besides the variables of the files
	lost      string           // a variable that a shell would not hand on, which is why start is nil
}

// lineShell runs the start of a container.
var lineShell = []string{"/bin/sh", "-c"}

// linesOf are the lines of a container that a shell can fill in. has are its secret variables.
func (sec *secrets) linesOf(s container, has []secretVariable) secretLines {
	image := sec.start(s)
	if x, _ := sec.secretsEnv(s.Name); x.Off || !image.shell {
		return secretLines{}
	}
	w := lineWriter{secrets: sec, container: s, has: has}
	out := secretLines{lost: lostInShell(s)}
	if out.lost == "" {
		out.start = w.start(image)
	}
	out.check = w.check()
	out.variables = w.made
	return out
}

// shellName is what shells take for the name of a variable, ownOfShell are those to which they
// give values of their own (POSIX, Shell and Utilities, 2.5.3 Shell Variables).
var (
	shellName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	ownOfShell = []string{"IFS", "LINENO", "OLDPWD", "OPTARG", "OPTIND", "PPID", "PS1", "PS2", "PS4", "PWD", "SHLVL", "_"}
)

func isKeptByShell(name string) bool {
	return shellName.MatchString(name) && !slices.Contains(ownOfShell, name)
}

// lostInShell is a variable of a container that a shell does not hand on as it is, "" for none:
// dash drops those whose names it does not take (dash, src/var.c, environment).
func lostInShell(s container) string {
	for _, name := range sortedKeys(s.Environment) {
		if !isKeptByShell(name) {
			return name
		}
	}
	return ""
}

// lineWriter writes the command lines of a container for a shell.
type lineWriter struct {
	*secrets
	container container
	has       []secretVariable // of the files
	made      []secretVariable
}

// start is the entrypoint of a container with its command, nil where no secret stands in them
// or where they are not known.
func (w *lineWriter) start(image imageStart) []string {
	s := w.container
	entry, command := []string(s.Entrypoint), []string(s.Command)
	secret := append(w.secretWords(s.at("entrypoint"), entry), w.secretWords(s.at("command"), command)...)
	if !slices.Contains(secret, true) {
		return nil
	}
	words := slices.Concat(entry, command)
	if isCleared(s.Entrypoint) {
		words, secret = command, secret[len(entry):]
	}
	if s.Entrypoint == nil {
		if !image.known {
			return nil
		}
		words, secret = slices.Concat(image.entrypoint, words), append(make([]bool, len(image.entrypoint)), secret...)
	}
	line, ok := w.line(words, secret, s.at("command"))
	if !ok {
		return nil
	}
	return append(slices.Clone(lineShell), "exec "+line)
}

// check is the health check of a container, nil where no secret stands in it.
func (w *lineWriter) check() []string {
	test, path := testOf(w.container), w.container.at("healthcheck", "test")
	secret := w.secretWords(path, test)
	if !slices.Contains(secret, true) {
		return nil
	}
	line, ok := w.line(test[1:], secret[1:], path)
	switch {
	case !ok:
		return nil
	case test[0] == "CMD-SHELL":
		line = "eval " + line
	}
	return []string{"CMD-SHELL", line}
}

// line is a command line for a shell, which reads the secrets in it out of variables; not ok
// where one of them fits into none.
func (w *lineWriter) line(words []string, secret []bool, path diag.Path) (line string, ok bool) {
	before, out := len(w.made), make([]string, len(words))
	for i, word := range words {
		if !secret[i] {
			out[i] = quoteWord(word)
			continue
		}
		if out[i], ok = w.word(words, i, path); !ok {
			w.forget(before)
			return "", false
		}
	}
	return strings.Join(out, " "), true
}

// forget keeps the first n of the values that were made.
func (w *lineWriter) forget(n int) {
	for _, v := range w.made[n:] {
		delete(w.stored, v.value.address)
	}
	w.made = w.made[:n]
}

// word is a word of a line: with the values that are kept secret in it read out of variables,
// of the container's own where it has them, else as a whole.
func (w *lineWriter) word(words []string, at int, path diag.Path) (word string, ok bool) {
	for _, v := range w.has {
		if !v.value.binary && len(v.value.value) >= shortestEqual && isKeptByShell(v.name) {
			if word, ok = w.with(words, at, v.value.value, v.name); ok {
				return word, true
			}
		}
	}
	for _, value := range w.HiddenValues() {
		if len(value) < shortestEqual {
			break
		}
		if _, ok = w.with(words, at, value, "X"); !ok {
			continue
		}
		if name, ok := w.make(value, path); ok {
			return w.with(words, at, value, name)
		}
	}
	name, ok := w.make(words[at], path)
	return `"$` + name + `"`, ok
}

// with is a word with a variable in place of a value; not ok where it has not the value, or
// another secret besides.
func (w *lineWriter) with(words []string, at int, value, name string) (word string, ok bool) {
	parts := strings.Split(words[at], value)
	if len(parts) == 1 {
		return "", false
	}
	without := slices.Clone(words)
	without[at] = strings.Join(parts, "${"+name+"}")
	if sensitive.Command(without)[at] || w.hasHidden(without[at]) {
		return "", false
	}
	return quoteAround(parts, name), true
}

// freeName is the name of the next variable, which is none of the files.
func (w *lineWriter) freeName() string {
	for n := len(w.made) + 1; ; n++ {
		name := spec.LineVariable
		if n > 1 {
			name += "_" + strconv.Itoa(n)
		}
		_, written := w.container.Environment[name]
		isTaken := func(v secretVariable) bool { return v.name == name }
		if !written && !slices.ContainsFunc(w.made, isTaken) && !slices.ContainsFunc(w.has, isTaken) {
			return name
		}
	}
}

// make has SSM keep a value, and returns its variable; not ok where a parameter or a variable
// cannot hold it.
func (w *lineWriter) make(value string, path diag.Path) (name string, ok bool) {
	if len(value) > maxParameter || !isText([]byte(value)) || value == "" {
		return "", false
	}
	for _, v := range w.made {
		if v.value.value == value {
			return v.name, true
		}
	}
	name = w.freeName()
	what := fmt.Sprintf("Part of a command of service %s of compose project %s", w.container.Name, w.Name)
	w.made = append(w.made, secretVariable{name, w.store(w.container.key()+"."+name, what, []byte(value), "", path)})
	return name, true
}

// secretWords says of each word of a command line whether it is a secret, or has one in it.
func (b *base) secretWords(at diag.Path, words []string) []bool {
	out := sensitive.Command(words)
	for i, word := range words {
		out[i] = out[i] || b.hasHidden(word) || b.fromSecret(at.Key(strconv.Itoa(i)))
	}
	for _, f := range b.Filled(at...) {
		for i, word := range words {
			out[i] = out[i] || isSecretFilling(f) && strings.Contains(word, f.Value)
		}
	}
	return out
}
