package simulator

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// networkInterface is what follows from a task's ARN: no two tasks share one.
type networkInterface struct{ id, mac, public string }

func interfaceOf(taskARN string) networkInterface {
	h := digest("network-interface", taskARN)
	octet := func(i int) int64 {
		n, _ := strconv.ParseInt(h[2*i:2*i+2], 16, 64)
		return n
	}
	return networkInterface{
		id:     "eni-" + h[:17],
		mac:    fmt.Sprintf("0a:%s:%s:%s:%s:%s", h[0:2], h[2:4], h[4:6], h[6:8], h[8:10]),
		public: netip.AddrFrom4([4]byte{203, 0, 113, byte(1 + octet(2)%254)}).String(), // TEST-NET-3
	}
}

// roomySubnet is the first of the subnets with a free address, from the nth on:
// tasks are spread over them.
func (a *Account) roomySubnet(subnets []string, n int) string {
	for i := range subnets {
		id := subnets[(n+i)%len(subnets)]
		prefix, err := netip.ParsePrefix(str(val(a.Subnets.Get(id)).CidrBlock))
		if err == nil && a.tasks.Count("subnet "+id) < 1<<(32-prefix.Bits())-5 {
			return id
		}
	}
	return subnets[n%len(subnets)]
}

// freeAddress is an address of the subnet that no task has which has not stopped.
// The first four and the last are AWS's own (VPC User Guide, "Subnet CIDR
// blocks").
func (a *Account) freeAddress(taskARN, subnet string) string {
	prefix, err := netip.ParsePrefix(str(val(a.Subnets.Get(subnet)).CidrBlock))
	if err != nil { // a subnet that was taken away
		prefix = netip.MustParsePrefix("172.31.0.0/20")
	}
	base := prefix.Masked().Addr().As4()
	usable := uint64(1)<<(32-prefix.Bits()) - 5
	start, _ := strconv.ParseUint(digest("address", taskARN)[:15], 16, 64)
	address := func(i uint64) string {
		host := binary.BigEndian.Uint32(base[:]) + 4 + uint32((start+i)%usable)
		return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, host))).String()
	}
	i := uint64(0)
	for i < usable && a.taskAt(address(i)) != nil {
		i++
	}
	return address(i)
}

// networkAttachment is the interface as the task shows it.
func (a *Account) networkAttachment(taskARN, subnet string) ecstypes.Attachment {
	eni := interfaceOf(taskARN)
	detail := func(name, value string) ecstypes.KeyValuePair {
		return ecstypes.KeyValuePair{Name: &name, Value: &value}
	}
	return ecstypes.Attachment{
		Id: ptr(uuid(digest("attachment", taskARN))), Type: ptr("ElasticNetworkInterface"), Status: ptr("PRECREATED"),
		Details: []ecstypes.KeyValuePair{
			detail("subnetId", subnet), detail("networkInterfaceId", eni.id), detail("macAddress", eni.mac),
			detail("privateIPv4Address", a.freeAddress(taskARN, subnet)),
		},
	}
}

// describeNetworkInterfaces knows those of tasks that have not stopped.
func describeNetworkInterfaces(
	a *Account, in *ec2.DescribeNetworkInterfacesInput,
) (*ec2.DescribeNetworkInterfacesOutput, error) {
	var interfaces Table[types.NetworkInterface]
	for _, t := range a.Tasks.All() {
		if *t.LastStatus != "STOPPED" {
			eni := a.describeInterface(t)
			interfaces.Put(*eni.NetworkInterfaceId, eni)
		}
	}
	all, err := described(a, &interfaces, in.NetworkInterfaceIds, in.Filters, interfaceKind)
	if err != nil {
		return nil, err
	}
	list, next, err := ec2Page(a, all, func(i types.NetworkInterface) string { return *i.NetworkInterfaceId }, in.NextToken, in.MaxResults)
	return &ec2.DescribeNetworkInterfacesOutput{NetworkInterfaces: list, NextToken: next}, err
}

func (a *Account) describeInterface(t *Task) types.NetworkInterface {
	eni := interfaceOf(*t.TaskArn)
	subnet := t.Attachments[0].Details[0].Value
	out := types.NetworkInterface{
		NetworkInterfaceId: &eni.id, MacAddress: &eni.mac, PrivateIpAddress: ptr(privateAddress(t)), SubnetId: subnet,
		AvailabilityZone: t.AvailabilityZone, OwnerId: &a.Account, Status: types.NetworkInterfaceStatusInUse,
		InterfaceType: types.NetworkInterfaceTypeInterface, RequesterManaged: ptr(true),
		Description: ptr("arn:" + a.Partition + ":ecs:" + a.Region + ":" + a.Account + ":attachment/" + *t.Attachments[0].Id),
	}
	if s := a.Subnets.Get(*subnet); s != nil {
		out.VpcId = s.VpcId
	}
	for _, id := range t.Network.SecurityGroups {
		out.Groups = append(out.Groups, types.GroupIdentifier{GroupId: &id, GroupName: a.groupName(id)})
	}
	if t.Network.AssignPublicIp == ecstypes.AssignPublicIpEnabled {
		out.Association = &types.NetworkInterfaceAssociation{PublicIp: &eni.public, IpOwnerId: ptr("amazon")}
	}
	return out
}

func (a *Account) groupName(id string) *string {
	if g := a.SecurityGroups.Get(id); g != nil {
		return g.GroupName
	}
	return nil
}

var interfaceKind = kind[types.NetworkInterface]{
	notFound: "InvalidNetworkInterfaceID.NotFound", noun: "networkInterface ID",
	filters: map[string]func(*types.NetworkInterface) []string{
		"network-interface-id": func(n *types.NetworkInterface) []string { return one(n.NetworkInterfaceId) },
		"subnet-id":            func(n *types.NetworkInterface) []string { return one(n.SubnetId) },
		"vpc-id":               func(n *types.NetworkInterface) []string { return one(n.VpcId) },
		"private-ip-address":   func(n *types.NetworkInterface) []string { return one(n.PrivateIpAddress) },
		"availability-zone":    func(n *types.NetworkInterface) []string { return one(n.AvailabilityZone) },
		"description":          func(n *types.NetworkInterface) []string { return one(n.Description) },
		"interface-type":       func(n *types.NetworkInterface) []string { return []string{string(n.InterfaceType)} },
		"requester-managed":    func(n *types.NetworkInterface) []string { return []string{strconv.FormatBool(val(n.RequesterManaged))} },
		"status":               func(n *types.NetworkInterface) []string { return []string{string(n.Status)} },
		"group-id": func(n *types.NetworkInterface) []string {
			var ids []string
			for _, g := range n.Groups {
				ids = append(ids, *g.GroupId)
			}
			return ids
		},
	},
	tags: func(n *types.NetworkInterface, tags []types.Tag) { n.TagSet = tags },
}
