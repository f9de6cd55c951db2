package xfargate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// Key is the name of the extension.
const Key = "x-fargate"

// The keys that this release knows and cannot do anything with.
var laterServiceKeys = []string{"schedule"}

// defaultKeys are what services that do not say otherwise have from the defaults;
// see Settings.Service. Other keys are about one service.
var defaultKeys = []string{
	"cpu", "memory", "platform", "policies", "files", "secrets_env", "pull_credentials", "copy", "deployment", "discovery", "patch",
	"capacity", "scaling",
}

// decoder reads x-fargate, and reports each mistake in it.
type decoder struct {
	*compose.Project
	ds *diag.List
}

// Decode reads the x-fargate of the project and of all in it that is in use, and
// Docker's x-aws keys that mean the same. What is wrong is reported and left out.
func Decode(p *compose.Project, ds *diag.List) Settings {
	d := decoder{p, ds}
	x := d.top(p.Compose.Extensions)
	x.Services = map[string]Service{}
	for _, name := range p.Compose.ServiceNames() {
		service, path := p.Compose.Services[name], diag.Path{"services", name}
		s := d.service(service.Extensions, path)
		if service.Deploy != nil {
			d.dockerScaling(&s, service.Deploy.Extensions, path.Key("deploy"))
		}
		x.Services[name] = s
	}
	for _, name := range p.Compose.DisabledServiceNames() { // one for development alone may be replaced
		if s := d.service(p.Compose.DisabledServices[name].Extensions, diag.Path{"services", name}); s.ReplacedBy != nil {
			x.Services[name] = s
		}
	}
	for _, name := range p.Compose.ServiceNames() {
		d.checkSidecar(x, name)
	}
	x.Networks = d.networks()
	x.Volumes = d.volumes()
	return x
}

func (d decoder) top(extensions types.Extensions) Settings {
	m := d.checked("", nil, extensions[Key], diag.Path{Key})
	x := as[Settings](m)
	x.LoadBalancer = field[string](m, "load_balancer")
	x.Scheme = field[string](field[map[string]any](m, "load_balancer"), "scheme")
	x.LogRetention = retention(m["log_retention"])
	x.Tags = textsOf(m["tags"])
	x.Hours = d.hours(m["hours"], diag.Path{Key, "hours"})
	if defaults := field[map[string]any](m, "defaults"); defaults != nil {
		x.Defaults = d.defaults(defaults)
	}
	d.docker(&x, extensions)
	return x
}

// defaults are for every service, so that what is about one is out of place.
func (d decoder) defaults(m map[string]any) Service {
	path := diag.Path{Key, "defaults"}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if known := names("#/$defs/service", nil); slices.Contains(known, key) && !slices.Contains(defaultKeys, key) {
			d.errorf(path.Key(key), "write it at the service", "is only valid in a service")
		}
	}
	if field[map[string]any](m, "discovery")["ports"] != nil {
		d.errorf(path.Key("discovery", "ports"), "write it at the service", "is only valid in a service")
	}
	if field[map[string]any](m, "scaling")["requests_port"] != nil {
		d.errorf(path.Key("scaling", "requests_port"), "write it at the service", "is only valid in a service")
	}
	if field[map[string]any](m, "files") != nil {
		d.errorf(path.Key("files"), "write it at the service, or write one word for all files", "paths are only valid in a service")
	}
	d.refuseLater(m, laterServiceKeys, path)
	return d.serviceOf(m, path)
}

func (d decoder) service(extensions types.Extensions, path diag.Path) Service {
	s := Service{}
	if m := d.checked("#/$defs/service", laterServiceKeys, extensions[Key], path.Key(Key)); m != nil {
		s = d.serviceOf(m, path.Key(Key))
	}
	d.dockerService(&s, extensions, path)
	return s
}

func (d decoder) serviceOf(m map[string]any, path diag.Path) Service {
	s := as[Service](m)
	s.CPU = d.size(m, path, "cpu", cpuUnits)
	s.Memory = d.size(m, path, "memory", mebibytes)
	s.Platform = map[string]string{"linux/amd64": "X86_64", "linux/arm64": "ARM64"}[field[string](m, "platform")]
	s.Policies = policiesOf(m["policies"], path.Key("policies"))
	s.Files = filesOf(m["files"])
	s.SecretsEnv = secretsEnvOf(m["secrets_env"])
	s.Ingress = d.ingresses(m["ingress"], path.Key("ingress"))
	s.GracePeriod = d.grace(m, path)
	s.Deployment = d.deployment(field[map[string]any](m, "deployment"), path.Key("deployment"))
	s.Capacity = d.capacity(m["capacity"], path.Key("capacity"))
	s.Scaling = d.scaling(m["scaling"], path.Key("scaling"))
	s.Hours = d.hours(m["hours"], path.Key("hours"))
	s.Patch = field[map[string]any](m, "patch")
	if s.Skip && s.ReplacedBy != nil {
		d.errorf(path.Key("skip"), "remove skip or replaced_by", "cannot be combined with replaced_by")
	}
	return s
}

// grace reads deployment.grace_period.
func (d decoder) grace(m map[string]any, path diag.Path) *int {
	deployment := field[map[string]any](m, "deployment")
	if seconds, ok := d.duration(deployment, path.Key("deployment"), "grace_period", GracePeriod); ok {
		return &seconds
	}
	return nil
}

