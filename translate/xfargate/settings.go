// Package xfargate reads x-fargate, this tool's extension of compose files, and
// the x-aws keys of Docker's retired ECS integration that mean the same. It knows
// the schema, the types and the defaults of the keys, and reports each mistake in
// them at its place; what the keys do is the business of package translate.
package xfargate

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Settings is the top-level x-fargate: what compose has no key for and holds
// for the whole stack.
type Settings struct {
	VPC                 string            `json:"vpc"`                  // vpc-ID or Name tag; "": chosen from the account
	Subnets             []string          `json:"subnets"`              // subnet-IDs or Name tags as written; nil: chosen from the account
	PublicIP            *bool             `json:"public_ip"`            // nil: as the subnets need it
	Cluster             string            `json:"cluster"`              // name or ARN of one that exists; "": the project's own
	LoadBalancer        string            `json:"-"`                    // name or ARN of one that exists; "": the project's own
	Scheme              string            `json:"-"`                    // of the load balancers; "": internet-facing
	Domain              string            `json:"domain"`               // under which web services are reached; "": none
	Certificate         string            `json:"certificate"`          // ARN; "": that of the domain
	LogRetention        int               `json:"-"`                    // days; 0: not given; Forever
	Tags                map[string]string `json:"-"`                    // on everything that can be tagged
	PermissionsBoundary string            `json:"permissions_boundary"` // policy ARN; "": none
	Hours               *Hours            `json:"-"`                    // when tasks run; nil: all the time
	Defaults            Service           `json:"-"`                    // for services that don't say otherwise

	Services map[string]Service `json:"-"` // as written, without the defaults
	Networks map[string]Network `json:"-"` // those that say something
	Volumes  map[string]Volume  `json:"-"` // those that say something
	Overlays map[string]Overlay `json:"-"` // of Docker's CloudFormation template, by service
}

// Forever is the LogRetention of logs that never expire.
const Forever = -1

// Service is the x-fargate of a service.
type Service struct {
	CPU       int      `json:"-"`          // CPU units of the task, 1024 a vCPU; 0: not given
	Memory    int      `json:"-"`          // MiB of the task; 0: not given
	Platform  string   `json:"-"`          // X86_64 or ARM64; "": not given
	SidecarOf string   `json:"sidecar_of"` // the service in whose task it runs; "": one of its own
	Skip      bool     `json:"skip"`       // not translated
	Policies  []Policy `json:"-"`          // of the task role; nil: not given

	Files           map[string]string `json:"-"`                // how mounted files get into the task, by path there: image, inline, efs or skip
	SecretsEnv      *SecretsEnv       `json:"-"`                // which environment variables are kept as secrets; nil: not given
	PullCredentials string            `json:"pull_credentials"` // ARN of a secret with the credentials of the image's registry; "": none
	Copy            *bool             `json:"copy"`             // whether the image is copied to the project's ECR; nil: not given

	Ingress     map[int]Ingress `json:"-"` // by container port; nil: not given
	GracePeriod *int            `json:"-"` // seconds in which health checks don't count; nil: not given
	Deployment  Deployment      `json:"-"` // how its tasks are replaced
	Capacity    []Capacity      `json:"-"` // where its tasks run; nil: not given

	Scaling *Scaling `json:"-"` // how many tasks run; nil: not given
	Hours   *Hours   `json:"-"` // when they run; nil: not given

	Discovery  Discovery    `json:"discovery"`   // how others find it
	ReplacedBy *Replacement `json:"replaced_by"` // where it is found instead of a task; nil: it has one

	// Patch is the last word of the user: what is merged into the task definition and
	// the service that are sent to ECS. That of the defaults goes before.
	Patch map[string]any `json:"-"`
}

// Gone says whether the service gets no task because it is skipped or replaced.
func (s Service) Gone() bool { return s.Skip || s.ReplacedBy != nil }

