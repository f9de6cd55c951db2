package simulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func (w *world) route53() *route53.Client { return route53.NewFromConfig(w.Config()) }

// publicZone makes a public hosted zone and returns its id as answers have it.
func (w *world) publicZone(name string) string {
	w.t.Helper()
	return *must(w.route53().CreateHostedZone(w.t.Context(), &route53.CreateHostedZoneInput{
		Name: &name, CallerReference: &name,
	}))(w.t).HostedZone.Id
}

// privateZone makes a hosted zone for the default VPC.
func (w *world) privateZone(name string) string {
	w.t.Helper()
	return *must(w.route53().CreateHostedZone(w.t.Context(), &route53.CreateHostedZoneInput{
		Name: &name, CallerReference: aws.String(name + " private"),
		VPC: &types.VPC{VPCId: aws.String(w.defaultVpc()), VPCRegion: types.VPCRegionUsEast1},
	}))(w.t).HostedZone.Id
}

func (w *world) zone(id string) *route53.GetHostedZoneOutput {
	w.t.Helper()
	return must(w.route53().GetHostedZone(w.t.Context(), &route53.GetHostedZoneInput{Id: &id}))(w.t)
}

func (w *world) changeRecords(zone string, changes ...types.Change) error {
	_, err := w.route53().ChangeResourceRecordSets(w.t.Context(), &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: &zone, ChangeBatch: &types.ChangeBatch{Changes: changes},
	})
	return err
}

func record(action types.ChangeAction, name string, kind types.RRType, value string) types.Change {
	return types.Change{Action: action, ResourceRecordSet: &types.ResourceRecordSet{
		Name: &name, Type: kind, TTL: aws.Int64(60), ResourceRecords: []types.ResourceRecord{{Value: &value}},
	}}
}

func cname(action types.ChangeAction, name, value string) types.Change {
	return record(action, name, types.RRTypeCname, value)
}

func alias(action types.ChangeAction, name, zone, target string) types.Change {
	return types.Change{Action: action, ResourceRecordSet: &types.ResourceRecordSet{
		Name: &name, Type: types.RRTypeA, AliasTarget: &types.AliasTarget{HostedZoneId: &zone, DNSName: &target},
	}}
}

// records is the names and types in a zone in the order of Route 53, but for
// those that it was born with.
func (w *world) records(zone string) string {
	w.t.Helper()
	var found []string
	in := &route53.ListResourceRecordSetsInput{HostedZoneId: &zone}
	for {
		out := must(w.route53().ListResourceRecordSets(w.t.Context(), in))(w.t)
		for _, r := range out.ResourceRecordSets {
			if r.Type != types.RRTypeNs && r.Type != types.RRTypeSoa {
				found = append(found, fmt.Sprintf("%s/%s", *r.Name, r.Type))
			}
		}
		if !out.IsTruncated {
			return strings.Join(found, " ")
		}
		in.StartRecordName, in.StartRecordType, in.StartRecordIdentifier = out.NextRecordName, out.NextRecordType, out.NextRecordIdentifier
	}
}

func TestRecordsAreSortedByReversedLabels(t *testing.T) {
	for _, size := range []int{0, 1} {
		w := newWorld(t, simulator.Options{PageSize: size})
		w.Shuffle(3)
		zone := w.publicZone("Example.com")
		if err := w.changeRecords(
			zone, record("CREATE", "z.example.com", "A", "192.0.2.1"), record("CREATE", "z.example.com", "AAAA", "2001:db8::1"),
			record("CREATE", "a.z.example.com", "TXT", `"x"`), record("UPSERT", "B.example.com.", "A", "192.0.2.2"),
			cname("CREATE", "*.example.com", "b.example.com"), record("CREATE", "example.com", "TXT", `"v=spf1"`),
		); err != nil {
			t.Fatal(err)
		}
		want := `example.com./TXT \052.example.com./CNAME b.example.com./A z.example.com./A z.example.com./AAAA a.z.example.com./TXT`
		if diff := cmp.Diff(want, w.records(zone)); diff != "" {
			t.Errorf("page size %d (-want +got):\n%s", size, diff)
		}
	}
}

