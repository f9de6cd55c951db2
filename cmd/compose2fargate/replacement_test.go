package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go/middleware"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

const replaceable = `name: shop
x-fargate:
  vpc: one
  load_balancer: {scheme: internet-facing}
services:
  web:
    image: nginx:1
    ports: ["8080:80"]
    deploy: {replicas: 2}
    networks: [front]
    environment: {QUEUE: "queue:1883"}
    x-fargate: {ingress: {"80": {kind: http}}}
  queue:
    image: eclipse-mosquitto:2
    ports: ["1883:1883"]
    x-fargate: {ingress: {"1883": {kind: tcp}}}
    deploy: {replicas: 2}
    networks: [front]
networks: {front: {}, back: {}}
`

// TestWhatIsReplacedKeepsRunning changes what cannot be changed in place of a
// running stack, and changes it back. At no call do fewer tasks run than must, and
// with --prune nothing old is left.
func TestWhatIsReplacedKeepsRunning(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]*strings.Replacer{
		"container port":     strings.NewReplacer("8080:80", "8080:81", `"80": {kind`, `"81": {kind`, "1883:1883", "1883:1884", `"1883": {kind`, `"1884": {kind`),
		"published port":     strings.NewReplacer("8080:80", "8081:80", "1883:1883", "1884:1883"),
		"protocol":           strings.NewReplacer(`"80": {kind: http}`, `"80": {kind: tcp}`),
		"scheme":             strings.NewReplacer("internet-facing", "internal"),
		"VPC":                strings.NewReplacer("vpc: one", "vpc: two"),
		"load balancer":      strings.NewReplacer("{scheme: internet-facing}", "shared"),
		"network":            strings.NewReplacer("networks: [front]", "networks: [back]"),
		"networks of one":    strings.NewReplacer("networks: [front]\n    environment", "networks: [front, back]\n    environment"),
		"nothing published":  strings.NewReplacer(`    ports: ["8080:80"]`+"\n", "", "\n    x-fargate: {ingress: {\"80\": {kind: http}}}", ""),
		"everything at once": strings.NewReplacer("internet-facing", "internal", "networks: [front]", "networks: [back]", "8080:80", "8081:81", `"80": {kind`, `"81": {kind`, "vpc: one", "vpc: two"),
	} {
		if !sample.Takes("replaced "+name, 12) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			changed := edit.Replace(replaceable)
			if changed == replaceable {
				t.Fatal("nothing is changed")
			}
			replaces(t, changed, false)
			replaces(t, changed, true)
		})
	}
}

// replaces goes from replaceable to another file and back.
func replaces(t *testing.T, changed string, prune bool) {
	t.Helper()
	e := twoNetworks(t)
	empty := e.balancing()
	e.mustApply(plan.Scope{})
	first := e.balancing()
	e.watch = e.staysUp("web", "queue")
	for _, text := range []string{changed, replaceable} {
		write(t, e.file, text)
		e.mustApply(plan.Scope{Prune: prune})
		e.settled("after a change")
	}
	e.watch = nil
	if now := e.balancing(); prune && now != first {
		t.Errorf("there are %+v, and were %+v", now, first)
	}
	e.mustApply(plan.Scope{Destroy: true})
	if now := e.balancing(); now != empty {
		t.Errorf("after destroy there are %+v, and were %+v", now, empty)
	}
}

// TestAnotherClusterInterruptsAndThePlanSaysSo: a service cannot move, and its
// name of Service Connect is taken while the old one is there.
func TestAnotherClusterInterruptsAndThePlanSaysSo(t *testing.T) {
	e := twoNetworks(t)
	others{t, e.fake}.cluster("big")
	e.mustApply(plan.Scope{})
	write(t, e.file, strings.Replace(replaceable, "vpc: one", "vpc: one\n  cluster: big", 1))
	_, p, _ := e.plan(plan.Scope{})
	for _, r := range p.Resources {
		if r.Address.Kind == spec.ServiceKind && !(r.Effects.Replaces && r.Effects.Interrupts) {
			t.Errorf("%s: %+v", r.Address, r.Effects)
		}
	}
	e.mustApply(plan.Scope{})
	e.settled("in another cluster")
}

// twoNetworks is replaceable beside the VPCs one and two, of which one has a load
// balancer of others.
func twoNetworks(t *testing.T) *embedded {
	t.Helper()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 100})
	o := others{t, e.fake}
	one := o.network(simulator.Network{Name: "one", Public: []string{"a", "b"}})
	o.busyBalancer("shared", one)
	o.network(simulator.Network{Name: "two", Public: []string{"a", "b"}, Private: []string{"a", "b"}, NAT: true})
	write(t, e.file, replaceable)
	return e
}

// balancing counts what takes part in replacements.
type balancing struct{ balancers, listeners, rules, groups, securityGroups, services int }

func (e *embedded) balancing() balancing {
	var out balancing
	e.fake.Mutate(func(a *simulator.Account) {
		out = balancing{
			a.LoadBalancers.Len(), a.Listeners.Len(), a.ListenerRules.Len(), a.TargetGroups.Len(), a.SecurityGroups.Len(), 0,
		}
		for _, s := range a.Services.All() {
			if *s.Status == "ACTIVE" {
				out.services++
			}
		}
	})
	return out
}

// staysUp looks at services after each call: all of the tasks that they want must
// run, for new ones come before old ones go.
func (e *embedded) staysUp(services ...string) func(*middleware.Stack) error {
	client := ecs.NewFromConfig(e.fake.Config())
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("StaysUp", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleInitialize(ctx, in)
			got, lookErr := client.DescribeServices(context.Background(), &ecs.DescribeServicesInput{Cluster: aws.String("shop"), Services: services})
			if lookErr != nil {
				e.tb.Errorf("look at the services: %v", lookErr)
				return out, metadata, err
			}
			for _, s := range got.Services {
				if s.RunningCount < s.DesiredCount {
					e.tb.Errorf("%d of %d tasks of %s run", s.RunningCount, s.DesiredCount, aws.ToString(s.ServiceName))
				}
			}
			return out, metadata, err
		}), middleware.After)
	}
}

// TestALoadBalancerIsLetOutBeforeItsTargetsMove: else their health checks fail for as long as
// the steps happen to take.
func TestALoadBalancerIsLetOutBeforeItsTargetsMove(t *testing.T) {
	e := twoNetworks(t)
	e.mustApply(plan.Scope{})
	write(t, e.file, strings.ReplaceAll(replaceable, "networks: [front]", "networks: [back]"))
	_, p, _ := e.plan(plan.Scope{})
	for service, group := range map[string]string{"web": "application", "queue": "network"} {
		i := slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.ID == "service/"+service+"#update" })
		if i < 0 || !slices.Contains(p.Steps[i].After, "security-group/load-balancer."+group+"#extend") {
			t.Errorf("the update of %s does not wait for its load balancer's security group: %v", service, p.Steps)
		}
	}
}
