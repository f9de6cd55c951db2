package plan_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
)

// part is the spec of the kinds of a small cloud.
type part struct {
	Name  string       `json:"name"`            // cannot be changed
	Fixed []plan.Value `json:"fixed,omitempty"` // cannot be changed
	Uses  []plan.Value `json:"uses,omitempty"`
}

func partKinds() plan.Kinds {
	kinds := plan.Kinds{}
	for _, kind := range []string{"group", "balancer", "target", "listener", "rule", "certificate", "namespace", "discovery", "record", "service"} {
		rules := plan.Rules{
			Kind: kind, New: func() any { return &part{} }, Normalize: func(any) {},
			Attrs: []string{"id"}, Immutable: []string{"name", "fixed"},
		}
		switch kind {
		case "namespace", "discovery":
			rules.Replace = plan.DeleteFirst
		case "record":
			rules.Replace = plan.DeleteFirst
			rules.Needs = map[string]string{"listener": "balancer", "rule": "balancer"}
		case "rule", "listener", "group":
			rules.Routes = &plan.RouteRules{Leads: kind != "group"}
			rules.Extends = func(live, want any) bool {
				from, _ := live.(*part)
				return from == nil && kind == "rule" || from != nil && len(from.Uses) > 0 && !cmp.Equal(known(from.Uses), known(want.(*part).Uses))
			}
		case "service":
			rules.Replace = plan.DeleteFirst
			rules.Needs = map[string]string{"listener": "target", "rule": "target"}
			rules.Rollout = &plan.RolloutRules{Holds: func(_, _ any) bool { return true }}
			rules.Effects = func(live, want any, changes []plan.Change, force bool) plan.Effects {
				if live == nil || want == nil || len(changes) == 0 && !force {
					return plan.Effects{}
				}
				return plan.Effects{Restarts: 1, Forces: force}
			}
		}
		kinds[kind] = rules
	}
	return kinds
}

func known(values []plan.Value) []string {
	var out []string
	for _, v := range values {
		out = append(out, v.String())
	}
	return out
}

// piece is a desired resource. Uses that begin with ! are fixed.
func piece(at, name string, uses ...string) *plan.Resource {
	s := &part{Name: name}
	for _, use := range uses {
		to, fixed := strings.CutPrefix(use, "!")
		value := plan.RefTo(parsed(to), "id", "")
		if fixed {
			s.Fixed = append(s.Fixed, value)
		} else {
			s.Uses = append(s.Uses, value)
		}
	}
	return &plan.Resource{Address: parsed(at), Spec: s}
}

func parsed(text string) plan.Address {
	a, err := plan.ParseAddress(text)
	if err != nil {
		panic(err)
	}
	return a
}

// names of what cannot be changed, by address, where they are not "1".
type versions map[string]string

// stand is a service behind an application and a network load balancer, found by
// name both ways, and a service that only calls it.
func stand(v versions) []*plan.Resource {
	name := func(at string) string {
		if v[at] != "" {
			return v[at]
		}
		return "1"
	}
	make := func(at string, uses ...string) *plan.Resource { return piece(at, name(at), uses...) }
	web := make("service/web", "group/web", "group/net", "target/web.80", "target/web.53", "namespace/http", "discovery/web")
	web.Needs = []plan.Address{parsed("rule/web.80"), parsed("listener/network.53")}
	api := make("service/api", "group/net", "namespace/http")
	web.After = []plan.Address{api.Address}
	// Who is sent to the new load balancer is to find tasks there.
	record := make("record/org", "balancer/application")
	record.After, record.Needs = []plan.Address{web.Address}, []plan.Address{parsed("rule/web.80")}
	return []*plan.Resource{
		make("group/net"), make("group/application"), make("group/network"),
		make("group/web", "group/application", "group/network"),
		make("balancer/application", "group/application"), make("balancer/network", "group/network"),
		make("certificate/org"),
		make("target/web.80"), make("target/web.53"),
		make("listener/application.80", "!balancer/application", "certificate/org"),
		make("listener/network.53", "!balancer/network", "target/web.53"),
		make("rule/web.80", "!listener/application.80", "target/web.80"),
		record, make("namespace/http"), make("namespace/dns"),
		make("discovery/web", "!namespace/dns"),
		web, api,
	}
}

