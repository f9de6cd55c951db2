// Package xfargate reads x-fargate, this tool's extension of compose files, and
// the x-aws keys of Docker's retired ECS integration that mean the same. It knows
// the schema, the types and the defaults of the keys, and reports each mistake in
// them at its place; what the keys do is the business of package translate.
package xfargate

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// Settings is the top-level x-fargate: what compose has no key for and holds
// for the whole stack.
type Settings struct {
	VPC                 string            // vpc-ID or Name tag; "": chosen from the account
	Subnets             []string          // subnet-IDs or Name tags as written; nil: chosen from the account
	PublicIP            *bool             // nil: as the subnets need it
	Cluster             string            // name or ARN of one that exists; "": the project's own
	LoadBalancer        string            // name or ARN of one that exists; "": the project's own
	Scheme              string            // of the load balancers; "": internet-facing
	Domain              string            // under which web services are reached; "": none
	Certificate         string            // ARN; "": that of the domain
	LogRetention        int               // days; 0: not given; Forever
	Tags                map[string]string // on everything that can be tagged
	PermissionsBoundary string            // policy ARN; "": none
	Defaults            Service           // for services that don't say otherwise

	Services map[string]Service  // as written, without the defaults
	Networks map[string]XNetwork // those that say something
	Volumes  map[string]XVolume  // those that say something
	Overlays map[string]Overlay  // of Docker's CloudFormation template, by service
}

// Forever is the LogRetention of logs that never expire.
const Forever = -1

// Service is the x-fargate of a service.
type Service struct {
	CPU       int      // CPU units of the task, 1024 a vCPU; 0: not given
	Memory    int      // MiB of the task; 0: not given
	Platform  string   // X86_64 or ARM64; "": not given
	SidecarOf string   // the service in whose task it runs; "": one of its own
	Skip      bool     // not translated
	Policies  []Policy // of the task role; nil: not given

	Files           map[string]string // how mounted files get into the task, by path there: image, inline, efs or skip
	SecretsEnv      *SecretsEnv       // which environment variables are kept as secrets; nil: not given
	PullCredentials string            // ARN of a secret with the credentials of the image's registry; "": none
	Copy            *bool             // whether the image is copied to the project's ECR; nil: not given

	Ingress     map[int]Ingress // by container port; nil: not given
	GracePeriod *int            // seconds in which health checks don't count; nil: not given

	Discovery  Discovery    // how others find it
	ReplacedBy *Replacement // where it is found instead of a task; nil: it has one
	Patch      Patch        // of what is sent to ECS; that of the defaults goes before
}

// Gone says whether the service gets no task because it is skipped or replaced.
func (s Service) Gone() bool { return s.Skip || s.ReplacedBy != nil }

// Policy is a managed policy by its ARN, or a policy document written in place.
type Policy struct {
	ARN      string
	Document map[string]any

	Path []string // of it in the files
}

// Service returns what x-fargate says of a service, defaults filled in.
func (x Settings) Service(name string) Service {
	s, d := x.Services[name], x.Defaults
	s.CPU = cmp.Or(s.CPU, d.CPU)
	s.Memory = cmp.Or(s.Memory, d.Memory)
	s.Platform = cmp.Or(s.Platform, d.Platform)
	if s.Policies == nil {
		s.Policies = d.Policies
	}
	s.SecretsEnv = cmp.Or(s.SecretsEnv, d.SecretsEnv)
	s.PullCredentials = cmp.Or(s.PullCredentials, d.PullCredentials)
	s.Copy = cmp.Or(s.Copy, d.Copy)
	s.Discovery = s.Discovery.or(d.Discovery)
	if s.GracePeriod == nil {
		s.GracePeriod = d.GracePeriod
	}
	return s
}

// Key is the name of the extension.
const Key = "x-fargate"

// The keys that this release knows and cannot do anything with.
var (
	laterServiceKeys = []string{"capacity", "scaling", "schedule"}
)

