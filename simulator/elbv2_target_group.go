package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// TargetGroup is a target group. Which load balancer has it follows from the
// listeners and rules; see balancersOf.
type TargetGroup struct {
	types.TargetGroup
	Attributes map[string]string
}

// mostTargetGroups is how many target groups a region may have (quotas of
// Application Load Balancers).
const mostTargetGroups = 3000

func createTargetGroup(a *Account, in *elb.CreateTargetGroupInput) (*elb.CreateTargetGroupOutput, error) {
	tags, err := elbCheckTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	want, err := a.newTargetGroup(in)
	if err != nil {
		return nil, err
	}
	if known, err := a.knownTargetGroup(want); known != nil || err != nil {
		return known, err
	}
	if a.TargetGroups.Len() >= mostTargetGroups {
		return nil, &types.TooManyTargetGroupsException{Message: ptr("The maximum number of target groups has been reached")}
	}
	name := *want.TargetGroupName
	arn := a.arn("elasticloadbalancing", "targetgroup/"+name+"/"+a.id("target-group", name)[:16])
	want.TargetGroupArn = &arn
	a.TargetGroups.Put(arn, *want)
	a.bear(arn, tags)
	return &elb.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{a.describeTargetGroup(arn)}}, nil
}

// newTargetGroup is the target group that a call asks for, with what AWS fills
// in, but for its ARN.
func (a *Account) newTargetGroup(in *elb.CreateTargetGroupInput) (*TargetGroup, error) {
	if err := a.checkNewGroupOfTargets(in); err != nil {
		return nil, err
	}
	g := &TargetGroup{TargetGroup: types.TargetGroup{
		TargetGroupName: in.Name, Protocol: in.Protocol, Port: in.Port, VpcId: in.VpcId,
		TargetType:    cmp.Or(in.TargetType, types.TargetTypeEnumInstance),
		IpAddressType: cmp.Or(in.IpAddressType, types.TargetGroupIpAddressTypeEnumIpv4),
	}}
	if isHTTP(g.Protocol) {
		g.ProtocolVersion = orElse(in.ProtocolVersion, "HTTP1")
	}
	err := g.check(healthCheck{
		enabled: in.HealthCheckEnabled, protocol: in.HealthCheckProtocol, port: in.HealthCheckPort,
		path: in.HealthCheckPath, matcher: in.Matcher,
		interval: in.HealthCheckIntervalSeconds, timeout: in.HealthCheckTimeoutSeconds,
		healthy: in.HealthyThresholdCount, unhealthy: in.UnhealthyThresholdCount,
	})
	g.Attributes = groupDefaults(g)
	return g, err
}

// groupProtocols are the protocols of target groups that are known here.
var groupProtocols = []types.ProtocolEnum{
	types.ProtocolEnumHttp, types.ProtocolEnumHttps, types.ProtocolEnumTcp,
	types.ProtocolEnumTls, types.ProtocolEnumUdp, types.ProtocolEnumTcpUdp,
}

func (a *Account) checkNewGroupOfTargets(in *elb.CreateTargetGroupInput) error {
	if err := checkElbName("Target group", str(in.Name)); err != nil {
		return err
	}
	switch {
	case in.TargetType != "" && in.TargetType != types.TargetTypeEnumIp && in.TargetType != types.TargetTypeEnumInstance:
		return elbInvalid("The simulator knows the target types 'ip' and 'instance' only, not '%s'", in.TargetType)
	case in.IpAddressType != "" && in.IpAddressType != types.TargetGroupIpAddressTypeEnumIpv4:
		return elbInvalid("The simulator knows the IP address type 'ipv4' only, not '%s'", in.IpAddressType)
	case in.TargetControlPort != nil:
		return elbInvalid("The simulator does not know target control ports")
	case in.Protocol == "":
		return elbInvalid("A protocol must be specified")
	case !slices.Contains(groupProtocols, in.Protocol):
		return elbInvalid("The simulator does not know target groups with the %s protocol", in.Protocol)
	case in.Port == nil:
		return elbInvalid("A port must be specified")
	case outside(in.Port, 1, 65535):
		return elbInvalid("Target group port '%d' must be between 1 and 65535", *in.Port)
	case in.VpcId == nil:
		return elbInvalid("A VPC ID must be specified")
	case a.Vpcs.Get(*in.VpcId) == nil:
		return elbInvalid("The VPC ID '%s' is not found", *in.VpcId)
	case in.ProtocolVersion != nil && !isHTTP(in.Protocol):
		return elbInvalid("A protocol version cannot be specified for target groups with the %s protocol", in.Protocol)
	case in.ProtocolVersion != nil && !slices.Contains([]string{"HTTP1", "HTTP2", "GRPC"}, *in.ProtocolVersion):
		return elbInvalid("Protocol version '%s' must be one of 'HTTP1, HTTP2, GRPC'", *in.ProtocolVersion)
	}
	return nil
}

