package translate

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// scalings is the phase of how many tasks run. It comes after the load balancers and the
// volumes: requests are counted at a target group, and of some services there is one task
// at most.
type scalings struct {
	*base
	published publishedPorts
	single    func(*task) string // why there is one task of it at most; "": there may be more
	spared    []string           // services that the scaling of the defaults is not for

	unknownZones []string // that are reported
	of           map[*task]*scaling
}

// scaling is that of one task.
type scaling struct {
	xfargate.Scaling
	min int
}

// planScaling finds out which tasks are scaled, between which bounds.
func planScaling(b *base, published publishedPorts, single func(*task) string) *scalings {
	s := &scalings{base: b, published: published, single: single, of: map[*task]*scaling{}}
	for _, k := range b.tasks {
		s.refuseSidecars(k)
		if x := b.X.Service(k.name()).Scaling; x != nil {
			s.take(k, *x)
		}
	}
	for _, k := range b.tasks {
		s.refuseSidecarHours(k)
		s.keepHours(k)
	}
	s.sayHours()
	if len(s.spared) > 0 {
		b.notef(diag.Path{xfargate.Key, "defaults", "scaling"}, "", "not for %s, of which one task at most may run", compose.Quoted(s.spared))
	}
	return s
}

// refuseSidecars: a sidecar has no number of its own.
func (s *scalings) refuseSidecars(k *task) {
	for _, m := range k.members[1:] {
		if x := s.X.Services[m.Name].Scaling; x != nil {
			s.errorf(x.Path, fmt.Sprintf("write it in service %q", k.name()), "a sidecar is scaled together with the task of %q", k.name())
		}
	}
}

func (s *scalings) take(k *task, x xfargate.Scaling) {
	if s.isRun(k) {
		if !x.ForAll {
			s.errorf(x.Path, "remove it, or write restart: always if it serves", "%q runs to its end: nothing of it can be scaled", k.name())
		}
		return
	}
	out := &scaling{Scaling: x, min: 1}
	if x.Min != nil {
		out.min = *x.Min
	} else if !leavesCount(k) {
		out.min = k.main.GetScale()
	}
	why := s.single(k)
	one := why != "" && out.most() > 1
	switch {
	case x.ForAll && k.main.GetScale() == 0: // it is turned off
		return
	case x.ForAll && one:
		s.spared = append(s.spared, k.name())
		return
	case one:
		s.errorf(x.Path.Key("max"), "write max: 1, or remove scaling", "at most one task of %q may run at a time: %s", k.name(), why)
	}
	if s.inBounds(k, out) {
		s.of[k] = out
		s.sayIdle(out)
	}
}

// leavesCount says whether the files say nothing of how many tasks a service has.
func leavesCount(k *task) bool {
	return k.main.Scale == nil && (k.main.Deploy == nil || k.main.Deploy.Replicas == nil && k.main.Deploy.Mode != "global")
}

// most is the highest number of tasks that the files allow at any time.
func (x *scaling) most() int {
	most := x.Max
	for _, schedule := range x.Schedules {
		if schedule.Max != nil {
			most = max(most, *schedule.Max)
		}
	}
	return most
}

// most is the highest number of tasks that scaling allows, 0 for a task that is not scaled.
func (s *scalings) most(k *task) int {
	if x := s.of[k]; x != nil {
		return x.most()
	}
	return 0
}

// inBounds reports bounds that make no sense, and a number of tasks outside of them.
func (s *scalings) inBounds(k *task, x *scaling) bool {
	replicas := at(k.name(), "deploy", "replicas")
	if k.main.Deploy == nil || k.main.Deploy.Replicas == nil {
		replicas = at(k.name(), "scale")
	}
	switch n := k.main.GetScale(); {
	case x.Min != nil && x.min > x.Max:
		s.errorf(x.Path.Key("min"), "", "must be at most %d, which is max", x.Max)
	case leavesCount(k):
		return true
	case n > x.Max:
		s.errorf(replicas, fmt.Sprintf("write %d, or raise x-fargate.scaling.max", x.Max), "must be at most %d, which is the max of x-fargate.scaling", x.Max)
	case n < x.min:
		s.errorf(replicas, fmt.Sprintf("write %d, or lower x-fargate.scaling.min", x.min), "must be at least %d, which is the min of x-fargate.scaling", x.min)
	default:
		return true
	}
	return false
}

