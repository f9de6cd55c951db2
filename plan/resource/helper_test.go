package resource

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// world is a simulated account and a project in it.
type world struct {
	*testing.T
	sim   *simulator.Simulator
	facts plan.Facts
}

func newWorld(t *testing.T, o simulator.Options) *world {
	t.Helper()
	sim, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, sim: sim}
	facts, err := w.account().Facts(t.Context(), plan.Lookups{})
	if err != nil {
		t.Fatal(err)
	}
	w.facts = facts
	return w
}

// account is a new look at the account.
func (w *world) account() *Account {
	return New(w.sim.Config(), "shop").WithPoll(time.Microsecond).WithMaker(NewRecorder(w.sim.Config()))
}

func (w *world) target() plan.Target {
	return plan.Target{Partition: w.facts.Partition, Account: w.facts.Account, Region: w.facts.Region, Project: "shop"}
}

func (w *world) arn(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", w.facts.Partition, service, w.facts.Region, w.facts.Account, resource)
}

func (w *world) stack(resources ...*plan.Resource) *plan.Stack {
	w.Helper()
	stack, err := plan.NewStack(spec.Kinds(), w.target(), resources)
	if err != nil {
		w.Fatal(err)
	}
	return stack
}

func address(s string) plan.Address {
	a, err := plan.ParseAddress(s)
	if err != nil {
		panic(err)
	}
	return a
}

// shop is a stack with one resource of each kind, and a service for each name.
func (w *world) shop(services ...string) []*plan.Resource {
	var subnets []plan.Value
	for _, id := range w.facts.Subnets {
		subnets = append(subnets, plan.Literal(id))
	}
	clusterARN := w.arn("ecs", "cluster/shop")
	roleARN := fmt.Sprintf("arn:%s:iam::%s:role/compose2fargate/shop/shop-execution", w.facts.Partition, w.facts.Account)
	stack := []*plan.Resource{
		{Address: address("cluster/shop"), Spec: &spec.Cluster{
			ClusterName: "shop", CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
		}},
		{Address: address("log-group/shop"), Spec: &spec.LogGroup{
			LogGroupName: "/compose2fargate/shop", RetentionInDays: 30,
		}},
		{Address: address("role/execution"), Spec: w.role("shop-execution")},
		{Address: address("security-group/net.back"), Spec: w.securityGroup("shop-back-abcdef")},
	}
	for _, name := range services {
		stack = append(stack, &plan.Resource{Address: address("task-definition/" + name), Spec: &spec.TaskDefinition{
			Family: "shop-" + name, RequiresCompatibilities: []string{"FARGATE"}, Cpu: "256", Memory: "512",
			ExecutionRoleArn: plan.RefTo(address("role/execution"), "arn", roleARN),
			ContainerDefinitions: []spec.Container{{
				Name: name, Image: plan.Literal("nginx:1"), Essential: true,
				PortMappings: []spec.PortMapping{{ContainerPort: 80, Name: "tcp-80"}},
				Environment:  []spec.EnvironmentEntry{{Name: "A", Value: plan.Literal("1")}},
				LogConfiguration: &spec.LogConfiguration{LogDriver: "awslogs", Options: map[string]plan.Value{
					"awslogs-group":         plan.RefTo(address("log-group/shop"), "name", "/compose2fargate/shop"),
					"awslogs-region":        plan.Literal(w.facts.Region),
					"awslogs-stream-prefix": plan.Literal(name),
				}},
			}},
		}}, &plan.Resource{Address: address("service/" + name), Spec: &spec.Service{
			ServiceName: name, DesiredCount: 1,
			Cluster:                  plan.RefTo(address("cluster/shop"), "arn", clusterARN),
			TaskDefinition:           plan.RefTo(address("task-definition/"+name), "arn", ""),
			CapacityProviderStrategy: []spec.CapacityProvider{{CapacityProvider: "FARGATE", Weight: 1}},
			NetworkConfiguration: spec.NetworkConfiguration{
				Subnets: subnets, AssignPublicIP: "ENABLED",
				SecurityGroups: []plan.Value{plan.RefTo(address("security-group/net.back"), "id", "")},
			},
			DeploymentConfiguration: spec.DeploymentConfiguration{
				MinimumHealthyPercent: 100, MaximumPercent: 200,
				DeploymentCircuitBreaker: spec.DeploymentCircuitBreaker{Enable: true, Rollback: true},
			},
			AvailabilityZoneRebalancing: "ENABLED", EnableECSManagedTags: true, PropagateTags: "SERVICE",
		}})
	}
	return stack
}

