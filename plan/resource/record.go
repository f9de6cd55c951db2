package resource

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// recordKind defines alias records of Route 53.
var recordKind = methods{
	row: row{
		kind: spec.RecordKind, noun: "record",
		after: []string{spec.LoadBalancerKind},
		reads: []string{
			"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags",
			"route53:ListResourceRecordSets",
		},
		writes: []string{"elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags", "route53:ChangeResourceRecordSets"},
	},
	of: func(a *session) operations { return records{a} },
}

// records is the kind of alias records of Route 53. That one is ours is noted on
// the load balancer that it leads to, see note.
type records struct{ *session }

// recordID is what names a record: the id of its zone, its name in normal form
// and its type.
type recordID struct{ zone, name, kind string }

func recordIdentity(s *spec.Record) recordID {
	return recordID{zoneID(s.HostedZoneID), recordName(s.Name), s.Type}
}

func (id recordID) String() string { return id.zone + "/" + id.name }

// zoneID is the id without the /hostedzone/ that Route 53 puts before it.
func zoneID(id string) string { return strings.TrimPrefix(id, "/hostedzone/") }

// recordName is a name as specs have it. Route 53 answers with a final dot and
// with \052 for *, and takes upper case for lower case (Route 53 Developer Guide,
// "DNS domain name format").
func recordName(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(name, ".")), `\052`, "*")
}

// aliasTarget is the name of a load balancer as the load balancer has it. Route 53
// answers with a final dot, and its console writes dualstack. before it (Developer
// Guide, "Values specific for simple alias records", Alias target).
func aliasTarget(name string) string { return strings.TrimPrefix(recordName(name), "dualstack.") }

// recordSet returns the record of Route 53 as it is, or plan.ErrNotFound. Of several of
// one name and type, which have a routing policy, it is the first.
func recordSet(ctx context.Context, api *route53.Client, id recordID) (types.ResourceRecordSet, error) {
	// The list begins at the first record that is not before name and type.
	found, err := api.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
		HostedZoneId: &id.zone, StartRecordName: &id.name, StartRecordType: types.RRType(id.kind), MaxItems: pointer(int32(1)),
	})
	if err != nil {
		return types.ResourceRecordSet{}, absent(err, "NoSuchHostedZone")
	}
	for _, set := range found.ResourceRecordSets {
		if recordName(text(set.Name)) == id.name && string(set.Type) == id.kind {
			return set, nil
		}
	}
	return types.ResourceRecordSet{}, plan.ErrNotFound
}

// changeRecords does the same to several records at once. It does not wait until
// every server of Route 53 has them (GetChange): what we do next does not ask
// them, but reads Route 53, which answers with pending changes as well
// (ListResourceRecordSets).
func changeRecords(ctx context.Context, api *route53.Client, zone string, action types.ChangeAction, sets ...types.ResourceRecordSet) error {
	changes := each(sets, func(set types.ResourceRecordSet) types.Change {
		return types.Change{Action: action, ResourceRecordSet: &set}
	})
	return onlyError(api.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: &zone, ChangeBatch: &types.ChangeBatch{Changes: changes},
	}))
}

// deleteRecord deletes a record; Route 53 requires its exact present content.
// It is not an error if the record is already gone.
func deleteRecord(ctx context.Context, api *route53.Client, zone string, set types.ResourceRecordSet) error {
	err := changeRecords(ctx, api, zone, types.ChangeActionDelete, set)
	if is(err, "NoSuchHostedZone") || is(err, "InvalidChangeBatch") && (says(err, "not found") || wasDeleted(err)) {
		return nil
	}
	return err
}

// wasDeleted checks the list of messages of InvalidChangeBatch, which are not
// in its main message.
func wasDeleted(err error) bool {
	var invalid *types.InvalidChangeBatch
	return errors.As(err, &invalid) && slices.ContainsFunc(invalid.Messages, func(m string) bool {
		return strings.Contains(m, "not found")
	})
}

// tagRecords begins the tags of a load balancer that say which records we made
// point to it. Each record has its own tag, so that two can be written at the
// same time and each fits into the 256 characters of a value.
const tagRecords = plan.TagPrefix + "records."

// note is the tag for a record. Tags of load balancers may not have * in them
// (AddTags: letters, spaces, numbers and + - = . _ : / @), and names no @.
func (id recordID) note() (key, value string) {
	value = strings.ReplaceAll(id.String(), "*", "@")
	sum := sha256.Sum256([]byte(value))
	return tagRecords + hex.EncodeToString(sum[:4]), value
}