// knownTargetGroup answers a call for a name that is taken: with the target group
// if it has the same settings, else with an error (API reference,
// CreateTargetGroup). Tags do not count, as with load balancers.
func (a *Account) knownTargetGroup(want *TargetGroup) (*elb.CreateTargetGroupOutput, error) {
	for arn, have := range a.TargetGroups.All() {
		if *have.TargetGroupName != *want.TargetGroupName {
			continue
		}
		settings := have.TargetGroup
		settings.TargetGroupArn = nil
		if !same(settings, want.TargetGroup) {
			return nil, &types.DuplicateTargetGroupNameException{Message: ptr(fmt.Sprintf(
				"A target group with the same name '%s' exists, but with different settings", *want.TargetGroupName))}
		}
		return &elb.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{a.describeTargetGroup(arn)}}, nil
	}
	return nil, nil
}

// targetGroup finds the target group of that ARN, for reading.
func (a *Account) targetGroup(arn *string) (*TargetGroup, error) {
	if g := a.TargetGroups.Get(str(arn)); g != nil {
		return g, nil
	}
	return nil, &types.TargetGroupNotFoundException{Message: ptr(fmt.Sprintf("Target group '%s' not found", str(arn)))}
}

// describeTargetGroup is the target group as AWS answers it.
func (a *Account) describeTargetGroup(arn string) types.TargetGroup {
	g := a.TargetGroups.Get(arn).TargetGroup
	g.LoadBalancerArns = filled(a.balancersOf(arn))
	return g
}

// balancersOf are the load balancers whose listeners and rules name a target
// group: one or none.
func (a *Account) balancersOf(group string) []string {
	users := a.listeners.Keys("group " + group)
	for _, r := range a.routes.Of("group " + group) {
		users = append(users, r.Listener)
	}
	var arns []string
	for _, arn := range slices.Sorted(slices.Values(users)) {
		if l := a.Listeners.Get(arn); l != nil && !slices.Contains(arns, *l.LoadBalancerArn) {
			arns = append(arns, *l.LoadBalancerArn)
		}
	}
	return arns
}

