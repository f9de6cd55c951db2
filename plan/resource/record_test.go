package resource

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// balancer makes a load balancer of the project, or of nobody for "".
func (w *world) balancerAt(name, resource string) elbtypes.LoadBalancer {
	w.Helper()
	var tags []elbtypes.Tag
	if resource != "" {
		for key, value := range plan.OwnTags("shop", address(resource), plan.Applied{Hash: "x"}) {
			tags = append(tags, elbtypes.Tag{Key: &key, Value: &value})
		}
	}
	made, err := elb.NewFromConfig(w.sim.Config()).CreateLoadBalancer(w.Context(), &elb.CreateLoadBalancerInput{
		Name: &name, Type: elbtypes.LoadBalancerTypeEnumApplication, Subnets: w.facts.Subnets[:2], Tags: tags,
	})
	if err != nil {
		w.Fatal(err)
	}
	return made.LoadBalancers[0]
}

// record leads to a load balancer that bears notes, unless it is foreign.
func (w *world) record(name string, b elbtypes.LoadBalancer, foreign bool) *plan.Resource {
	w.Helper()
	s := &spec.Record{
		HostedZoneID: w.zone(), Name: name,
		DNSName: plan.Literal(*b.DNSName), AliasHostedZone: plan.Literal(*b.CanonicalHostedZoneId),
	}
	if !foreign {
		s.LoadBalancer = plan.Literal(*b.LoadBalancerArn)
	}
	return w.one("record/"+strings.ReplaceAll(name, "*", "_"), s) // as the translation calls it
}

func (w *world) dns() *route53.Client { return route53.NewFromConfig(w.sim.Config()) }

func (w *world) upsert(set types.ResourceRecordSet) {
	w.Helper()
	if err := changeRecords(w.Context(), w.dns(), w.zone(), types.ChangeActionUpsert, set); err != nil {
		w.Fatal(err)
	}
}

// notes are the notes on a load balancer.
func (w *world) notes(b elbtypes.LoadBalancer) []string {
	w.Helper()
	got, err := elb.NewFromConfig(w.sim.Config()).DescribeTags(w.Context(), &elb.DescribeTagsInput{ResourceArns: []string{*b.LoadBalancerArn}})
	if err != nil {
		w.Fatal(err)
	}
	tags := pairs(got.TagDescriptions[0].Tags)
	return each(notedRecords(tags), func(id recordID) string { return id.name })
}

// owned checks that a live record is as it is wanted and the project's, read alone
// and with everything else.
func (w *world) owned(want *plan.Resource) *plan.Resource {
	w.Helper()
	alone, err := w.account().Kind(spec.RecordKind).Read(w.Context(), want)
	if err != nil {
		w.Fatal(err)
	}
	with := w.read(w.stack(want)).Find(want.Address)
	if with == nil {
		w.Fatal("it is not found")
	}
	for _, live := range []*plan.Resource{alone, with} {
		w.same(live, want.Spec)
		if owner, name := live.Owner("shop"); owner != plan.Ours {
			w.Errorf("it belongs to %q: %v", name, live.Tags)
		}
		if len(live.Unmanaged) > 0 {
			w.Errorf("unmanaged: %v", live.Unmanaged)
		}
	}
	again, err := w.account().Kind(spec.RecordKind).Read(w.Context(), with)
	if err != nil {
		w.Fatal(err)
	}
	if diff := cmp.Diff([]any{with.Attrs, with.Tags, w.print(with)}, []any{again.Attrs, again.Tags, w.print(again)}); diff != "" {
		w.Errorf("read with others and alone\n%s", diff)
	}
	return alone
}

func (w *world) print(live *plan.Resource) string {
	w.Helper()
	fingerprint, err := plan.Fingerprint(spec.Kinds(), w.target(), live)
	if err != nil {
		w.Fatal(err)
	}
	return fingerprint
}

