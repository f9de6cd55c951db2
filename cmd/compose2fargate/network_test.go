package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// applied is a case of testdata that runs.
func applied(t *testing.T, name string) *embedded {
	t.Helper()
	e := embedCase(t, filepath.Join("..", "..", "testdata", name, "compose.yaml"), simulator.Options{VCPUQuota: 1000})
	e.mustApply(plan.Scope{})
	return e
}

func (e *embedded) mustApply(scope plan.Scope) {
	e.tb.Helper()
	if err := e.apply(scope); err != nil {
		e.tb.Fatalf("%v\n%s", err, e.talk.String())
	}
}

// TestNetworksKeepServicesApart holds the security groups of two networks that
// share the api against who may connect to whom.
func TestNetworksKeepServicesApart(t *testing.T) {
	const cluster = "two-networks"
	e := applied(t, cluster)
	e.fake.Mutate(func(a *simulator.Account) {
		for _, c := range []struct {
			from, to string
			port     int
			reaches  bool
			resolves bool // names are the project's, and no more than names
		}{
			{"web", "api", 3000, true, true},
			{"api", "web", 80, true, true},
			{"api", "db", 5432, true, true},
			{"db", "api", 3000, true, true},
			{"web", "db", 5432, false, true},
			{"db", "web", 80, false, true},
			{"web", "nobody", 80, false, false},
		} {
			if got := a.Reaches(cluster, c.from, c.to, c.port); got != c.reaches {
				t.Errorf("%s reaches %s at port %d: %t", c.from, c.to, c.port, got)
			}
			if got := a.Resolves(cluster, c.from, c.to, c.port); got != c.resolves {
				t.Errorf("%s finds %s at port %d: %t", c.from, c.to, c.port, got)
			}
		}
	})
}

// TestTasksAreOpenToTheirPeersAlone looks at the security groups of the tasks of
// every case: none lets in addresses, so that what comes from outside comes through a
// load balancer.
func TestTasksAreOpenToTheirPeersAlone(t *testing.T) {
	t.Parallel()
	eachCase(t, func(t *testing.T, e *embedded) {
		e.fake.Mutate(func(a *simulator.Account) {
			for _, task := range a.Tasks.All() {
				for _, rule := range a.SecurityGroupRules.All() {
					if slices.Contains(task.Network.SecurityGroups, *rule.GroupId) && !*rule.IsEgress && rule.ReferencedGroupInfo == nil {
						t.Errorf("%s lets in %s%s", task.Service, aws.ToString(rule.CidrIpv4), aws.ToString(rule.CidrIpv6))
					}
				}
			}
		})
	})
}

// TestLoadBalancersFindTheirTargetsHealthy asks for the health of every target of
// every case.
func TestLoadBalancersFindTheirTargetsHealthy(t *testing.T) {
	t.Parallel()
	eachCase(t, func(t *testing.T, e *embedded) {
		for group, health := range e.targets() {
			if len(health) == 0 {
				t.Errorf("%s has no targets", group)
			}
			for _, state := range health {
				if state != elbtypes.TargetHealthStateEnumHealthy {
					t.Errorf("a target of %s is %s", group, state)
				}
			}
		}
	})
}

// targets are the states of the targets of every target group, by its name.
func (e *embedded) targets() map[string][]elbtypes.TargetHealthStateEnum {
	e.tb.Helper()
	api := elb.NewFromConfig(e.fake.Config())
	groups, err := api.DescribeTargetGroups(e.tb.Context(), &elb.DescribeTargetGroupsInput{})
	if err != nil {
		e.tb.Fatal(err)
	}
	out := map[string][]elbtypes.TargetHealthStateEnum{}
	for _, group := range groups.TargetGroups {
		health, err := api.DescribeTargetHealth(e.tb.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: group.TargetGroupArn})
		if err != nil {
			e.tb.Fatal(err)
		}
		states := []elbtypes.TargetHealthStateEnum{}
		for _, target := range health.TargetHealthDescriptions {
			states = append(states, target.TargetHealth.State)
		}
		out[*group.TargetGroupName] = states
	}
	return out
}

// TestTwoProjectsShareALoadBalancerAndACluster puts a second project where others
// and a first project are already, with a service of the same name. Each sees its
// own alone, and one goes without the other.
func TestTwoProjectsShareALoadBalancerAndACluster(t *testing.T) {
	one := applied(t, "x-aws")
	other := &embedded{tb: t, file: filepath.Join(t.TempDir(), "compose.yaml"), fake: one.fake}
	write(t, other.file, `name: blog
x-fargate: {cluster: shared, load_balancer: shared}
services:
  web:
    image: nginx:1
    ports: ["80:80", "8080:8080"]
    x-fargate: {ingress: {"80": {host: blog.example.com}}}
`)
	other.mustApply(plan.Scope{})
	other.settled("after its apply")
	one.settled("after the other's apply")
	taken := map[string]bool{}
	one.fake.Mutate(func(a *simulator.Account) {
		for _, rule := range a.ListenerRules.All() {
			if key := rule.Listener + " " + *rule.Priority; taken[key] {
				t.Errorf("two rules of %s", key)
			} else {
				taken[key] = true
			}
		}
	})
	other.mustApply(plan.Scope{Destroy: true})
	one.settled("after the other went")
}

// write makes a file or writes over it.
func write(tb testing.TB, file, text string) {
	tb.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}