// sayIdle tells that bounds alone change nothing.
func (s *scalings) sayIdle(x *scaling) {
	if x.CPU == 0 && x.Memory == 0 && x.Requests == 0 && len(x.Steps) == 0 && len(x.Schedules) == 0 {
		s.warnf(x.Path, "add a target, such as cpu: 70", "nothing scales it: bounds alone start and stop no tasks")
	}
}

// start is how many tasks there are at first.
func (s *scalings) start(k *task) int {
	x, n := s.of[k], k.main.GetScale()
	if x == nil || !leavesCount(k) {
		return n
	}
	return min(max(n, x.min), x.Max)
}

// scalingName is the one of what scales a task, which begins with its service.
func scalingName(k *task, name string) string { return k.name() + "." + name }

func scalableTargetAddress(k *task) plan.Address {
	return plan.Address{Kind: spec.ScalableTargetKind, Name: k.name()}
}

// resourceID is what Application Auto Scaling calls a service.
func (s *scalings) resourceID(k *task) plan.Value {
	cluster := ecsName(s.Name)
	if s.X.Cluster != "" {
		cluster = s.X.Cluster[strings.LastIndexByte(s.X.Cluster, '/')+1:]
	}
	return plan.RefTo(serviceAddress(k.name()), "resource-id", "service/"+cluster+"/"+serviceName(s.base, k.name()))
}

// resourcesOf adds what scales a task. Its service has been started when the target is
// registered, which moves the number of tasks between the bounds at once; policies are made
// when the service has its target group.
func (s *scalings) resourcesOf(k *task) {
	x := s.of[k]
	if x == nil {
		return
	}
	r := s.add(scalableTargetAddress(k), s.At(x.Path...), &spec.ScalableTarget{
		ResourceID: s.resourceID(k), MinCapacity: x.min, MaxCapacity: x.Max, Tags: s.tags(),
	}, serviceAddress(k.name()))
	r.Origins = []plan.Origin{{From: x.Path, Fields: plan.FieldOrigins{"minCapacity": {"min"}, "maxCapacity": {"max"}}}}
	s.track(k, x, "cpu", "ECSServiceAverageCPUUtilization", x.CPU)
	s.track(k, x, "memory", "ECSServiceAverageMemoryUtilization", x.Memory)
	s.trackRequests(k, x)
	for _, step := range x.Steps {
		s.step(k, x, step)
	}
	bounds := s.schedules(k, x)
	if len(bounds) > 0 {
		r.Payload, r.Open = bounds, true
	}
}

// track keeps a metric at a target, if there is one.
func (s *scalings) track(k *task, x *scaling, name, metric string, target float64) *spec.TargetTracking {
	if target == 0 {
		return nil
	}
	tracking := &spec.TargetTracking{
		PredefinedMetricType: metric, TargetValue: target,
		ScaleInCooldown: x.ScaleInCooldown, ScaleOutCooldown: x.ScaleOutCooldown, DisableScaleIn: x.DisableScaleIn,
	}
	s.policy(k, x.Path.Key(name), &spec.ScalingPolicy{PolicyName: scalingName(k, name), PolicyType: spec.TrackingPolicy, TargetTracking: tracking})
	return tracking
}

func (s *scalings) policy(k *task, path diag.Path, p *spec.ScalingPolicy) plan.Address {
	p.ResourceID = s.resourceID(k)
	address := plan.Address{Kind: spec.ScalingPolicyKind, Name: p.PolicyName}
	r := s.add(address, s.At(path...), p, serviceAddress(k.name()))
	r.Needs = []plan.Address{scalableTargetAddress(k)}
	r.Origins = from(path)
	return address
}