// ground is where steps are carried out: AWS in as much as it refuses things.
type ground struct {
	t      *testing.T
	want   *plan.Stack
	live   map[plan.Address]*plan.Resource
	old    map[plan.Address]*plan.Resource // replaced ones that are still there
	both   map[plan.Address]bool           // extended ones
	serial int
}

func (g *ground) all() []*plan.Resource {
	return slices.AppendSeq(slices.Collect(maps.Values(g.live)), maps.Values(g.old))
}

func (g *ground) stack() *plan.Stack {
	g.t.Helper()
	if len(g.old) > 0 {
		g.t.Errorf("left behind: %v", slices.Collect(maps.Keys(g.old)))
	}
	s, err := plan.LiveStack(partKinds(), target, slices.Collect(maps.Values(g.live)))
	if err != nil {
		g.t.Fatal(err)
	}
	return s
}

func texts(r *plan.Resource) []string {
	var out []string
	s := r.Spec.(*part)
	for _, v := range slices.Concat(s.Fixed, s.Uses) {
		out = append(out, v.Text)
	}
	return out
}

// put makes an address what is wanted, under id.
func (g *ground) put(step plan.Step, id string) {
	g.t.Helper()
	want := g.want.Find(step.Address)
	made := &plan.Resource{Address: step.Address, Attrs: plan.Attrs{"id": id}, Tags: plan.OwnTags(target.Project, step.Address, plan.Applied{Hash: want.Hash})}
	made.Spec = plan.Map(want.Spec, func(v plan.Value) plan.Value {
		if used := g.live[v.Ref.Address]; used != nil {
			return plan.Literal(used.Attrs["id"])
		}
		g.t.Fatalf("%s uses %s, which is not there", step.ID, v.Ref.Address)
		return v
	})
	g.live[step.Address] = made
	if step.Address.Kind != "service" {
		return
	}
	for _, id := range texts(made) {
		if strings.HasPrefix(id, "target/") && !g.led(id) {
			g.t.Fatalf("%s uses %s, which no load balancer leads to", step.ID, id)
		}
	}
}

// led says whether a rule or a listener leads to a target group.
func (g *ground) led(id string) bool {
	return slices.ContainsFunc(g.all(), func(r *plan.Resource) bool {
		return r.Address.Kind != "service" && slices.Contains(texts(r), id)
	})
}

func (g *ground) take(step plan.Step) {
	g.t.Helper()
	live := g.live[step.Address]
	defer g.answers(step)
	switch step.Verb {
	case plan.CreateVerb:
		if live != nil && partKinds()[step.Address.Kind].Replace != plan.Beside {
			g.t.Fatalf("%s: its name is taken", step.ID)
		}
		if live != nil {
			g.old[step.Address] = live
		}
		g.serial++
		g.put(step, fmt.Sprintf("%s-%d", step.Address, g.serial))
	case plan.ExtendVerb:
		g.extend(step)
	case plan.UpdateVerb, plan.StartVerb:
		delete(g.both, step.Address)
		g.put(step, live.Attrs["id"])
	case plan.ReleaseVerb:
		g.visited(step)
	case plan.DeleteVerb:
		gone := g.old[step.Address]
		delete(g.old, step.Address)
		if gone == nil {
			gone = live
			delete(g.live, step.Address)
		}
		g.release(step, gone)
	}
}

func (g *ground) extend(step plan.Step) {
	live := g.live[step.Address]
	if g.both == nil {
		g.both = map[plan.Address]bool{}
	}
	g.both[step.Address] = true
	if live == nil {
		g.serial++
		g.put(step, fmt.Sprintf("%s-%d", step.Address, g.serial))
		return
	}
	g.put(step, live.Attrs["id"])
	extended, before := g.live[step.Address].Spec.(*part), live.Spec.(*part)
	extended.Uses = append(extended.Uses, before.Uses...)
}

// visited checks that visitors are led to the new tasks when the old ones go.
func (g *ground) visited(step plan.Step) {
	g.t.Helper()
	for _, id := range texts(g.live[step.Address]) {
		led := !strings.HasPrefix(id, "target/")
		for _, r := range g.all() {
			led = led || r.Address.Kind != "service" && !g.both[r.Address] && slices.Contains(texts(r), id)
		}
		if !led {
			g.t.Fatalf("%s: nobody is led to %s", step.ID, id)
		}
	}
}

