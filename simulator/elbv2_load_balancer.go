package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// LoadBalancer is an application or network load balancer.
type LoadBalancer struct {
	types.LoadBalancer
	Attributes map[string]string
	Reads      int // describe reads until it became active
	Due        Due
}

// Leftover is the network interfaces of a load balancer that was deleted. They
// hold on to its security groups for a while (ELB user guide, "Delete an
// Application Load Balancer"; how long is not documented).
type Leftover struct {
	SecurityGroups []string
	Left           int // refused deletions of a group until they are gone
	Due            Due
}

// mostBalancers is how many load balancers of one type a region may have (quotas
// of Application and of Network Load Balancers).
const mostBalancers = 50

func createLoadBalancer(a *Account, in *elb.CreateLoadBalancerInput) (*elb.CreateLoadBalancerOutput, error) {
	tags, err := elbCheckTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	want, err := a.newLoadBalancer(in)
	if err != nil {
		return nil, err
	}
	if known, err := a.knownLoadBalancer(want); known != nil || err != nil {
		return known, err
	}
	if a.countBalancers(want.Type) >= mostBalancers {
		return nil, &types.TooManyLoadBalancersException{Message: ptr("The maximum number of load balancers has been reached")}
	}
	a.nameBalancer(want)
	b := a.LoadBalancers.Put(*want.LoadBalancerArn, *want)
	a.bear(*b.LoadBalancerArn, tags)
	return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{b.LoadBalancer}}, nil
}

// newLoadBalancer is the load balancer that a call asks for, with what AWS fills
// in, but for its ARN and DNS name.
func (a *Account) newLoadBalancer(in *elb.CreateLoadBalancerInput) (*LoadBalancer, error) {
	if err := checkNewBalancer(in); err != nil {
		return nil, err
	}
	b := &LoadBalancer{LoadBalancer: types.LoadBalancer{
		LoadBalancerName: in.Name, Type: cmp.Or(in.Type, types.LoadBalancerTypeEnumApplication),
		Scheme: cmp.Or(in.Scheme, types.LoadBalancerSchemeEnumInternetFacing), IpAddressType: types.IpAddressTypeIpv4,
		SecurityGroups: slices.Clone(in.SecurityGroups), CreatedTime: a.now(),
		State: &types.LoadBalancerState{Code: types.LoadBalancerStateEnumProvisioning},
	}}
	subnets, err := askedSubnets(in.Subnets, in.SubnetMappings)
	if err != nil {
		return nil, err
	}
	if err := a.placeBalancer(b, subnets); err != nil {
		return nil, err
	}
	if b.Type == types.LoadBalancerTypeEnumApplication && len(b.SecurityGroups) == 0 {
		b.SecurityGroups = []string{a.defaultGroup(*b.VpcId)}
	}
	if err := a.checkBalancerGroups(b, b.SecurityGroups); err != nil {
		return nil, err
	}
	if b.Type == types.LoadBalancerTypeEnumNetwork && len(b.SecurityGroups) > 0 {
		b.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = ptr("on")
	}
	b.Attributes = balancerDefaults(b)
	return b, nil
}

func checkNewBalancer(in *elb.CreateLoadBalancerInput) error {
	name := str(in.Name)
	if err := checkElbName("Load balancer", name); err != nil {
		return err
	}
	switch {
	case strings.HasPrefix(name, "internal-"):
		return elbInvalid("Load balancer name '%s' cannot begin with 'internal-'", name)
	case in.Type != "" && in.Type != types.LoadBalancerTypeEnumApplication && in.Type != types.LoadBalancerTypeEnumNetwork:
		return elbInvalid("The simulator does not know load balancers of type '%s'", in.Type)
	case in.Scheme != "" && !slices.Contains(in.Scheme.Values(), in.Scheme):
		return &types.InvalidSchemeException{Message: ptr(fmt.Sprintf("The scheme '%s' is not valid", in.Scheme))}
	case in.IpAddressType != "" && in.IpAddressType != types.IpAddressTypeIpv4:
		return elbInvalid("The simulator knows the IP address type 'ipv4' only, not '%s'", in.IpAddressType)
	case in.CustomerOwnedIpv4Pool != nil || in.IpamPools != nil || in.EnablePrefixForIpv6SourceNat != "":
		return elbInvalid("The simulator does not know address pools of load balancers")
	}
	return nil
}

