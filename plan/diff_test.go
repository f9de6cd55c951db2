package plan_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

var target = plan.Target{Partition: "aws", Account: "123456789012", Region: "eu-west-1", Project: "shop"}

func address(kind, name string) plan.Address { return plan.Address{Kind: kind, Name: name} }

// shop is a small stack with every kind in it: two services in one network, the
// second one after the first.
func shop() []*plan.Resource {
	cluster := plan.RefTo(address("cluster", "shop"), "arn", "arn:aws:ecs:eu-west-1:123456789012:cluster/shop")
	role := plan.RefTo(address("role", "execution"), "arn", "arn:aws:iam::123456789012:role/compose2fargate/shop/shop-execution-eu-west-1")
	group := plan.RefTo(address("security-group", "net.back"), "id", "")
	out := []*plan.Resource{
		{Address: address("cluster", "shop"), Spec: &spec.Cluster{ClusterName: "shop", CapacityProviders: []string{"FARGATE"}, ContainerInsights: "enabled"}},
		{Address: address("log-group", "shop"), Spec: &spec.LogGroup{LogGroupName: "/compose2fargate/shop", RetentionInDays: 30}},
		{Address: address("role", "execution"), Spec: &spec.Role{RoleName: "shop-execution-eu-west-1", Path: "/compose2fargate/shop/"}},
		{Address: address("security-group", "net.back"), Spec: &spec.SecurityGroup{
			GroupName: "shop-net-back-abc123", Description: "back", VpcID: plan.Literal("vpc-1"),
			Ingress: []spec.SecurityGroupRule{{Protocol: "-1", Self: true}},
		}},
	}
	for _, name := range []string{"db", "web"} {
		family := address("task-definition", name)
		service := &plan.Resource{Address: address("service", name), Spec: &spec.Service{
			ServiceName: name, Cluster: cluster, TaskDefinition: plan.RefTo(family, "arn", ""), DesiredCount: 2,
			CapacityProviderStrategy: []spec.CapacityProvider{{CapacityProvider: "FARGATE", Weight: 1}},
			NetworkConfiguration:     spec.NetworkConfiguration{Subnets: []plan.Value{plan.Literal("subnet-1")}, SecurityGroups: []plan.Value{group}},
			DeploymentConfiguration:  spec.DeploymentConfiguration{MinimumHealthyPercent: 100, MaximumPercent: 200},
		}}
		if name == "web" {
			service.After = []plan.Address{address("service", "db")}
		}
		out = append(out, service, &plan.Resource{Address: family, Spec: &spec.TaskDefinition{
			Family: "shop-" + name, Cpu: "256", Memory: "1024", ExecutionRoleArn: role,
			ContainerDefinitions: []spec.Container{{
				Name: name, Image: plan.Literal(name + ":1"), Essential: true, Command: []string{"serve", "--all"},
				Environment: []spec.EnvironmentEntry{{Name: "LEVEL", Value: plan.Literal("info")}, {Name: "DB_PASSWORD", Value: plan.Literal("hunter2")}},
				LogConfiguration: &spec.LogConfiguration{LogDriver: "awslogs", Options: map[string]plan.Value{
					"awslogs-group": plan.RefTo(address("log-group", "shop"), "name", "/compose2fargate/shop"),
				}},
			}},
		}})
	}
	return out
}

