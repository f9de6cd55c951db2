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
			units += service.onDemand(peakTasks(service, mostTasks(want, r.Address.Name, service), p.Find(r.Address))) * taskCPU(want, service)
		}
	}
	if peak := float64(units) / 1024; peak > p.Facts.VCPUQuota {
		list.Warnf(diag.Pos{}, "", "request an increase under Service Quotas, Fargate On-Demand vCPU resource count (L-3032A538), or use fewer or smaller tasks",
			"this rollout needs up to %s vCPU at once%s, but the region's quota is %s: tasks will wait for capacity",
			decimal(peak), scaledOut(want), decimal(p.Facts.VCPUQuota))
	}
	return list
}

// scaledOut says that services are counted as they may be scaled.
func scaledOut(want *plan.Stack) string {
	for _, r := range want.Resources {
		if r.Address.Kind == ScalableTargetKind {
			return ", with as many tasks as x-fargate.scaling allows"
		}
	}
	return ""
}

// peakTasks is how many of n tasks of a service may run at once: while they are
// replaced ECS goes up to maximumPercent, rounded down.
func peakTasks(s *Service, n int, p *plan.ResourcePlan) int {
	if p == nil || p.Effects.Restarts == 0 {
		return n
	}
	return max(n, n*s.DeploymentConfiguration.MaximumPercent/100)
}

// mostTasks is how many tasks a service has, or may have where it is scaled.
func mostTasks(want *plan.Stack, name string, s *Service) int {
	r := want.Find(plan.Address{Kind: ScalableTargetKind, Name: name})
	if r == nil {
		return s.DesiredCount
	}
	most := max(s.DesiredCount, r.Spec.(*ScalableTarget).MaxCapacity)
	scheduled, _ := r.Payload.([]Bounds)
	for _, b := range scheduled {
		if b.MaxCapacity != nil {
			most = max(most, *b.MaxCapacity)
		}
	}
	return most
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
