// Package xfargate reads x-fargate, this tool's extension of compose files, and
// the x-aws keys of Docker's retired ECS integration that mean the same. It knows
// the schema, the types and the defaults of the keys, and reports each mistake in
// them at its place; what the keys do is the business of package translate.
package xfargate

import (
	"cmp"

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
	return s
}
