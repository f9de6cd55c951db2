package resource

import (
	"context"
	"errors"
	"fmt"
	"time"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// loadBalancerKind is the entry of the table.
var loadBalancerKind = methods{
	row: row{
		kind: spec.LoadBalancerKind, noun: "load balancer", tagged: elbTypes,
		reads:  []string{"elasticloadbalancing:DescribeLoadBalancerAttributes", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags"},
		writes: []string{"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:RemoveTags", "elasticloadbalancing:SetIpAddressType", "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets"},
	},
	of: func(a *session) operations { return loadBalancers{a} },
}

// loadBalancers is the kind of application and network load balancers.
type loadBalancers struct{ *session }

func (k loadBalancers) describe(ctx context.Context, in elb.DescribeLoadBalancersInput) ([]types.LoadBalancer, error) {
	if len(in.Names) == 0 && len(in.LoadBalancerArns) == 0 {
		in.PageSize = pointer(int32(elbPage))
	}
	return allPages(ctx, elb.NewDescribeLoadBalancersPaginator(k.elb, &in),
		func(page *elb.DescribeLoadBalancersOutput) []types.LoadBalancer { return page.LoadBalancers })
}

// called returns the load balancers of these names, whosever they are.
func (k loadBalancers) called(ctx context.Context, names []string) ([]types.LoadBalancer, error) {
	return elbByName(names,
		func(names []string) ([]types.LoadBalancer, error) {
			return k.describe(ctx, elb.DescribeLoadBalancersInput{Names: names})
		},
		func(b types.LoadBalancer) *string { return b.LoadBalancerName },
	)
}

// search returns the load balancers that the desired resources mean by name,
// and those that the tagging API knows.
func (k loadBalancers) search(ctx context.Context, want []*plan.Resource, tagged taggedResources) ([]candidate, error) {
	names, asked := tagged.loadBalancers(), wishes{}
	for _, r := range want {
		s := r.Spec.(*spec.LoadBalancer)
		names = append(names, s.Name)
		asked[s.Name], asked[r.Address.String()] = s.Attributes, s.Attributes
	}
	found, err := k.called(ctx, names)
	if err != nil {
		return nil, err
	}
	return k.candidates(ctx, found, asked)
}

func (k loadBalancers) candidates(ctx context.Context, found []types.LoadBalancer, asked wishes) ([]candidate, error) {
	tags, err := elbTagsOf(ctx, k.elb, each(found, func(b types.LoadBalancer) string { return text(b.LoadBalancerArn) }))
	if err != nil {
		return nil, err
	}
	return elbCandidates(ctx, found, func(ctx context.Context, b types.LoadBalancer) (candidate, error) {
		return k.candidate(ctx, b, tags[text(b.LoadBalancerArn)], asked)
	})
}

func (k loadBalancers) candidate(ctx context.Context, b types.LoadBalancer, tags map[string]string, asked wishes) (candidate, error) {
	got, err := k.elb.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
	if err != nil {
		return candidate{}, err
	}
	attributes := pairs(got.Attributes, func(a types.LoadBalancerAttribute) (key, value *string) { return a.Key, a.Value })
	s := loadBalancerSpec(b)
	held, others := loadBalancerAttributes.read(attributes, asked.of(s.Name, tags[plan.TagResource]))
	s.Attributes, s.Tags = held, spec.Tags(tags)
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.LoadBalancerKind},
			Spec:      normal(spec.LoadBalancerKind, s),
			Attrs:     loadBalancerAttrs(b),
			Tags:      tags,
			Unmanaged: append(unmanaged(b), others...),
		},
		id: s.Name, name: s.Name,
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

func (k loadBalancers) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	s, _ := r.Spec.(*spec.LoadBalancer)
	if arn := r.Attrs["arn"]; arn != "" {
		found, err := elbByARN([]string{arn}, func(arns []string) ([]types.LoadBalancer, error) {
			return k.describe(ctx, elb.DescribeLoadBalancersInput{LoadBalancerArns: arns})
		})
		if err != nil {
			return nil, err
		}
		candidates, err := k.candidates(ctx, found, wishes{s.Name: s.Attributes})
		if err != nil {
			return nil, err
		}
		return readBy(candidates, r.Address)
	}
	tagged, err := listTaggedAs(ctx, k.tagging, k.project, r.Address, elbTypes)
	if err != nil {
		return nil, err
	}
	found, err := k.search(ctx, []*plan.Resource{r}, tagged)
	if err != nil {
		return nil, err
	}
	return pick(place(k.project, map[string]plan.Address{s.Name: r.Address}, found), r.Address)
}