// answers checks that a record leads to a load balancer with tasks behind it.
func (g *ground) answers(step plan.Step) {
	g.t.Helper()
	record, web := g.live[parsed("record/org")], g.live[parsed("service/web")]
	if step.Address.Kind != "record" || record == nil || web == nil {
		return
	}
	for _, listener := range g.all() {
		for _, rule := range g.all() {
			if slices.Contains(texts(rule), listener.Attrs["id"]) && slices.Contains(texts(listener), texts(record)[0]) &&
				slices.ContainsFunc(texts(rule), func(id string) bool { return slices.Contains(texts(web), id) }) {
				return
			}
		}
	}
	g.t.Fatalf("%s: there is nothing behind it", step.ID)
}

// release checks that nobody misses what was deleted.
func (g *ground) release(step plan.Step, gone *plan.Resource) {
	g.t.Helper()
	for _, r := range g.all() {
		if slices.Contains(texts(r), gone.Attrs["id"]) {
			g.t.Fatalf("%s: %s still uses it", step.ID, r.Address)
		}
		if r.Address.Kind != "service" {
			continue
		}
		for _, id := range texts(r) {
			if strings.HasPrefix(id, "target/") && slices.Contains(texts(gone), id) && !g.led(id) {
				g.t.Fatalf("%s: it led to the tasks of %s", step.ID, r.Address)
			}
		}
	}
}

// become plans, and takes the steps in one of the orders that are possible.
func (g *ground) become(random *rand.Rand, resources []*plan.Resource, scope plan.Scope) *plan.Plan {
	g.t.Helper()
	w, err := plan.NewStack(partKinds(), target, resources)
	if err != nil {
		g.t.Fatal(err)
	}
	p, err := plan.Diff(partKinds(), g.stack(), w, plan.Options{Scope: scope})
	if err != nil {
		g.t.Fatal(err)
	}
	g.want = w
	over := map[string]bool{}
	left := slices.Clone(p.Steps)
	for len(left) > 0 {
		var free []int
		for i, step := range left {
			if !slices.ContainsFunc(step.After, func(id string) bool { return !over[id] }) {
				free = append(free, i)
			}
		}
		next := free[random.IntN(len(free))]
		g.take(left[next])
		over[left[next].ID] = true
		left = slices.Delete(left, next, next+1)
	}
	return p
}

