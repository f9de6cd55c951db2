package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Endpoint is where a service answers from outside of the project's networks.
type Endpoint struct {
	// URL is http://, https://, tcp://, tls:// or udp:// with a host, and the port
	// where it isn't that of the protocol. A host may have * in it.
	URL     string `json:"url"`
	Service string `json:"service"` // compose name
	// Public: on the internet, else inside of the VPC and what is connected to it.
	Public bool `json:"public"`
	// From are the blocks of addresses that may call, sorted; none: they are not
	// known, for the load balancer is somebody else's.
	From []string `json:"from,omitempty"`
}

// Addresses lists where a live stack answers, sorted by service and URL. facts
// name the load balancer of others that the stack uses, if any; without them
// what is behind it is left out.
func Addresses(live *plan.Stack, facts plan.Facts) []Endpoint {
	a := addresses{live: live, balancers: map[string]balancer{}, listeners: map[string]listenerAt{}}
	a.readBalancers(facts)
	a.readListeners(facts)
	for _, r := range live.Resources {
		switch s := r.Spec.(type) {
		case *ListenerRule:
			a.addRule(r.Address, s)
		case *Listener:
			a.addListener(s, r.Attrs["arn"])
		}
	}
	slices.SortFunc(a.found, func(x, y Endpoint) int {
		return cmp.Or(strings.Compare(x.Service, y.Service), strings.Compare(x.URL, y.URL))
	})
	return slices.CompactFunc(a.found, func(x, y Endpoint) bool { return x.URL == y.URL && x.Service == y.Service })
}

type addresses struct {
	live      *plan.Stack
	balancers map[string]balancer   // by ARN
	listeners map[string]listenerAt // by ARN
	found     []Endpoint
}

type balancer struct {
	dnsName string
	names   []string // of the records that lead to it
	public  bool
	groups  []*SecurityGroup // nil: not known
}

type listenerAt struct {
	balancer string // ARN
	protocol string
	port     int
}

func (a *addresses) readBalancers(facts plan.Facts) {
	if b := facts.LoadBalancer; b != nil {
		a.balancers[b.ARN] = balancer{dnsName: b.DNSName, names: a.recordsOf(b.DNSName), public: b.Scheme == internetFacing}
	}
	for _, r := range a.live.Resources {
		s, ok := r.Spec.(*LoadBalancer)
		if !ok {
			continue
		}
		name := r.Attrs["dns-name"]
		a.balancers[r.Attrs["arn"]] = balancer{
			dnsName: name, names: a.recordsOf(name), public: s.Scheme == internetFacing, groups: a.groups(s.SecurityGroups),
		}
	}
}

// recordsOf are the names of the records that lead to a load balancer. Route 53
// may show its DNS name with a final dot, and with dualstack. before it.
func (a *addresses) recordsOf(dnsName string) []string {
	var out []string
	for _, r := range a.live.Resources {
		s, ok := r.Spec.(*Record)
		if ok && strings.EqualFold(strings.TrimPrefix(strings.TrimSuffix(s.DNSName.Text, "."), "dualstack."), dnsName) {
			out = append(out, s.Name)
		}
	}
	return out
}

func (a *addresses) groups(ids []plan.Value) []*SecurityGroup {
	var out []*SecurityGroup
	for _, r := range a.live.Resources {
		s, ok := r.Spec.(*SecurityGroup)
		if ok && slices.ContainsFunc(ids, func(id plan.Value) bool { return id.Text == r.Attrs["id"] }) {
			out = append(out, s)
		}
	}
	return out
}

func (a *addresses) readListeners(facts plan.Facts) {
	if b := facts.LoadBalancer; b != nil {
		for _, l := range b.Listeners {
			a.listeners[l.ARN] = listenerAt{balancer: b.ARN, protocol: l.Protocol, port: l.Port}
		}
	}
	for _, r := range a.live.Resources {
		if s, ok := r.Spec.(*Listener); ok {
			a.listeners[r.Attrs["arn"]] = listenerAt{balancer: s.LoadBalancerArn.Text, protocol: s.Protocol, port: s.Port}
		}
	}
}

// addRule adds the targets of a rule, under its hosts if it has any.
func (a *addresses) addRule(address plan.Address, rule *ListenerRule) {
	if len(rule.Actions) == 0 || rule.Actions[0].TargetGroupArn.IsZero() {
		return
	}
	paths := rule.Paths
	if len(paths) == 0 {
		paths = []string{"/*"}
	}
	for _, path := range paths {
		a.add(rule.ListenerArn.Text, a.served(address), rule.Hosts, strings.TrimSuffix(strings.TrimSuffix(path, "*"), "/"))
	}
}

// addListener adds the targets of a listener's default actions.
func (a *addresses) addListener(s *Listener, arn string) {
	for _, action := range s.DefaultActions {
		for _, r := range a.live.Resources {
			if r.Address.Kind == TargetGroupKind && action.TargetGroupArn.Text != "" && r.Attrs["arn"] == action.TargetGroupArn.Text {
				a.add(arn, a.served(r.Address), nil, "")
			}
		}
	}
}

func (a *addresses) add(listenerARN, service string, hosts []string, path string) {
	at, ok := a.listeners[listenerARN]
	b, known := a.balancers[at.balancer]
	if !ok || !known {
		return
	}
	if len(hosts) == 0 {
		hosts = b.names
	}
	if len(hosts) == 0 {
		hosts = []string{b.dnsName}
	}
	for _, host := range hosts {
		for _, protocol := range strings.Split(strings.ToLower(at.protocol), "_") { // TCP_UDP is both
			a.found = append(a.found, Endpoint{
				URL: at.url(protocol, host) + path, Service: service, Public: b.public, From: b.from(protocol, at.port),
			})
		}
	}
}

func (l listenerAt) url(protocol, host string) string {
	if protocol == "http" && l.port == 80 || protocol == "https" && l.port == 443 {
		return protocol + "://" + host
	}
	return fmt.Sprintf("%s://%s:%d", protocol, host, l.port)
}

// from are the blocks that may call a port.
func (b balancer) from(protocol string, port int) []string {
	if protocol != "udp" {
		protocol = "tcp"
	}
	var out []string
	for _, group := range b.groups {
		for _, rule := range group.Ingress {
			if rule.Protocol == "-1" || rule.Protocol == protocol && rule.FromPort <= port && port <= rule.ToPort {
				out = append(out, cmp.Or(rule.CidrIpv4, rule.CidrIpv6, rule.PrefixListID, rule.GroupID.Text))
			}
		}
	}
	return set(slices.DeleteFunc(out, func(from string) bool { return from == "" }))
}

// served is the compose service that an address is for: listener-rule/web.80.2
// and target-group/web.80 are for web.
func (a *addresses) served(address plan.Address) string {
	for name := address.Name; name != ""; name = name[:max(0, strings.LastIndexByte(name, '.'))] {
		if a.live.Find(plan.Address{Kind: ServiceKind, Name: name}) != nil {
			return name
		}
	}
	return address.Name
}