// Create looks first: CreateLoadBalancer answers with the load balancer of that
// name if it has the same settings, whosever it is.
func (k loadBalancers) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.LoadBalancer)
	live, err := k.named(ctx, want)
	if err == nil {
		return k.take(ctx, live, want)
	}
	if !errors.Is(err, plan.ErrNotFound) {
		return nil, err
	}
	input := createLoadBalancerInput(s)
	input.Tags = elbTags(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash, Pending: true}))
	_, err = k.elb.CreateLoadBalancer(ctx, input)
	if err != nil && !is(err, "DuplicateLoadBalancerName") {
		return nil, err
	}
	if live, err = appears(ctx, k.poll, func() (*plan.Resource, error) { return k.named(ctx, want) }); err != nil {
		return nil, err
	}
	return k.take(ctx, live, want)
}

// named reads the load balancer that has the desired name.
func (k loadBalancers) named(ctx context.Context, want *plan.Resource) (*plan.Resource, error) {
	found, err := k.search(ctx, []*plan.Resource{want}, nil)
	if err != nil {
		return nil, err
	}
	return readBy(found, want.Address)
}

// take continues with an existing load balancer: it was created just now, or by
// an earlier attempt that was interrupted.
func (k loadBalancers) take(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "load balancer "+live.Attrs["name"])
	}
	from, to := live.Spec.(*spec.LoadBalancer), want.Spec.(*spec.LoadBalancer)
	from.Tags = common(from.Tags, to.Tags)
	from.Attributes = commonAttributes(from.Attributes, to.Attributes)
	if err := k.active(ctx, live.Attrs["arn"]); err != nil {
		return live.Attrs, err
	}
	return k.Update(ctx, live, want, false)
}

// active waits until a load balancer answers: an application one takes some
// minutes, a network one up to ten.
func (k loadBalancers) active(ctx context.Context, arn string) error {
	deadline := time.Now().Add(activeTime)
	for {
		found, err := k.describe(ctx, elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
		if err != nil {
			return err
		}
		switch code, reason := balancerState(found); {
		case code == types.LoadBalancerStateEnumActive || code == types.LoadBalancerStateEnumActiveImpaired:
			return nil
		case code == types.LoadBalancerStateEnumFailed:
			return fmt.Errorf("the load balancer could not be set up: %s", reason)
		case time.Now().After(deadline):
			return fmt.Errorf("the load balancer has been %s for %s", code, activeTime)
		}
		if err := wait(ctx, k.poll); err != nil {
			return err
		}
	}
}

// activeTime bounds the waiting for a new load balancer.
const activeTime = 15 * time.Minute

func balancerState(found []types.LoadBalancer) (code types.LoadBalancerStateEnum, reason string) {
	if len(found) == 0 || found[0].State == nil {
		return types.LoadBalancerStateEnumProvisioning, ""
	}
	return found[0].State.Code, text(found[0].State.Reason)
}

func (k loadBalancers) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.LoadBalancer), want.Spec.(*spec.LoadBalancer)
	arn := live.Attrs["arn"]
	if err := k.setPlace(ctx, arn, from, to); err != nil {
		return nil, err
	}
	if changed := loadBalancerAttributes.change(from.Attributes, to.Attributes); len(changed) > 0 {
		_, err := k.elb.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: &arn,
			Attributes: list(changed, func(key, value *string) types.LoadBalancerAttribute {
				return types.LoadBalancerAttribute{Key: key, Value: value}
			}),
		})
		if err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, retagELB(ctx, k.elb, arn, tags)
}

// setPlace moves a load balancer to the wanted subnets and security groups.
func (k loadBalancers) setPlace(ctx context.Context, arn string, from, to *spec.LoadBalancer) error {
	if !same(from.SecurityGroups, to.SecurityGroups) {
		_, err := k.elb.SetSecurityGroups(ctx, &elb.SetSecurityGroupsInput{
			LoadBalancerArn: &arn, SecurityGroups: texts(to.SecurityGroups),
		})
		if err != nil {
			return err
		}
	}
	if !same(from.Subnets, to.Subnets) {
		_, err := k.elb.SetSubnets(ctx, &elb.SetSubnetsInput{LoadBalancerArn: &arn, Subnets: texts(to.Subnets)})
		if err != nil {
			return err
		}
	}
	if from.IPAddressType == to.IPAddressType {
		return nil
	}
	_, err := k.elb.SetIpAddressType(ctx, &elb.SetIpAddressTypeInput{
		LoadBalancerArn: &arn, IpAddressType: types.IpAddressType(to.IPAddressType),
	})
	return err
}

// Delete takes the listeners and rules along. The network interfaces go some time
// later, for which the deletion of security groups waits.
func (k loadBalancers) Delete(ctx context.Context, live *plan.Resource) error {
	arn := live.Attrs["arn"]
	_, err := k.elb.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &arn})
	if is(err, "LoadBalancerNotFound") {
		return nil
	}
	return err
}

func (k loadBalancers) all(ctx context.Context, r *reading) ([]candidate, error) {
	wanted := r.wanted(spec.LoadBalancerKind)
	found, err := k.search(ctx, wanted, r.tagged)
	names := byName(wanted, func(r *plan.Resource) string { return r.Spec.(*spec.LoadBalancer).Name })
	return place(k.project, names, found), err
}
