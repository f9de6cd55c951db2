package simulator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// aliasTargets tell whether a host of another service is there, in that hosted
// zone of AWS's: the name has no final dot and is in lower case. A service whose
// hosts can be targets of alias records adds one.
var aliasTargets = []func(a *Account, zone, host string) bool{isLoadBalancerHost}

// isLoadBalancerHost takes the name of a load balancer, with or without the prefix
// that stands for its IPv6 addresses as well.
func isLoadBalancerHost(a *Account, zone, host string) bool {
	host = strings.TrimPrefix(host, "dualstack.")
	for _, b := range a.LoadBalancers.All() {
		if strings.ToLower(str(b.DNSName)) == host && str(b.CanonicalHostedZoneId) == zone {
			return true
		}
	}
	return false
}

// canonicalName is a DNS name as Route 53 shows it: lower case, with a final dot,
// and all characters but a-z, 0-9, -, _ and dot as octal escapes (Route 53
// Developer Guide, "DNS domain name format").
func canonicalName(name string) string {
	var out strings.Builder
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z':
			out.WriteByte(c + 'a' - 'A')
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-_.", c) >= 0:
			out.WriteByte(c)
		case c == '\\' && i+3 < len(name): // an escape already
			out.WriteString(name[i : i+4])
			i += 3
		default:
			fmt.Fprintf(&out, `\%03o`, c)
		}
	}
	return strings.TrimSuffix(out.String(), ".") + "."
}