func (w *world) role(name string) *spec.Role {
	return &spec.Role{
		RoleName: name, Path: "/compose2fargate/shop/", Description: "pulls images",
		AssumeRolePolicyDocument: spec.Policy{Statement: []spec.Statement{{
			Sid: "Tasks", Effect: "Allow", Action: []string{"sts:AssumeRole"},
			Principal: map[string][]string{"Service": {"ecs-tasks.amazonaws.com"}},
			Condition: map[string]map[string][]plan.Value{"StringEquals": {
				"aws:SourceAccount": {plan.Literal(w.facts.Account)},
			}},
		}}},
		ManagedPolicyArns: []string{"arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"},
		InlinePolicies: []spec.InlinePolicy{{PolicyName: "logs", PolicyDocument: spec.Policy{Statement: []spec.Statement{{
			Sid: "Write", Effect: "Allow", Action: []string{"logs:PutLogEvents", "logs:CreateLogStream"},
			Resource: []plan.Value{plan.Literal(w.arn("logs", "log-group:/compose2fargate/shop:*"))},
		}}}}},
	}
}

func (w *world) securityGroup(name string) *spec.SecurityGroup {
	return &spec.SecurityGroup{
		GroupName: name, Description: "network back", VpcID: plan.Fact("vpc", "id", w.facts.VPC),
		Ingress: []spec.SecurityGroupRule{
			{Protocol: "-1", Self: true, Description: "its members"},
			{Protocol: "tcp", FromPort: 80, ToPort: 90, CidrIpv4: "10.0.0.0/8"},
			{Protocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv6: "::/0"},
		},
		Egress: []spec.SecurityGroupRule{{Protocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv4: spec.AnyIpv4}},
	}
}

// one is a desired resource alone, as an executor would hand it over.
func (w *world) one(s string, sp any) *plan.Resource {
	w.Helper()
	return w.ready(w.stack(&plan.Resource{Address: address(s), Spec: sp, Payload: "a value"}).Find(address(s)), nil)
}

// ready fills in the refs of a desired resource, and its tags.
func (w *world) ready(want *plan.Resource, attrs map[plan.Address]plan.Attrs) *plan.Resource {
	out := *want
	out.Spec = plan.Map(want.Spec, func(v plan.Value) plan.Value {
		if v.Ref != nil && attrs[v.Ref.Address] != nil {
			return plan.Literal(attrs[v.Ref.Address][v.Ref.Attr])
		}
		return v
	})
	out.Tags = plan.OwnTags("shop", want.Address, plan.Applied{Hash: want.Hash})
	maps.Copy(out.Tags, want.Tags)
	return &out
}

// order is the order in which kinds are made.
var order = []string{
	spec.ClusterKind, spec.LogGroupKind, spec.RoleKind, spec.SecurityGroupKind,
	spec.LoadBalancerKind, spec.TargetGroupKind, spec.ListenerKind, spec.ListenerRuleKind,
	spec.NamespaceKind, spec.DiscoveryServiceKind, spec.RepositoryKind, spec.ImageKind, spec.TaskDefinitionKind, spec.ServiceKind,
}

