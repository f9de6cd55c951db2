package translate

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// What is a secret where it is named as one is a secret wherever else it stands: in a command,
// a label, a file. Only a value that is long enough, and no word that the project uses for
// other things, is told by being equal.

const (
	shortestHidden = 4 // bytes: what is shorter stands by chance in other texts
	shortestEqual  = 8 // bytes: what is shorter is no secret by being equal to one
)

// HiddenValues are the values that are kept secret in the project and that nothing else is
// called, longest first. They must not be shown wherever they stand.
func (p *Project) HiddenValues() []string {
	p.hiddenOnce.Do(func() {
		found := hiddenValues{}
		found.fillings(p.Fillings())
		p.secretsOfServices(found)
		p.secretsOfFiles(found)
		p.hidden = found.without(p.plainWords())
	})
	return p.hidden
}

// hasHidden says whether a text has a value in it that is kept secret in the project.
func (p *Project) hasHidden(text string) bool {
	return slices.ContainsFunc(p.HiddenValues(), func(value string) bool {
		return len(value) >= shortestEqual && strings.Contains(text, value)
	})
}

// fromSecret says whether what the files write at a path came through a variable that is a
// secret.
func (p *Project) fromSecret(path diag.Path) bool {
	return slices.ContainsFunc(p.Filled(path...), isSecretFilling)
}

func isSecretFilling(f compose.Filling) bool {
	return sensitive.Is(f.Variable, f.Value) && !sensitive.IsCommon(f.Value)
}

// discreet are messages without the secrets that they quote.
func (p *Project) discreet(ds diag.List) diag.List {
	return ds.Without(slices.DeleteFunc(slices.Clone(p.HiddenValues()), func(value string) bool { return len(value) < shortestEqual }))
}

// hiddenValues is a set.
type hiddenValues map[string]bool

// add adds a secret, and the password within one that is an address.
func (h hiddenValues) add(value string) {
	value = strings.TrimSpace(value)
	if len(value) < shortestHidden || !utf8.ValidString(value) {
		return
	}
	h[value] = true
	h.addPassword(value)
}

// addPassword adds the password of an address.
func (h hiddenValues) addPassword(value string) {
	if u, err := url.Parse(value); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok && len(password) >= shortestHidden {
			h[password] = true
			if raw := u.User.String(); strings.Contains(raw, ":") {
				h[raw[strings.Index(raw, ":")+1:]] = true
			}
		}
	}
}

// fillings adds what came through the variables of secrets: of what is too short to be told
// within other texts, the words that it is part of.
func (h hiddenValues) fillings(fillings []compose.Filling) {
	for _, f := range fillings {
		if !isSecretFilling(f) {
			continue
		}
		h.add(f.Value)
		if len(f.Value) >= shortestEqual {
			continue
		}
		for _, word := range strings.Fields(f.Whole) {
			if strings.Contains(word, f.Value) && len(word) > len(f.Value) {
				h.add(strings.Trim(word, `"'`))
			}
		}
	}
}

// words adds the secrets that stand in a command line: behind an option, or joined to it.
func (h hiddenValues) words(words []string) {
	for i, secret := range sensitive.Command(words) {
		value := words[i]
		if !secret || strings.ContainsAny(value, " \t\n") {
			continue
		}
		if strings.HasPrefix(value, "-") {
			_, value, _ = strings.Cut(value, "=")
		}
		switch {
		case strings.Contains(value, "://"):
			h.addPassword(value)
		case len(value) >= shortestEqual && sensitive.Is("password", value):
			h.add(value)
		}
	}
}

// secretsOfServices adds the variables of services and the arguments of builds that are
// secrets, or that x-fargate names as such.
func (p *Project) secretsOfServices(h hiddenValues) {
	for _, name := range p.Compose.ServiceNames() {
		s := p.Compose.Services[name]
		asked := p.X.Service(name).SecretsEnv
		for variable, value := range s.Environment {
			if value != nil && (sensitive.Is(variable, *value) || asked != nil && slices.Contains(asked.Names, variable)) {
				h.add(*value)
			}
		}
		h.words(s.Entrypoint)
		h.words(s.Command)
		if s.HealthCheck != nil {
			h.words(s.HealthCheck.Test)
		}
		if s.Build == nil {
			continue
		}
		for variable, value := range s.Build.Args {
			if value != nil && sensitive.Is(variable, *value) {
				h.add(*value)
			}
		}
	}
}

// secretsOfFiles adds the values of secrets: of one that is JSON also those in it.
func (p *Project) secretsOfFiles(h hiddenValues) {
	for _, config := range p.Compose.Secrets {
		value := config.Content
		switch {
		case config.File != "":
			content, err := p.Gate.ReadFile(config.File, maxSecret)
			if err != nil {
				continue // which is said where the value is needed
			}
			value = string(content)
		case config.Environment != "":
			value = p.Compose.Environment[config.Environment]
		}
		h.add(value)
		var object map[string]any
		if json.Unmarshal([]byte(value), &object) == nil {
			for name, leaf := range object {
				if text, ok := leaf.(string); ok && sensitive.MayBe(name) {
					h.add(text)
				}
			}
		}
	}
}

// without are the values that are none of the words, longest first.
func (h hiddenValues) without(words map[string]bool) []string {
	var out []string
	for value := range h {
		if !words[strings.ToLower(value)] && !sensitive.IsCommon(value) && (len(value) >= shortestEqual || strings.Trim(value, "0123456789.") != "") {
			out = append(out, value)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return out
}

// plainWords are what else the project calls so, in lower case: a password that is the name
// of a database would hide the database.
func (p *Project) plainWords() map[string]bool {
	out := map[string]bool{}
	add := func(words ...string) {
		for _, word := range words {
			out[strings.ToLower(word)] = true
		}
	}
	add(p.Name)
	add(sortedKeys(p.Compose.Networks)...)
	add(sortedKeys(p.Compose.Volumes)...)
	add(sortedKeys(p.Compose.Secrets)...)
	add(sortedKeys(p.Compose.Configs)...)
	for _, name := range p.Compose.ServiceNames() {
		s := p.Compose.Services[name]
		add(name)
		add(p.namesOf(s)...)
		for variable, value := range s.Environment {
			if value != nil && sensitive.IsNaming(variable) {
				add(*value)
			}
		}
	}
	for variable, value := range p.Compose.Environment {
		if sensitive.IsNaming(variable) {
			add(value)
		}
	}
	return out
}

// namesOf are what a service and the parts of its image are called. A secret that stands there
// by mistake is no name.
func (p *Project) namesOf(s types.ServiceConfig) []string {
	var out []string
	for _, named := range []struct{ key, name string }{
		{"container_name", s.ContainerName}, {"hostname", s.Hostname}, {"domainname", s.DomainName}, {"image", s.Image},
	} {
		if named.name == "" || p.fromSecret(at(s.Name, named.key)) {
			continue
		}
		out = append(out, named.name)
		if named.key == "image" {
			out = append(out, strings.FieldsFunc(s.Image, func(r rune) bool { return strings.ContainsRune("/:@", r) })...)
		}
	}
	return out
}
