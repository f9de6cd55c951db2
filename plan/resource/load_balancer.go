package resource

import (
	"context"
	"fmt"
	"slices"
	"time"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// loadBalancerKind defines application and network load balancers.
var loadBalancerKind = kind[spec.LoadBalancer]{
	row: row{
		kind: spec.LoadBalancerKind, noun: "load balancer", tagged: elbTypes,
		reads: []string{
			"elasticloadbalancing:DescribeLoadBalancerAttributes", "elasticloadbalancing:DescribeLoadBalancers",
			"elasticloadbalancing:DescribeTags",
		},
		writes: []string{
			"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:DeleteLoadBalancer",
			"elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:RemoveTags",
			"elasticloadbalancing:SetIpAddressType", "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
		},
	},
	id:   "arn",
	name: loadBalancerName,
	tags: func(s *spec.LoadBalancer) *[]spec.Tag { return &s.Tags },

	byID: func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		found, err := describeLoadBalancers(ctx, a, elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{r.Attrs["arn"]}})
		if err != nil {
			return nil, unless(err, elbGone...)
		}
		return loadBalancerCandidates(ctx, a, found, []*plan.Resource{r})
	},
	list: func(ctx context.Context, r *reading) ([]candidate, error) {
		return searchLoadBalancers(ctx, r.session, r.wanted(spec.LoadBalancerKind), r.tagged.loadBalancers())
	},
	renamed: true,

	// CreateLoadBalancer returns the load balancer of that name if it has the same
	// settings, whoever owns it.
	existing: func(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error) {
		return searchLoadBalancers(ctx, a, []*plan.Resource{want}, nil)
	},
	create: func(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
		input := createLoadBalancerInput(want.Spec.(*spec.LoadBalancer))
		input.Tags = pairList[types.Tag](tags)
		_, err := a.elb().CreateLoadBalancer(ctx, input)
		return "", unless(err, "DuplicateLoadBalancerName")
	},
	partly: func(*spec.LoadBalancer) bool { return true },
	adopt: func(ctx context.Context, a *session, c change[spec.LoadBalancer]) error {
		c.from.Attributes = managedAttributes(c.from.Attributes, c.to.Attributes)
		return loadBalancerActive(ctx, a, c.live.Attrs["arn"])
	},
	update: updateLoadBalancer,
	tag:    tagELB,
	untag:  untagELB,

	// Its listeners and rules go with it. Its network interfaces go some time later;
	// the deletion of security groups waits for that.
	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.elb().DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: pointer(live.Attrs["arn"])}))
	},
	gone: []string{"LoadBalancerNotFound"},
}

func loadBalancerName(s *spec.LoadBalancer) string { return s.Name }

func describeLoadBalancers(ctx context.Context, a *session, in elb.DescribeLoadBalancersInput) ([]types.LoadBalancer, error) {
	if len(in.Names) == 0 && len(in.LoadBalancerArns) == 0 {
		in.PageSize = pointer(int32(elbPage))
	}
	return allPages(ctx, elb.NewDescribeLoadBalancersPaginator(a.elb(), &in),
		func(page *elb.DescribeLoadBalancersOutput) []types.LoadBalancer { return page.LoadBalancers })
}

// searchLoadBalancers returns the load balancers that the desired resources mean
// by name, and those with the other names.
func searchLoadBalancers(ctx context.Context, a *session, want []*plan.Resource, others []string) ([]candidate, error) {
	found, err := elbByName(
		slices.Concat(others, each(want, func(r *plan.Resource) string { return loadBalancerName(r.Spec.(*spec.LoadBalancer)) })),
		func(names []string) ([]types.LoadBalancer, error) {
			return describeLoadBalancers(ctx, a, elb.DescribeLoadBalancersInput{Names: names})
		},
		func(b types.LoadBalancer) *string { return b.LoadBalancerName },
	)
	if err != nil {
		return nil, err
	}
	return loadBalancerCandidates(ctx, a, found, want)
}

// loadBalancerCandidates reads the rest of load balancers. Which of their
// attributes are in the spec depends on the desired resources.
func loadBalancerCandidates(ctx context.Context, a *session, found []types.LoadBalancer, want []*plan.Resource) ([]candidate, error) {
	asked := askedFor(want, loadBalancerName, func(s *spec.LoadBalancer) map[string]string { return s.Attributes })
	tags, err := elbTagsOf(ctx, a.elb(), each(found, func(b types.LoadBalancer) string { return text(b.LoadBalancerArn) }))
	if err != nil {
		return nil, err
	}
	return readEach(ctx, found, func(ctx context.Context, b types.LoadBalancer) (candidate, error) {
		return loadBalancerCandidate(ctx, a, b, tags[text(b.LoadBalancerArn)], asked)
	}, elbGone...)
}

