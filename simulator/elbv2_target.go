package simulator

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Target is an address and port that is registered in a target group, or was
// until a moment ago.
type Target struct {
	Group    string // ARN
	ID       string // the address
	Port     int32
	Zone     string // as it was registered; may be empty
	Draining bool   // deregistered, the deregistration delay under way
	Reads    int    // describe reads since it began to drain
	Passed   int    // health checks passed in a row
	Failed   int    // health checks failed in a row
	Healthy  bool   // the state that the checks led to
	Due      Due    // when it is drained
}

// targetKey is the key of a target: group, address and port.
func targetKey(group, id string, port int32) string { return fmt.Sprintf("%s %s:%d", group, id, port) }

// mostTargets is how many targets a group may have (quotas of Application Load
// Balancers).
const mostTargets = 1000

// targetsOf yields the targets of a group by their keys.
func (a *Account) targetsOf(group string) iter.Seq2[string, *Target] {
	return a.targets.Of(group)
}

func registerTargets(a *Account, in *elb.RegisterTargetsInput) (*elb.RegisterTargetsOutput, error) {
	g, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	for _, t := range in.Targets {
		if err := a.checkTarget(g, t); err != nil {
			return nil, err
		}
	}
	n := len(in.Targets)
	for range a.targetsOf(*g.TargetGroupArn) {
		n++
	}
	if n > mostTargets {
		return nil, &types.TooManyTargetsException{Message: ptr("The maximum number of targets has been reached")}
	}
	for _, t := range in.Targets {
		a.registerTarget(g, *t.Id, *orElse(t.Port, *g.Port), str(t.AvailabilityZone))
	}
	return &elb.RegisterTargetsOutput{}, nil
}

// privateRanges are the addresses beside those of the VPC that may be registered
// (CreateTargetGroupInput.TargetType).
var privateRanges = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"),
}

func (a *Account) checkTarget(g *TargetGroup, t types.TargetDescription) error {
	if g.TargetType != types.TargetTypeEnumIp {
		return elbInvalid("The simulator registers targets of type 'ip' only, not '%s'", g.TargetType)
	}
	address, err := netip.ParseAddr(str(t.Id))
	switch {
	case err != nil || !address.Is4():
		return elbInvalid("The IP address '%s' is not a valid IPv4 address", str(t.Id))
	case outside(t.Port, 1, 65535):
		return elbInvalid("Target port '%d' must be between 1 and 65535", *t.Port)
	case inside(str(a.Vpcs.Get(*g.VpcId).CidrBlock), address):
		return nil
	case !slices.ContainsFunc(privateRanges, func(p netip.Prefix) bool { return p.Contains(address) }):
		return &types.InvalidTargetException{Message: ptr(fmt.Sprintf("The IP address '%s' is not within the VPC '%s' or a private range", address, *g.VpcId))}
	case str(t.AvailabilityZone) == "":
		return elbInvalid("An Availability Zone must be specified for the IP address '%s' outside of the VPC '%s'", address, *g.VpcId)
	}
	return nil
}

// inside tells whether an address is in a range.
func inside(cidr string, address netip.Addr) bool {
	prefix, err := netip.ParsePrefix(cidr)
	return err == nil && prefix.Contains(address)
}

// registerTarget adds a target, or keeps one that is there.
func (a *Account) registerTarget(g *TargetGroup, id string, port int32, zone string) {
	key := targetKey(*g.TargetGroupArn, id, port)
	if t := a.Targets.Get(key); t == nil || t.Draining {
		a.Targets.Put(key, Target{Group: *g.TargetGroupArn, ID: id, Port: port, Zone: zone})
	}
}

// deregisterTargets passes over targets that are not registered (API reference,
// DeregisterTargets: "the action returns successfully").
func deregisterTargets(a *Account, in *elb.DeregisterTargetsInput) (*elb.DeregisterTargetsOutput, error) {
	g, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	for _, t := range in.Targets {
		a.deregisterTarget(targetKey(*g.TargetGroupArn, str(t.Id), *orElse(t.Port, *g.Port)))
	}
	return &elb.DeregisterTargetsOutput{}, nil
}

// deregisterTarget lets a target drain, or drops it at once where the group has
// no delay or no load balancer.
func (a *Account) deregisterTarget(key string) {
	t := a.Targets.Edit(key)
	if t == nil || t.Draining {
		return
	}
	group := t.Group
	if a.TargetGroups.Get(group).Attributes["deregistration_delay.timeout_seconds"] == "0" || len(a.balancersOf(group)) == 0 {
		a.Targets.Delete(key)
		return
	}
	t.Draining, t.Reads = true, 0
	a.forgetDrained(group)
}

// mostDraining is how many draining targets a group remembers where nobody looks.
const mostDraining = 20

func (a *Account) forgetDrained(group string) {
	draining := a.targets.Keys("draining " + group)
	for len(draining) > mostDraining {
		a.Targets.Delete(draining[0])
		draining = draining[1:]
	}
}