// TestEveryOrderOfStepsIsSafe replaces parts of a running stack and takes the
// steps in many orders: nobody ever uses what is gone or not there yet.
func TestEveryOrderOfStepsIsSafe(t *testing.T) {
	cases := map[string]struct {
		from, to versions
		actions  map[string]string // of some
	}{
		"nothing was there": {},
		"security group of a network": {to: versions{"group/net": "2"}, actions: map[string]string{
			"group/net": "[create delete]", "service/web": "[update]", "service/api": "[update]",
		}},
		"security group of a service and a load balancer": {to: versions{"group/application": "2"}, actions: map[string]string{
			"group/application": "[create delete]", "group/web": "[update]", "balancer/application": "[update]",
		}},
		"target group behind a rule": {to: versions{"target/web.80": "2"}, actions: map[string]string{
			"target/web.80": "[create delete]", "rule/web.80": "[update]", "service/web": "[update]",
		}},
		"target group behind a listener": {to: versions{"target/web.53": "2"}, actions: map[string]string{
			"target/web.53": "[create delete]", "listener/network.53": "[update]",
		}},
		"load balancer with all its levels": {
			to: versions{"balancer/application": "2", "target/web.80": "2", "group/application": "2", "balancer/network": "2", "target/web.53": "2"},
			actions: map[string]string{
				"balancer/application": "[create delete]", "listener/application.80": "[create delete]", "rule/web.80": "[create delete]",
				"target/web.80": "[create delete]", "record/org": "[update]", "service/web": "[update]", "listener/network.53": "[create delete]",
			},
		},
		"load balancer alone": {to: versions{"balancer/application": "2"}, actions: map[string]string{
			"rule/web.80": "[create delete]", "target/web.80": "", "service/web": "",
		}},
		"certificate": {to: versions{"certificate/org": "2"}, actions: map[string]string{
			"certificate/org": "[create delete]", "listener/application.80": "[update]",
		}},
		"namespace, which has one name for ever": {to: versions{"namespace/http": "2"}, actions: map[string]string{
			"namespace/http": "[delete create]", "service/web": "[delete create]", "service/api": "[delete create]",
		}},
		"private DNS": {to: versions{"namespace/dns": "2"}, actions: map[string]string{
			"namespace/dns": "[delete create]", "discovery/web": "[delete create]", "service/web": "[delete create]", "service/api": "",
		}},
		"another VPC": {
			to: versions{
				"group/net": "2", "group/web": "2", "group/application": "2", "group/network": "2", "balancer/application": "2", "balancer/network": "2",
				"target/web.80": "2", "target/web.53": "2", "namespace/dns": "2",
			},
			actions: map[string]string{"service/api": "[update]", "service/web": "[delete create]"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(20) {
				random := rand.New(rand.NewPCG(seed, 1))
				g := &ground{t: t, live: map[plan.Address]*plan.Resource{}, old: map[plan.Address]*plan.Resource{}}
				g.become(random, stand(c.from), plan.Scope{})
				p := g.become(random, stand(c.to), plan.Scope{})
				for at, want := range c.actions {
					got := ""
					if r := p.Find(parsed(at)); r != nil {
						got = fmt.Sprint(r.Actions)
					}
					if got != want {
						t.Errorf("%s: %s, want %s", at, got, want)
					}
				}
				if p := g.become(random, stand(c.to), plan.Scope{}); p.Changed() {
					t.Errorf("left to do: %v", p.Steps)
				}
				g.become(random, nil, plan.Scope{Destroy: true})
				if len(g.live) > 0 {
					t.Errorf("destroy left %v", g.live)
				}
			}
		})
	}
}

// another port is another target group and another rule, and the old ones go.
func TestAnotherPortTakesTheOldRuleAwayLast(t *testing.T) {
	moved := func() []*plan.Resource {
		var out []*plan.Resource
		for _, r := range stand(nil) {
			switch r.Address.String() {
			case "target/web.80":
				r = piece("target/web.81", "1")
			case "rule/web.80":
				r = piece("rule/web.81", "1", "!listener/application.80", "target/web.81")
			case "record/org":
				r.Needs = []plan.Address{parsed("rule/web.81")}
			case "service/web":
				r = piece("service/web", "1", "group/web", "group/net", "target/web.81", "target/web.53", "namespace/http", "discovery/web")
				r.Needs = []plan.Address{parsed("rule/web.81"), parsed("listener/network.53")}
			}
			out = append(out, r)
		}
		return out
	}
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 2))
		g := &ground{t: t, live: map[plan.Address]*plan.Resource{}, old: map[plan.Address]*plan.Resource{}}
		g.become(random, stand(nil), plan.Scope{})
		p := g.become(random, moved(), plan.Scope{Prune: true})
		for _, step := range p.Steps {
			if step.ID == "rule/web.80#delete" {
				check(t, step.After, []string{"rule/web.81#update", "service/web#update"})
			}
		}
		if g.live[parsed("rule/web.80")] != nil || g.live[parsed("target/web.80")] != nil {
			t.Fatal("the old ones are still there")
		}
	}
}

// TestVisitorsAreLedOverBeforeTheOldTasksGo has the order of the steps around a
// target group that is replaced.
func TestVisitorsAreLedOverBeforeTheOldTasksGo(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	g := &ground{t: t, live: map[plan.Address]*plan.Resource{}, old: map[plan.Address]*plan.Resource{}}
	g.become(random, stand(nil), plan.Scope{})
	p := g.become(random, stand(versions{"target/web.80": "2"}), plan.Scope{})
	var got []string
	for _, s := range p.Steps {
		line := s.ID + " after " + strings.Join(s.After, ", ")
		if s.Hold {
			line += ", holding"
		}
		got = append(got, line)
	}
	check(t, got, []string{
		"rule/web.80#extend after target/web.80#create",
		"rule/web.80#update after rule/web.80#extend, service/web#update, target/web.80#create",
		"service/web#release after rule/web.80#update, service/web#update",
		"service/web#update after rule/web.80#extend, target/web.80#create, holding",
		"target/web.80#create after ",
		"target/web.80#delete after rule/web.80#update, service/web#release, service/web#update, target/web.80#create",
	})
}

