package resource

import (
	"context"
	"errors"
	"fmt"

	awsarn "github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Where reads what of the facts needs no network: whose account this is, and
// which region.
func (a *Account) Where(ctx context.Context) (plan.Facts, error) {
	partition, account, err := a.Identity(ctx)
	return plan.Facts{Partition: partition, Account: account, Region: a.region}, err
}

// Facts reads what the translation needs to know about the account. Where the
// files leave a choice, the live state decides, so that a new route or subnet
// does not move a service; without a live state it chooses what a newcomer
// would expect. The error names everything that was asked for and does not
// exist or cannot be used.
func (a *Account) Facts(ctx context.Context, needs plan.Lookups) (plan.Facts, error) {
	facts, err := a.Where(ctx)
	if err != nil {
		return plan.Facts{}, err
	}
	found, err := a.lookUp(ctx, facts, needs)
	if err != nil && (!isUsers(err) || found.opens(needs)) {
		return plan.Facts{}, err
	}
	needs.Balanced = needs.Balanced || len(found.published) > 0 // what is live may stay
	network, noNetwork := a.network(ctx, needs, found)
	if noNetwork != nil {
		return plan.Facts{}, errors.Join(err, fmt.Errorf("choose the network: %w", brief(noNetwork)))
	}
	if err := errors.Join(err, found.within(network, &facts)); err != nil {
		return plan.Facts{}, err
	}
	network.tell(&facts)
	facts.Cluster, facts.LoadBalancer = found.cluster, found.balancer
	facts.HostedZone, facts.Certificate = found.hostedZone, found.certificate
	facts.Certificates, facts.FileSystems = found.certificates, found.fileSystems
	facts.Published, facts.Given, facts.Services = found.published, found.given, found.services
	facts.Linked = found.linked
	facts.VCPUQuota = a.vcpuQuota(ctx)
	return facts, ctx.Err()
}

// tell writes down what was chosen.
func (n network) tell(facts *plan.Facts) {
	facts.VPC, facts.Subnets = n.vpc, n.ids()
	facts.PublicIP, facts.Network = n.publicIP, n.why()
	facts.Isolated, facts.Endpoints = n.isolated, n.endpoints
	facts.EndpointGroups, facts.S3PrefixList = n.guards, n.s3List
	facts.BalancerSubnets, facts.Zones = n.balancers, n.zones
}

// found is what a stack asked for by name.
type found struct {
	cluster      string             // ARN
	balancer     *plan.LoadBalancer // nil: none was asked for
	zones        []string           // of balancer, sorted
	groups       foundGroups
	hostedZone   string
	certificate  string                      // ARN
	certificates map[string]plan.Certificate // by ARN
	fileSystems  map[string]string           // projects, by id
	published    map[string]string           // kinds, by SERVICE.PORT
	services     []string                    // sorted
	given        []string                    // those of these ports whose kind the files gave, sorted
	linked       map[string]string           // the tags for links, by service
}

// opens says whether the VPC is unknown because the load balancer that would
// determine it was not found.
func (f found) opens(needs plan.Lookups) bool {
	return needs.VPC == "" && len(needs.Subnets) == 0 && needs.LoadBalancer != "" && f.balancer == nil
}

// lookUp looks up everything that the files name. Its error covers all of what
// the user can fix.
func (a *Account) lookUp(ctx context.Context, where plan.Facts, needs plan.Lookups) (found, error) {
	var out found
	var wrong []error
	for _, look := range []func(context.Context, plan.Facts, plan.Lookups, *found) error{
		a.findCluster, a.findBalancer, a.findGroups, a.findHostedZone, a.findCertificates, a.findCertificate, a.findFileSystems, a.findPublished,
	} {
		err := look(ctx, where, needs, &out)
		if err != nil && !isUsers(err) {
			return out, err
		}
		wrong = append(wrong, err)
	}
	return out, errors.Join(wrong...)
}

// within answers what depends on the VPC.
func (f found) within(n network, facts *plan.Facts) error {
	groups, err := f.groups.in(n.vpc)
	facts.SecurityGroups = groups
	if f.balancer != nil && f.balancer.VPC != n.vpc {
		err = errors.Join(misnamed(balancerKey, "names one in %s, and the stack is in %s: name a load balancer of this VPC, or set x-fargate.vpc",
			f.balancer.VPC, n.whyVPC), err)
	}
	return err
}

// Misnamed is the error for a name in the compose files of something that does not
// exist, or that cannot be used there.
type Misnamed struct {
	Key     string // of the compose files: x-fargate.vpc
	Problem string // what is wrong with it
}

// Error begins with the key, so that it reads as a sentence.
func (e *Misnamed) Error() string { return e.Key + " " + e.Problem }

func misnamed(key, format string, args ...any) error {
	return &Misnamed{key, fmt.Sprintf(format, args...)}
}

// Misnamings are the names in the compose files that err is about, nil where it
// is about anything else besides.
func Misnamings(err error) []*Misnamed {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []*Misnamed
		for _, one := range joined.Unwrap() {
			found := Misnamings(one)
			if found == nil {
				return nil
			}
			out = append(out, found...)
		}
		return out
	}
	var single *Misnamed
	if inner := errors.Unwrap(err); inner != nil {
		return Misnamings(inner)
	}
	if errors.As(err, &single) {
		return []*Misnamed{single}
	}
	return nil
}

// isUsers says whether err is about names in the compose files alone.
func isUsers(err error) bool {
	var e *Misnamed
	return errors.As(err, &e)
}

// elsewhere is the error for an ARN of another account or region; nil for a name,
// and for an ARN of here.
func elsewhere(where plan.Facts, key, name string) error {
	arn, err := awsarn.Parse(name)
	if err != nil || arn.AccountID == where.Account && arn.Region == where.Region {
		return nil
	}
	return misnamed(key, "names %s, and this is account %s, region %s", name, where.Account, where.Region)
}

// vcpuQuota reads the quota "Fargate On-Demand vCPU resource count". Not to know
// it costs a warning, so that no error of this call matters.
func (a *Account) vcpuQuota(ctx context.Context) float64 {
	got, err := a.quotas().GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{
		ServiceCode: pointer("fargate"), QuotaCode: pointer("L-3032A538"),
	})
	if err != nil || got.Quota == nil || got.Quota.Value == nil {
		return 0
	}
	return *got.Quota.Value
}