func describeTargetGroups(a *Account, in *elb.DescribeTargetGroupsInput) (*elb.DescribeTargetGroupsOutput, error) {
	arns, err := a.groupsByName(in)
	if err != nil {
		return nil, err
	}
	missing := &types.TargetGroupNotFoundException{Message: ptr("One or more target groups not found")}
	rows, err := elbPick(&a.TargetGroups, arns, missing, func(g *TargetGroup) bool {
		return in.LoadBalancerArn == nil || slices.Contains(a.balancersOf(*g.TargetGroupArn), *in.LoadBalancerArn)
	})
	if err != nil {
		return nil, err
	}
	rows, next, err := elbPage(a, rows, func(g *TargetGroup) string { return *g.TargetGroupArn }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeTargetGroupsOutput{TargetGroups: []types.TargetGroup{}, NextMarker: next}
	for _, g := range rows {
		out.TargetGroups = append(out.TargetGroups, a.describeTargetGroup(*g.TargetGroupArn))
	}
	return out, nil
}

// groupsByName are the ARNs that a call asks for, by ARN or by name. A call may
// ask in one way only (API reference, DescribeTargetGroups).
func (a *Account) groupsByName(in *elb.DescribeTargetGroupsInput) ([]string, error) {
	ways := 0
	for _, way := range []bool{in.LoadBalancerArn != nil, len(in.TargetGroupArns) > 0, len(in.Names) > 0} {
		if way {
			ways++
		}
	}
	if ways > 1 {
		return nil, elbInvalid("Only one of load balancer ARN, target group ARNs and names can be specified")
	}
	if in.LoadBalancerArn != nil {
		if _, err := a.loadBalancer(in.LoadBalancerArn); err != nil {
			return nil, err
		}
	}
	arns := slices.Clone(in.TargetGroupArns)
	for arn, g := range a.TargetGroups.All() {
		if slices.Contains(in.Names, *g.TargetGroupName) {
			arns = append(arns, arn)
		}
	}
	if len(arns) < len(in.Names) {
		return nil, &types.TargetGroupNotFoundException{
			Message: ptr(fmt.Sprintf("Target groups '[%s]' not found", strings.Join(in.Names, ", "))),
		}
	}
	return arns, nil
}

func modifyTargetGroup(a *Account, in *elb.ModifyTargetGroupInput) (*elb.ModifyTargetGroupOutput, error) {
	g, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	want := clone(*g)
	err = want.check(healthCheck{
		enabled: in.HealthCheckEnabled, protocol: in.HealthCheckProtocol, port: in.HealthCheckPort,
		path: in.HealthCheckPath, matcher: in.Matcher,
		interval: in.HealthCheckIntervalSeconds, timeout: in.HealthCheckTimeoutSeconds,
		healthy: in.HealthyThresholdCount, unhealthy: in.UnhealthyThresholdCount,
	})
	if err != nil {
		return nil, err
	}
	*a.TargetGroups.Edit(*g.TargetGroupArn) = want
	return &elb.ModifyTargetGroupOutput{TargetGroups: []types.TargetGroup{a.describeTargetGroup(*g.TargetGroupArn)}}, nil
}

// deleteTargetGroup refuses while an action names the group. One that is not
// there is no error: the API reference lists ResourceInUse alone.
func deleteTargetGroup(a *Account, in *elb.DeleteTargetGroupInput) (*elb.DeleteTargetGroupOutput, error) {
	arn := str(in.TargetGroupArn)
	if len(a.balancersOf(arn)) > 0 {
		return nil, &types.ResourceInUseException{
			Message: ptr(fmt.Sprintf("Target group '%s' is currently in use by a listener or a rule", arn)),
		}
	}
	for key := range a.targetsOf(arn) {
		a.Targets.Delete(key)
	}
	a.TargetGroups.Delete(arn)
	a.Tags.Delete(arn)
	return &elb.DeleteTargetGroupOutput{}, nil
}

func describeTargetGroupAttributes(
	a *Account, in *elb.DescribeTargetGroupAttributesInput,
) (*elb.DescribeTargetGroupAttributesOutput, error) {
	g, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	return &elb.DescribeTargetGroupAttributesOutput{Attributes: groupAttributes(g.Attributes)}, nil
}

func modifyTargetGroupAttributes(
	a *Account, in *elb.ModifyTargetGroupAttributesInput,
) (*elb.ModifyTargetGroupAttributesOutput, error) {
	g, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	asked := map[string]string{}
	for _, attribute := range in.Attributes {
		asked[str(attribute.Key)] = str(attribute.Value)
	}
	if err := checkAttributes("Target group", groupDefaults(g), asked); err != nil {
		return nil, err
	}
	if err := checkGroupAttributes(g, asked); err != nil {
		return nil, err
	}
	g = a.TargetGroups.Edit(*g.TargetGroupArn)
	maps.Copy(g.Attributes, asked)
	return &elb.ModifyTargetGroupAttributesOutput{Attributes: groupAttributes(g.Attributes)}, nil
}

func groupAttributes(values map[string]string) []types.TargetGroupAttribute {
	list := []types.TargetGroupAttribute{}
	for _, key := range sortedKeys(values) {
		list = append(list, types.TargetGroupAttribute{Key: &key, Value: ptr(values[key])})
	}
	return list
}