func TestAPlanSaysWhereVisitorsFindNobody(t *testing.T) {
	kinds := partKinds()
	service := kinds["service"]
	service.Rollout.Holds = func(_, _ any) bool { return false }
	kinds["service"] = service
	random := rand.New(rand.NewPCG(1, 3))
	g := &ground{t: t, live: map[plan.Address]*plan.Resource{}, old: map[plan.Address]*plan.Resource{}}
	g.become(random, stand(nil), plan.Scope{})
	w, err := plan.NewStack(kinds, target, stand(versions{"target/web.80": "2"}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Diff(kinds, g.stack(), w, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "service web: requests through rule web.80 fail from the moment the old tasks stop until all new ones run"
	if len(p.Diagnostics) != 1 || p.Diagnostics[0].Summary != want {
		t.Errorf("it says %v", p.Diagnostics)
	}
	for _, s := range p.Steps {
		if s.Hold || s.Verb == plan.ReleaseVerb {
			t.Errorf("%s holds", s.ID)
		}
	}
}

func TestOnlyTakesWhatAServiceNeeds(t *testing.T) {
	w, err := plan.NewStack(partKinds(), target, stand(nil))
	if err != nil {
		t.Fatal(err)
	}
	l, err := plan.LiveStack(partKinds(), target, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Diff(partKinds(), l, w, plan.Options{Scope: plan.Scope{Only: []string{"web"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"rule/web.80", "listener/application.80", "balancer/application", "certificate/org", "listener/network.53"} {
		if p.Find(parsed(at)) == nil {
			t.Errorf("%s is not in the plan", at)
		}
	}
	if p.Find(parsed("record/org")) != nil {
		t.Error("nothing of web needs the record")
	}
}

func TestNeedsThatLeadNowhereOrInACircleAreErrors(t *testing.T) {
	a, b := piece("group/a", "1"), piece("group/b", "1", "group/a")
	a.Needs = []plan.Address{parsed("group/nope")}
	for want, needs := range map[string]string{
		"group/a refers to group/nope, which is not in the stack": "group/nope",
		"group/a refers to itself in a circle":                    "group/b",
	} {
		a.Needs = []plan.Address{parsed(needs)}
		_, err := plan.NewStack(partKinds(), target, []*plan.Resource{a, b})
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestStepsThatWaitForEachOtherAreAnError(t *testing.T) {
	a, b := piece("service/a", "1"), piece("service/b", "1")
	a.After, b.After = []plan.Address{b.Address}, []plan.Address{a.Address}
	w, err := plan.NewStack(partKinds(), target, []*plan.Resource{a, b})
	if err != nil {
		t.Fatal(err)
	}
	l, err := plan.LiveStack(partKinds(), target, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = plan.Diff(partKinds(), l, w, plan.Options{})
	want := `seal plan: steps wait for each other in a circle: service/a#start after service/b#start after service/a#start`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestWhatAKeptLeftoverUsesStays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	g := &ground{t: t, live: map[plan.Address]*plan.Resource{}, old: map[plan.Address]*plan.Resource{}}
	g.become(random, stand(nil), plan.Scope{})
	without := func() []*plan.Resource {
		return slices.DeleteFunc(stand(versions{"group/net": "2"}), func(r *plan.Resource) bool {
			for i, after := range r.After {
				if after == parsed("service/api") {
					r.After = slices.Delete(r.After, i, i+1)
				}
			}
			return r.Address == parsed("service/api")
		})
	}
	p := g.become(random, without(), plan.Scope{})
	check(t, []string{fmt.Sprint(p.Find(parsed("group/net")).Actions), fmt.Sprint(p.Find(parsed("service/api")).Actions)}, []string{"[create]", "[keep]"})
	if len(p.Diagnostics) != 1 || !strings.Contains(p.Diagnostics[0].Summary, "group net") {
		t.Errorf("diagnostics: %v", p.Diagnostics)
	}
}
