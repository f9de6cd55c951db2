package resource

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// unevenLives are those of the kinds that have no tags, change by new revisions, or
// go on changing after the call.
var unevenLives = append([]life{
	{
		address:  "mount-target/us-east-1a",
		untagged: true,
		first: func(w *world) any {
			return &spec.MountTarget{
				FileSystemID: plan.Literal(w.storage()), SubnetID: w.subnetIn("us-east-1a"),
				SecurityGroups: []plan.Value{plan.Literal(w.defaultGroup())},
			}
		},
		changes: map[string]func(*world, any){
			"security groups": edit(func(w *world, s *spec.MountTarget) { s.SecurityGroups = []plan.Value{w.ourGuard("efs")} }),
		},
	},
	{
		address:  "record/www.example.com",
		untagged: true,
		first: func(w *world) any {
			return w.record("www.example.com", w.balancerAt("shop-1", "load-balancer/application"), false).Spec
		},
		changes: map[string]func(*world, any){
			"another load balancer": edit(func(w *world, s *spec.Record) {
				*s = *w.record("www.example.com", w.balancerAt("shop-2", "load-balancer/network"), false).Spec.(*spec.Record)
			}),
		},
	},
	{
		address:  "image/web",
		untagged: true,
		hidden:   true,
		payload:  &spec.ImageSource{Base: "nginx:1.27"},
		first: func(w *world) any {
			w.made("repository/web", &spec.Repository{RepositoryName: "shop/web"})
			return &spec.Image{Repository: plan.Literal("shop/web"), Tag: "v1", Platform: "linux/amd64", Base: "nginx:1.27"}
		},
		changes: map[string]func(*world, any){
			"another image": edit(func(_ *world, s *spec.Image) { s.Tag, s.Base = "v2", "nginx:1.28" }),
		},
		unseen: []string{"another image"}, // the first one is still there
	},
	{
		address: "task-definition/web",
		hidden:  true, // it is found through its service
		first:   func(w *world) any { return tagged(w.running("task-definition/web"), "a") },
		changes: map[string]func(*world, any){
			"tags": edit(func(_ *world, s *spec.TaskDefinition) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
			"size": edit(func(_ *world, s *spec.TaskDefinition) { s.Cpu, s.Memory = "512", "1024" }),
		},
	},
	{
		address: "service/web",
		first:   func(w *world) any { return tagged(w.running("service/web"), "a") },
		changes: map[string]func(*world, any){
			"count":    edit(func(_ *world, s *spec.Service) { s.DesiredCount = 3 }),
			"capacity": edit(func(_ *world, s *spec.Service) { s.CapacityProviderStrategy[0].CapacityProvider = "FARGATE_SPOT" }),
			"platform": edit(func(_ *world, s *spec.Service) { s.PlatformVersion = "1.4.0" }),
			"subnets": edit(func(_ *world, s *spec.Service) {
				s.NetworkConfiguration.Subnets = s.NetworkConfiguration.Subnets[:1]
			}),
			"percents":     edit(func(_ *world, s *spec.Service) { s.DeploymentConfiguration.MinimumHealthyPercent = 50 }),
			"rebalancing":  edit(func(_ *world, s *spec.Service) { s.AvailabilityZoneRebalancing = "DISABLED" }),
			"managed tags": edit(func(_ *world, s *spec.Service) { s.EnableECSManagedTags = false }),
			"propagation":  edit(func(_ *world, s *spec.Service) { s.PropagateTags = "NONE" }),
			"tags":         edit(func(_ *world, s *spec.Service) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}} }),
		},
	},
}, untaggedScalingLives...)

// running is the spec of one resource of a shop, all others of which exist.
func (w *world) running(resource string) any {
	w.Helper()
	shop := w.stack(w.shop("web")...)
	attrs := map[plan.Address]plan.Attrs{}
	for _, kind := range order {
		for _, r := range ofKind(shop, kind) {
			if r.Address == address(resource) {
				return w.ready(r, attrs).Spec
			}
			if err := w.bring(w.account(), w.ready(r, attrs), attrs); err != nil {
				w.Fatal(err)
			}
		}
	}
	w.Fatalf("there is no %s", resource)
	return nil
}

// TestTheWholeTable walks every kind of the table through its life: it is created,
// read by its name, its id and its tags, changed field by field, seen to drift in
// each, tagged again, and deleted.
func TestTheWholeTable(t *testing.T) {
	walked := map[string]map[string]bool{} // the fields that changed, by kind
	for _, l := range slices.Concat(lives, unevenLives) {
		name := address(l.address).Kind
		if walked[name] == nil {
			walked[name] = map[string]bool{}
		}
		t.Run(l.address, func(t *testing.T) {
			w := newWorld(t, simulator.Options{PageSize: 1})
			maps.Copy(walked[name], w.walk(l))
		})
	}
	for _, d := range kinds {
		name := d.info().kind
		if walked[name] == nil {
			t.Errorf("%s has no life", name)
			continue
		}
		for _, field := range mutable(spec.Kinds()[name]) {
			if walked[name][field] == slices.Contains(changedElsewhere[name], field) {
				t.Errorf("%s: a change of %s is tried: %t", name, field, walked[name][field])
			}
		}
	}
}