func want(t *testing.T, resources []*plan.Resource) *plan.Stack {
	t.Helper()
	s, err := plan.NewStack(spec.Kinds(), target, resources)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// applied is what is live after want was applied: every ref resolved, every
// resource tagged.
func applied(t *testing.T, w *plan.Stack) []*plan.Resource {
	t.Helper()
	var out []*plan.Resource
	for _, r := range w.Resources {
		name := strings.ReplaceAll(r.Address.Name, ".", "-")
		attrs := plan.Attrs{"arn": "arn:" + r.Address.String(), "id": r.Address.Kind + "-" + name, "name": name}
		if r.Address.Kind == "log-group" {
			attrs["name"] = "/compose2fargate/shop"
		}
		out = append(out, &plan.Resource{Address: r.Address, Attrs: attrs,
			Tags: plan.OwnTags(target.Project, r.Address, plan.Applied{Hash: r.Hash})})
	}
	for i, r := range w.Resources {
		out[i].Spec = plan.Map(r.Spec, func(v plan.Value) plan.Value {
			if v.Ref == nil {
				return v
			}
			for _, other := range out {
				if other.Address == v.Ref.Address {
					return plan.Literal(other.Attrs[v.Ref.Attr])
				}
			}
			t.Fatalf("%s leads nowhere", v.Ref)
			return v
		})
	}
	return out
}

func live(t *testing.T, resources []*plan.Resource) *plan.Stack {
	t.Helper()
	s, err := plan.LiveStack(spec.Kinds(), target, resources)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func diff(t *testing.T, l, w *plan.Stack, scope plan.Scope) *plan.Plan {
	t.Helper()
	p, err := plan.Diff(spec.Kinds(), l, w, plan.Options{Scope: scope})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// changeOf changes one resource of a list in place.
func changeOf[S any](t *testing.T, resources []*plan.Resource, kind, name string, change func(*S)) {
	t.Helper()
	for _, r := range resources {
		if r.Address == address(kind, name) {
			change(r.Spec.(*S))
			return
		}
	}
	t.Fatalf("no %s/%s", kind, name)
}

// report is a plan in few words: ADDRESS actions cause, then its fields.
func report(p *plan.Plan) []string {
	var out []string
	for _, r := range p.Resources {
		out = append(out, fmt.Sprintf("%s %v %s", r.Address, r.Actions, r.Cause))
		for _, c := range r.Changes {
			out = append(out, fmt.Sprintf("  %s %s %s: %v -> %v", c.Op, c.Cause, strings.Join(c.Path, "."), c.From, c.To))
		}
	}
	return out
}

func check(t *testing.T, got, wanted []string) {
	t.Helper()
	if d := cmp.Diff(wanted, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestWhatWasAppliedNeedsNothing(t *testing.T) {
	w := want(t, shop())
	p := diff(t, live(t, applied(t, w)), w, plan.Scope{})
	check(t, report(p), nil)
	if p.Changed() {
		t.Errorf("steps: %v", p.Steps)
	}
}

func TestAnEmptyAccountGetsEverythingInOrder(t *testing.T) {
	w := want(t, shop())
	p := diff(t, live(t, nil), w, plan.Scope{})
	var steps []string
	for _, s := range p.Steps {
		steps = append(steps, s.ID+" after "+strings.Join(s.After, " "))
	}
	check(t, steps, []string{
		"all-created#barrier after service/db#create service/web#create",
		"cluster/shop#create after ",
		"log-group/shop#create after ",
		"role/execution#create after ",
		"security-group/net.back#create after ",
		"service/db#create after cluster/shop#create security-group/net.back#create task-definition/db#create",
		"service/db#start after all-created#barrier cluster/shop#create security-group/net.back#create task-definition/db#create",
		"service/web#create after cluster/shop#create security-group/net.back#create task-definition/web#create",
		"service/web#start after all-created#barrier cluster/shop#create security-group/net.back#create service/db#start task-definition/web#create",
		"task-definition/db#create after log-group/shop#create role/execution#create",
		"task-definition/web#create after log-group/shop#create role/execution#create",
	})
}

func TestAChangedImageIsOneFieldANewRevisionAndARestart(t *testing.T) {
	l := live(t, applied(t, want(t, shop())))
	resources := shop()
	changeOf(t, resources, "task-definition", "web", func(s *spec.TaskDefinition) { s.ContainerDefinitions[0].Image = plan.Literal("web:2") })
	p := diff(t, l, want(t, resources), plan.Scope{})
	check(t, report(p), []string{
		"service/web [update] dependency",
		"  update dependency taskDefinition: arn:task-definition/web -> ${ref:task-definition/web.arn}",
		"task-definition/web [revise] config",
		"  update config containerDefinitions.web.image: web:1 -> web:2",
	})
	effects := p.Find(address("service", "web")).Effects
	if d := cmp.Diff(plan.Effects{Restarts: 2}, effects); d != "" {
		t.Errorf("effects (-want +got)\n%s", d)
	}
}

func TestTheCauseOfEachFieldIsToldApart(t *testing.T) {
	l := applied(t, want(t, shop()))
	changeOf(t, l, "service", "web", func(s *spec.Service) {
		s.DesiredCount = 7
		s.EnableExecuteCommand = true
	})
	resources := shop()
	changeOf(t, resources, "service", "web", func(s *spec.Service) { s.DeploymentConfiguration.MaximumPercent = 150 })
	check(t, report(diff(t, live(t, l), want(t, resources), plan.Scope{})), []string{
		"service/web [update] config",
		"  update config deploymentConfiguration.maximumPercent: 200 -> 150",
		"  update drift desiredCount: 7 -> 2",
		"  update drift enableExecuteCommand: true -> false",
	})
}

func TestTagsOfOthersAreLeftAloneAndOursAreRemoved(t *testing.T) {
	before := shop()
	changeOf(t, before, "cluster", "shop", func(s *spec.Cluster) { s.Tags = []spec.Tag{{Key: "team", Value: "a"}} })
	l := applied(t, want(t, before))
	changeOf(t, l, "cluster", "shop", func(s *spec.Cluster) { s.Tags = append(s.Tags, spec.Tag{Key: "cost", Value: "7"}) })
	check(t, report(diff(t, live(t, l), want(t, before), plan.Scope{})), nil)
	check(t, report(diff(t, live(t, l), want(t, shop()), plan.Scope{})), []string{
		"cluster/shop [update] config",
		"  delete config tags.team: map[value:a] -> <nil>",
	})
}

func TestARevisionChosenByOthersIsDrift(t *testing.T) {
	l := applied(t, want(t, shop()))
	for _, r := range l {
		if r.Address == address("task-definition", "web") {
			r.Tags = nil
		}
	}
	changeOf(t, l, "task-definition", "web", func(s *spec.TaskDefinition) { s.ContainerDefinitions[0].Image = plan.Literal("other:9") })
	p := diff(t, live(t, l), want(t, shop()), plan.Scope{})
	if got := p.Find(address("task-definition", "web")).Cause; got != plan.Drift {
		t.Errorf("cause %s, want drift", got)
	}
}

func TestAnUnfinishedApplyIsResumedWithItsForcedDeployment(t *testing.T) {
	w := want(t, shop())
	l := applied(t, w)
	for _, r := range l {
		if r.Address.Kind == "service" {
			r.Tags[plan.TagSpec] = plan.Applied{Hash: w.Find(r.Address).Hash, Pending: true, Force: r.Address.Name == "db"}.String()
		}
	}
	p := diff(t, live(t, l), w, plan.Scope{})
	check(t, report(p), []string{"service/db [resume] resume", "service/web [resume] resume"})
	var steps []string
	for _, s := range p.Steps {
		steps = append(steps, fmt.Sprintf("%s force=%t", s.ID, s.Force))
	}
	check(t, steps, []string{"service/db#start force=true", "service/web#update force=false"})
}

func TestAReplacementIsMadeBesideAndTheOldOneGoesLast(t *testing.T) {
	l := live(t, applied(t, want(t, shop())))
	resources := shop()
	changeOf(t, resources, "security-group", "net.back", func(s *spec.SecurityGroup) {
		s.GroupName, s.Description = "shop-net-back-def456", "other"
	})
	p := diff(t, l, want(t, resources), plan.Scope{})
	deletes := slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.ID == "security-group/net.back#delete" })
	if deletes < 0 {
		t.Fatal("the old group is never deleted")
	}
	check(t, p.Steps[deletes].After, []string{"security-group/net.back#create", "service/db#update", "service/web#update"})
	for _, name := range []string{"db", "web"} {
		if got := p.Find(address("service", name)).Effects.Restarts; got != 2 {
			t.Errorf("service %s restarts %d tasks, want 2", name, got)
		}
		if got := p.Find(address("service", name)).Cause; got != plan.Dependency {
			t.Errorf("service %s changes because of %s, want %s", name, got, plan.Dependency)
		}
	}
}

func TestLeftoversAreListedAndDeletedOnlyWhenAsked(t *testing.T) {
	l := live(t, applied(t, want(t, shop())))
	without := slices.DeleteFunc(shop(), func(r *plan.Resource) bool { return r.Address.Name == "web" })
	kept := diff(t, l, want(t, without), plan.Scope{})
	check(t, report(kept), []string{"service/web [keep] removed", "task-definition/web [keep] removed"})
	if kept.Changed() {
		t.Error("what is kept is no change")
	}
	pruned := diff(t, l, want(t, without), plan.Scope{Prune: true})
	check(t, report(pruned), []string{"service/web [delete] removed", "task-definition/web [delete] removed"})
	if d := cmp.Diff([]string{"service/web#delete"}, pruned.Steps[1].After); d != "" {
		t.Errorf("the task definition goes after its service (-want +got)\n%s", d)
	}
}

func TestDestroyKeepsDataUnlessItIsNamed(t *testing.T) {
	l := live(t, applied(t, want(t, shop())))
	kept := diff(t, l, want(t, nil), plan.Scope{Destroy: true})
	if p := kept.Find(address("log-group", "shop")); !p.Has(plan.Keep) {
		t.Errorf("log group: %v", p.Actions)
	}
	var steps []string
	for _, s := range kept.Steps {
		steps = append(steps, s.ID+" after "+strings.Join(s.After, " "))
	}
	check(t, steps, []string{
		"cluster/shop#delete after service/db#delete service/web#delete",
		"role/execution#delete after service/db#delete service/web#delete task-definition/db#delete task-definition/web#delete",
		"security-group/net.back#delete after service/db#delete service/web#delete",
		"service/db#delete after ",
		"service/web#delete after ",
		"task-definition/db#delete after service/db#delete",
		"task-definition/web#delete after service/web#delete",
	})
	gone := diff(t, l, want(t, nil), plan.Scope{Destroy: true, DeleteData: []string{"shop"}})
	if p := gone.Find(address("log-group", "shop")); !p.Has(plan.Delete) || !p.Effects.DataLoss {
		t.Errorf("log group: %v %+v", p.Actions, p.Effects)
	}
}

func TestWhatBelongsToOthersBlocksThePlan(t *testing.T) {
	w := want(t, shop())
	l := applied(t, w)
	for _, r := range l {
		switch r.Address.Kind {
		case "cluster":
			r.Tags = map[string]string{plan.TagProject: "other", plan.TagResource: "cluster/other"}
		case "log-group":
			r.Tags = nil
		}
	}
	p := diff(t, live(t, l), w, plan.Scope{})
	var rules []string
	for _, g := range p.Guards {
		rules = append(rules, g.Rule+" "+g.Address.String())
	}
	check(t, rules, []string{"foreign cluster/shop", "untagged log-group/shop"})
	adopted := diff(t, live(t, l), w, plan.Scope{Adopt: []string{"log-group/shop"}})
	if got := adopted.Find(address("log-group", "shop")); got == nil || !got.Has(plan.Adopt) {
		t.Errorf("not adopted: %+v", got)
	}
}

func TestOnlyLimitsThePlanToAServiceAndWhatItNeeds(t *testing.T) {
	p := diff(t, live(t, nil), want(t, shop()), plan.Scope{Only: []string{"db"}})
	for _, r := range p.Resources {
		if r.Address.Name == "web" {
			t.Errorf("%s is in the plan", r.Address)
		}
	}
	if _, err := plan.Diff(spec.Kinds(), live(t, nil), want(t, shop()), plan.Options{Scope: plan.Scope{Only: []string{"nope"}}}); err == nil {
		t.Error("an unknown service is no error")
	}
}

func TestNoSecretLeavesThePlan(t *testing.T) {
	l := live(t, applied(t, want(t, shop())))
	resources := shop()
	changeOf(t, resources, "task-definition", "web", func(s *spec.TaskDefinition) {
		for i, e := range s.ContainerDefinitions[0].Environment {
			if e.Name == "DB_PASSWORD" {
				s.ContainerDefinitions[0].Environment[i].Value = plan.Literal("correct horse")
			}
		}
	})
	for _, l := range []*plan.Stack{l, live(t, nil)} {
		var out strings.Builder
		p := diff(t, l, want(t, resources), plan.Scope{})
		if err := p.Encode(&out); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"hunter2", "correct horse"} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("the plan holds %q", secret)
			}
		}
		if !strings.Contains(out.String(), "argon2id:") {
			t.Error("the change of the secret does not show")
		}
	}
}

