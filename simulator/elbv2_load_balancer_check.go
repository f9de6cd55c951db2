package simulator

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// askedSubnets are the subnets of a call, which gives them in one of two forms.
func askedSubnets(ids []string, mappings []types.SubnetMapping) ([]string, error) {
	switch {
	case len(ids) > 0 && len(mappings) > 0:
		return nil, elbInvalid("Subnets and subnet mappings cannot be specified at the same time")
	case len(ids) == 0 && len(mappings) == 0:
		return nil, elbInvalid("At least one subnet must be specified")
	}
	for _, m := range mappings {
		if m.AllocationId != nil || m.IPv6Address != nil || m.PrivateIPv4Address != nil || m.SourceNatIpv6Prefix != nil {
			return nil, elbInvalid("The simulator does not know addresses in subnet mappings")
		}
		ids = append(ids, str(m.SubnetId))
	}
	return ids, nil
}

// placeBalancer puts a load balancer into these subnets, one per zone.
func (a *Account) placeBalancer(b *LoadBalancer, subnets []string) error {
	b.VpcId, b.AvailabilityZones = nil, nil
	zones := map[string]bool{}
	for _, id := range subnets {
		subnet := a.Subnets.Get(id)
		switch {
		case subnet == nil:
			return &types.SubnetNotFoundException{Message: ptr(fmt.Sprintf("The subnet ID '%s' does not exist", id))}
		case b.VpcId != nil && *b.VpcId != *subnet.VpcId:
			return elbMisconfigured("All subnets of a load balancer must be in the same VPC")
		case zones[*subnet.AvailabilityZone]:
			return elbMisconfigured("A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		case val(subnet.AvailableIpAddressCount) < 8: // ELB user guide, "Subnets for your load balancer"
			return &types.InvalidSubnetException{Message: ptr(fmt.Sprintf("Not enough IP space available in %s. "+
				"ELB requires at least 8 free IP addresses in each subnet.", id))}
		}
		zones[*subnet.AvailabilityZone] = true
		b.VpcId = subnet.VpcId
		b.AvailabilityZones = append(b.AvailabilityZones, types.AvailabilityZone{
			SubnetId: &id, ZoneName: subnet.AvailabilityZone, LoadBalancerAddresses: []types.LoadBalancerAddress{},
		})
	}
	return a.checkPlace(b)
}

func (a *Account) checkPlace(b *LoadBalancer) error {
	switch {
	case b.Type == types.LoadBalancerTypeEnumApplication && len(b.AvailabilityZones) < 2:
		return elbInvalid("At least two subnets in two different Availability Zones must be specified")
	case b.Scheme == types.LoadBalancerSchemeEnumInternetFacing && !a.hasGateway(*b.VpcId):
		return &types.InvalidSubnetException{Message: ptr(fmt.Sprintf("VPC %s has no internet gateway", *b.VpcId))}
	}
	return nil
}

// hasGateway tells whether a VPC has an internet gateway: here, whether one of
// its route tables has one.
func (a *Account) hasGateway(vpc string) bool {
	for _, table := range a.RouteTables.All() {
		for _, route := range table.Routes {
			if *table.VpcId == vpc && strings.HasPrefix(str(route.GatewayId), "igw-") {
				return true
			}
		}
	}
	return false
}

// checkBalancerGroups wants groups of the load balancer's VPC, at most five (VPC
// quotas, security groups per network interface).
func (a *Account) checkBalancerGroups(b *LoadBalancer, groups []string) error {
	if len(groups) > 5 {
		return elbMisconfigured("A load balancer can have at most 5 security groups, not %d", len(groups))
	}
	for _, id := range groups {
		group := a.SecurityGroups.Get(id)
		if group == nil {
			return &types.InvalidSecurityGroupException{Message: ptr(fmt.Sprintf("The security group '%s' does not exist", id))}
		}
		if *group.VpcId != *b.VpcId {
			return elbMisconfigured("One or more security groups are invalid: '%s' is not in the VPC '%s'", id, *b.VpcId)
		}
	}
	return nil
}
