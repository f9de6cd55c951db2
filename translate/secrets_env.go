package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// secretVariable is a variable whose value ECS fetches when a task starts.
type secretVariable struct {
	name  string
	value *storedSecret
}

// secretVariables are the variables that x-fargate.secrets_env names, and those
// whose name or value looks like a secret.
func (sec *secrets) secretVariables(s container) []secretVariable {
	x, path := sec.secretsEnv(s.Name)
	if s.step != nil && path[0] == "services" {
		path = s.at(path[2:]...)
	}
	var out []secretVariable
	var found, derived []string
	for _, name := range sortedKeys(s.Environment) {
		value := s.Environment[name]
		if value == nil || *value == "" || x.From[name] != "" || slices.Contains(x.Plain, name) {
			continue
		}
		asked := slices.Contains(x.Names, name)
		origin := !asked && !sensitive.Is(name, *value)
		if !asked && (x.Off || origin && !sec.isSecretText(s.at("environment", name), name, *value)) {
			continue
		}
		if v := sec.storeVariable(s, name, *value); v != nil {
			out = append(out, secretVariable{name, v})
			switch {
			case asked || sec.inherits(s, name, *value):
			case origin:
				derived = append(derived, name)
			default:
				found = append(found, name)
			}
		}
	}
	sec.noteFound(s, found, "its name or value looks like a secret", "their names or values look like secrets")
	sec.noteFound(s, derived, "it has the value of a secret", "they have the values of secrets")
	if s.step == nil {
		sec.checkNames(s)
	}
	for _, name := range sortedKeys(x.From) {
		if v := sec.namedSecret(x.From[name], path.Key(name)); v != nil {
			out = append(out, secretVariable{name, v})
		}
	}
	slices.SortFunc(out, func(a, b secretVariable) int { return strings.Compare(a.name, b.name) })
	return out
}

// noteFound reports which variables are stored as secrets by default, and why: of one, of
// many.
func (sec *secrets) noteFound(s container, names []string, one, many string) {
	if len(names) == 0 {
		return
	}
	place := s.at("environment")
	if file := s.at("env_file"); !sec.Written(place...) && sec.Written(file...) {
		place = file
	}
	what := one
	if len(names) > 1 {
		what = many
	}
	sec.notef(place, "write x-fargate: {secrets_env: false} at the service to leave them in the task definition, {secrets_env: {NAME: false}} for one of them",
		"kept in SSM, because %s: %s", what, strings.Join(names, ", "))
}

// storeVariable has AWS keep the value of a variable. A step of pre_start shares
// that of its service where both are the same.
func (sec *secrets) storeVariable(s container, name, value string) *storedSecret {
	owner := s.Name
	if s.step != nil && !sec.inherits(s, name, value) {
		owner = s.key()
	}
	path := s.at("environment", name)
	address := owner + "." + addressPart(name)
	if _, taken := sec.Compose.Secrets[address]; taken {
		address = owner + "/" + addressPart(name)
	}
	if !isText([]byte(value)) {
		sec.errorf(path, "give it as a file, with secrets", "the value has characters that environment variables cannot carry")
		return nil
	}
	return sec.store(address, "Variable "+name+" of service "+s.Name+" of compose project "+sec.Name, []byte(value), "", path)
}

// inherits says whether a step of pre_start has a variable with the value that its
// service gives it.
func (sec *secrets) inherits(s container, name, value string) bool {
	inherited := sec.Compose.Services[s.Name].Environment[name]
	return s.step != nil && inherited != nil && *inherited == value
}

// checkNames complains of variables that secrets_env names and the service has
// not.
func (sec *secrets) checkNames(s container) {
	x := sec.X.Services[s.Name].SecretsEnv
	if x == nil {
		return // those of the defaults are for whoever has them
	}
	for _, name := range slices.Concat(x.Names, x.Plain) {
		if _, ok := s.Environment[name]; !ok {
			sec.errorf(s.at(xfargate.Key, "secrets_env"), compose.DidYouMean(name, sortedKeys(s.Environment)), "the service has no variable %q in its environment", name)
		}
	}
}

// namedSecret is one that secrets_env names: of the files, or an ARN.
func (sec *secrets) namedSecret(name string, path diag.Path) *storedSecret {
	if strings.HasPrefix(name, "arn:") {
		return sec.there(name, "", "", path)
	}
	if _, ok := sec.Compose.Secrets[name]; !ok {
		sec.errorf(path, compose.DidYouMean(name, sortedKeys(sec.Compose.Secrets)), "there is no secret %q", name)
		return nil
	}
	values := sec.valuesOf(name)
	v, whole := values[""]
	switch {
	case values == nil: // was refused
	case !whole:
		sec.errorf(path, "name the ARN with the key: arn:…:secret:NAME:KEY::", "x-aws-keys splits secret %q into its keys", name)
	case v == nil:
		sec.errorf(path, "give it a value, or write the variable into environment", "secret %q is empty", name)
	case v.binary:
		sec.errorf(path, "give it as a file, with secrets", "secret %q is not text, and a variable can hold only text", name)
		return nil
	}
	return v
}

// containerSecrets are the variables as ECS takes them.
func (sec *secrets) containerSecretList(s container) []spec.ContainerSecret {
	var out []spec.ContainerSecret
	for _, v := range sec.of(s).variables {
		out = append(out, spec.ContainerSecret{Name: v.name, ValueFrom: v.value.ref})
	}
	return out
}

// isSecretVariable says whether a variable is not in the environment but among the
// secrets.
func (sec *secrets) isSecretVariable(s container, name string) bool {
	return slices.ContainsFunc(sec.of(s).variables, func(v secretVariable) bool { return v.name == name })
}