func TestARecordLives(t *testing.T) {
	for _, o := range []simulator.Options{{}, {PageSize: 1}, {TagDelay: 100}} {
		for _, name := range []string{"example.com", "www.example.com", "*.example.com"} {
			w := newWorld(t, o)
			old, new := w.balancerAt("shop-1", "load-balancer/application"), w.balancerAt("shop-2", "load-balancer/network")
			kind := w.account().Kind(spec.RecordKind)
			want := w.record(name, old, false)
			if _, err := kind.Read(t.Context(), want); !errors.Is(err, plan.ErrNotFound) {
				t.Fatalf("in the beginning it reads %v", err)
			}
			if attrs, err := kind.Create(t.Context(), want); err != nil || attrs["name"] != name {
				t.Fatal(attrs, err)
			}
			live := w.owned(want)
			w.sim.ResetCalls()
			if _, err := kind.Update(t.Context(), live, want, false); err != nil || len(w.writes()) > 0 {
				t.Errorf("again it writes %v: %v", w.writes(), err)
			}
			// It leads to another load balancer.
			want = w.record(name, new, false)
			if _, err := kind.Update(t.Context(), live, want, false); err != nil {
				t.Fatal(err)
			}
			live = w.owned(want)
			if got := [][]string{w.notes(old), w.notes(new)}; len(got[0]) != 0 || !slices.Equal(got[1], []string{name}) {
				t.Errorf("noted: %v", got)
			}
			// Nobody wants it any more. It is found once its load balancer is.
			orphan := live
			if o.TagDelay == 0 {
				orphan = w.read(w.stack()).Find(live.Address)
			}
			if orphan == nil {
				t.Fatal("it is not found")
			}
			if owner, _ := orphan.Owner("shop"); owner != plan.Ours {
				t.Errorf("it is not ours any more: %v", orphan.Tags)
			}
			for range 2 {
				if err := kind.Delete(t.Context(), orphan); err != nil {
					t.Fatal(err)
				}
			}
			if left := append(w.records(w.zone()), w.notes(new)...); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		}
	}
}