// changedElsewhere are fields that always are the same, or whose changes need other
// resources as well and have tests of their own.
var changedElsewhere = map[string][]string{
	spec.LoadBalancerKind: {"ipAddressType"},
	spec.MountTargetKind:  {"tags"},
	spec.RecordKind:       {"aliasHostedZone", "tags"},

	spec.ScalingPolicyKind:   {"tags"},
	spec.ScheduledActionKind: {"tags"},
	spec.ServiceKind: {
		"taskDefinition", "launchType", "loadBalancers", "serviceRegistries", "serviceConnectConfiguration",
		"healthCheckGracePeriodSeconds", "enableExecuteCommand",
	},
}

// mutable are the fields that change in place, tags included where the kind has
// them.
func mutable(rules plan.Rules) []string {
	if rules.Replace == plan.NewRevision {
		return rules.InPlace
	}
	var out []string
	for field := range reflect.TypeOf(rules.New()).Elem().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !slices.Contains(slices.Concat(rules.Immutable, rules.Once), name) {
			out = append(out, name)
		}
	}
	return out
}

// wanted is a desired resource with a spec.
func (w *world) wanted(l life, s any) *plan.Resource {
	w.Helper()
	want := w.one(l.address, s)
	if l.payload != nil {
		want.Payload = l.payload
	}
	return want
}

// walk returns the fields that it changed.
func (w *world) walk(l life) map[string]bool {
	w.Helper()
	kind := w.account().Kind(address(l.address).Kind)
	want := w.wanted(l, l.first(w))
	live := w.create(kind, want)
	w.found(l, want)
	all := []*plan.Resource{live} // the revisions
	changed := map[string]bool{}
	for _, name := range sortedKeys(l.changes) {
		before := want
		s := plan.Map(want.Spec, func(v plan.Value) plan.Value { return v })
		l.changes[name](w, s)
		want = w.wanted(l, s)
		maps.Copy(changed, w.fieldsThatDiffer(before, want))
		live = w.update(kind, name, live, want)
		all = append(all, live)
		w.drifted(l, name, live, before)
	}
	w.adopted(l, kind, live, want)
	w.deleted(kind, want, all)
	return changed
}

func (w *world) fieldsThatDiffer(a, b *plan.Resource) map[string]bool {
	rules := spec.Kinds()[a.Address.Kind]
	left, right := w.tree(rules, a.Spec), w.tree(rules, b.Spec)
	out := map[string]bool{}
	for _, tree := range []map[string]any{left, right} {
		for field := range tree {
			if !reflect.DeepEqual(left[field], right[field]) {
				out[field] = true
			}
		}
	}
	return out
}

// create makes a resource, once more as after an apply that was cut short, and reads
// it.
func (w *world) create(kind *Kind, want *plan.Resource) *plan.Resource {
	w.Helper()
	if _, err := kind.Read(w.Context(), want); !errors.Is(err, plan.ErrNotFound) {
		w.Fatalf("in the beginning it reads %v", err)
	}
	attrs, err := kind.Create(w.Context(), want)
	if err != nil {
		w.Fatal(err)
	}
	again, err := kind.Create(w.Context(), want)
	if err != nil {
		w.Fatal(err)
	}
	if diff := cmp.Diff(attrs, again); diff != "" {
		w.Errorf("created again it is another one (-first +second)\n%s", diff)
	}
	w.finish(kind, nil, want, attrs)
	return w.look("create", kind, want, attrs)
}

func (w *world) update(kind *Kind, name string, live, want *plan.Resource) *plan.Resource {
	w.Helper()
	attrs, err := kind.Update(w.Context(), live, want, false)
	if err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	w.finish(kind, live, want, attrs)
	live = w.look(name, kind, want, attrs)
	w.sim.ResetCalls()
	if _, err := kind.Update(w.Context(), live, want, false); err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	if writes := w.writes(); len(writes) > 0 {
		w.Errorf("%s: again it writes %v", name, writes)
	}
	return live
}

// finish starts a new service, waits for the deployment of any, and settles it.
func (w *world) finish(kind *Kind, live, want *plan.Resource, attrs plan.Attrs) {
	w.Helper()
	services := kind.Services()
	if services == nil {
		return
	}
	var err error
	if live == nil {
		if attrs, err = services.Start(w.Context(), nil, want); err != nil {
			w.Fatal(err)
		}
	}
	if rollout, err := w.rollout(services, attrs); err != nil || rollout.State != plan.RolledOut {
		w.Fatalf("rollout %+v: %v", rollout, err)
	}
	if err := services.Settle(w.Context(), attrs, want); err != nil {
		w.Fatal(err)
	}
}