// nameBalancer gives a new load balancer its ARN, DNS name and zone (General Reference,
// "Elastic Load Balancing endpoints and quotas", for the zones).
func (a *Account) nameBalancer(b *LoadBalancer) {
	name := *b.LoadBalancerName
	id := a.id("load-balancer", name)
	suffix := "amazonaws.com"
	if a.Partition == "aws-cn" {
		suffix += ".cn"
	}
	b.LoadBalancerArn = ptr(a.arn("elasticloadbalancing", "loadbalancer/"+shortType(b.Type)+"/"+name+"/"+id[:16]))
	b.CanonicalHostedZoneId = ptr(balancerZone(a.Region, b.Type))
	if b.Type == types.LoadBalancerTypeEnumNetwork {
		b.DNSName = ptr(fmt.Sprintf("%s-%s.elb.%s.%s", name, id[:16], a.Region, suffix))
		return
	}
	number, _ := strconv.ParseUint(id[:8], 16, 64)
	host := fmt.Sprintf("%s-%d.%s.elb.%s", name, number, a.Region, suffix)
	if b.Scheme == types.LoadBalancerSchemeEnumInternal {
		host = "internal-" + host
	}
	b.DNSName = &host
}

// shortType is how ARNs call a type of load balancer.
func shortType(t types.LoadBalancerTypeEnum) string {
	if t == types.LoadBalancerTypeEnumNetwork {
		return "net"
	}
	return "app"
}

// balancerZone is the hosted zone of the DNS names of load balancers: the real
// one of us-east-1, made up elsewhere.
func balancerZone(region string, t types.LoadBalancerTypeEnum) string {
	switch {
	case region != "us-east-1":
		return "Z" + strings.ToUpper(digest("hosted-zone", region, string(t))[:13])
	case t == types.LoadBalancerTypeEnumNetwork:
		return "Z26RNL4JYFTOTI"
	}
	return "Z35SXDOTRQ7X7K"
}

// knownLoadBalancer answers a call for a name that is taken: with the load
// balancer if it has the same settings, else with an error (API reference,
// CreateLoadBalancer: "If you attempt to create multiple load balancers with the
// same settings, each call succeeds"). Whether tags count is not documented; here
// they do not, so that a caller must look at whose it got.
func (a *Account) knownLoadBalancer(want *LoadBalancer) (*elb.CreateLoadBalancerOutput, error) {
	for _, have := range a.LoadBalancers.All() {
		if *have.LoadBalancerName != *want.LoadBalancerName {
			continue
		}
		if have.Type != want.Type || have.Scheme != want.Scheme || have.IpAddressType != want.IpAddressType ||
			!sameList(have.SecurityGroups, want.SecurityGroups) || !sameList(have.AvailabilityZones, want.AvailabilityZones) {
			return nil, &types.DuplicateLoadBalancerNameException{Message: ptr(fmt.Sprintf(
				"A load balancer with the same name '%s' exists, but with different settings", *want.LoadBalancerName))}
		}
		return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{have.LoadBalancer}}, nil
	}
	return nil, nil
}

func (a *Account) countBalancers(t types.LoadBalancerTypeEnum) int {
	n := 0
	for _, b := range a.LoadBalancers.All() {
		if b.Type == t {
			n++
		}
	}
	return n
}

// loadBalancer finds the load balancer of that ARN, for reading.
func (a *Account) loadBalancer(arn *string) (*LoadBalancer, error) {
	if b := a.LoadBalancers.Get(str(arn)); b != nil {
		return b, nil
	}
	return nil, &types.LoadBalancerNotFoundException{Message: ptr(fmt.Sprintf("Load balancer '%s' not found", str(arn)))}
}

