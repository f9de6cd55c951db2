package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/smithy-go"
)

// HostedZone is a hosted zone of Route 53: public, or private to some VPCs.
type HostedZone struct {
	types.HostedZone
	Vpcs        []types.VPC
	NameServers []string
}

// hostName is a DNS name without the final dot.
var hostName = regexp.MustCompile(
	`^([a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?\.)*[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?$`)

func noSuchZone(id string) error {
	return &types.NoSuchHostedZone{Message: ptr("No hosted zone found with ID: " + id)}
}

func createHostedZone(a *Account, in *route53.CreateHostedZoneInput) (*route53.CreateHostedZoneOutput, error) {
	name := canonicalName(str(in.Name))
	if !hostName.MatchString(strings.TrimSuffix(name, ".")) {
		return nil, &types.InvalidDomainName{Message: ptr(fmt.Sprintf("%s is not a valid domain name", str(in.Name)))}
	}
	for _, z := range a.HostedZones.All() {
		if *z.CallerReference == str(in.CallerReference) {
			return nil, &types.HostedZoneAlreadyExists{Message: ptr(
				"A hosted zone has already been created with the specified caller reference.")}
		}
	}
	var vpcs []types.VPC
	if in.VPC != nil {
		vpc := str(in.VPC.VPCId)
		if a.Vpcs.Get(vpc) == nil {
			return nil, &types.InvalidVPCId{Message: ptr("The VPC: " + vpc + " you provided is not authorized to make the association.")}
		}
		if zone := a.privateZone(name, vpc); zone != "" {
			return nil, &types.ConflictingDomainExists{Message: ptr(fmt.Sprintf("The VPC %s in region %s has already been "+
				"associated with the hosted zone %s with the same domain name.", vpc, a.Region, zone))}
		}
		vpcs = append(vpcs, *in.VPC)
	}
	zone := a.putZone(name, str(in.CallerReference), vpcs)
	zone.Config.Comment = val(in.HostedZoneConfig).Comment
	id := route53ID(zone.Id)
	out := &route53.CreateHostedZoneOutput{
		HostedZone: a.describeZone(zone), ChangeInfo: a.submitChange(id), VPC: in.VPC,
		Location: ptr("https://route53.amazonaws.com/2013-04-01/hostedzone/" + id),
	}
	if !zone.Config.PrivateZone {
		out.DelegationSet = &types.DelegationSet{NameServers: zone.NameServers}
	}
	return out, nil
}

// PutHostedZone adds a public hosted zone for a domain, as somebody who owns it
// has one, and returns its id.
func (a *Account) PutHostedZone(domain string) string {
	return route53ID(a.putZone(canonicalName(domain), "PutHostedZone "+a.id("caller-reference", domain), nil).Id)
}

// putZone makes a zone with the records that every zone has. It is private when
// it has VPCs.
func (a *Account) putZone(name, reference string, vpcs []types.VPC) *HostedZone {
	id := "Z" + strings.ToUpper(a.id("hosted-zone", name)[:20])
	row := HostedZone{Vpcs: vpcs, HostedZone: types.HostedZone{
		Id: ptr("/hostedzone/" + id), Name: &name, CallerReference: &reference,
		Config: &types.HostedZoneConfig{PrivateZone: len(vpcs) > 0},
	}}
	for i, domain := range []string{"com", "net", "org", "co.uk"} {
		row.NameServers = append(row.NameServers, fmt.Sprintf("ns-%d.awsdns-%02d.%s", 512*i+7, 8*i, domain))
	}
	zone := a.HostedZones.Put(id, row)
	a.bear(a.zoneARN(id), nil)
	servers := []types.ResourceRecord{}
	for _, server := range row.NameServers {
		servers = append(servers, types.ResourceRecord{Value: ptr(server + ".")})
	}
	a.putRecord(id, types.ResourceRecordSet{Name: &name, Type: types.RRTypeNs, TTL: ptr(int64(172800)), ResourceRecords: servers})
	a.putRecord(id, types.ResourceRecordSet{
		Name: &name, Type: types.RRTypeSoa, TTL: ptr(int64(900)),
		ResourceRecords: []types.ResourceRecord{{
			Value: ptr(row.NameServers[0] + ". awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"),
		}},
	})
	return zone
}

// privateZone is the id of the private zone of that name in a VPC, empty when
// there is none.
func (a *Account) privateZone(name, vpc string) string {
	for id, z := range a.HostedZones.All() {
		if *z.Name == canonicalName(name) && slices.ContainsFunc(z.Vpcs, func(v types.VPC) bool { return str(v.VPCId) == vpc }) {
			return id
		}
	}
	return ""
}

// putNamespaceZone makes the zone of a private DNS namespace, which only Cloud
// Map may change.
func (a *Account) putNamespaceZone(ns *Namespace) string {
	zone := a.putZone(canonicalName(*ns.Name), *ns.Id, []types.VPC{{VPCId: &ns.Vpc, VPCRegion: types.VPCRegion(a.Region)}})
	zone.Config.Comment = ptr("Created by AWS Cloud Map namespace with ARN " + *ns.Arn)
	zone.LinkedService = &types.LinkedService{
		ServicePrincipal: ptr("servicediscovery.amazonaws.com"), Description: zone.Config.Comment,
	}
	return route53ID(zone.Id)
}

