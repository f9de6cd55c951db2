package translate

import (
	"path"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// refusedFor says what a secret must never become part of, by the path of the attribute:
// whoever may list what is in the account reads these, and registries and name servers are
// asked for some of them.
var refusedFor = []struct{ pattern, what string }{
	{"name", "the name of the project"},
	{"services/*/image", "an image"},
	{"services/*/container_name", "a name"},
	{"services/*/hostname", "a name"},
	{"services/*/domainname", "a name"},
	{"services/*/networks/*/aliases/*", "a name"},
	{"services/*/extra_hosts/*", "an address"},
	{"services/*/ports/*", "an address"},
	{"services/*/profiles/*", "a name"},
	{"services/*/volumes/*", "a path"},
	{"services/*/volumes/*/source", "a path"},
	{"services/*/volumes/*/target", "a path"},
	{"services/*/tmpfs", "a path"},
	{"services/*/tmpfs/*", "a path"},
	{"services/*/build", "a build context"},
	{"services/*/build/context", "a build context"},
	{"services/*/build/dockerfile", "a build context"},
	{"services/*/build/target", "a build context"},
	{"services/*/build/additional_contexts/*", "a build context"},
	{"services/*/build/tags/*", "an image"},
	{"services/*/build/cache_from/*", "an image"},
	{"*/*/name", "a name"},
	{"x-fargate/tags/*", "a tag"},
	{"x-fargate/*", "a name"},
	{"x-fargate/*/*", "a name"},
	{"services/*/x-fargate/ingress/*/*", "an address"},
}

// refuseShown refuses secrets where they would be part of names, images, tags and addresses.
func (b *base) refuseShown() {
	said := map[string]bool{}
	for _, f := range b.Fillings() {
		what := refusedAt(f.Path)
		key := strings.Join(f.Path, "/")
		if what == "" || !isSecretFilling(f) || said[key] {
			continue
		}
		said[key] = true
		b.errorf(f.Path, "use a variable whose name is not that of a secret, or leave it out",
			"the value of %s is a secret, which must not be part of %s", f.Variable, what)
	}
	for _, name := range sortedKeys(b.X.Tags) {
		path := diag.Path{xfargate.Key, "tags", name}
		if value := b.X.Tags[name]; !said[strings.Join(path, "/")] && (sensitive.Is(name, value) || b.hasHidden(value)) {
			b.errorf(path, "whoever may list resources reads their tags: leave it out", "the value is a secret, which must not be part of a tag")
		}
	}
}

// refusedAt is what an attribute becomes where a secret is refused, "" where it is not.
func refusedAt(at []string) string {
	text := strings.Join(at, "\x00")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "/", "_"), "\x00", "/")
	for _, r := range refusedFor {
		if ok, _ := path.Match(r.pattern, text); ok {
			return r.what
		}
	}
	return ""
}

// warnOfShown warns of secrets that stay in a task definition: in labels, and in command lines
// that no shell fills in.
func (sec *secrets) warnOfShown(s container) {
	b, lines := sec.base, sec.lines[s.key()]
	for _, line := range []struct {
		name  string
		path  diag.Path
		words []string
		kept  bool
	}{
		{"entrypoint", s.at("entrypoint"), s.Entrypoint, lines.start != nil},
		{"command", s.at("command"), s.Command, lines.start != nil},
		{"health check", s.at("healthcheck", "test"), testOf(s), lines.check != nil},
	} {
		switch {
		case !b.showsSecret(line.path, line.words):
		case line.kept:
			b.notef(line.path, "write x-fargate: {secrets_env: false} at the service to leave it in the task definition",
				"a secret stands in the %s: it is kept in SSM, and a shell of the image puts it there when the container starts", line.name)
		case lines.lost != "" && line.name != "health check":
			b.warnf(line.path, "give the program what the variable says in another way, or have it read the secret from a variable",
				"a secret stands in the %s, where whoever may describe the task definition reads it: a shell that could put it there would not hand on the variable %q", line.name, lines.lost)
		default:
			b.warnf(line.path, "have the program read it from a variable or a file of secrets, which ECS fetches when the task starts",
				"a secret stands in the %s: plans hide it, and whoever may describe the task definition reads it", line.name)
		}
	}
	var found []string
	for _, name := range sortedKeys(s.Labels) {
		if b.isSecretText(s.at("labels", name), name, s.Labels[name]) {
			found = append(found, name)
		}
	}
	if len(found) > 0 {
		b.warnf(s.at("labels", found[0]), "keep it in a variable or a file of secrets",
			"secrets stand in labels: plans hide them, and whoever may describe the task definition reads them: %s", compose.Quoted(found))
	}
}

// showsSecret says whether a command line has a secret in it.
func (b *base) showsSecret(at diag.Path, words []string) bool {
	if len(words) == 0 {
		return false
	}
	return b.fromSecret(at) || slices.Contains(b.secretWords(at, words), true)
}

// isSecretText says whether a value that has a name must not be shown, by its name, its form
// or where it came from.
func (b *base) isSecretText(at diag.Path, name, value string) bool {
	return sensitive.Is(name, value) || b.hasHidden(value) || b.fromSecret(at)
}
