package plan

// Target says for which stack in which account a plan is. apply checks every
// field of it.
type Target struct {
	Partition string `json:"partition"` // aws, aws-cn, aws-us-gov; "" offline
	Account   string `json:"account"`   // 12 digits; "" offline
	Region    string `json:"region"`    // "" offline
	Project   string `json:"project"`
}

// Facts are what the translation needs to know about resources of the account
// that it does not manage. They are read once, stored in the plan, and checked
// again by apply. The zero Facts mean offline: values that depend on a fact are
// then refs.
type Facts struct {
	Partition string   `json:"partition"`
	Account   string   `json:"account"`
	Region    string   `json:"region"`
	VPC       string   `json:"vpc"`
	Subnets   []string `json:"subnets"`  // sorted ids
	PublicIP  bool     `json:"publicIp"` // tasks get a public address, their only way out
	Network   string   `json:"network"`  // why this VPC and these subnets, for the reader of a plan
	// Isolated: tasks have no way out but the VPC endpoints of the services in
	// Endpoints, sorted: ecr.api, ecr.dkr, logs, s3, secretsmanager, ssm and others.
	// Without Isolated these are known where Lookups.Isolated asked for them.
	Isolated  bool     `json:"isolated,omitempty"`
	Endpoints []string `json:"endpoints,omitempty"`
	// Zones are the Availability Zones of Subnets and of BalancerSubnets, by id of
	// the subnet.
	Zones map[string]string `json:"zones,omitempty"`
	// BalancerSubnets are those that load balancers may stand in.
	BalancerSubnets BalancerSubnets `json:"balancerSubnets,omitzero"`
	// VCPUQuota is the number of Fargate On-Demand vCPUs that may run at once in
	// the region (quota L-3032A538); 0 where it could not be read.
	VCPUQuota float64 `json:"vcpuQuota"`

	// The rest is what Lookups asked for and was found.

	Cluster        string            `json:"cluster,omitempty"`        // ARN of the cluster that exists
	LoadBalancer   *LoadBalancer     `json:"loadBalancer,omitempty"`   // the one that exists
	SecurityGroups map[string]string `json:"securityGroups,omitempty"` // ids, by the name or id that was asked for
	HostedZone     string            `json:"hostedZone,omitempty"`     // id of the public zone of the domain; "": none in this account
	Certificate    string            `json:"certificate,omitempty"`    // ARN of an issued certificate for the domain; "": none
	// Certificates are those of ACM in this region that the files name, and that of the
	// domain, by ARN. One that was asked for and is not in it does not exist; nil: none was
	// looked at.
	Certificates map[string]Certificate `json:"certificates,omitempty"`
	// FileSystems are the projects of this tool to which those of others belong that the
	// files name, by id.
	FileSystems map[string]string `json:"fileSystems,omitempty"`
	// EndpointGroups are the security groups, sorted ids, of the interface endpoints
	// that tasks start through: those of ECR, logs, secrets, and S3 where it has one.
	EndpointGroups []string `json:"endpointGroups,omitempty"`
	// S3PrefixList is the id of the prefix list behind the gateway endpoint of S3;
	// "": no such endpoint.
	S3PrefixList string `json:"s3PrefixList,omitempty"`
	// Published are the container ports of this project that load balancers lead to now,
	// by SERVICE.PORT: http, tcp or udp.
	Published map[string]string `json:"published,omitempty"`
	// Given are those of these ports, sorted, whose kind the files gave.
	Given []string `json:"given,omitempty"`
	// Linked are the volumes in which tasks of live services made links to files, as their
	// tags say it, by service.
	Linked map[string]string `json:"linked,omitempty"`
	// Services are the services of this project that are live, sorted, where Published
	// is known.
	Services []string `json:"services,omitempty"`
	// Images are configurations of images by their reference as the compose files
	// have it. One that is not in it was not looked at.
	Images map[string]Image `json:"images,omitempty"`
	// Contexts are the hashes of build contexts by service, see package image. They
	// are of this machine and not of the account.
	Contexts map[string]string `json:"contexts,omitempty"`
	// ContextFiles are short hashes of what is in those contexts, by service and path.
	// No plan file has them: they only tell which file is behind another hash.
	ContextFiles map[string]map[string]string `json:"-"`
}

