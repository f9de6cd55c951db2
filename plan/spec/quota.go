package spec

import (
	"fmt"
	"strconv"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// Quota warns where the Fargate On-Demand vCPU quota of the region cannot hold
// the tasks that run at once at the peak of a rollout: ECS then waits for room
// and the deployment stalls. Fargate Spot has a quota of its own.
func Quota(_, want *plan.Stack, p *plan.Plan) diag.List {
	var list diag.List
	if p.Facts.VCPUQuota == 0 || !p.Changed() {
		return list
	}
	var units int
	for _, r := range want.Resources {
		if service, ok := r.Spec.(*Service); ok {
			units += service.onDemand(peakTasks(service, p.Find(r.Address))) * taskCPU(want, service)
		}
	}
	if peak := float64(units) / 1024; peak > p.Facts.VCPUQuota {
		list.Warnf(diag.Pos{}, "", "request an increase under Service Quotas, Fargate On-Demand vCPU resource count (L-3032A538), or use fewer or smaller tasks",
			"this rollout needs up to %s vCPU at once, but the region's quota is %s: tasks will wait for capacity",
			decimal(peak), decimal(p.Facts.VCPUQuota))
	}
	return list
}

// peakTasks is how many tasks of a service may run at once: while they are
// replaced ECS goes up to maximumPercent, rounded down.
func peakTasks(s *Service, p *plan.ResourcePlan) int {
	if p == nil || p.Effects.Restarts == 0 {
		return s.DesiredCount
	}
	return max(s.DesiredCount, s.DesiredCount*s.DeploymentConfiguration.MaximumPercent/100)
}

// onDemand is how many of n tasks run on FARGATE: its base, and its share of the rest
// rounded up, as ECS does not say in which order it places tasks.
func (s *Service) onDemand(n int) int {
	weight, weights, base, bases := 0, 0, 0, 0
	for _, c := range s.CapacityProviderStrategy {
		weights, bases = weights+c.Weight, bases+c.Base
		if c.CapacityProvider == "FARGATE" {
			weight, base = c.Weight, c.Base
		}
	}
	if weights == 0 {
		return n
	}
	return min(base, n) + (max(n-bases, 0)*weight+weights-1)/weights
}

// taskCPU is the size of a task of the service in CPU units, 0 where it is not
// known.
func taskCPU(stack *plan.Stack, s *Service) int {
	if s.TaskDefinition.Ref == nil {
		return 0
	}
	r := stack.Find(s.TaskDefinition.Ref.Address)
	if r == nil {
		return 0
	}
	units, err := strconv.Atoi(r.Spec.(*TaskDefinition).Cpu)
	if err != nil {
		return 0
	}
	return units
}

func decimal(v float64) string { return fmt.Sprintf("%.4g", v) }