func TestAListOfRecordsBeginsWhereItIsTold(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	zone := w.publicZone("example.com")
	if err := w.changeRecords(zone, record("CREATE", "b.example.com", "A", "192.0.2.1"), record("CREATE", "d.example.com", "A", "192.0.2.1")); err != nil {
		t.Fatal(err)
	}
	first := func(name string, kind types.RRType) string {
		out := must(w.route53().ListResourceRecordSets(t.Context(), &route53.ListResourceRecordSetsInput{
			HostedZoneId: &zone, StartRecordName: &name, StartRecordType: kind, MaxItems: aws.Int32(1),
		}))(t)
		if len(out.ResourceRecordSets) == 0 {
			return "-"
		}
		return *out.ResourceRecordSets[0].Name
	}
	got := []string{first("b.example.com", ""), first("b.example.com", "AAAA"), first("c.example.com", "A"), first("e.example.com", "")}
	if diff := cmp.Diff([]string{"b.example.com.", "d.example.com.", "d.example.com.", "-"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAChangeBatchIsRefusedWhole(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	zone := w.publicZone("example.com")
	if err := w.changeRecords(zone, record("CREATE", "www.example.com", "A", "192.0.2.1"), cname("CREATE", "old.example.com", "www.example.com")); err != nil {
		t.Fatal(err)
	}
	before := w.records(zone)
	fine := record("CREATE", "fine.example.com", "A", "192.0.2.1")
	for _, c := range []struct {
		name   string
		code   string
		want   string // part of the message
		change types.Change
	}{
		{"what is there already", "InvalidChangeBatch", "already exists", record("CREATE", "WWW.example.com", "A", "192.0.2.9")},
		{"a deletion of what is not there", "InvalidChangeBatch", "was not found", record("DELETE", "none.example.com", "A", "192.0.2.1")},
		{"a deletion with other values", "InvalidChangeBatch", "do not match the current values", record("DELETE", "www.example.com", "A", "192.0.2.9")},
		{"a name of another zone", "InvalidChangeBatch", "is not permitted in zone example.com.", record("CREATE", "www.example.org", "A", "192.0.2.1")},
		{"a name that ends alike", "InvalidChangeBatch", "is not permitted in zone", record("CREATE", "www.myexample.com", "A", "192.0.2.1")},
		{"a CNAME at the apex", "InvalidChangeBatch", "at apex", cname("CREATE", "example.com", "www.example.org")},
		{"a CNAME beside another record", "InvalidChangeBatch", "conflicts with other records", cname("CREATE", "www.example.com", "www.example.org")},
		{"another record beside a CNAME", "InvalidChangeBatch", "conflicts with other records", record("CREATE", "old.example.com", "A", "192.0.2.1")},
		{"an address that is none", "InvalidChangeBatch", "IPv4", record("CREATE", "a.example.com", "A", "www.example.org")},
		{"an address of the other kind", "InvalidChangeBatch", "IPv6", record("CREATE", "a.example.com", "AAAA", "192.0.2.1")},
		{"text without quotes", "InvalidChangeBatch", "quotation marks", record("CREATE", "a.example.com", "TXT", "hello")},
		{"a mail server without a priority", "InvalidChangeBatch", "priority", record("CREATE", "a.example.com", "MX", "mail.example.com")},
		{"an alias to nothing", "InvalidChangeBatch", "not found", alias("CREATE", "lb.example.com", "Z35SXDOTRQ7X7K", "none.us-east-1.elb.amazonaws.com")},
		{"an alias to no record of the zone", "InvalidChangeBatch", "not found", alias("CREATE", "lb.example.com", zone, "none.example.com")},
		{"neither values nor an alias", "InvalidInput", "Expected exactly one of", types.Change{
			Action: "CREATE", ResourceRecordSet: &types.ResourceRecordSet{Name: aws.String("a.example.com"), Type: "A"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := w.changeRecords(zone, fine, c.change)
			if code(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s with %q", err, c.code, c.want)
			}
			if after := w.records(zone); after != before {
				t.Errorf("got %s, want %s", after, before)
			}
		})
	}
	if err := w.changeRecords("Z0", fine); code(err) != "NoSuchHostedZone" {
		t.Error(err)
	}
}

func TestARecordBecomesAnother(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	zone := w.publicZone("example.com")
	for _, changes := range [][]types.Change{
		{cname("CREATE", "www.example.com", "old.example.org")},
		{cname("DELETE", "www.example.com", "old.example.org"), record("CREATE", "www.example.com", "A", "192.0.2.1")},
		{record("UPSERT", "www.example.com", "A", "192.0.2.2")},
		{alias("CREATE", "*.example.com", zone, "WWW.example.com")},
	} {
		if err := w.changeRecords(zone, changes...); err != nil {
			t.Fatal(err)
		}
	}
	out := must(w.route53().ListResourceRecordSets(t.Context(), &route53.ListResourceRecordSetsInput{
		HostedZoneId: &zone, StartRecordName: aws.String("*.example.com"),
	}))(t).ResourceRecordSets
	if *out[0].AliasTarget.DNSName != "www.example.com." || *out[1].ResourceRecords[0].Value != "192.0.2.2" {
		t.Error(text(out))
	}
}

func TestAChangeTakesAWhile(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	zone := w.publicZone("example.com")
	out := must(w.route53().ChangeResourceRecordSets(t.Context(), &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: &zone, ChangeBatch: &types.ChangeBatch{Changes: []types.Change{record("CREATE", "a.example.com", "A", "192.0.2.1")}},
	}))(t)
	got := string(out.ChangeInfo.Status)
	for range 2 {
		got += " " + string(must(w.route53().GetChange(t.Context(), &route53.GetChangeInput{Id: out.ChangeInfo.Id}))(t).ChangeInfo.Status)
	}
	if got != "PENDING PENDING INSYNC" {
		t.Error(got)
	}
}

func TestHostedZonesAreListed(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.publicZone("example.com")
	w.publicZone("api.example.com")
	w.privateZone("example.com")
	w.publicZone("example.net")
	got := pages(t, route53.NewListHostedZonesPaginator(w.route53(), &route53.ListHostedZonesInput{}), func(p *route53.ListHostedZonesOutput) (names []string) {
		for _, z := range p.HostedZones {
			names = append(names, strings.TrimSuffix(*z.Name, "."))
		}
		return names
	})
	if want := "4: api.example.com example.com example.com example.net"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}

	var byName []string
	in := &route53.ListHostedZonesByNameInput{DNSName: aws.String("api.example.com")}
	for {
		out := must(w.route53().ListHostedZonesByName(t.Context(), in))(t)
		for _, z := range out.HostedZones {
			byName = append(byName, *z.Name)
		}
		if !out.IsTruncated {
			break
		}
		in.DNSName, in.HostedZoneId = out.NextDNSName, out.NextHostedZoneId
	}
	if diff := cmp.Diff([]string{"api.example.com.", "example.net."}, byName); diff != "" {
		t.Errorf("a start is no filter (-want +got):\n%s", diff)
	}
	_, err := w.route53().CreateHostedZone(t.Context(), &route53.CreateHostedZoneInput{Name: aws.String("x.com"), CallerReference: aws.String("example.com")})
	if code(err) != "HostedZoneAlreadyExists" {
		t.Error(err)
	}
}

func TestTagsOfHostedZones(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	id := strings.TrimPrefix(w.publicZone("example.com"), "/hostedzone/")
	must(w.route53().ChangeTagsForResource(t.Context(), &route53.ChangeTagsForResourceInput{
		ResourceType: types.TagResourceTypeHostedzone, ResourceId: &id,
		AddTags: []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}},
	}))(t)
	out := must(w.route53().ListTagsForResources(t.Context(), &route53.ListTagsForResourcesInput{
		ResourceType: types.TagResourceTypeHostedzone, ResourceIds: []string{id},
	}))(t)
	if tags := out.ResourceTagSets[0].Tags; len(tags) != 1 || *tags[0].Value != "shop" {
		t.Error(text(out))
	}
	if got := w.tagged(&tagging.GetResourcesInput{}); got != "route53:hostedzone/"+id {
		t.Error(got)
	}
}

func TestAnAliasLeadsToALoadBalancerThatIsThere(t *testing.T) {
	n := newNetwork(t, simulator.Options{})
	zone := n.publicZone("example.com")
	arn := n.application("front")
	b := must(n.elb.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}}))(t).LoadBalancers[0]
	for _, c := range []struct{ name, zone, target, want string }{
		{"its name", *b.CanonicalHostedZoneId, *b.DNSName, ""},
		{"its name for IPv6 as well", *b.CanonicalHostedZoneId, "dualstack." + *b.DNSName, ""},
		{"a zone that is not its own", "Z0", *b.DNSName, "InvalidChangeBatch"},
		{"another name", *b.CanonicalHostedZoneId, "x" + *b.DNSName, "InvalidChangeBatch"},
	} {
		if err := n.changeRecords(zone, alias("UPSERT", "www.example.com", c.zone, c.target)); code(err) != c.want {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}
