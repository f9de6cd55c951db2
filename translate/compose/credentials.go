package compose

import (
	_ "embed"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/content"
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
	for _, c := range credentials().Credentials {
		if ok, _ := path.Match(c.Name, variable); ok {
			return &c
		}
	}
	return nil
}

// IsCredential says whether a variable of the process is a credential of whoever runs it.
func IsCredential(variable string) bool { return credentialOf(variable) != nil }

// IsAWSCredential says whether it is one for AWS.
func IsAWSCredential(variable string) bool {
	c := credentialOf(variable)
	return c != nil && c.AWS
}

// withheld are the variables of the process that compose files do not get.
type withheld map[string]bool

// withhold parts an environment into what compose files get and what they do not.
func withhold(environment map[string]string, allowed []string) (types.Mapping, withheld) {
	env, kept := types.Mapping{}, withheld{}
	for name, value := range environment {
		if value != "" && IsCredential(name) && !slices.Contains(allowed, name) {
			kept[name] = true
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
		if _, own := env[m[1]]; !own && w[m[1]] && !slices.Contains(out, m[1]) {
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
	if p.files.withheld[variable] {
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
		if name := passedOn(path, n); r.withheld[name] && d.env[name] == "" {
			names = append(names, name)
		}
		for _, name := range names {
			text, help := credentialText(name)
			ds.Errorf(d.pos(n), Dotted(path), help, "%s", text)
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

// refuseCredentials refuses what is withheld in an env file that is read with the
// variables of env: in its values, unless they are raw, and names alone, whose values are
// those of the process.
func (e envFiles) refuseCredentials(file string, env types.Mapping, raw bool) {
	if len(e.withheld) == 0 {
		return
	}
	text, err := content.ReadFile(file, longestFile)
	if err != nil {
		return // it was said, or it may be missing
	}
	known := env.Clone()
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, hasValue := strings.Cut(exported.ReplaceAllString(line, ""), "=")
		var names []string
		if value = strings.TrimSpace(value); !raw && !strings.HasPrefix(value, "'") {
			value, _, _ = strings.Cut(value, " #")
			names = e.withheld.in(value, known)
		}
		if key = strings.TrimSpace(key); !hasValue && e.withheld[key] && known[key] == "" {
			names = append(names, key)
		}
		if hasValue {
			known[key] = value
		}
		for _, name := range names {
			text, help := credentialText(name)
			e.ds.Errorf(diag.Pos{File: e.display(file), Line: i + 1, Column: 1}, "", help, "%s", text)
		}
	}
}
