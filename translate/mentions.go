package translate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// mentions are the paths at which other active services name one, sorted by
// service.
func (p *Project) mentions(of string) []diag.Path {
	var out []diag.Path
	for _, name := range p.Compose.ServiceNames() {
		if s := p.Compose.Services[name]; name != of {
			out = append(out, p.mentionsIn(&s, of)...)
		}
	}
	return out
}

// mentionsIn are the paths at which one service names another: in depends_on, links,
// network_mode, volumes_from, environment, command, entrypoint or healthcheck.
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
	named := func(words []string, attribute ...string) {
		if slices.ContainsFunc(words[min(1, len(words)):], func(word string) bool { return namedBy(of, word) }) {
			out = append(out, at(s.Name, attribute...))
		}
	}
	named(s.Command, "command")
	named(s.Entrypoint, "entrypoint")
	if s.HealthCheck != nil && !s.HealthCheck.Disable {
		named(s.HealthCheck.Test, "healthcheck", "test")
	}
	return out
}

// namedAt says which services name a service, and in which attributes; "" if
// none does.
func (p *Project) namedAt(service string) string {
	var names []string
	found := map[string][]string{}
	for _, path := range p.mentions(service) {
		user, what := path[1], path[2]
		if what == "environment" {
			what = last(path)
		}
		if found[user] == nil {
			names = append(names, user)
		}
		if !slices.Contains(found[user], what) {
			found[user] = append(found[user], what)
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
