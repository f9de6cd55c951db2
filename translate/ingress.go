package translate

import (
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// ingress makes the load balancers in front of published ports.
func (t *translation) ingress() {}

// serviceLoadBalancers are the target groups of a task.
func (t *translation) serviceLoadBalancers(*task) []spec.ServiceLoadBalancer { return nil }

// serviceNeeds are the listeners that lead to those.
func (t *translation) serviceNeeds(*task) []plan.Address { return nil }