// TestEveryMutatedFieldIsReported changes each leaf of each live spec and
// expects just that field, with go-cmp as the oracle of what differs.
func TestEveryMutatedFieldIsReported(t *testing.T) {
	w := want(t, shop())
	for i, r := range applied(t, w) {
		for path, mutate := range leaves(reflect.ValueOf(r.Spec).Elem(), r.Address.Kind) {
			l := applied(t, w)
			before := plan.Map(l[i].Spec, func(v plan.Value) plan.Value { return v })
			mutate(reflect.ValueOf(l[i].Spec).Elem())
			spec.Kinds()[r.Address.Kind].Normalize(before)
			stack := live(t, l)
			same := cmp.Equal(before, stack.Find(r.Address).Spec)
			p := diff(t, stack, w, plan.Scope{})
			if reported := p.Find(r.Address) != nil; reported == same {
				t.Errorf("%s %s: differs=%t, reported=%t", r.Address, path, !same, reported)
			}
		}
	}
}

// leaves returns a mutation for every scalar below v that is set or can be.
func leaves(v reflect.Value, path string) map[string]func(reflect.Value) {
	out := map[string]func(reflect.Value){}
	add := func(name string, below reflect.Value, get func(reflect.Value) reflect.Value) {
		for sub, mutate := range leaves(below, path+"."+name) {
			out[sub] = func(root reflect.Value) { mutate(get(root)) }
		}
	}
	switch v.Kind() {
	case reflect.String:
		out[path] = func(v reflect.Value) { v.SetString(v.String() + "9") }
	case reflect.Int:
		out[path] = func(v reflect.Value) { v.SetInt(v.Int() + 3) }
	case reflect.Bool:
		out[path] = func(v reflect.Value) { v.SetBool(!v.Bool()) }
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "Ref" && name != "Tags" {
				add(name, v.Field(i), func(v reflect.Value) reflect.Value { return v.Field(i) })
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			add(fmt.Sprint(i), v.Index(i), func(v reflect.Value) reflect.Value { return v.Index(i) })
		}
	case reflect.Pointer:
		if !v.IsNil() {
			add("*", v.Elem(), func(v reflect.Value) reflect.Value { return v.Elem() })
		}
	}
	return out
}