func loadBalancerCandidate(ctx context.Context, a *session, b types.LoadBalancer, tags map[string]string, asked wishes) (candidate, error) {
	got, err := a.elb().DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
	if err != nil {
		return candidate{}, err
	}
	attributes := pairs(got.Attributes)
	s := loadBalancerSpec(b)
	held, others := loadBalancerAttributes.read(attributes, asked.of(s.Name, tags[plan.TagResource]))
	s.Attributes, s.Tags = held, spec.Tags(tags)
	return candidate{
		Resource: liveResource(spec.LoadBalancerKind, s, loadBalancerAttrs(b), tags, append(unmanaged(b), others...)),
		id:       s.Name, name: s.Name,
	}, nil
}

func loadBalancerAttrs(b types.LoadBalancer) plan.Attrs {
	return plan.Attrs{
		"arn":         text(b.LoadBalancerArn),
		"name":        text(b.LoadBalancerName),
		"dns-name":    text(b.DNSName),
		"hosted-zone": text(b.CanonicalHostedZoneId),
	}
}

func loadBalancerSpec(b types.LoadBalancer) *spec.LoadBalancer {
	return &spec.LoadBalancer{
		Name:   text(b.LoadBalancerName),
		Type:   string(b.Type),
		Scheme: string(b.Scheme),
		Subnets: each(b.AvailabilityZones, func(z types.AvailabilityZone) plan.Value {
			return plan.Literal(text(z.SubnetId))
		}),
		SecurityGroups: literals(b.SecurityGroups),
		IPAddressType:  string(b.IpAddressType),
	}
}

func createLoadBalancerInput(s *spec.LoadBalancer) *elb.CreateLoadBalancerInput {
	return &elb.CreateLoadBalancerInput{
		Name:           &s.Name,
		Type:           types.LoadBalancerTypeEnum(s.Type),
		Scheme:         types.LoadBalancerSchemeEnum(s.Scheme),
		Subnets:        texts(s.Subnets),
		SecurityGroups: texts(s.SecurityGroups),
		IpAddressType:  types.IpAddressType(s.IPAddressType),
	}
}

// loadBalancerActive waits until a load balancer answers: an application one takes some
// minutes, a network one up to ten.
func loadBalancerActive(ctx context.Context, a *session, arn string) error {
	return waitFor(ctx, a.poll, activeTime, func() error {
		found, err := describeLoadBalancers(ctx, a, elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
		if err != nil {
			return err
		}
		switch code, reason := balancerState(found); code {
		case types.LoadBalancerStateEnumActive, types.LoadBalancerStateEnumActiveImpaired:
			return nil
		case types.LoadBalancerStateEnumFailed:
			return fmt.Errorf("the load balancer could not be set up: %s", reason)
		default:
			return pending{fmt.Errorf("the load balancer has been %s for %s", code, activeTime)}
		}
	})
}

// activeTime bounds the waiting for a new load balancer.
const activeTime = 15 * time.Minute

func balancerState(found []types.LoadBalancer) (code types.LoadBalancerStateEnum, reason string) {
	if len(found) == 0 || found[0].State == nil {
		return types.LoadBalancerStateEnumProvisioning, ""
	}
	return found[0].State.Code, text(found[0].State.Reason)
}

func updateLoadBalancer(ctx context.Context, a *session, c change[spec.LoadBalancer]) error {
	arn := c.live.Attrs["arn"]
	if err := moveLoadBalancer(ctx, a, arn, c.from, c.to); err != nil {
		return err
	}
	changed := loadBalancerAttributes.change(c.from.Attributes, c.to.Attributes)
	if len(changed) == 0 {
		return nil
	}
	return onlyError(a.elb().ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
		LoadBalancerArn: &arn,
		Attributes:      pairList[types.LoadBalancerAttribute](changed),
	}))
}

// moveLoadBalancer moves a load balancer to the desired subnets and security
// groups.
func moveLoadBalancer(ctx context.Context, a *session, arn string, from, to *spec.LoadBalancer) error {
	if !same(from.SecurityGroups, to.SecurityGroups) {
		_, err := a.elb().SetSecurityGroups(ctx, &elb.SetSecurityGroupsInput{
			LoadBalancerArn: &arn, SecurityGroups: texts(to.SecurityGroups),
		})
		if err != nil {
			return err
		}
	}
	if !same(from.Subnets, to.Subnets) {
		_, err := a.elb().SetSubnets(ctx, &elb.SetSubnetsInput{LoadBalancerArn: &arn, Subnets: texts(to.Subnets)})
		if err != nil {
			return err
		}
	}
	if from.IPAddressType == to.IPAddressType {
		return nil
	}
	return onlyError(a.elb().SetIpAddressType(ctx, &elb.SetIpAddressTypeInput{
		LoadBalancerArn: &arn, IpAddressType: types.IpAddressType(to.IPAddressType),
	}))
}