// BalancerSubnets are subnets of the VPC, sorted ids, at most one in a zone.
type BalancerSubnets struct {
	Public  []string `json:"public,omitempty"`  // with a route to an internet gateway
	Private []string `json:"private,omitempty"` // for load balancers of the internal scheme
}

// Certificate is a certificate of ACM that exists.
type Certificate struct {
	Status string   `json:"status"` // ISSUED, or why no listener can use it
	Names  []string `json:"names"`  // sorted, in lower case
}

// Usable is the status of a certificate that listeners accept.
const Usable = "ISSUED"

// LoadBalancer is a load balancer that exists and is nobody's to change.
type LoadBalancer struct {
	ARN            string     `json:"arn"`
	Type           string     `json:"type"`   // application or network
	Scheme         string     `json:"scheme"` // internet-facing or internal
	VPC            string     `json:"vpc"`
	DNSName        string     `json:"dnsName"`
	HostedZone     string     `json:"hostedZone"`     // that of its DNS name, for alias records
	SecurityGroups []string   `json:"securityGroups"` // sorted ids
	Listeners      []Listener `json:"listeners,omitempty"`
}

// Listener of a load balancer that exists, and not one of the project: translate
// takes what is listed here for that of others, and makes none of its own there.
type Listener struct {
	ARN      string `json:"arn"`
	Port     int    `json:"port"`
	Protocol string `json:"protocol"` // HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP
	// Priorities are those of the rules of others, sorted. Ours don't count.
	Priorities []int `json:"priorities,omitempty"`
}

// Image is what the configuration and the manifest of an image say.
type Image struct {
	Digest       string      `json:"digest"`                 // sha256:… of what the reference names: an index or a manifest
	Platforms    []string    `json:"platforms,omitempty"`    // sorted: linux/amd64, linux/arm64
	Ports        []string    `json:"ports,omitempty"`        // of EXPOSE, sorted: 80/tcp
	User         string      `json:"user,omitempty"`         // of USER
	Volumes      []string    `json:"volumes,omitempty"`      // of VOLUME, sorted paths
	WorkingDir   string      `json:"workingDir,omitempty"`   // of WORKDIR
	Entrypoint   []string    `json:"entrypoint,omitempty"`   // of ENTRYPOINT
	Command      []string    `json:"command,omitempty"`      // of CMD
	Healthcheck  *ImageCheck `json:"healthcheck,omitempty"`  // of HEALTHCHECK; nil: none
	SizeInBytes  int64       `json:"sizeInBytes,omitempty"`  // of the layers as they travel, compressed
	LayerDigests []string    `json:"layerDigests,omitempty"` // of the platform that was asked for
}

// ImageCheck is the health check in an image. Times are in nanoseconds; 0 means
// Docker's default.
type ImageCheck struct {
	Test        []string `json:"test"` // CMD or CMD-SHELL first; NONE alone
	Interval    int64    `json:"interval,omitempty"`
	Timeout     int64    `json:"timeout,omitempty"`
	StartPeriod int64    `json:"startPeriod,omitempty"`
	Retries     int      `json:"retries,omitempty"`
}

// Lookups are what a stack needs to know about the account: the choices that
// the compose files make, and the existing resources that they name.
type Lookups struct {
	VPC      string   // id or Name tag; "" leaves the choice open
	Subnets  []string // ids or Name tags; none leaves the choice open
	PublicIP *bool    // nil leaves the choice open

	Cluster        string   // name or ARN of a cluster that exists; "": the project's own
	Spare          bool     // whether tasks shall run on spare capacity in that cluster, which may be taken from them
	LoadBalancer   string   // name or ARN of one that exists; "": the project's own
	SecurityGroups []string // ids or names of groups that exist
	FileSystems    []string // ids of file systems that exist
	Certificates   []string // ARNs of certificates that exist
	Domain         string   // whose hosted zone and certificate are wanted; "": none
	Published      bool     // whether it matters which ports are published now
	Balanced       bool     // whether load balancers of our own need subnets
	Isolated       bool     // whether tasks shall get out to VPC endpoints alone
}

// FactsKind is the kind of the addresses under which facts stand while they are
// not known: ${ref:facts/vpc.id}.
const FactsKind = "facts"

// Fact is a value taken from Facts: text where it is known, else a ref to
// facts/NAME.attr that no resource answers.
func Fact(name, attr, text string) Value {
	if text != "" {
		return Literal(text)
	}
	return RefTo(Address{Kind: FactsKind, Name: name}, attr, "")
}
