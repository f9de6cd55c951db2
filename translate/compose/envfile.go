package compose

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
)

// blankUse is a variable in a value of an env file that is not set and became blank.
type blankUse struct {
	key      string // whose value names it
	value    string // what that became
	variable string
	offset   int // of its $ in the text
}

// blankUses reads the text of an env file as compose-go does (dotenv/parser.go), which
// tells neither what is blank in it nor where. A value knows what env has, and the
// values above it.
func blankUses(text string, env types.Mapping) []blankUse {
	if !strings.Contains(text, "$") {
		return nil
	}
	known := types.Mapping{}.Merge(env)
	reader := envReader{text: text}
	var out []blankUse
	for v, ok := reader.next(); ok; v, ok = reader.next() {
		if v.literal {
			continue
		}
		value := substitute(v.value, known)
		for _, name := range expand(v.value, known).blank {
			out = append(out, blankUse{key: v.key, value: value, variable: name, offset: v.offset + offsetOf(text[v.offset:], name)})
		}
		if _, set := known[v.key]; !set {
			known[v.key] = value
		}
	}
	return out
}

// offsetOf is where a text names a variable.
func offsetOf(text, variable string) int {
	found := regexp.MustCompile(`\$\{?` + regexp.QuoteMeta(variable)).FindStringIndex(text)
	if found == nil {
		return 0
	}
	return found[0]
}

// envReader goes through the values of an env file.
type envReader struct {
	text string
	at   int
}

// envValue is a value with its variables, of which $$ are none.
type envValue struct {
	key, value string
	start      int // where the key stands
	offset     int // where the value does
	literal    bool
}

var exported = regexp.MustCompile(`^export\s+`)

// next is the next value; not ok at the end.
func (r *envReader) next() (envValue, bool) {
	for r.skip(); r.at < len(r.text); r.skip() {
		rest := r.text[r.at:]
		rest = rest[len(exported.FindString(rest)):]
		end := strings.IndexAny(rest, "=:\n")
		switch {
		case rest == "", rest[0] == '#', end < 0, rest[end] == '\n': // a comment, or a name alone
			r.line()
			continue
		}
		start := len(r.text) - len(strings.TrimLeft(rest[end+1:], " \t\v\f\r"))
		key := len(r.text) - len(rest)
		value, literal := r.value(start)
		return envValue{strings.TrimSpace(rest[:end]), value, key, start, literal}, true
	}
	return envValue{}, false
}

// skip goes to the next text, and line to the next line.
func (r *envReader) skip() {
	r.at = len(r.text) - len(strings.TrimLeftFunc(r.text[r.at:], unicode.IsSpace))
}

func (r *envReader) line() {
	if i := strings.IndexByte(r.text[r.at:], '\n'); i >= 0 {
		r.at += i + 1
		return
	}
	r.at = len(r.text)
}

// value reads the value that starts there. One in single quotes is literal.
func (r *envReader) value(start int) (value string, literal bool) {
	rest := r.text[start:]
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		r.at = start
		r.line()
		value, _, _ = strings.Cut(r.text[start:r.at], " #")
		return strings.TrimSpace(value), false
	}
	end := 1
	for end < len(rest) && rest[end] != rest[0] {
		if rest[end] == '\\' {
			end++
		}
		end++
	}
	r.at = min(start+end+1, len(r.text))
	// in double quotes \$ is a dollar sign, and \\ none before it
	unescaped := strings.NewReplacer(`\\`, "", `\$`, "$$")
	return unescaped.Replace(rest[1:min(end, len(rest))]), rest[0] == '\''
}

// envFiles reports on env files.
type envFiles struct {
	display  func(file string) string // its name in messages
	withheld withheld
	ds       *diag.List
	shared   bool // with all that is interpolated, used or not, as .env is
}

