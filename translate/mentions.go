package translate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// mention is a place where a service names another one.
type mention struct {
	service string
	path    diag.Path
	what    string // depends_on, links, network_mode, volumes_from, environment, command, entrypoint or healthcheck
}

// mentions are the places where other active services name one, sorted by
// service.
func (p *Project) mentions(of string) []mention {
	var out []mention
	for _, name := range p.Compose.ServiceNames() {
		if name == of {
			continue
		}
		s := p.Compose.Services[name]
		for _, path := range p.mentionsIn(&s, of) {
			out = append(out, mention{name, path, path[2]})
		}
	}
	return out
}

// mentionsIn are the paths at which one service names another.
func (p *Project) mentionsIn(s *types.ServiceConfig, of string) []diag.Path {
	var out []diag.Path
	if path := at(s.Name, "depends_on", of); s.DependsOn != nil && p.Written(path...) {
		out = append(out, path)
	}
	for i, link := range s.Links {
		if target, _, _ := strings.Cut(link, ":"); target == of {
			out = append(out, at(s.Name, "links", strconv.Itoa(i)))
		}
	}
	if s.NetworkMode == types.ServicePrefix+of {
		out = append(out, at(s.Name, "network_mode"))
	}
	for i, from := range s.VolumesFrom {
		if source, _, _ := strings.Cut(from, ":"); source == of {
			out = append(out, at(s.Name, "volumes_from", strconv.Itoa(i)))
		}
	}
	out = append(out, namingVariables(s, of)...)
	return append(out, namingWords(s, of)...)
}

// namingVariables are the variables that name a service as a host.
func namingVariables(s *types.ServiceConfig, of string) []diag.Path {
	var out []diag.Path
	r := rename{from: of, host: of + "-"}
	for _, variable := range sortedKeys(s.Environment) {
		value := s.Environment[variable]
		if value != nil && strings.Contains(*value, of) && r.value(variable, *value) != *value {
			out = append(out, at(s.Name, "environment", variable))
		}
	}
	return out
}

// namingWords are the command lines that name a service, in arguments.
func namingWords(s *types.ServiceConfig, of string) []diag.Path {
	var out []diag.Path
	lines := []struct {
		path  diag.Path
		words []string
	}{{at(s.Name, "command"), s.Command}, {at(s.Name, "entrypoint"), s.Entrypoint}}
	if s.HealthCheck != nil && !s.HealthCheck.Disable {
		lines = append(lines, struct {
			path  diag.Path
			words []string
		}{at(s.Name, "healthcheck", "test"), s.HealthCheck.Test})
	}
	for _, line := range lines {
		if slices.ContainsFunc(line.words[min(1, len(line.words)):], func(word string) bool { return namedBy(of, word) }) {
			out = append(out, line.path)
		}
	}
	return out
}

// namedAt says which services name a service, and in which attributes; "" if
// none does.
func (p *Project) namedAt(service string) string {
	var names []string
	found := map[string][]string{}
	for _, m := range p.mentions(service) {
		what := m.what
		if what == "environment" {
			what = last(m.path)
		}
		if found[m.service] == nil {
			names = append(names, m.service)
		}
		if !slices.Contains(found[m.service], what) {
			found[m.service] = append(found[m.service], what)
		}
	}
	for i, name := range names {
		names[i] = name + " (" + listed(found[name]) + ")"
	}
	return listed(names)
}

// listed joins words, and leaves out what is beyond the fifth.
func listed(words []string) string {
	if len(words) > 5 {
		return strings.Join(words[:5], ", ") + " and " + strconv.Itoa(len(words)-5) + " more"
	}
	return strings.Join(words, ", ")
}
