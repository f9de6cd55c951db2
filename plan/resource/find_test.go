package resource

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

func addresses(stack *plan.Stack) []string {
	return each(stack.Resources, func(r *plan.Resource) string { return r.Address.String() })
}

// TestWhatIsNoLongerWantedIsFound reads a stack of which nothing is wanted any
// more, by an empty file and by one with another service.
func TestWhatIsNoLongerWantedIsFound(t *testing.T) {
	for _, o := range []simulator.Options{{}, {PageSize: 1}, {TagDelay: 100}} {
		w, want := running(t, o)
		if got := addresses(w.read(w.stack())); !slices.Equal(got, addresses(want)) {
			t.Errorf("%+v: found %v", o, got)
		}
		live := w.read(w.stack(w.shop("db")...))
		if got := addresses(live); !slices.Equal(got, addresses(want)) {
			t.Errorf("%+v: beside another service: %v", o, got)
		}
		if live.Find(address("task-definition/web")).Spec == nil {
			t.Error("a task definition is not read, and nothing is wanted that could prove it")
		}
	}
}

func TestAnOrphansTaskDefinitionComesAlongOnlyIfItIsOurs(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live := w.read(want)
	w.retag(live.Find(address("task-definition/web")), nil)
	if got := w.read(w.stack()); got.Find(address("task-definition/web")) != nil || got.Find(address("service/web")) == nil {
		t.Errorf("found %v", addresses(got))
	}
}

func TestTheSameInAnotherProjectIsNobodysBusiness(t *testing.T) {
	w, _ := running(t, simulator.Options{})
	other, err := New(w.sim.Config(), "sho").Read(t.Context(), spec.Kinds(), w.stack())
	if err != nil {
		t.Fatal(err)
	}
	if len(other.Resources) > 0 {
		t.Errorf("found %v", addresses(other))
	}
}

// TestWhatHasAWantedNameIsReadWhosever: the planner must see it to refuse it.
func TestWhatHasAWantedNameIsReadWhoseverItIs(t *testing.T) {
	for _, tags := range []map[string]string{nil, {plan.TagProject: "other", plan.TagResource: "x/y"}} {
		w, want := running(t, simulator.Options{})
		for _, r := range w.read(want).Resources {
			w.retag(r, tags)
		}
		live := w.read(want)
		if got := addresses(live); !slices.Equal(got, addresses(want)) {
			t.Errorf("found %v", got)
		}
		for _, r := range live.Resources {
			if owner, _ := r.Owner("shop"); owner == plan.Ours || r.Spec == nil {
				t.Errorf("%s is taken for ours", r.Address)
			}
		}
	}
}

// TestAReplacementShowsTheOldGroup and, cut short, both.
func TestAReplacementShowsTheOldGroup(t *testing.T) {
	w, want := running(t, simulator.Options{})
	old := w.read(want).Find(address("security-group/net.back"))
	shop := w.shop("web")
	group := shop[3].Spec.(*spec.SecurityGroup)
	group.GroupName, group.Description = "shop-back-123456", "another"
	next := w.stack(shop...)
	live := w.read(next)
	if got := live.Find(old.Address); got.Attrs["id"] != old.Attrs["id"] || got.Spec.(*spec.SecurityGroup).GroupName != "shop-back-abcdef" {
		t.Errorf("the live one is %v", got.Attrs)
	}
	kind := w.account().Kind(spec.SecurityGroupKind)
	if got, err := kind.Read(t.Context(), w.ready(next.Find(old.Address), nil)); err != nil || got.Attrs["id"] != old.Attrs["id"] {
		t.Errorf("read alone: %v, %v", got, err)
	}
	made, err := kind.Create(t.Context(), w.ready(next.Find(old.Address), nil))
	if err != nil {
		t.Fatal(err)
	}
	live = w.read(next)
	if got := live.Find(old.Address); got.Attrs["id"] != made["id"] {
		t.Errorf("the live one is %v", got.Attrs)
	}
	orphan := live.Find(plan.Address{Kind: spec.SecurityGroupKind, Name: "net.back@" + old.Attrs["id"]})
	if orphan == nil || orphan.Attrs["id"] != old.Attrs["id"] {
		t.Fatalf("found %v", addresses(live))
	}
	if got, err := kind.Read(t.Context(), orphan); err != nil || got.Address != orphan.Address || got.Attrs["id"] != old.Attrs["id"] {
		t.Errorf("the orphan alone: %v, %v", got, err)
	}
}

func TestAServiceThatMovedToAnotherClusterIsTheLiveOne(t *testing.T) {
	w, want := running(t, simulator.Options{})
	if _, err := ecs.NewFromConfig(w.sim.Config()).CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("big")}); err != nil {
		t.Fatal(err)
	}
	shop := w.shop("web")[1:]
	shop[4].Spec.(*spec.Service).Cluster = plan.Literal(w.arn("ecs", "cluster/big"))
	live := w.read(w.stack(shop...)).Find(address("service/web"))
	if live == nil || live.Spec.(*spec.Service).Cluster.Text != w.arn("ecs", "cluster/shop") {
		t.Errorf("the live one is %v", live)
	}
	_ = want
}