// reversedName is a name with its labels reversed, by which Route 53 sorts:
// "com.example.www." (API reference, ListResourceRecordSets).
func reversedName(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

// recordKey sorts the records of a zone as Route 53 does. A space sorts before
// all that can be in a name.
func recordKey(zone, name string, kind types.RRType, set string) string {
	return zone + " " + reversedName(name) + " " + string(kind) + " " + set
}

func keyOf(zone string, r types.ResourceRecordSet) string {
	return recordKey(zone, *r.Name, r.Type, str(r.SetIdentifier))
}

func (a *Account) putRecord(zone string, r types.ResourceRecordSet) {
	a.Records.Put(keyOf(zone, r), r)
}

// recordsOf are the keys of a zone's records in order.
func (a *Account) recordsOf(zone string) []string {
	var keys []string
	for key := range a.Records.All() {
		if strings.HasPrefix(key, zone+" ") {
			keys = append(keys, key)
		}
	}
	return keys
}

func listResourceRecordSets(
	a *Account, in *route53.ListResourceRecordSetsInput,
) (*route53.ListResourceRecordSetsOutput, error) {
	zone := route53ID(in.HostedZoneId)
	n, err := a.route53Size(in.MaxItems, 300)
	switch {
	case err != nil:
		return nil, err
	case a.HostedZones.Get(zone) == nil:
		return nil, noSuchZone(zone)
	case in.StartRecordName == nil && in.StartRecordType != "":
		return nil, route53Invalid("StartRecordType needs StartRecordName")
	}
	start := ""
	if in.StartRecordName != nil {
		start = strings.TrimRight(recordKey(zone, canonicalName(*in.StartRecordName), in.StartRecordType, str(in.StartRecordIdentifier)), " ")
	}
	out := &route53.ListResourceRecordSetsOutput{ResourceRecordSets: []types.ResourceRecordSet{}, MaxItems: ptr(int32(n))}
	for _, key := range a.recordsOf(zone) {
		r := a.Records.Get(key)
		switch {
		case key < start:
		case len(out.ResourceRecordSets) == n:
			out.IsTruncated, out.NextRecordName, out.NextRecordType, out.NextRecordIdentifier = true, r.Name, r.Type, r.SetIdentifier
			return out, nil
		default:
			out.ResourceRecordSets = append(out.ResourceRecordSets, *r)
		}
	}
	return out, nil
}

// changeResourceRecordSets makes all changes of a batch or none, in their order.
func changeResourceRecordSets(
	a *Account, in *route53.ChangeResourceRecordSetsInput,
) (*route53.ChangeResourceRecordSetsOutput, error) {
	zone, err := a.ownZone(in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	if n := len(in.ChangeBatch.Changes); n < 1 || n > 1000 {
		return nil, route53Invalid("A change batch must have between 1 and 1000 changes, not %d", n)
	}
	id := route53ID(zone.Id)
	after := map[string]types.ResourceRecordSet{}
	for _, key := range a.recordsOf(id) {
		after[key] = *a.Records.Get(key)
	}
	b := batch{a: a, zone: zone, records: after}
	for _, c := range in.ChangeBatch.Changes {
		if err := b.change(c); err != nil {
			return nil, err
		}
	}
	b.checkConflicts()
	if len(b.problems) > 0 {
		return nil, &types.InvalidChangeBatch{
			Message: ptr("[" + strings.Join(b.problems, ", ") + "]"), Messages: b.problems,
		}
	}
	a.replaceRecords(id, after)
	info := a.submitChange(id)
	info.Comment = in.ChangeBatch.Comment
	return &route53.ChangeResourceRecordSetsOutput{ChangeInfo: info}, nil
}

func (a *Account) replaceRecords(zone string, after map[string]types.ResourceRecordSet) {
	for _, key := range a.recordsOf(zone) {
		if _, stays := after[key]; !stays {
			a.Records.Delete(key)
		}
	}
	for _, key := range sortedKeys(after) {
		if now := a.Records.Get(key); now == nil || !same(*now, after[key]) {
			a.Records.Put(key, after[key])
		}
	}
}

// batch is a change batch being tried on a copy of a zone's records.
type batch struct {
	a        *Account
	zone     *HostedZone
	records  map[string]types.ResourceRecordSet
	problems []string // what InvalidChangeBatch says
}

func (b *batch) refuse(format string, args ...any) {
	b.problems = append(b.problems, fmt.Sprintf(format, args...))
}

// change tries one change. The error is of what is no record at all; everything
// else goes to the problems.
func (b *batch) change(c types.Change) error {
	r := *c.ResourceRecordSet
	if err := checkRecordForm(r); err != nil {
		return err
	}
	name := canonicalName(*r.Name)
	r.Name = &name
	if r.AliasTarget != nil {
		r.AliasTarget.DNSName = ptr(canonicalName(*r.AliasTarget.DNSName))
	}
	if name != *b.zone.Name && !strings.HasSuffix(name, "."+*b.zone.Name) {
		b.refuse("RRSet with DNS name %s is not permitted in zone %s", name, *b.zone.Name)
		return nil
	}
	key := keyOf(route53ID(b.zone.Id), r)
	have, known := b.records[key]
	switch {
	case c.Action == types.ChangeActionDelete:
		b.remove(key, have, known, r)
		return nil
	case c.Action == types.ChangeActionCreate && known:
		b.refuse("Tried to create resource record set %s but it already exists", recordTitle(r))
	case r.Type == types.RRTypeCname && name == *b.zone.Name:
		b.refuse("RRSet of type CNAME with DNS name %s is not permitted at apex in zone %s", name, *b.zone.Name)
	case valueProblem(r) != "":
		b.refuse("%s", valueProblem(r))
	case r.AliasTarget != nil && !b.targetExists(r):
		b.refuse("Tried to create an alias that targets %s, type %s in zone %s, but the alias target name does not lie within "+
			"the target zone or that target was not found", *r.AliasTarget.DNSName, r.Type, *r.AliasTarget.HostedZoneId)
	default:
		b.records[key] = r
	}
	return nil
}

func (b *batch) remove(key string, have types.ResourceRecordSet, known bool, r types.ResourceRecordSet) {
	switch {
	case !known:
		b.refuse("Tried to delete resource record set %s but it was not found", recordTitle(r))
	case !sameRecord(have, r):
		b.refuse("Tried to delete resource record set %s but the values provided do not match the current values", recordTitle(r))
	case *r.Name == *b.zone.Name && (r.Type == types.RRTypeNs || r.Type == types.RRTypeSoa):
		b.refuse("A HostedZone must contain exactly one SOA record and at least one NS record for the zone itself")
	default:
		delete(b.records, key)
	}
}

func sameRecord(x, y types.ResourceRecordSet) bool {
	values := x.ResourceRecords
	x.ResourceRecords = nil
	other := y.ResourceRecords
	y.ResourceRecords = nil
	return same(x, y) && sameList(values, other)
}

func recordTitle(r types.ResourceRecordSet) string {
	return fmt.Sprintf("[name='%s', type='%s']", *r.Name, r.Type)
}

// checkConflicts refuses a CNAME beside other records of its name.
func (b *batch) checkConflicts() {
	count := map[string]int{}
	for _, r := range b.records {
		count[*r.Name]++
	}
	for _, key := range sortedKeys(b.records) {
		r := b.records[key]
		if r.Type == types.RRTypeCname && r.SetIdentifier == nil && count[*r.Name] > 1 {
			b.refuse("RRSet of type CNAME with DNS name %s is not permitted as it conflicts with other records "+
				"with the same DNS name in zone %s", *r.Name, *b.zone.Name)
		}
	}
}

// checkRecordForm wants an alias target, or a TTL and values.
func checkRecordForm(r types.ResourceRecordSet) error {
	plain := r.TTL != nil && len(r.ResourceRecords) > 0
	switch {
	case (r.AliasTarget != nil) == plain || r.AliasTarget != nil && (r.TTL != nil || len(r.ResourceRecords) > 0):
		return route53Invalid("Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "+
			"TrafficPolicyInstanceId] in Change with [Name=%s, Type=%s]", str(r.Name), r.Type)
	case r.TTL != nil && (*r.TTL < 0 || *r.TTL > 2147483647):
		return route53Invalid("Invalid TTL %d", *r.TTL)
	case len(str(r.Name)) > 255:
		return route53Invalid("The name %s has more than 255 characters", *r.Name)
	}
	return nil
}

// targetExists looks for the target of an alias: a record of that type in the
// zone itself, or a host of another service.
func (b *batch) targetExists(r types.ResourceRecordSet) bool {
	zone, host := route53ID(r.AliasTarget.HostedZoneId), *r.AliasTarget.DNSName
	if zone == route53ID(b.zone.Id) {
		_, known := b.records[recordKey(zone, host, r.Type, "")]
		return known
	}
	return slices.ContainsFunc(aliasTargets, func(knows func(*Account, string, string) bool) bool {
		return knows(b.a, zone, strings.TrimSuffix(host, "."))
	})
}

// hasRecord tells whether a public zone has the record with that value.
func (a *Account) hasRecord(name string, kind types.RRType, value string) bool {
	for key, r := range a.Records.All() {
		zone, _, _ := strings.Cut(key, " ")
		if a.HostedZones.Get(zone).Config.PrivateZone ||
			*r.Name != canonicalName(name) || r.Type != kind || len(r.ResourceRecords) != 1 {
			continue
		}
		if canonicalName(*r.ResourceRecords[0].Value) == canonicalName(value) {
			return true
		}
	}
	return false
}