func describeLoadBalancers(a *Account, in *elb.DescribeLoadBalancersInput) (*elb.DescribeLoadBalancersOutput, error) {
	switch {
	case len(in.LoadBalancerArns) > 20:
		return nil, elbInvalid("At most 20 load balancers can be described by ARN")
	case len(in.LoadBalancerArns) > 0 && len(in.Names) > 0:
		return nil, elbInvalid("Load balancer names and load balancer ARNs cannot be specified at the same time")
	}
	arns, err := a.balancersByName(in.Names)
	if err != nil {
		return nil, err
	}
	missing := &types.LoadBalancerNotFoundException{Message: ptr("One or more load balancers not found")}
	rows, err := elbPick(&a.LoadBalancers, append(arns, in.LoadBalancerArns...), missing, func(*LoadBalancer) bool { return true })
	if err != nil {
		return nil, err
	}
	rows, next, err := elbPage(a, rows, func(b *LoadBalancer) string { return *b.LoadBalancerArn }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeLoadBalancersOutput{LoadBalancers: []types.LoadBalancer{}, NextMarker: next}
	for _, b := range rows {
		out.LoadBalancers = append(out.LoadBalancers, a.advanceBalancer(b).LoadBalancer)
	}
	return out, nil
}

func (a *Account) balancersByName(names []string) ([]string, error) {
	var arns []string
	for _, b := range a.LoadBalancers.All() {
		if slices.Contains(names, *b.LoadBalancerName) {
			arns = append(arns, *b.LoadBalancerArn)
		}
	}
	if len(arns) < len(names) {
		return nil, &types.LoadBalancerNotFoundException{
			Message: ptr(fmt.Sprintf("Load balancers '[%s]' not found", strings.Join(names, ", "))),
		}
	}
	return arns, nil
}

// advanceBalancer moves a new load balancer on by one describe read.
func (a *Account) advanceBalancer(b *LoadBalancer) *LoadBalancer {
	if b.State.Code != types.LoadBalancerStateEnumProvisioning {
		return b
	}
	row := a.LoadBalancers.Edit(*b.LoadBalancerArn)
	if row.Reads++; row.Reads >= a.Progress {
		row.State.Code = types.LoadBalancerStateEnumActive
	}
	return row
}

// deleteLoadBalancer takes the listeners and rules along. A load balancer that
// is not there is no error.
func deleteLoadBalancer(a *Account, in *elb.DeleteLoadBalancerInput) (*elb.DeleteLoadBalancerOutput, error) {
	arn := str(in.LoadBalancerArn)
	b := a.LoadBalancers.Get(arn)
	switch {
	case b == nil:
		return &elb.DeleteLoadBalancerOutput{}, nil
	case b.Attributes["deletion_protection.enabled"] == "true":
		return nil, &types.OperationNotPermittedException{
			Message: ptr(fmt.Sprintf("Load balancer '%s' cannot be deleted because deletion protection is enabled", arn)),
		}
	}
	for _, l := range a.listenersOf(arn) {
		a.dropListener(*l.ListenerArn)
	}
	if len(b.SecurityGroups) > 0 {
		a.Leftovers.Put(arn, Leftover{SecurityGroups: b.SecurityGroups, Left: a.Progress})
	}
	a.LoadBalancers.Delete(arn)
	a.Tags.Delete(arn)
	return &elb.DeleteLoadBalancerOutput{}, nil
}

// clearLeftover is a look at what a deleted load balancer left behind.
func (a *Account) clearLeftover(arn string) {
	if a.Leftovers.Get(arn).Left <= 0 {
		a.Leftovers.Delete(arn)
		return
	}
	a.Leftovers.Edit(arn).Left--
}

// usedByLoadBalancer tells whether a load balancer has this security group, or
// had it until a moment ago.
func usedByLoadBalancer(a *Account, group string) bool {
	for _, b := range a.LoadBalancers.All() {
		if slices.Contains(b.SecurityGroups, group) {
			return true
		}
	}
	held := false
	for arn, l := range a.Leftovers.All() {
		if !slices.Contains(l.SecurityGroups, group) {
			continue
		}
		held = held || l.Left > 0
		a.clearLeftover(arn)
	}
	return held
}

func setSecurityGroups(a *Account, in *elb.SetSecurityGroupsInput) (*elb.SetSecurityGroupsOutput, error) {
	b, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	switch {
	case b.Type == types.LoadBalancerTypeEnumNetwork && len(b.SecurityGroups) == 0:
		return nil, elbMisconfigured(
			"You cannot set security groups on a Network Load Balancer which was created without any security groups.")
	case len(in.SecurityGroups) == 0:
		return nil, elbInvalid("At least one security group must be specified")
	}
	if err := a.checkBalancerGroups(b, in.SecurityGroups); err != nil {
		return nil, err
	}
	b = a.LoadBalancers.Edit(*b.LoadBalancerArn)
	b.SecurityGroups = slices.Clone(in.SecurityGroups)
	if on := in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic; on != "" && b.Type == types.LoadBalancerTypeEnumNetwork {
		b.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = ptr(string(on))
	}
	return &elb.SetSecurityGroupsOutput{
		SecurityGroupIds: b.SecurityGroups,
		EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: types.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum(
			str(b.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic)),
	}, nil
}

// setIPAddressType takes a load balancer back to IPv4, which is all that the
// simulator knows: only Mutate makes one of another type.
func setIPAddressType(a *Account, in *elb.SetIpAddressTypeInput) (*elb.SetIpAddressTypeOutput, error) {
	b, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	if in.IpAddressType != types.IpAddressTypeIpv4 {
		return nil, elbInvalid("The simulator knows the IP address type 'ipv4' only, not '%s'", in.IpAddressType)
	}
	b = a.LoadBalancers.Edit(*b.LoadBalancerArn)
	b.IpAddressType = in.IpAddressType
	return &elb.SetIpAddressTypeOutput{IpAddressType: b.IpAddressType}, nil
}

func setSubnets(a *Account, in *elb.SetSubnetsInput) (*elb.SetSubnetsOutput, error) {
	b, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	if in.IpAddressType != "" && in.IpAddressType != types.IpAddressTypeIpv4 {
		return nil, elbInvalid("The simulator knows the IP address type 'ipv4' only, not '%s'", in.IpAddressType)
	}
	subnets, err := askedSubnets(in.Subnets, in.SubnetMappings)
	if err != nil {
		return nil, err
	}
	want := clone(*b)
	if err := a.placeBalancer(&want, subnets); err != nil {
		return nil, err
	}
	if *want.VpcId != *b.VpcId {
		return nil, elbMisconfigured("The subnets of load balancer '%s' must be in its VPC '%s'", *b.LoadBalancerArn, *b.VpcId)
	}
	b = a.LoadBalancers.Edit(*b.LoadBalancerArn)
	b.AvailabilityZones = want.AvailabilityZones
	return &elb.SetSubnetsOutput{AvailabilityZones: b.AvailabilityZones, IpAddressType: b.IpAddressType}, nil
}

func describeLoadBalancerAttributes(
	a *Account, in *elb.DescribeLoadBalancerAttributesInput,
) (*elb.DescribeLoadBalancerAttributesOutput, error) {
	b, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	return &elb.DescribeLoadBalancerAttributesOutput{Attributes: balancerAttributes(b.Attributes)}, nil
}

func modifyLoadBalancerAttributes(
	a *Account, in *elb.ModifyLoadBalancerAttributesInput,
) (*elb.ModifyLoadBalancerAttributesOutput, error) {
	b, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	asked := map[string]string{}
	for _, attribute := range in.Attributes {
		asked[str(attribute.Key)] = str(attribute.Value)
	}
	if err := checkAttributes("Load balancer", balancerDefaults(b), asked); err != nil {
		return nil, err
	}
	if err := checkBalancerAttributes(b, asked); err != nil {
		return nil, err
	}
	b = a.LoadBalancers.Edit(*b.LoadBalancerArn)
	maps.Copy(b.Attributes, asked)
	return &elb.ModifyLoadBalancerAttributesOutput{Attributes: balancerAttributes(b.Attributes)}, nil
}

func balancerAttributes(values map[string]string) []types.LoadBalancerAttribute {
	list := []types.LoadBalancerAttribute{}
	for _, key := range sortedKeys(values) {
		list = append(list, types.LoadBalancerAttribute{Key: &key, Value: ptr(values[key])})
	}
	return list
}