func TestASwappedCommandIsAChange(t *testing.T) {
	l := applied(t, want(t, shop()))
	changeOf(t, l, "task-definition", "web", func(s *spec.TaskDefinition) { slices.Reverse(s.ContainerDefinitions[0].Command) })
	p := diff(t, live(t, l), want(t, shop()), plan.Scope{}).Find(address("task-definition", "web"))
	if p == nil || len(p.Changes) != 1 || strings.Join(p.Changes[0].Path, ".") != "containerDefinitions.web.command" {
		t.Errorf("got %+v", p)
	}
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	encode := func() string {
		var out strings.Builder
		if err := diff(t, live(t, nil), want(t, shop()), plan.Scope{}).Encode(&out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if first := encode(); first != encode() {
		t.Error("two runs differ")
	}
}

func TestARoleGoesWhenNoTaskRunsWithItAnyMore(t *testing.T) {
	before := append(shop(), &plan.Resource{Address: address("role", "web.task"), Spec: &spec.Role{RoleName: "shop-web-task"}})
	changeOf(t, before, "task-definition", "web", func(s *spec.TaskDefinition) {
		s.TaskRoleArn = plan.RefTo(address("role", "web.task"), "arn", "")
	})
	l := live(t, applied(t, want(t, before)))
	p := diff(t, l, want(t, shop()), plan.Scope{Prune: true})
	deletes := slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.ID == "role/web.task#delete" })
	if deletes < 0 {
		t.Fatal("the role is never deleted")
	}
	check(t, p.Steps[deletes].After, []string{"service/web#update", "task-definition/web#create"})
}