// notedRecord is the inverse of note.
func notedRecord(key, value string) (recordID, bool) {
	zone, name, ok := strings.Cut(strings.ReplaceAll(value, "@", "*"), "/")
	id := recordID{zone, name, "A"}
	again, _ := id.note()
	return id, ok && again == key
}

// notedRecords are the records in the tags of a load balancer, sorted.
func notedRecords(tags map[string]string) []recordID {
	var out []recordID
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if id, ok := notedRecord(key, tags[key]); ok {
			out = append(out, id)
		}
	}
	return out
}

// balancer is what matters here of a load balancer.
type balancer struct {
	arn  string
	dns  string // in lower case; "" where it was not asked for
	tags map[string]string
}

// recordLook is a look at several records and at load balancers, all those that
// may note them.
type recordLook struct {
	owner
	sets      map[recordID]types.ResourceRecordSet
	balancers []balancer
}

// look reads those of the records that exist.
func (k records) look(ctx context.Context, ids []recordID) (recordLook, error) {
	l := recordLook{owner: k.owner, sets: map[recordID]types.ResourceRecordSet{}}
	for _, id := range unique(ids) {
		set, err := recordSet(ctx, k.route53(), id)
		if errors.Is(err, plan.ErrNotFound) {
			continue
		}
		if err != nil {
			return l, err
		}
		l.sets[id] = set
	}
	return l, nil
}

// balancers returns the load balancers that have one of these DNS names or ARNs.
func (k records) balancers(ctx context.Context, names []string) ([]balancer, error) {
	var out []balancer
	all, err := describeLoadBalancers(ctx, k.session, elb.DescribeLoadBalancersInput{})
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		found := balancer{arn: text(b.LoadBalancerArn), dns: strings.ToLower(text(b.DNSName))}
		if slices.Contains(names, found.dns) || slices.Contains(names, found.arn) {
			out = append(out, found)
		}
	}
	tags, err := elbTagsOf(ctx, k.elb(), each(out, func(b balancer) string { return b.arn }))
	for i, b := range out {
		out[i].tags = tags[b.arn]
	}
	return out, err
}

// leadsTo is the DNS name of the alias target of a record, "" for none.
func leadsTo(set types.ResourceRecordSet) string {
	if set.AliasTarget == nil {
		return ""
	}
	return aliasTarget(text(set.AliasTarget.DNSName))
}

// candidate is the live record. want is the desired or live one that means it,
// nil for none.
func (l recordLook) candidate(id recordID, want *plan.Resource) candidate {
	set := l.sets[id]
	s := &spec.Record{HostedZoneID: id.zone, Name: id.name, Type: id.kind, DNSName: plan.Literal(leadsTo(set))}
	if alias := set.AliasTarget; alias != nil {
		s.AliasHostedZone = plan.Literal(zoneID(text(alias.HostedZoneId)))
	}
	address := plan.Address{Kind: spec.RecordKind, Name: strings.ReplaceAll(id.name, "*", "_")}
	if want != nil {
		address = want.Address
	}
	var tags map[string]string
	switch arn := l.noted(id); {
	case arn != "":
		s.LoadBalancer, tags = plan.Literal(arn), l.ours(address)
	case want != nil && l.known(want, s):
		tags = l.ours(address)
	}
	return candidate{
		Resource: liveResource(spec.RecordKind, s, plan.Attrs{"name": id.name}, tags, unmanaged(set)),
		id:       id.String(), name: id.String(),
	}
}

// known says whether a record without a tag on its load balancer is ours
// anyway: the load balancer belongs to somebody else and cannot have our tags,
// and the record already points to it. A live record keeps its owner.
func (l recordLook) known(means *plan.Resource, live *spec.Record) bool {
	s := means.Spec.(*spec.Record)
	if means.Attrs != nil && means.Tags[plan.TagProject] != l.project {
		return false
	}
	return s.LoadBalancer.IsZero() && s.DNSName.Text != "" && aliasTarget(s.DNSName.Text) == live.DNSName.Text
}

// noted is the load balancer of the project that notes a record, of several the
// one that it leads to; "" where none does.
func (l recordLook) noted(id recordID) string {
	key, value := id.note()
	arn := ""
	for _, b := range l.balancers {
		if b.tags[key] != value || b.tags[plan.TagProject] != l.project {
			continue
		}
		if b.dns != "" && b.dns == leadsTo(l.sets[id]) {
			return b.arn
		}
		arn = cmp.Or(arn, b.arn)
	}
	return arn
}

// ours are the tags that say to which project a record belongs. No tag says
// which spec was applied.
func (l recordLook) ours(address plan.Address) map[string]string {
	return map[string]string{plan.TagProject: l.project, plan.TagResource: address.String()}
}