// Policy is a managed policy by its ARN, or a policy document written in place.
type Policy struct {
	ARN      string
	Document map[string]any

	Path diag.Path // of it in the files
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
	s.Deployment = s.Deployment.or(d.Deployment)
	if s.Capacity == nil {
		s.Capacity = d.Capacity
	}
	if s.Scaling == nil && d.Scaling != nil {
		scaling := *d.Scaling
		scaling.ForAll, s.Scaling = true, &scaling
	}
	return s
}

// The ways in which mounted files get into a task.
const (
	InImage  = "image"  // in a layer of the image
	Inline   = "inline" // in the task definition
	OnEFS    = "efs"    // on the file system
	LeftOut  = "skip"   // not at all
	AllFiles = ""       // the key in Service.Files for paths that it does not name
)

// SecretsEnv says which environment variables are stored as secrets, in
// addition to those that look like secrets.
type SecretsEnv struct {
	Off   bool              // not those that look like it
	Names []string          // these, sorted
	Plain []string          // not these, sorted
	From  map[string]string // variables whose value a secret gives: a compose secret by its name, or an ARN
}

// filesOf reads files: how files get into the task, by their path there.
func filesOf(value any) map[string]string {
	switch v := value.(type) {
	case string:
		return map[string]string{AllFiles: v}
	case map[string]any:
		return textsOf(v)
	default:
		return nil
	}
}

// secretsEnvOf reads secrets_env after it was found valid; nil where there is none.
func secretsEnvOf(value any) *SecretsEnv {
	if value == nil {
		return nil
	}
	out := &SecretsEnv{}
	switch v := value.(type) {
	case bool:
		out.Off = !v
	case []any:
		out.Names = slices.Sorted(slices.Values(Strings(v)))
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			switch from := v[name].(type) {
			case string:
				if out.From == nil {
					out.From = map[string]string{}
				}
				out.From[name] = from
			case bool:
				if from {
					out.Names = append(out.Names, name)
				} else {
					out.Plain = append(out.Plain, name)
				}
			}
		}
	}
	return out
}

// FileMode is how a file at a path in the container gets into its task: image
// where nothing else is asked for.
func (x Settings) FileMode(service, path string) string {
	for _, files := range []map[string]string{x.Services[service].Files, x.Defaults.Files} {
		if how := files[path]; how != "" && path != AllFiles {
			return how
		}
		if how := files[AllFiles]; how != "" {
			return how
		}
	}
	return InImage
}

// Discovery is how others find a service.
type Discovery struct {
	Mode     string `json:"mode"`      // service-connect, dns, both or none; "": not given, which is service-connect
	Ports    []int  `json:"ports"`     // TCP ports that neither ports nor expose name
	ProxyCPU int    `json:"proxy_cpu"` // CPU units for the Service Connect proxy; 0: none of its own
}

// Connects says whether the service has names in Service Connect.
func (d Discovery) Connects() bool {
	return d.Mode == "" || d.Mode == "service-connect" || d.Mode == "both"
}

// Registers says whether it has one in private DNS.
func (d Discovery) Registers() bool { return d.Mode == "dns" || d.Mode == "both" }

// or fills in what the defaults say.
func (d Discovery) or(defaults Discovery) Discovery {
	d.Mode = cmp.Or(d.Mode, defaults.Mode)
	d.ProxyCPU = cmp.Or(d.ProxyCPU, defaults.ProxyCPU)
	return d
}

// Replacement is where a service is found that gets no task.
type Replacement struct {
	Host string `json:"host"`
	Port int    `json:"port"` // 0: the ports that others use stay
}

// String returns HOST or HOST:PORT.
func (r Replacement) String() string {
	if r.Port == 0 {
		return r.Host
	}
	return r.Host + ":" + strconv.Itoa(r.Port)
}

// Help says what to write in place of the service's name.
func (r Replacement) Help() string {
	if r.Port == 0 {
		return "write " + r.Host
	}
	return "write " + r.Host + ", and " + strconv.Itoa(r.Port) + " for its port"
}
