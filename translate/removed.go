package translate

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// removal takes the services out of a project that get no task, and reports what
// becomes of those that name them.
type removal struct {
	*Project
	ds *diag.List
}

// dropSkipped takes the services with x-fargate.skip out of the project, and
// out of what others depend on.
func (r removal) dropSkipped() {
	var skipped []string
	for _, name := range r.Compose.ServiceNames() {
		if r.X.Services[name].Skip {
			skipped = append(skipped, name)
		}
	}
	if len(skipped) == 0 {
		return
	}
	for _, name := range skipped {
		for _, path := range r.mentions(name) {
			if !slices.Contains(skipped, path[1]) {
				r.warnOfSkipped(path, name)
			}
		}
	}
	r.Compose = r.Compose.WithServicesDisabled(skipped...)
}

// warnOfSkipped says what a service that names a skipped one is up against.
func (r removal) warnOfSkipped(path diag.Path, skipped string) {
	where, name := r.At(path...), compose.Dotted(path)
	switch path[2] {
	case "depends_on", "links":
		r.ds.Warnf(where, name, "", "ignored: service %q is skipped with x-fargate.skip", skipped)
	case "network_mode", "volumes_from":
		r.ds.Errorf(where, name, "skip both, or neither", "service %q is skipped with x-fargate.skip", skipped)
	default:
		r.ds.Warnf(where, name, "give "+skipped+" x-fargate: {replaced_by: {host: HOST}} instead of skip, or name another host here",
			"names service %q, which is skipped with x-fargate.skip and so does not answer", skipped)
	}
}

// skipHelp adds to a help that proposes to skip a service who names it.
func (p *Project) skipHelp(path diag.Path, help string) string {
	if len(path) < 2 || path[0] != "services" || !strings.Contains(help, "{skip: true}") {
		return help
	}
	if named := p.namedAt(path[1]); named != "" {
		return help + "; " + path[1] + " is named by " + named
	}
	return help
}

// dropReplaced removes the services with x-fargate.replaced_by from the
// project, and writes their replacements into the environment of others.
func (r removal) dropReplaced() {
	var replaced []string
	for _, name := range sortedKeys(r.X.Services) {
		if by := r.X.Services[name].ReplacedBy; by != nil && by.Host != "" && !r.X.Services[name].Skip {
			replaced = append(replaced, name)
		}
	}
	if len(replaced) == 0 {
		return
	}
	before := r.Compose
	r.Compose = before.WithServicesDisabled(replaced...) // a copy: its variables can be set
	for _, name := range replaced {
		r.replace(name, before)
	}
}

// replace rewrites what other services say of one. What they depend on is only
// in the project as it was before.
func (r removal) replace(name string, before *types.Project) {
	path := at(name, xfargate.Key, "replaced_by")
	named := false
	for _, user := range r.Compose.ServiceNames() {
		s := before.Services[user]
		found := r.mentionsIn(&s, name)
		named = r.rewrite(r.Compose.Services[user], name) || len(found) > 0 || named
		for _, place := range found {
			r.warnOfReplaced(place, name)
		}
	}
	if !named {
		r.ds.Notef(r.At(path...), compose.Dotted(path), "write the name "+name+" where other services should reach it",
			"no other service names %q: nothing to rewrite", name)
	}
}

// rewrite puts the new host into the variables of one service, and says so.
func (r removal) rewrite(user types.ServiceConfig, replaced string) bool {
	by := *r.X.Services[replaced].ReplacedBy
	var changed, kept []string
	names := r.namesOf(replaced, user)
	for _, variable := range sortedKeys(user.Environment) {
		value := user.Environment[variable]
		if value == nil {
			continue
		}
		text := *value
		for _, name := range names {
			if text = (rename{name, by.Host, by.Port}).value(variable, text); text != *value {
				break // the host may hold the next name
			}
		}
		switch {
		case text != *value:
			changed = append(changed, variable)
			if slices.Contains(names, *value) && by.Port != 0 {
				r.warnOfPort(user, variable, replaced)
			}
			user.Environment[variable] = &text
		case text == replaced && !sensitive.Is(variable, text): // or a note would give a password away
			kept = append(kept, variable)
		}
	}
	if len(changed) == 0 && len(kept) == 0 {
		return false
	}
	r.noteRewritten(user, replaced, changed, kept)
	r.warnOfInternal(user, replaced)
	return true
}