func TestARecordThatIsNotNotedIsNotOurs(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	balancer := w.balancerAt("shop-1", "load-balancer/application")
	want := w.record("www.example.com", balancer, false)
	for name, set := range map[string]types.ResourceRecordSet{
		"an address": {
			Name: aws.String("www.example.com"), Type: types.RRTypeA, TTL: aws.Int64(60),
			ResourceRecords: []types.ResourceRecord{{Value: aws.String("192.0.2.1")}},
		},
		"an alias to our load balancer": {
			Name: aws.String("WWW.example.com."), Type: types.RRTypeA, AliasTarget: &types.AliasTarget{
				DNSName: aws.String("dualstack." + *balancer.DNSName + "."), HostedZoneId: balancer.CanonicalHostedZoneId,
			},
		},
	} {
		w.upsert(set)
		kind := w.account().Kind(spec.RecordKind)
		for _, read := range []func() (*plan.Resource, error){
			func() (*plan.Resource, error) { return kind.Read(t.Context(), want) },
			func() (*plan.Resource, error) { return w.read(w.stack(want)).Find(want.Address), nil },
		} {
			live, err := read()
			if err != nil {
				t.Fatal(err)
			}
			if owner, _ := live.Owner("shop"); owner != plan.Untagged {
				t.Errorf("%s: taken for ours by %v", name, live.Tags)
			}
			if got := live.Spec.(*spec.Record).DNSName.Text; set.AliasTarget != nil && got != *balancer.DNSName {
				t.Errorf("%s: it leads to %s", name, got)
			}
			if again, err := kind.Read(t.Context(), live); err != nil || w.print(again) != w.print(live) {
				t.Errorf("%s: read by what is live it belongs to %v: %v", name, again.Tags, err)
			}
		}
		w.sim.ResetCalls()
		attrs, err := kind.Create(t.Context(), want)
		if err == nil || !strings.Contains(err.Error(), "record www.example.com already exists and is not tagged") || attrs != nil {
			t.Errorf("%s: it wrote %v and says %v", name, w.writes(), err)
		}
	}
	// It is taken over.
	live, err := w.account().Kind(spec.RecordKind).Read(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.account().Kind(spec.RecordKind).Update(t.Context(), live, want, false); err != nil {
		t.Fatal(err)
	}
	w.owned(want)
}

func TestANoteOfAnotherProjectMakesNothingOurs(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	balancer := w.balancerAt("shop-1", "load-balancer/application")
	want := w.record("www.example.com", balancer, false)
	w.make(want)
	w.sim.Mutate(func(a *simulator.Account) { a.Tags.Edit(*balancer.LoadBalancerArn).Tags[plan.TagProject] = "other" })
	live, err := w.account().Kind(spec.RecordKind).Read(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if owner, _ := live.Owner("shop"); owner == plan.Ours {
		t.Errorf("taken for ours by %v", live.Tags)
	}
}

func TestARecordThatSomebodyChangedIsOursStill(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	balancer, theirs := w.balancerAt("shop-1", "load-balancer/application"), w.balancerAt("other", "")
	want := w.record("www.example.com", balancer, false)
	w.make(want)
	w.upsert(types.ResourceRecordSet{
		Name: aws.String("www.example.com"), Type: types.RRTypeA, AliasTarget: &types.AliasTarget{
			DNSName: theirs.DNSName, HostedZoneId: theirs.CanonicalHostedZoneId, EvaluateTargetHealth: true,
		},
	})
	kind := w.account().Kind(spec.RecordKind)
	live := w.read(w.stack(want)).Find(want.Address)
	alone, err := kind.Read(t.Context(), live)
	if err != nil {
		t.Fatal(err)
	}
	if owner, _ := live.Owner("shop"); owner != plan.Ours || w.print(live) != w.print(alone) {
		t.Errorf("with others %v, alone %v", live.Spec, alone.Spec)
	}
	if !slices.Equal(live.Unmanaged, []string{"aliasTarget.evaluateTargetHealth"}) {
		t.Errorf("unmanaged: %v", live.Unmanaged)
	}
	if _, err := kind.Update(t.Context(), live, want, false); err != nil {
		t.Fatal(err)
	}
	if live, err = kind.Read(t.Context(), want); err != nil || len(live.Unmanaged) != 1 {
		t.Errorf("what is not managed did not stay: %v, %v", live.Unmanaged, err)
	}
	w.same(live, want.Spec)
}

// TestARecordOfAForeignLoadBalancer is known by its name and by where it leads.
func TestARecordOfAForeignLoadBalancer(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	theirs, other := w.balancerAt("other-1", ""), w.balancerAt("other-2", "")
	kind := w.account().Kind(spec.RecordKind)
	want := w.record("www.example.com", theirs, true)
	if _, err := kind.Create(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if len(w.notes(theirs)) > 0 {
		t.Error("somebody else's load balancer was tagged")
	}
	live := w.owned(want)
	elsewhere := w.record("www.example.com", other, true)
	if live, err := kind.Read(t.Context(), elsewhere); err != nil || live.Tags != nil {
		t.Errorf("one that leads elsewhere is taken for ours: %v, %v", live.Tags, err)
	}
	if err := kind.Delete(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	if left := w.records(w.zone()); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestCreatingARecordGoesOnAfterItWasCutShort(t *testing.T) {
	for k := range 2 {
		for _, lost := range []bool{false, true} {
			w := newWorld(t, simulator.Options{})
			want := w.record("www.example.com", w.balancerAt("shop-1", "load-balancer/application"), false)
			stop := errors.New("the process ends here")
			w.sim.Fail(simulator.Fault{Mutating: true, At: k + 1, Times: -1, AnswerLost: lost, Err: stop})
			if _, err := w.account().Kind(spec.RecordKind).Create(t.Context(), want); !errors.Is(err, stop) {
				t.Fatalf("cut short at %d: %v", k, err)
			}
			w.sim.ClearFaults()
			w.make(want)
			w.owned(want)
		}
	}
}

func TestNotesAreWhatTagsMayBe(t *testing.T) {
	for _, id := range []recordID{
		{"Z1", "*.example.com", "A"}, {"Z1", "example.com", "A"}, {"Z2", "*.example.com", "A"},
	} {
		key, value := id.note()
		if strings.Contains(key+value, "*") || len(key) > 128 {
			t.Errorf("%s is noted as %s=%s", id, key, value)
		}
		if got, ok := notedRecord(key, value); !ok || got != id {
			t.Errorf("%s=%s is read as %v", key, value, got)
		}
	}
	if got := notedRecords(map[string]string{plan.TagProject: "a/b", tagRecords + "00000000": "Z1/x"}); got != nil {
		t.Errorf("read %v out of other tags", got)
	}
}
