package compose

import (
	_ "embed"
	"fmt"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/table"
)

// What whoever runs this tool has in its environment to work with AWS, or as a job of a
// CI system, is not the files': a stranger's would have it sent anywhere. All other
// variables of the process are, as for docker compose: so CI hands in secrets.

//go:embed credentials.json
var credentialsJSON []byte

// credential is a variable, or several with a * at the end, that an SDK or a CI system
// takes or gives credentials by.
type credential struct {
	Name   string `json:"name"`
	AWS    bool   `json:"aws"`
	Source string `json:"source"`
}

var credentials = table.Of[struct {
	Credentials []credential `json:"credentials"`
}](credentialsJSON)

func credentialOf(variable string) *credential {
	variable = variableOn(runtime.GOOS, variable)
	for _, c := range credentials().Credentials {
		if ok, _ := path.Match(c.Name, variable); ok {
			return &c
		}
	}
	return nil
}

// variableOn is the name of a variable of a process as the table has it: on Windows they know
// no case, and compose-go finds them so (types/config.go).
func variableOn(system, name string) string {
	if system == "windows" {
		return strings.ToUpper(name)
	}
	return name
}

// IsCredential says whether a variable of the process is a credential of whoever runs it.
func IsCredential(variable string) bool { return credentialOf(variable) != nil }

// IsAWSCredential says whether it is one for AWS.
func IsAWSCredential(variable string) bool {
	c := credentialOf(variable)
	return c != nil && c.AWS
}

// withheld are the variables of the process that compose files do not get, and those of
// .env that have these in their values, with what is to be said of one that is used.
type withheld map[string]diag.Diagnostic

func (w withheld) has(variable string) bool {
	_, ok := w[variable]
	return ok
}

// refuse reports a variable that is used at a place, or what .env makes of it.
func (w withheld) refuse(variable string, at diag.Pos, path string, ds *diag.List) {
	if said := w[variable]; said.Summary != "" {
		*ds = append(*ds, said)
		return
	}
	text, help := credentialText(variable)
	ds.Errorf(at, path, help, "%s", text)
}

// withhold parts an environment into what compose files get and what they do not.
func withhold(environment map[string]string, allowed []string) (types.Mapping, withheld) {
	env, kept := types.Mapping{}, withheld{}
	for name, value := range environment {
		if value != "" && IsCredential(name) && !slices.Contains(allowed, name) {
			kept[name] = diag.Diagnostic{}
			continue
		}
		env[name] = value
	}
	return env, kept
}

