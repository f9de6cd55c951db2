package plan

// Target says which stack in which account a plan is for. Every part takes part
// in the check that apply makes.
type Target struct {
	Partition string `json:"partition"` // aws, aws-cn, aws-us-gov; "" offline
	Account   string `json:"account"`   // 12 digits; "" offline
	Region    string `json:"region"`    // "" offline
	Project   string `json:"project"`
}

// Facts are what the translation must know of the account and does not manage.
// They are read once, stored in the plan, and checked again by apply. The zero
// Facts mean offline: what follows from a fact stands as a ref then.
type Facts struct {
	Partition string   `json:"partition"`
	Account   string   `json:"account"`
	Region    string   `json:"region"`
	VPC       string   `json:"vpc"`
	Subnets   []string `json:"subnets"`  // sorted ids
	PublicIP  bool     `json:"publicIp"` // tasks get a public address, their only way out
	Network   string   `json:"network"`  // why this VPC and these subnets, for the reader of a plan
	// VCPUQuota is the number of Fargate On-Demand vCPUs that may run at once in
	// the region (quota L-3032A538); 0 where it could not be read.
	VCPUQuota float64 `json:"vcpuQuota"`
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