// look reads a resource that was just written, by want and by what is live.
func (w *world) look(name string, kind *Kind, want *plan.Resource, attrs plan.Attrs) *plan.Resource {
	w.Helper()
	live, err := kind.Read(w.Context(), want)
	if err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	withoutOptional(live, want)
	w.Log(name)
	w.same(live, want.Spec)
	w.settled(live, want)
	if len(live.Unmanaged) > 0 {
		w.Errorf("%s: unmanaged %v", name, live.Unmanaged)
	}
	if diff := cmp.Diff(live.Attrs, attrs); diff != "" && kind.Services() == nil {
		w.Errorf("%s: attributes (-live +returned)\n%s", name, diff)
	}
	for _, attr := range spec.Kinds()[want.Address.Kind].Attrs {
		if live.Attrs[attr] == "" {
			w.Errorf("%s: its attribute %s, by which others may refer to it, is not read", name, attr)
		}
	}
	again, err := kind.Read(w.Context(), live)
	if err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	if diff := cmp.Diff(live.Attrs, again.Attrs); diff != "" {
		w.Errorf("%s: read by what is live it differs\n%s", name, diff)
	}
	return live
}

// withoutOptional takes out of a live cluster what want leaves to the account.
func withoutOptional(live, want *plan.Resource) {
	if s, ok := live.Spec.(*spec.Cluster); ok && want.Spec.(*spec.Cluster).ContainerInsights == "" {
		s.ContainerInsights = ""
	}
}

// found checks that a resource is found although nobody wants it.
func (w *world) found(l life, want *plan.Resource) {
	w.Helper()
	live := w.read(w.stack()).Find(want.Address)
	switch {
	case live == nil && !l.hidden:
		w.Error("it is not found by its tags")
	case live != nil && l.hidden:
		w.Error("it is found by its tags")
	case live != nil:
		if owner, name := live.Owner("shop"); owner != plan.Ours {
			w.Errorf("found by its tags, it belongs to %q", name)
		}
	}
}

// drifted checks that a plan for before sees that the live resource is another one
// by now, although its tag says that before was applied to it.
func (w *world) drifted(l life, name string, live, before *plan.Resource) {
	w.Helper()
	if !l.untagged {
		tags := maps.Clone(live.Tags)
		tags[plan.TagSpec] = plan.Applied{Hash: before.Hash}.String()
		w.retag(live, tags)
		defer w.retag(live, live.Tags)
	}
	want := w.stack(&plan.Resource{Address: before.Address, Spec: before.Spec, Payload: before.Payload})
	p := w.changes(want).Find(before.Address)
	seen := p != nil && len(p.Changes) > 0
	if seen == slices.Contains(l.unseen, name) {
		w.Errorf("%s: drift is seen: %t", name, seen)
	}
	if seen && !l.untagged && p.Cause != plan.Drift {
		w.Errorf("%s: the cause is %s", name, p.Cause)
	}
}

// adopted checks that an update tags a resource that lost its tags, and leaves those
// of others alone.
func (w *world) adopted(l life, kind *Kind, live, want *plan.Resource) {
	w.Helper()
	if l.untagged || l.shared || kind.Services() != nil {
		return
	}
	w.retag(live, map[string]string{"theirs": "1"})
	live, err := kind.Read(w.Context(), want)
	if err != nil {
		w.Fatal(err)
	}
	tagged(live.Spec) // what spec.Owned leaves of them
	attrs, err := kind.Update(w.Context(), live, want, false)
	if err != nil {
		w.Fatal(err)
	}
	if live, err = kind.Read(w.Context(), want); err != nil {
		w.Fatal(err)
	}
	w.settled(live, want)
	if live.Tags["theirs"] != "1" || attrs["arn"] != live.Attrs["arn"] {
		w.Errorf("adopted: tags %v, attributes %v", live.Tags, attrs)
	}
}

// deleted deletes all revisions of a resource, each twice.
func (w *world) deleted(kind *Kind, want *plan.Resource, all []*plan.Resource) {
	w.Helper()
	for _, live := range all {
		for range 2 {
			if err := kind.Delete(w.Context(), live); err != nil {
				w.Fatal(err)
			}
		}
	}
	if _, err := kind.Read(w.Context(), want); !errors.Is(err, plan.ErrNotFound) {
		w.Errorf("after the end it reads %v", err)
	}
	if w.read(w.stack()).Find(want.Address) != nil {
		w.Error("it is found after the end")
	}
}