// decoder reads x-fargate and has its word about each mistake in it.
type decoder struct {
	*compose.Project
	ds *diag.List
}

// Decode reads the x-fargate of the project and its active services,
// and those of Docker's x-aws keys that mean the same.
func Decode(p *compose.Project, ds *diag.List) Settings {
	d := decoder{p, ds}
	x := d.top(p.Compose.Extensions)
	x.Services = map[string]Service{}
	for _, name := range p.Compose.ServiceNames() {
		x.Services[name] = d.service(p.Compose.Services[name].Extensions, "services", name)
	}
	for _, name := range p.Compose.DisabledServiceNames() { // one for development alone may be replaced
		if s := d.service(p.Compose.DisabledServices[name].Extensions, "services", name); s.ReplacedBy != nil {
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
	x := Settings{}
	if m := d.checked("", nil, extensions[Key], Key); m != nil {
		x.VPC, _ = m["vpc"].(string)
		x.Subnets = Strings(m["subnets"])
		if public, ok := m["public_ip"].(bool); ok {
			x.PublicIP = &public
		}
		x.Cluster, _ = m["cluster"].(string)
		x.balancers(m["load_balancer"])
		x.Domain, _ = m["domain"].(string)
		x.Certificate, _ = m["certificate"].(string)
		x.LogRetention = retention(m["log_retention"])
		x.Tags = tagsOf(m["tags"])
		x.PermissionsBoundary, _ = m["permissions_boundary"].(string)
		if defaults, ok := m["defaults"].(map[string]any); ok {
			x.Defaults = d.defaults(defaults)
		}
	}
	d.awsTop(&x, extensions)
	return x
}

// awsTop reads what a file for Docker's retired ECS integration says.
func (d decoder) awsTop(x *Settings, extensions types.Extensions) {
	d.awsExisting(x, extensions)
	d.warnDouble(extensions, x.VPC != "", "x-aws-vpc", Key+".vpc")
	d.warnDouble(extensions, x.LogRetention != 0, "x-aws-logs_retention", Key+".log_retention")
	x.Overlays = d.overlays(extensions[overlayKey])
	if v, ok := extensions["x-aws-vpc"]; ok && x.VPC == "" && d.valid("#/properties/vpc", v, "x-aws-vpc") {
		x.VPC, _ = v.(string)
	}
	if v, ok := extensions["x-aws-logs_retention"]; ok && x.LogRetention == 0 {
		v = d.typed(v, "x-aws-logs_retention")
		if d.valid("#/properties/log_retention", v, "x-aws-logs_retention") {
			x.LogRetention = retention(v)
		}
	}
}

// warnDouble reports a key of Docker's next to one of ours, which wins.
func (d decoder) warnDouble(extensions types.Extensions, ours bool, key, wins string, path ...string) {
	if _, ok := extensions[key]; ok && ours {
		path = append(slices.Clone(path), key)
		d.ds.Warnf(d.At(path...), compose.Dotted(path), "remove one of the two keys", "ignored: %s is set as well", wins)
	}
}

// defaults are for every service, so that what is about one is out of place.
func (d decoder) defaults(m map[string]any) Service {
	path := []string{Key, "defaults"}
	for _, key := range []string{"sidecar_of", "skip", "replaced_by", "ingress", "schedule"} {
		if _, ok := m[key]; ok {
			d.errorf(append(path, key), "write it at the service", "is only valid in a service")
		}
	}
	if discovery, ok := m["discovery"].(map[string]any); ok && discovery["ports"] != nil {
		d.errorf(append(path, "discovery", "ports"), "write it at the service", "is only valid in a service")
	}
	if _, ok := m["files"].(map[string]any); ok {
		d.errorf(append(path, "files"), "write it at the service, or write one word for all files", "paths are only valid in a service")
	}
	d.refuseLater(m, laterServiceKeys, path)
	return d.serviceOf(m, path)
}

func (d decoder) service(extensions types.Extensions, path ...string) Service {
	s := Service{}
	at := append(slices.Clone(path), Key)
	if m := d.checked("#/$defs/service", laterServiceKeys, extensions[Key], at...); m != nil {
		s = d.serviceOf(m, at)
	}
	d.warnDouble(extensions, s.Policies != nil, "x-aws-policies", Key+".policies", path...)
	d.warnDouble(extensions, s.Policies != nil, "x-aws-role", Key+".policies", path...)
	if s.Policies == nil {
		s.Policies = d.awsPolicies(extensions, path)
	}
	d.warnDouble(extensions, s.PullCredentials != "", "x-aws-pull_credentials", Key+".pull_credentials", path...)
	if s.PullCredentials == "" {
		s.PullCredentials = d.awsCredentials(extensions, path)
	}
	return s
}

func (d decoder) serviceOf(m map[string]any, path []string) Service {
	s := Service{Policies: policiesOf(m["policies"], append(slices.Clone(path), "policies")...)}
	s.CPU = d.size(m, path, "cpu", cpuUnits)
	s.Memory = d.size(m, path, "memory", mebibytes)
	s.Platform = map[any]string{"linux/amd64": "X86_64", "linux/arm64": "ARM64"}[m["platform"]]
	s.SidecarOf, _ = m["sidecar_of"].(string)
	s.Skip, _ = m["skip"].(bool)
	s.Ingress = d.ingresses(m["ingress"], append(slices.Clone(path), "ingress"))
	s.GracePeriod = d.grace(m, path)
	s.Discovery = discoveryOf(m["discovery"])
	s.ReplacedBy = replacement(m["replaced_by"])
	s.Patch = patchOf(m["patch"])
	s.Files = filesOf(m["files"])
	s.SecretsEnv = secretsEnvOf(m["secrets_env"])
	s.PullCredentials, _ = m["pull_credentials"].(string)
	if copied, ok := m["copy"].(bool); ok {
		s.Copy = &copied
	}
	if s.Skip && s.ReplacedBy != nil {
		d.errorf(append(slices.Clone(path), "skip"), "remove skip or replaced_by", "cannot be combined with replaced_by")
	}
	return s
}

// awsPolicies reads x-aws-policies and x-aws-role, a policy document; nil where
// there is neither.
func (d decoder) awsPolicies(extensions types.Extensions, path []string) []Policy {
	const schema = "#/$defs/service/properties/policies"
	var out []Policy
	at := append(slices.Clone(path), "x-aws-policies")
	if list, ok := extensions["x-aws-policies"]; ok && d.valid(schema, list, at...) {
		out = policiesOf(list, at...)
	}
	at = append(slices.Clone(path), "x-aws-role")
	if role, ok := extensions["x-aws-role"]; ok && d.valid(schema+"/items/oneOf/1", role, at...) {
		document, _ := role.(map[string]any)
		out = append(out, Policy{Document: document, Path: at})
	}
	return out
}

// checked returns the mapping at path for what is right in it, and complains of
// the rest.
func (d decoder) checked(schema string, later []string, value any, path ...string) map[string]any {
	if value == nil {
		return nil
	}
	value = d.typed(value, path...)
	d.valid(schema, value, path...)
	m, _ := value.(map[string]any)
	d.refuseLater(m, later, path)
	return m
}

func (d decoder) refuseLater(m map[string]any, later, path []string) {
	for _, key := range later {
		if _, ok := m[key]; ok {
			d.errorf(append(slices.Clone(path), key), "remove it for now", "not supported yet: this release does nothing with it")
		}
	}
}

// valid checks a value against a part of the schema.
func (d decoder) valid(part string, value any, path ...string) bool {
	found := violations(part, value)
	for _, v := range found {
		at := append(slices.Clone(path), v.Path...)
		help := ""
		if v.Unknown {
			help = compose.DidYouMean(at[len(at)-1], names(part, v.Path[:len(v.Path)-1]))
		}
		d.errorf(at, help, "%s", v.Summary)
	}
	return len(found) == 0
}

func (d decoder) errorf(path []string, help, format string, args ...any) {
	d.ds.Errorf(d.At(path...), compose.Dotted(path), help, format, args...)
}

// typed gives back their types to values that variables filled in: those are
// strings to compose-go.
func (d decoder) typed(value any, path ...string) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			if out[key] = e; key != "patch" { // whose values get the types of what they patch
				out[key] = d.typed(e, append(slices.Clone(path), key)...)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = d.typed(e, append(slices.Clone(path), strconv.Itoa(i))...)
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
	if f, err := strconv.ParseFloat(text, 64); err == nil {
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

// size reads a size, which the schema leaves open to be a number or a text.
func (d decoder) size(m map[string]any, path []string, key string, parse func(any) (int, error)) int {
	value, ok := m[key]
	if !ok {
		return 0
	}
	n, err := parse(value)
	if err != nil {
		d.errorf(append(slices.Clone(path), key), "", "%s", err)
	}
	return n
}

// fargateCPUs are the CPU units that a task can have; see fargate-cpu-memory in
// the ECS developer guide.
var fargateCPUs = []int{256, 512, 1024, 2048, 4096, 8192, 16384, 32768}

// cpuUnits reads .25, "0.25 vCPU" and 256 alike.
func cpuUnits(value any) (int, error) {
	text := strings.ToLower(strings.TrimSpace(fmt.Sprint(value)))
	number, hasUnit := strings.CutSuffix(strings.TrimSuffix(text, "s"), "vcpu")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil {
		return 0, fmt.Errorf("%v is not an amount of CPU: write .5, \".5 vCPU\" or 512", value)
	}
	if hasUnit || n <= 32 {
		n *= 1024
	}
	if units := int(n); float64(units) == n && slices.Contains(fargateCPUs, units) {
		return units, nil
	}
	return 0, fmt.Errorf("a task cannot have %v CPU, only .25, .5, 1, 2, 4, 8, 16 or 32 vCPU", value)
}

// mebibytes reads 1024, "1024MiB" and "1gb" alike; units are powers of two, as
// everywhere in compose.
func mebibytes(value any) (int, error) {
	text := strings.TrimSpace(fmt.Sprint(value))
	if n, err := strconv.Atoi(text); err == nil {
		return memoryBounds(n, value)
	}
	var bytes types.UnitBytes
	if err := bytes.DecodeMapstructure(text); err != nil {
		return 0, fmt.Errorf("%v is not an amount of memory: write 1gb, 512MiB or 1024", value)
	}
	return memoryBounds(int(math.Ceil(float64(bytes)/(1<<20))), value)
}

func memoryBounds(n int, value any) (int, error) {
	if n < 512 || n > 244*1024 {
		return 0, fmt.Errorf("a task cannot have %v memory, only 512 MiB to 244 GiB", value)
	}
	return n, nil
}

// checkSidecar complains of a sidecar of nothing, of itself, or of another
// sidecar.
func (d decoder) checkSidecar(x Settings, name string) {
	main := x.Services[name].SidecarOf
	if main == "" || x.Services[name].Gone() {
		return
	}
	path := []string{"services", name, Key, "sidecar_of"}
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

func tagsOf(value any) map[string]string {
	m, _ := value.(map[string]any)
	out := make(map[string]string, len(m))
	for key, v := range m {
		out[key] = fmt.Sprint(v)
	}
	return out
}

// policiesOf is nil if there is no list; an empty list removes those of the
// defaults.
func policiesOf(value any, path ...string) []Policy {
	list, ok := value.([]any)
	if !ok {
		return nil
	}
	out := []Policy{}
	for i, item := range list {
		at := append(slices.Clone(path), strconv.Itoa(i))
		switch v := item.(type) {
		case string:
			out = append(out, Policy{ARN: v, Path: at})
		case map[string]any:
			out = append(out, Policy{Document: v, Path: at})
		}
	}
	return out
}