// namesOf are the names under which a service knows another one.
func (r removal) namesOf(service string, user types.ServiceConfig) []string {
	names := map[string]bool{service: true}
	if s, ok := r.Compose.DisabledServices[service]; ok {
		names[s.ContainerName] = true
		for network, config := range s.Networks {
			if _, shared := user.Networks[network]; shared && config != nil {
				for _, alias := range config.Aliases {
					names[alias] = true
				}
			}
		}
	}
	for _, link := range user.Links {
		if target, alias, _ := strings.Cut(link, ":"); target == service {
			names[alias] = true
		}
	}
	delete(names, "")
	for name := range r.Compose.Services {
		delete(names, name) // is another one's
	}
	return slices.Sorted(maps.Keys(names))
}

func (r removal) noteRewritten(user types.ServiceConfig, replaced string, changed, kept []string) {
	by, help := r.X.Services[replaced].ReplacedBy, ""
	if len(kept) > 0 {
		help = "if it means the host, write " + by.Host
	}
	path := at(user.Name, "environment")
	switch {
	case len(changed) == 0:
		r.ds.Notef(r.variablePos(user.Name, kept[0]), compose.Dotted(path), help, "%q is unchanged in %s, which does not look like a host",
			replaced, strings.Join(kept, ", "))
	case len(kept) == 0:
		r.ds.Notef(r.variablePos(user.Name, changed[0]), compose.Dotted(path), help, "%s replaces %q in %s",
			by, replaced, strings.Join(changed, ", "))
	default:
		r.ds.Notef(r.variablePos(user.Name, changed[0]), compose.Dotted(path), help, "%s replaces %q in %s; it is unchanged in %s, which does not look like a host",
			by, replaced, strings.Join(changed, ", "), strings.Join(kept, ", "))
	}
}

// warnOfPort reports a DB_PORT next to a rewritten DB_HOST.
func (r removal) warnOfPort(user types.ServiceConfig, variable, replaced string) {
	port := strconv.Itoa(r.X.Services[replaced].ReplacedBy.Port)
	for _, form := range [][2]string{{"HOSTNAME", "PORT"}, {"HOST", "PORT"}, {"SERVER", "PORT"}, {"ADDRESS", "PORT"}, {"ADDR", "PORT"}, {"host", "port"}, {"Host", "Port"}} {
		start, ok := strings.CutSuffix(variable, form[0])
		if !ok {
			continue
		}
		if value := user.Environment[start+form[1]]; value != nil && *value != port {
			path := at(user.Name, "environment", start+form[1])
			r.ds.Warnf(r.variablePos(user.Name, start+form[1]), compose.Dotted(path), "write "+port,
				"is unchanged, but in %s next to it %q was replaced", variable, replaced)
		}
		return
	}
}

// warnOfInternal speaks of services that cannot get out to the new host.
func (r removal) warnOfInternal(user types.ServiceConfig, replaced string) {
	by := r.X.Services[replaced].ReplacedBy
	if by.Port == 443 || len(user.Networks) == 0 {
		return
	}
	for network := range user.Networks {
		if !r.Compose.Networks[network].Internal {
			return
		}
	}
	path := at(user.Name, "networks")
	r.ds.Warnf(r.At(path...), compose.Dotted(path), "give it a network without internal: true",
		"all its networks are internal: outside them it reaches port 443 only, and so not %s, which replaces %q", by, replaced)
}

// warnOfReplaced says what to do where a service names a replaced one outside
// its environment.
func (r removal) warnOfReplaced(path diag.Path, replaced string) {
	where, name, by := r.At(path...), compose.Dotted(path), r.X.Services[replaced].ReplacedBy
	switch path[2] {
	case "depends_on":
		r.ds.Notef(where, name, "", "ignored: %s replaces service %q, and nothing waits for it", by, replaced)
	case "network_mode", "volumes_from":
		r.ds.Errorf(where, name, "remove it", "service %q has no task, because x-fargate.replaced_by replaces it with %s", replaced, by)
	case "command", "entrypoint", "healthcheck":
		r.ds.Warnf(where, name, by.Help(), "names service %q, which x-fargate.replaced_by replaces with %s: only environment values are rewritten", replaced, by)
	}
}