// apply makes a stack as the executor would, and may be called again.
func (w *world) apply(a *Account, want *plan.Stack) error {
	attrs := map[plan.Address]plan.Attrs{}
	for _, kind := range order {
		for _, r := range ofKind(want, kind) {
			if err := w.bring(a, w.ready(r, attrs), attrs); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) bring(a *Account, want *plan.Resource, attrs map[plan.Address]plan.Attrs) error {
	ctx, kind := w.Context(), a.Kind(want.Address.Kind)
	live, err := kind.Read(ctx, want)
	var got plan.Attrs
	switch {
	case err != nil && !strings.HasSuffix(err.Error(), plan.ErrNotFound.Error()):
		return err
	case err != nil || want.Address.Kind == spec.TaskDefinitionKind:
		got, err = kind.Create(ctx, want)
	default:
		got, err = kind.Update(ctx, live, want, false)
	}
	if err != nil {
		return err
	}
	attrs[want.Address] = got
	if want.Address.Kind != spec.ServiceKind {
		return nil
	}
	services := kind.Services()
	if live, err = kind.Read(ctx, want); err != nil {
		return err
	}
	if plan.ParseApplied(live.Tags[plan.TagSpec]).Force {
		if got, err = services.Start(ctx, live, want); err != nil {
			return err
		}
	}
	if rollout, err := w.rollout(services, got); err != nil || rollout.State != plan.RolledOut {
		return fmt.Errorf("rollout %+v: %w", rollout, err)
	}
	return services.Settle(ctx, got, want)
}

// rollout watches a deployment to its end.
func (w *world) rollout(kind *Services, attrs plan.Attrs) (plan.Rollout, error) {
	if attrs["deployment"] == "" {
		return plan.Rollout{State: plan.RolledOut}, nil
	}
	for range 50 {
		rollout, err := kind.Rollout(w.Context(), attrs)
		if err != nil || rollout.State != plan.Rolling {
			return rollout, err
		}
	}
	return plan.Rollout{}, fmt.Errorf("the deployment %s never ends", attrs["deployment"])
}

func (w *world) mustApply(want *plan.Stack) {
	w.Helper()
	if err := w.apply(w.account(), want); err != nil {
		w.Fatal(err)
	}
}

// read reads the live stack by a new look.
func (w *world) read(want *plan.Stack) *plan.Stack {
	w.Helper()
	live, err := w.account().Read(w.Context(), spec.Kinds(), want)
	if err != nil {
		w.Fatal(err)
	}
	return live
}

// same compares what is live at an address with a spec, in canonical form.
func (w *world) same(live *plan.Resource, want any) {
	w.Helper()
	if live == nil {
		w.Fatal("nothing is live")
	}
	rules := spec.Kinds()[live.Address.Kind]
	want = plan.Map(want, func(v plan.Value) plan.Value { return plan.Literal(v.Text) })
	rules.Normalize(want)
	if diff := cmp.Diff(w.tree(rules, want), w.tree(rules, live.Spec)); diff != "" {
		w.Errorf("%s (-want +got)\n%s", live.Address, diff)
	}
}

func (w *world) tree(rules plan.Rules, s any) map[string]any {
	w.Helper()
	tree, err := rules.Tree(s)
	if err != nil {
		w.Fatal(err)
	}
	return tree
}

// settled checks that a resource says it was applied to the end.
func (w *world) settled(live, want *plan.Resource) {
	w.Helper()
	if owner, name := live.Owner("shop"); owner != plan.Ours {
		w.Errorf("%s belongs to %q", live.Address, name)
	}
	says, keepsTag := live.Tags[plan.TagSpec]
	untagged := []string{spec.MountTargetKind, spec.RecordKind, spec.ScalingPolicyKind, spec.ScheduledActionKind}
	if !keepsTag && slices.Contains(untagged, live.Address.Kind) {
		return // which cannot have tags
	}
	if got, want := plan.ParseApplied(says), (plan.Applied{Hash: want.Hash}); got != want {
		w.Errorf("%s says %+v, want %+v", live.Address, got, want)
	}
}

// calls counts the calls since the last reset.
func (w *world) calls(operation string) int {
	n := 0
	for _, call := range w.sim.Calls() {
		if call.Operation == operation {
			n++
		}
	}
	return n
}

func (w *world) writes() []string {
	var out []string
	for _, call := range w.sim.Calls() {
		if call.Writes {
			out = append(out, call.Operation)
		}
	}
	return out
}