func (k records) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	s := r.Spec.(*spec.Record)
	id := recordIdentity(s)
	look, err := k.look(ctx, []recordID{id})
	if err != nil {
		return nil, err
	}
	set, ok := look.sets[id]
	if !ok {
		return nil, plan.ErrNotFound
	}
	if names := noteNames(set, s.LoadBalancer.Text); len(names) > 0 {
		if look.balancers, err = k.balancers(ctx, names); err != nil {
			return nil, err
		}
	}
	live := look.candidate(id, r)
	live.Address = r.Address
	return live.Resource, nil
}

// noteNames are the names of the load balancers whose tags may name a record:
// the one that it points to and the one that it should point to.
func noteNames(set types.ResourceRecordSet, arn string) []string {
	return slices.DeleteFunc([]string{leadsTo(set), arn}, func(name string) bool { return name == "" })
}

// Create notes the record before it makes it: one that is there without a note is
// somebody else's.
func (k records) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	live, err := k.Read(ctx, want)
	if err != nil && !errors.Is(err, plan.ErrNotFound) {
		return nil, err
	}
	if err == nil {
		if owner, _ := live.Owner(k.project); owner != plan.Ours {
			return nil, alreadyExists(live, k.project, "record "+live.Attrs["name"])
		}
		return k.Update(ctx, live, want, false)
	}
	s := want.Spec.(*spec.Record)
	if err := k.note(ctx, s.LoadBalancer.Text, recordIdentity(s)); err != nil {
		return nil, err
	}
	return recordAttrs(s), k.put(ctx, s)
}

func recordAttrs(s *spec.Record) plan.Attrs { return plan.Attrs{"name": recordName(s.Name)} }

// put writes the record. Whether Route 53 looks at the health of the targets is
// left as it is, and is not asked for in a new one.
func (k records) put(ctx context.Context, s *spec.Record) error {
	id := recordIdentity(s)
	alias := types.AliasTarget{DNSName: &s.DNSName.Text, HostedZoneId: &s.AliasHostedZone.Text}
	set, err := recordSet(ctx, k.route53(), id)
	if err != nil && !errors.Is(err, plan.ErrNotFound) {
		return err
	}
	if set.AliasTarget != nil {
		alias.EvaluateTargetHealth = set.AliasTarget.EvaluateTargetHealth
	}
	return changeRecords(ctx, k.route53(), id.zone, types.ChangeActionUpsert, types.ResourceRecordSet{
		Name: &id.name, Type: types.RRType(id.kind), AliasTarget: &alias,
	})
}

func (k records) note(ctx context.Context, balancer string, id recordID) error {
	if balancer == "" {
		return nil
	}
	key, value := id.note()
	if len(value) > 256 {
		return fmt.Errorf("the name is too long for a tag of its load balancer: %d characters with its zone, the limit is 256", len(value))
	}
	return onlyError(k.elb().AddTags(ctx, &elb.AddTagsInput{
		ResourceArns: []string{balancer}, Tags: []elbtypes.Tag{{Key: &key, Value: &value}},
	}))
}

// forget removes the tag of a record from a load balancer, which may no longer
// exist.
func (k records) forget(ctx context.Context, balancer string, id recordID) error {
	if balancer == "" {
		return nil
	}
	key, _ := id.note()
	_, err := k.elb().RemoveTags(ctx, &elb.RemoveTagsInput{ResourceArns: []string{balancer}, TagKeys: []string{key}})
	return unless(err, "LoadBalancerNotFound")
}

// Update tags the new load balancer of the record, changes the record, and
// removes the tag from its old load balancer.
func (k records) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.Record), want.Spec.(*spec.Record)
	id := recordIdentity(to)
	moves := from.LoadBalancer.Text != to.LoadBalancer.Text
	if moves {
		if err := k.note(ctx, to.LoadBalancer.Text, id); err != nil {
			return nil, err
		}
	}
	if !same([]any{from.DNSName, from.AliasHostedZone}, []any{plan.Literal(aliasTarget(to.DNSName.Text)), to.AliasHostedZone}) {
		if err := k.put(ctx, to); err != nil {
			return nil, err
		}
	}
	if moves {
		return live.Attrs, k.forget(ctx, from.LoadBalancer.Text, id)
	}
	return live.Attrs, nil
}

func (k records) Delete(ctx context.Context, live *plan.Resource) error {
	s := live.Spec.(*spec.Record)
	id := recordIdentity(s)
	set, err := recordSet(ctx, k.route53(), id)
	if err != nil && !errors.Is(err, plan.ErrNotFound) {
		return err
	}
	if err == nil {
		if err := deleteRecord(ctx, k.route53(), id.zone, set); err != nil {
			return err
		}
	}
	return k.forget(ctx, s.LoadBalancer.Text, id)
}
