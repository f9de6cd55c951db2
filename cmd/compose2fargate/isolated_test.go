package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

const isolatedFile = `name: shop
x-fargate: {vpc: corporate}
services:
  api:
    image: IMAGE
    networks: [vault]
    expose: ["80"]
  db:
    image: IMAGE
    networks: [vault]
    deploy: {replicas: 2}
networks:
  vault:
    internal: true
    x-fargate: {isolated: true}
`

// TestIsolatedTasksStartThroughEndpoints goes the whole way beside a NAT gateway
// that isolated tasks must not need: to running tasks and a plan that finds
// nothing.
func TestIsolatedTasksStartThroughEndpoints(t *testing.T) {
	e := isolated(t, "ecr.api", "ecr.dkr", "logs", "s3")
	e.mustApply(plan.Scope{})
	e.settled("after the first apply")
	e.fake.Mutate(func(a *simulator.Account) {
		for _, s := range a.Services.All() {
			if s.RunningCount != s.DesiredCount || s.DesiredCount == 0 {
				t.Errorf("%d of %d tasks of %s run", s.RunningCount, s.DesiredCount, *s.ServiceName)
			}
		}
		for _, rule := range a.SecurityGroupRules.All() {
			if *rule.IsEgress && rule.CidrIpv4 != nil && strings.HasPrefix(*a.SecurityGroups.Get(*rule.GroupId).GroupName, "shop-net-vault") {
				t.Errorf("there is a way out to %s", *rule.CidrIpv4)
			}
		}
		if !a.Reaches("shop", "api", "db", 80) {
			t.Error("the tasks don't reach each other")
		}
	})
}

func TestIsolatedTasksNeedAllEndpoints(t *testing.T) {
	e := isolated(t, "ecr.api", "ecr.dkr", "s3")
	s := e.session()
	_, _, err := s.plan(t.Context(), plan.Scope{})
	if err == nil || !strings.Contains(e.talk.String(), "error: networks.vault.x-fargate.isolated: ") || !strings.Contains(e.talk.String(), "no VPC endpoints for logs,") {
		t.Errorf("it says %v\n%s", err, e.talk.String())
	}
}

// isolated is isolatedFile beside a VPC with these endpoints.
func isolated(t *testing.T, endpoints ...string) *embedded {
	t.Helper()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{Region: "eu-west-1"})
	o := others{t, e.fake}
	o.network(simulator.Network{
		Name: "corporate", CIDR: "10.1.0.0/16", Public: []string{"a"}, Private: []string{"a", "b"}, NAT: true, Endpoints: endpoints,
	})
	o.image("web", "7")
	write(t, e.file, strings.ReplaceAll(isolatedFile, "IMAGE", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:7"))
	return e
}