// variableRef finds variables in a text; of $$ the name is "".
var variableRef = regexp.MustCompile(`\$\$|\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// in are those that a text names, whatever it makes of them, and that env has not by
// itself, each once.
func (w withheld) in(text string, env types.Mapping) []string {
	var out []string
	for _, m := range variableRef.FindAllStringSubmatch(text, -1) {
		if _, own := env[m[1]]; !own && w.has(m[1]) && !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

func credentialText(name string) (text, help string) {
	text = `the variable "` + name + `" is a credential of whoever runs this, and not for compose files`
	help = "set it in .env, or use a variable of another name; if it is meant, allow it with --allow-env " + name
	if IsAWSCredential(name) {
		help = "leave it out: a task has credentials of its own, for which x-fargate.policies says what it may do; if the value is meant, allow it with --allow-env " + name
	}
	return text, help
}

// UnsetText says why a variable of the process has no value here, and what to do: it is not
// set, or it is a credential, for a file that came to its name on another way than those that
// refuseCredentials looks at, such as an alias.
func (p *Project) UnsetText(variable string) (text, help string, credential bool) {
	if p.files.withheld.has(variable) {
		text, help = credentialText(variable)
		return text, help, true
	}
	return fmt.Sprintf("variable %q is not set", variable), SetHelp(variable), false
}

// refuseCredentials refuses all uses of what is withheld in services that are active and
// in what they share.
func (r *sources) refuseCredentials(profiles []string, ds *diag.List) {
	if len(r.withheld) == 0 {
		return
	}
	w := walk{sources: r, seen: map[*yaml.Node]bool{}}
	w.skip = func(d *document, service string) bool { return d.inactive(service, profiles) }
	w.wants = func(*document, *yaml.Node) bool { return true }
	w.visit = func(d *document, path []string, n *yaml.Node) {
		names := r.withheld.in(n.Value, d.env)
		if name := passedOn(path, n); r.withheld.has(name) && d.env[name] == "" {
			names = append(names, name)
		}
		for _, name := range names {
			r.withheld.refuse(name, d.pos(n), Dotted(path), ds)
		}
	}
	w.all()
	for _, d := range r.layers { // what they are not is no second mistake
		for name := range r.withheld {
			if _, own := d.env[name]; !own && ds.HasErrors() {
				d.env[name] = "withheld"
			}
		}
	}
}

// passedOn is the variable of the process whose value stands for a node: a name alone in
// environment and build.args, and what secrets and configs have under environment.
func passedOn(path []string, n *yaml.Node) string {
	last := len(path) - 1
	switch {
	case len(path) == 3 && (path[0] == "secrets" || path[0] == "configs") && path[2] == "environment":
		return n.Value
	case last < 1 || path[last-1] != "environment" && path[last-1] != "args":
		return ""
	case n.ShortTag() == "!!null", n.Value == path[last]:
		return path[last]
	default:
		return ""
	}
}

// lineHelp is the help for a line of an env file.
func lineHelp(name string) string {
	help := "write the value itself, or leave the line out; if it is meant, allow it with --allow-env " + name
	if IsAWSCredential(name) {
		help = "leave the line out: a task has credentials of its own, for which x-fargate.policies says what it may do; if the value is meant, allow it with --allow-env " + name
	}
	return help
}

// refuseCredentials refuses what is withheld in an env file that is read with the
// variables of env: in its values, unless they are raw, and names alone, whose values are
// those of the process. What a line of .env makes of it is refused where that is used.
func (e envFiles) refuseCredentials(file, text string, env types.Mapping, raw bool) {
	if len(e.withheld) == 0 {
		return
	}
	known := env.Clone()
	for i, line := range strings.Split(text, "\n") {
		key, value, hasValue := lineOfEnv(line)
		names := e.usedIn(key, value, hasValue, raw, known)
		if e.shared && key != "" {
			if _, set := env[key]; set || !hasValue {
				continue // another value counts, or all that is named is the process's
			}
			if e.withheld[key].Summary != "" { // of a line above, and the last one counts
				delete(e.withheld, key)
			}
		}
		for _, name := range names {
			said := e.withheld[name]
			if said.Summary == "" {
				at := diag.Pos{File: e.display(file), Line: i + 1, Column: max(offsetOf(line, name), len(line)-len(strings.TrimLeft(line, " \t"))) + 1}
				summary, _ := credentialText(name)
				said = diag.Diagnostic{Severity: diag.Error, Pos: at, Summary: summary, Help: lineHelp(name)}
			}
			if e.shared && !strings.HasPrefix(key, "COMPOSE_") { // which say what is read
				e.withheld[key] = said
			} else {
				*e.ds = append(*e.ds, said)
			}
		}
		if hasValue && !e.withheld.has(key) {
			known[key] = value
		}
	}
}

// lineOfEnv parts a line of an env file; the key of a comment is "".
func lineOfEnv(line string) (key, value string, hasValue bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return "", "", false
	}
	line = exported.ReplaceAllString(line, "")
	end := strings.IndexAny(line, "=:")
	if end < 0 {
		return line, "", false
	}
	return strings.TrimSpace(line[:end]), strings.TrimSpace(line[end+1:]), true
}

// usedIn are the variables that a line of an env file has from the process and must not.
func (e envFiles) usedIn(key, value string, hasValue, raw bool, known types.Mapping) []string {
	var names []string
	if !raw && !strings.HasPrefix(value, "'") {
		value, _, _ = strings.Cut(value, " #")
		names = e.withheld.in(value, known)
	}
	if !hasValue && e.withheld.has(key) && known[key] == "" {
		names = append(names, key)
	}
	return names
}