func (a *Account) dropZone(id string) {
	if a.HostedZones.Get(id) == nil {
		return
	}
	for key := range a.Records.All() {
		if strings.HasPrefix(key, id+" ") {
			a.Records.Delete(key)
		}
	}
	a.Tags.Delete(a.zoneARN(id))
	a.HostedZones.Delete(id)
}

// deleteHostedZone refuses a zone with records beside those it was born with.
func deleteHostedZone(a *Account, in *route53.DeleteHostedZoneInput) (*route53.DeleteHostedZoneOutput, error) {
	zone, err := a.ownZone(in.Id)
	if err != nil {
		return nil, err
	}
	id := route53ID(zone.Id)
	if len(a.recordsOf(id)) > 2 {
		return nil, &types.HostedZoneNotEmpty{Message: ptr(
			"The specified hosted zone contains non-required resource record sets and so cannot be deleted.")}
	}
	a.dropZone(id)
	return &route53.DeleteHostedZoneOutput{ChangeInfo: a.submitChange(id)}, nil
}

// ownZone finds a zone that may be changed by calls of Route 53.
func (a *Account) ownZone(id *string) (*HostedZone, error) {
	zone := a.HostedZones.Get(route53ID(id))
	switch {
	case zone == nil:
		return nil, noSuchZone(route53ID(id))
	case zone.LinkedService != nil:
		return nil, &smithy.GenericAPIError{
			Code: "AccessDenied", Message: fmt.Sprintf("The resource %s can only be managed through AWS Cloud Map", *zone.Id),
			Fault: smithy.FaultClient,
		}
	}
	return zone, nil
}

func (a *Account) describeZone(z *HostedZone) *types.HostedZone {
	out := z.HostedZone
	out.ResourceRecordSetCount = ptr(int64(len(a.recordsOf(route53ID(z.Id)))))
	return &out
}

func getHostedZone(a *Account, in *route53.GetHostedZoneInput) (*route53.GetHostedZoneOutput, error) {
	zone := a.HostedZones.Get(route53ID(in.Id))
	if zone == nil {
		return nil, noSuchZone(route53ID(in.Id))
	}
	out := &route53.GetHostedZoneOutput{HostedZone: a.describeZone(zone), VPCs: zone.Vpcs}
	if !zone.Config.PrivateZone {
		out.DelegationSet = &types.DelegationSet{NameServers: zone.NameServers}
	}
	return out, nil
}

func listHostedZones(a *Account, in *route53.ListHostedZonesInput) (*route53.ListHostedZonesOutput, error) {
	n, err := a.route53Size(in.MaxItems, 100)
	if err != nil {
		return nil, err
	}
	if in.Marker != nil && a.HostedZones.Get(*in.Marker) == nil {
		return nil, route53Invalid("The marker %s is not valid", *in.Marker)
	}
	out := &route53.ListHostedZonesOutput{HostedZones: []types.HostedZone{}, Marker: in.Marker, MaxItems: ptr(int32(n))}
	for id, zone := range a.HostedZones.All() {
		switch {
		case id < str(in.Marker) || in.HostedZoneType != "" && !zone.Config.PrivateZone:
		case len(out.HostedZones) == n:
			out.IsTruncated, out.NextMarker = true, &id
			return out, nil
		default:
			out.HostedZones = append(out.HostedZones, *a.describeZone(zone))
		}
	}
	return out, nil
}

// listHostedZonesByName begins at a name: it is no filter, the zones that follow
// in the order of reversed labels come too.
func listHostedZonesByName(
	a *Account, in *route53.ListHostedZonesByNameInput,
) (*route53.ListHostedZonesByNameOutput, error) {
	n, err := a.route53Size(in.MaxItems, 100)
	switch {
	case err != nil:
		return nil, err
	case in.HostedZoneId != nil && in.DNSName == nil:
		return nil, route53Invalid("Both DNSName and HostedZoneId must be given, or DNSName alone")
	}
	start := ""
	if in.DNSName != nil {
		start = reversedName(canonicalName(*in.DNSName)) + " " + route53ID(in.HostedZoneId)
	}
	out := &route53.ListHostedZonesByNameOutput{
		HostedZones: []types.HostedZone{}, DNSName: in.DNSName, HostedZoneId: in.HostedZoneId, MaxItems: ptr(int32(n)),
	}
	for _, at := range a.zonesByName() {
		zone := a.HostedZones.Get(lastWord(at))
		switch {
		case at < start:
		case len(out.HostedZones) == n:
			out.IsTruncated, out.NextDNSName, out.NextHostedZoneId = true, zone.Name, ptr(lastWord(at))
			return out, nil
		default:
			out.HostedZones = append(out.HostedZones, *a.describeZone(zone))
		}
	}
	return out, nil
}

// zonesByName are all zones as "reversed name, id", in order.
func (a *Account) zonesByName() []string {
	var list []string
	for id, zone := range a.HostedZones.All() {
		list = append(list, reversedName(*zone.Name)+" "+id)
	}
	slices.Sort(list)
	return list
}

func lastWord(s string) string { return s[strings.LastIndex(s, " ")+1:] }
