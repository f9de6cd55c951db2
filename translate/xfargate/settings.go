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

	Services map[string]Service // as written, without the defaults
	Networks map[string]Network // those that say something
	Volumes  map[string]Volume  // those that say something
	Overlays map[string]Overlay // of Docker's CloudFormation template, by service
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