// describeTargetHealth answers the state of each target and then lets one health
// check pass.
func describeTargetHealth(a *Account, in *elb.DescribeTargetHealthInput) (*elb.DescribeTargetHealthOutput, error) {
	g, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	keys := []string{}
	for _, t := range in.Targets {
		keys = append(keys, targetKey(*g.TargetGroupArn, str(t.Id), *orElse(t.Port, *g.Port)))
	}
	if len(in.Targets) == 0 {
		for key := range a.targetsOf(*g.TargetGroupArn) {
			keys = append(keys, key)
		}
	}
	out := &elb.DescribeTargetHealthOutput{TargetHealthDescriptions: []types.TargetHealthDescription{}}
	for _, key := range keys {
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, a.describeTarget(g, key))
		a.checkHealth(key)
	}
	return out, nil
}

func (a *Account) describeTarget(g *TargetGroup, key string) types.TargetHealthDescription {
	t := a.Targets.Get(key)
	if t == nil {
		id, port, _ := strings.Cut(strings.TrimPrefix(key, *g.TargetGroupArn+" "), ":")
		var n int32
		_, _ = fmt.Sscan(port, &n)
		return types.TargetHealthDescription{
			Target: &types.TargetDescription{Id: &id, Port: &n},
			TargetHealth: health(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotRegistered,
				"Target is not registered to the target group"),
		}
	}
	port := *g.HealthCheckPort
	if port == "traffic-port" {
		port = fmt.Sprint(t.Port)
	}
	target := &types.TargetDescription{Id: &t.ID, Port: &t.Port}
	if zone := a.zoneOf(t); zone != "" {
		target.AvailabilityZone = &zone
	}
	return types.TargetHealthDescription{Target: target, HealthCheckPort: &port, TargetHealth: a.healthOf(t)}
}

func health(state types.TargetHealthStateEnum, reason types.TargetHealthReasonEnum, description string) *types.TargetHealth {
	h := &types.TargetHealth{State: state, Reason: reason}
	if description != "" {
		h.Description = &description
	}
	return h
}

// healthOf is the state that a target is in (types.TargetHealth).
func (a *Account) healthOf(t *Target) *types.TargetHealth {
	balancers := a.balancersOf(t.Group)
	switch {
	case t.Draining:
		return health(types.TargetHealthStateEnumDraining, types.TargetHealthReasonEnumDeregistrationInProgress,
			"Target deregistration is in progress")
	case len(balancers) == 0:
		return health(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotInUse,
			"Target group is not configured to receive traffic from the load balancer")
	case !a.zoneEnabled(a.LoadBalancers.Get(balancers[0]), t):
		return health(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotInUse,
			"Target is in an Availability Zone that is not enabled for the load balancer")
	case t.Healthy:
		return health(types.TargetHealthStateEnumHealthy, "", "")
	case t.Failed >= a.Progress:
		if isHTTP(a.TargetGroups.Get(t.Group).HealthCheckProtocol) {
			return health(types.TargetHealthStateEnumUnhealthy, types.TargetHealthReasonEnumTimeout, "Request timed out")
		}
		return health(types.TargetHealthStateEnumUnhealthy, types.TargetHealthReasonEnumFailedHealthChecks, "Health checks failed")
	}
	return health(types.TargetHealthStateEnumInitial, types.TargetHealthReasonEnumRegistrationInProgress,
		"Target registration is in progress")
}

// checkHealth is one health check of a target: a passed one makes it healthy, and
// as many failed ones as a deployment takes reads make it unhealthy. A target
// that drains is gone after as many.
func (a *Account) checkHealth(key string) {
	t := a.Targets.Get(key)
	switch {
	case t == nil:
	case t.Draining:
		if t = a.Targets.Edit(key); t.Reads+1 >= a.Progress {
			a.Targets.Delete(key)
			return
		}
		t.Reads++
	case !a.inUse(t):
		if t.Healthy || t.Passed > 0 || t.Failed > 0 {
			t = a.Targets.Edit(key)
			t.Healthy, t.Passed, t.Failed = false, 0, 0
		}
	case a.answers(t):
		if !t.Healthy {
			t = a.Targets.Edit(key)
			t.Healthy, t.Passed, t.Failed = true, t.Passed+1, 0
		}
	case t.Healthy || t.Failed < a.Progress:
		t = a.Targets.Edit(key)
		t.Passed, t.Failed = 0, t.Failed+1
		t.Healthy = t.Healthy && t.Failed < a.Progress
	}
}

// inUse tells whether a load balancer checks the target at all.
func (a *Account) inUse(t *Target) bool {
	balancers := a.balancersOf(t.Group)
	return len(balancers) > 0 && a.zoneEnabled(a.LoadBalancers.Get(balancers[0]), t)
}

// zoneEnabled tells whether the target is in one of the load balancer's zones, or
// outside of the VPC's.
func (a *Account) zoneEnabled(b *LoadBalancer, t *Target) bool {
	zone := a.zoneOf(t)
	return zone == "" || zone == "all" ||
		slices.ContainsFunc(b.AvailabilityZones, func(z types.AvailabilityZone) bool { return *z.ZoneName == zone })
}

// zoneOf is the zone of the task that has the target's address, else the one that
// it was registered with.
func (a *Account) zoneOf(t *Target) string {
	if task := a.taskAt(t.ID); task != nil {
		return str(task.AvailabilityZone)
	}
	return t.Zone
}