// trackRequests counts requests at the target group of a port.
func (s *scalings) trackRequests(k *task, x *scaling) {
	tracking := s.track(k, x, "requests", spec.RequestsPerTarget, x.Requests)
	if tracking == nil {
		if x.Port != 0 {
			s.errorf(x.Path.Key("requests_port"), "add requests: 1000, or remove it", "is only valid with requests")
		}
		return
	}
	var ports publishedPorts
	for _, e := range s.published.of(k) {
		if e.balancer.kind == typeApplication && (x.Port == 0 || e.port == x.Port) {
			ports = append(ports, e)
		}
	}
	switch {
	case len(ports) == 0 && x.Port != 0:
		s.errorf(x.Path.Key("requests_port"), "write a published port of it that speaks HTTP", "no application load balancer leads to port %d of %q", x.Port, k.name())
	case len(ports) == 0:
		s.errorf(x.Path.Key("requests"), "publish a port that speaks HTTP, or write cpu: 70 in its place", "no application load balancer leads to %q, so that nobody counts its requests", k.name())
	case len(ports) > 1:
		s.errorf(x.Path.Key("requests"), fmt.Sprintf("add requests_port: %d", ports[0].port), "application load balancers lead to several ports of %q", k.name())
	default:
		tracking.LoadBalancer = s.balancerArn(ports[0].balancer)
		tracking.TargetGroup = plan.RefTo(targetGroupAddress(ports[0]), "arn", "")
	}
}

// balancerArn is that of a load balancer of the stack, or of the one that exists.
func (s *scalings) balancerArn(b *balancer) plan.Value {
	return (&ingress{base: s.base}).balancerArn(b)
}

// schedules changes the bounds at certain times. It returns to what.
func (s *scalings) schedules(k *task, x *scaling) []spec.Bounds {
	var out []spec.Bounds
	for _, schedule := range x.Schedules {
		if !s.checkName(schedule.Path, schedule.Name) || !s.checkSchedule(x, schedule) {
			continue
		}
		bounds := spec.Bounds{MinCapacity: schedule.Min, MaxCapacity: schedule.Max}
		name := scalingName(k, schedule.Name)
		r := s.add(plan.Address{Kind: spec.ScheduledActionKind, Name: name}, s.At(schedule.Path...), &spec.ScheduledAction{
			ScheduledActionName: name, ResourceID: s.resourceID(k), Schedule: schedule.Expression, Timezone: cmp.Or(schedule.Timezone, "UTC"),
			ScalableTargetAction: bounds,
		}, serviceAddress(k.name()))
		r.Needs = []plan.Address{scalableTargetAddress(k)}
		r.Origins = from(schedule.Path)
		out = append(out, bounds)
	}
	if len(out) == len(x.Schedules) {
		s.sayForGood(x)
	}
	return out
}

// checkSchedule reports what AWS would refuse, or what would fail when it is due.
func (s *scalings) checkSchedule(x *scaling, schedule xfargate.ScalingSchedule) bool {
	low, high, by := x.boundsWith(schedule)
	switch {
	case schedule.Min == nil && schedule.Max == nil:
		s.errorf(schedule.Path, "add min, max or both", "it changes nothing")
	case low > high && by != "":
		s.errorf(schedule.Path, "write both min and max", "min is %d then and max is %d where schedule %q was the last to set the other one: AWS does neither, and the bounds of %[3]q stay", low, high, by)
	case low > high:
		s.errorf(schedule.Path, "write both min and max", "min is %d then and max is %d", low, high)
	default:
		return s.checkExpression(schedule.Path, schedule.Expression, schedule.Timezone)
	}
	return false
}

// checkName refuses names that cannot stand in an address.
func (s *scalings) checkName(path diag.Path, name string) bool {
	if ok := len(name) <= 64 && ecsAlphabet.allows(name); !ok {
		s.errorf(path, "", "a name consists of up to 64 letters, digits, hyphens and underscores")
		return false
	}
	return true
}