// say warns of the variables that became blank in an env file, as docker compose does.
// What stands behind the $ may be part of a secret.
func (e envFiles) say(file, text string, uses []blankUse) {
	for _, u := range uses {
		at := placeIn(e.display(file), text, u.offset)
		name := ` "` + u.variable + `"`
		if sensitive.MayBe(u.key) || sensitive.Is(u.key, u.value) {
			name = ""
		}
		e.ds.Warnf(at, "", "write $$ for a dollar sign, or the whole value in single quotes, or set the variable",
			"the variable%s in the value of %s is not set and became blank", name, u.key)
	}
}

// read warns of an env file that is read with the variables of env, and adds its own to
// these. Of what is set elsewhere nothing is said.
func (e envFiles) read(file string, env types.Mapping, elsewhere func(variable string) bool) {
	text, err := content.ReadFile(file, longestFile)
	if err != nil {
		return // it was said, or it may be missing
	}
	e.readText(file, string(text), env, elsewhere)
}

func (e envFiles) readText(file, text string, env types.Mapping, elsewhere func(variable string) bool) {
	e.refuseCredentials(file, text, env, false)
	uses := slices.DeleteFunc(blankUses(text, env), func(u blankUse) bool { return elsewhere(u.variable) || e.withheld.has(u.variable) })
	e.say(file, text, uses)
	if values, err := parseEnv([]byte(text), env); err == nil {
		env.Merge(values)
	}
}

// readAll does so with files that follow each other.
func (e envFiles) readAll(env types.Mapping, files ...string) {
	known := env.Clone()
	for _, file := range files {
		e.read(file, known, func(string) bool { return false })
	}
}

// blankInEnvFiles warns of the env files of active services.
func (p *Project) blankInEnvFiles() diag.List {
	defer silence()()
	var ds diag.List
	e := envFiles{p.files.display, p.files.withheld, &ds, false}
	for _, name := range slices.Sorted(maps.Keys(p.Compose.Services)) {
		s := p.Compose.Services[name]
		e.ofContainer(p, s.ContainerSpec, "services", name)
		for i, step := range s.PreStart {
			e.ofContainer(p, step.ContainerSpec, "services", name, "pre_start", strconv.Itoa(i))
		}
	}
	return ds
}

// ofContainer warns of the env files of a service or a step, which know what its
// environment sets.
func (e envFiles) ofContainer(p *Project, c types.ContainerSpec, path ...string) {
	if len(c.EnvFiles) == 0 {
		return
	}
	known := p.Compose.Environment.Clone()
	for _, file := range c.EnvFiles {
		if file.Format != "" { // "raw" has no variables
			if text, err := content.ReadFile(file.Path, longestFile); err == nil {
				e.refuseCredentials(file.Path, string(text), known, true)
			}
			continue
		}
		e.read(file.Path, known, func(variable string) bool {
			return p.Written(append(slices.Clone(path), "environment", variable)...)
		})
	}
}

// placeIn is a place of a text.
func placeIn(file, text string, offset int) diag.Pos {
	before := text[:offset]
	return diag.Pos{File: file, Line: strings.Count(before, "\n") + 1, Column: len(before) - strings.LastIndexByte(before, '\n')}
}

// InEnvFile is where a variable stands in the env files of a service, of which the last one counts; not ok
// where it is in none.
func (p *Project) InEnvFile(files []types.EnvFile, variable string) (at diag.Pos, ok bool) {
	for _, file := range slices.Backward(files) {
		if at, ok = p.envFileKeys(file.Path)[variable]; ok {
			return at, true
		}
	}
	return diag.Pos{}, false
}

// envFileKeys are the places of the variables of an env file, which is read once.
func (p *Project) envFileKeys(file string) map[string]diag.Pos {
	if known, ok := p.envKeys.Load(file); ok {
		return known.(map[string]diag.Pos)
	}
	keys := map[string]diag.Pos{}
	if text, err := os.ReadFile(file); err == nil {
		reader := envReader{text: string(text)}
		for v, ok := reader.next(); ok; v, ok = reader.next() {
			keys[v.key] = placeIn(p.files.display(file), string(text), v.start)
		}
	}
	p.envKeys.Store(file, keys)
	return keys
}