// TestARevisionThatIsNotProvenIsRead: somebody else's revision, a change of the
// file, an apply that did not finish.
func TestARevisionThatIsNotProvenIsRead(t *testing.T) {
	for name, disturb := range map[string]func(w *world, live *plan.Resource){
		"another revision runs": func(w *world, live *plan.Resource) {
			w.sim.Mutate(func(a *simulator.Account) {
				a.Tags.Edit(live.Attrs["arn"]).Tags[plan.TagTaskDefinition] = "shop-web:7"
			})
		},
		"another spec was applied": func(w *world, live *plan.Resource) {
			w.sim.Mutate(func(a *simulator.Account) {
				a.Tags.Edit(live.Attrs["arn"]).Tags[plan.TagSpec] = "1:abc"
			})
		},
		"an apply did not finish": func(w *world, live *plan.Resource) {
			w.sim.Mutate(func(a *simulator.Account) {
				tags := a.Tags.Edit(live.Attrs["arn"]).Tags
				tags[plan.TagSpec] = plan.Applied{Hash: plan.ParseApplied(tags[plan.TagSpec]).Hash, Pending: true}.String()
			})
		},
	} {
		w, want := running(t, simulator.Options{})
		disturb(w, w.read(want).Find(address("service/web")))
		live := w.read(want).Find(address("task-definition/web"))
		if live.Spec == nil {
			t.Errorf("%s: not read", name)
			continue
		}
		attrs := map[plan.Address]plan.Attrs{}
		for _, r := range w.read(want).Resources {
			attrs[r.Address] = r.Attrs
		}
		w.same(live, w.ready(want.Find(live.Address), attrs).Spec)
	}
}

func TestARevisionWithoutAServiceIsFoundByItsFamily(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live := w.read(want)
	if err := w.services().Delete(t.Context(), live.Find(address("service/web"))); err != nil {
		t.Fatal(err)
	}
	got := w.read(want)
	if td := got.Find(address("task-definition/web")); td == nil || td.Spec == nil {
		t.Errorf("found %v", addresses(got))
	}
	if got.Find(address("service/web")) != nil {
		t.Error("an inactive service counts")
	}
}

func TestARevisionThatWasDeregisteredGoesOnToRun(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live := w.read(want)
	kind := w.account().Kind(spec.TaskDefinitionKind)
	td := live.Find(address("task-definition/web"))
	for range 2 {
		if err := kind.Delete(t.Context(), td); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := kind.Read(t.Context(), td); err != nil || got.Attrs["arn"] != td.Attrs["arn"] {
		t.Errorf("read %v, %v", got, err)
	}
}

// TestAThousandServicesCostFewCalls is the bound that the design promises.
func TestAThousandServicesCostFewCalls(t *testing.T) {
	services := 200
	if sample.Full() {
		services = 1000
	}
	w := newWorld(t, simulator.Options{VCPUQuota: 4000})
	var names []string
	for i := range services {
		names = append(names, fmt.Sprintf("s%d", i))
	}
	want := w.stack(w.shop(names...)...)
	w.makeQuickly(want)
	account := w.account()
	w.sim.ResetCalls()
	if _, err := account.Facts(t.Context(), plan.Lookups{}); err != nil {
		t.Fatal(err)
	}
	live, err := account.Read(t.Context(), spec.Kinds(), want)
	if err != nil {
		t.Fatal(err)
	}
	if len(live.Resources) != len(want.Resources) {
		t.Errorf("%d resources, want %d", len(live.Resources), len(want.Resources))
	}
	if n := w.calls("DescribeTaskDefinition"); n > 0 {
		t.Errorf("%d calls of DescribeTaskDefinition", n)
	}
	if n := len(w.sim.Calls()); n > services/10+50 {
		t.Errorf("%d calls", n)
	} else {
		t.Logf("%d calls", n)
	}
	if writes := w.writes(); len(writes) > 0 {
		t.Errorf("reading writes: %v", writes)
	}
}

// makeQuickly makes what Read of a settled stack must find, without waiting for
// rollouts.
func (w *world) makeQuickly(want *plan.Stack) {
	w.Helper()
	a, attrs := w.account(), map[plan.Address]plan.Attrs{}
	client := ecs.NewFromConfig(w.sim.Config())
	for _, kind := range order {
		for _, r := range ofKind(want, kind) {
			got, err := a.Kind(kind).Create(w.Context(), w.ready(r, attrs))
			if err != nil {
				w.Fatal(err)
			}
			attrs[r.Address] = got
			if kind != spec.ServiceKind {
				continue
			}
			settled := plan.Applied{Hash: r.Hash}.String()
			_, err = client.TagResource(w.Context(), &ecs.TagResourceInput{
				ResourceArn: aws.String(got["arn"]), Tags: []ecstypes.Tag{{Key: aws.String(plan.TagSpec), Value: &settled}},
			})
			if err != nil {
				w.Fatal(err)
			}
		}
	}
}