// checkSidecar complains of a sidecar of nothing, of itself, or of another
// sidecar.
func (d decoder) checkSidecar(x Settings, name string) {
	main := x.Services[name].SidecarOf
	if main == "" || x.Services[name].Gone() {
		return
	}
	path := diag.Path{"services", name, Key, "sidecar_of"}
	other, known := x.Services[main]
	switch {
	case main == name:
		d.errorf(path, "name another service, or leave it out", "a service cannot be a sidecar of itself")
	case !known:
		d.errorf(path, compose.DidYouMean(main, slices.Sorted(maps.Keys(x.Services))), "there is no service %q, or it is not active", main)
	case other.Skip:
		d.errorf(path, "skip both, or neither", "service %q is skipped", main)
	case other.ReplacedBy != nil:
		d.errorf(path, "remove it", "service %q has no task, because x-fargate.replaced_by replaces it with %s", main, other.ReplacedBy)
	case other.SidecarOf != "":
		d.errorf(path, fmt.Sprintf("write sidecar_of: %s", other.SidecarOf), "service %q is a sidecar itself", main)
	}
}

// checked returns the mapping at path for what is right in it, and complains of
// the rest.
func (d decoder) checked(schema string, later []string, value any, path diag.Path) map[string]any {
	if value == nil {
		return nil
	}
	value = d.withFewPolicies(d.typed(value, path), path)
	d.valid(schema, value, path)
	m, _ := value.(map[string]any)
	d.refuseLater(m, later, path)
	return m
}

// mostPolicies are more than a role has: its managed ones, and what fits into the 10,240
// characters of all documents in it (IAM User Guide, "IAM and AWS STS quotas").
const mostPolicies = 200

// withFewPolicies refuses a list that no role holds, before each item is compared with each.
func (d decoder) withFewPolicies(value any, path diag.Path) any {
	m, _ := value.(map[string]any)
	if list, _ := m["policies"].([]any); len(list) > mostPolicies {
		at := path.Key("policies")
		d.errorf(at.Item(mostPolicies), "join them", "a role holds no more than %d policies", mostPolicies)
		m["policies"] = list[:0]
	}
	return value
}

func (d decoder) refuseLater(m map[string]any, later []string, path diag.Path) {
	for _, key := range later {
		if _, ok := m[key]; ok {
			d.errorf(path.Key(key), "remove it for now", "not supported yet: this release does nothing with it")
		}
	}
}

// valid checks a value against a part of the schema.
func (d decoder) valid(part string, value any, path diag.Path) bool {
	found := violations(part, value)
	for _, v := range found {
		at := path.Key(v.Path...)
		help := ""
		if v.Unknown {
			help = cmp.Or(elsewhere(part, v.Path), compose.DidYouMean(at[len(at)-1], names(part, v.Path[:len(v.Path)-1])))
		}
		d.errorf(at, help, "%s", v.Summary)
	}
	return len(found) == 0
}

func (d decoder) errorf(path diag.Path, help, format string, args ...any) {
	d.ds.Errorf(d.At(path...), path.String(), help, format, args...)
}

// typed gives back their types to values that variables filled in: those are
// strings to compose-go.
func (d decoder) typed(value any, path diag.Path) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			if out[key] = e; key != "patch" { // whose values get the types of what they patch
				out[key] = d.typed(e, path.Key(key))
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = d.typed(e, path.Item(i))
		}
		return out
	case string:
		if d.HasVariables(path...) {
			return plainScalar(v)
		}
	}
	return value
}

// plainScalar reads a text as YAML reads it without quotes.
func plainScalar(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return f
	}
	switch text {
	case "true":
		return true
	case "false":
		return false
	default:
		return text
	}
}

// as reads the fields of a type from a mapping by their json tags. What has another
// type is left out: the schema has refused it.
func as[T any](m map[string]any) T {
	var out T
	if data, err := json.Marshal(m); err == nil {
		_ = json.Unmarshal(data, &out) // goes on after a field of another type
	}
	return out
}

// field is the value of a key, the zero value where there is none or one of another
// type, which the schema has refused.
func field[T any](m map[string]any, key string) T {
	value, _ := m[key].(T)
	return value
}

// retention reads log_retention after it was found valid.
func retention(value any) int {
	if value == "never" {
		return Forever
	}
	n, _ := value.(int)
	return n
}

// Strings are the texts in a list of YAML, nil for what is not a list.
func Strings(value any) []string {
	list, _ := value.([]any)
	var out []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// textsOf are the values of a mapping as texts.
func textsOf(value any) map[string]string {
	m, _ := value.(map[string]any)
	out := make(map[string]string, len(m))
	for key, v := range m {
		out[key] = fmt.Sprint(v)
	}
	return out
}

// policiesOf is nil if there is no list; an empty list removes those of the
// defaults.
func policiesOf(value any, path diag.Path) []Policy {
	list, ok := value.([]any)
	if !ok {
		return nil
	}
	out := []Policy{}
	for i, item := range list {
		at := path.Item(i)
		switch v := item.(type) {
		case string:
			out = append(out, Policy{ARN: v, Path: at})
		case map[string]any:
			out = append(out, Policy{Document: v, Path: at})
		}
	}
	return out
}

// elsewhere is the help for a key that stands at the top and belongs to services, or the other
// way round; "" for others. Path begins in the mapping of part.
func elsewhere(part string, path []string) string {
	if len(path) != 1 {
		return ""
	}
	key := path[0]
	switch {
	case part == "" && slices.Contains(defaultKeys, key):
		return "write it at a service, or for all of them under x-fargate.defaults"
	case part == "" && slices.Contains(names("#/$defs/service", nil), key):
		return "write it in the x-fargate of a service"
	case part != "" && slices.Contains(names("", nil), key):
		return "write it in the x-fargate at the top of the file"
	}
	return ""
}
