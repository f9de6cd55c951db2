package translate

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// exposure is a container port that a load balancer leads to.
type exposure struct {
	task     *task
	member   *types.ServiceConfig
	port     int    // of the container
	kind     string // http, tcp or udp
	app      string // https, http2, grpc, or ""
	listens  []int  // ports of the load balancer, sorted
	redirect bool   // from port 80 of the load balancer
	rule     Ingress
	named    bool     // x-fargate.ingress has a rule for it
	path     []string // where the files ask for it

	balancer *balancer
	leads    []plan.Address // the listeners or rules that lead to it
}

// The kinds of exposures.
const (
	kindHTTP = "http"
	kindTCP  = "tcp"
	kindUDP  = "udp"
	kindNone = "none"
)

// name is that of the exposure in addresses.
func (e *exposure) name() string { return joinPort(e.member.Name, e.port) }

// speaksTLS says whether the container itself does.
func (e *exposure) speaksTLS() bool { return e.app == "https" || isTLSPort(e.port) }

func isTLSPort(port int) bool { return port == 443 || port == 8443 }

// ingress makes the load balancers in front of published ports.
func (t *translation) ingress() {
	t.exposures = t.exposed()
	t.refuseTooMany()
	t.balancers = t.balance(t.exposures)
	for _, b := range t.balancers {
		t.refuseShared(b)
		t.loadBalancer(b)
		for _, e := range b.exposures {
			t.targetGroup(e)
		}
		t.listeners(b)
	}
	t.certificates()
	t.records()
	for _, task := range t.tasks {
		t.publishedGroup(task)
		t.sayExposed(task)
	}
}

// exposuresOf are those of the members of a task.
func (t *translation) exposuresOf(k *task) []*exposure {
	var out []*exposure
	for _, e := range t.exposures {
		if e.task == k {
			out = append(out, e)
		}
	}
	return out
}

// serviceLoadBalancers are the target groups of a task.
func (t *translation) serviceLoadBalancers(k *task) []spec.ServiceLoadBalancer {
	var out []spec.ServiceLoadBalancer
	for _, e := range t.exposuresOf(k) {
		out = append(out, spec.ServiceLoadBalancer{
			TargetGroupArn: plan.RefTo(targetGroupAddress(e), "arn", ""),
			ContainerName:  ecsName(e.member.Name),
			ContainerPort:  e.port,
		})
	}
	return out
}

// serviceNeeds are the listeners and rules that lead to those: ECS refuses a
// target group that no load balancer leads to.
func (t *translation) serviceNeeds(k *task) []plan.Address {
	var out []plan.Address
	for _, e := range t.exposuresOf(k) {
		out = append(out, e.leads...)
	}
	slices.SortFunc(out, plan.Address.Compare)
	return out
}

// maxTargetGroups is ECS's limit per service (ECS developer guide, "Register
// multiple target groups with a service").
const maxTargetGroups = 5

// refuseTooMany counts the target groups of each task. What is beyond the limit
// is refused, and gets no load balancer.
func (t *translation) refuseTooMany() {
	for _, task := range t.tasks {
		exposures := t.exposuresOf(task)
		if len(exposures) <= maxTargetGroups {
			continue
		}
		path := slices.Clone(exposures[maxTargetGroups].path)
		t.errorf(path, "publish fewer: bind some to 127.0.0.1, give them x-fargate.ingress.PORT.kind: none, or split the service",
			"%d published container ports, load balancers can lead to %d of an ECS service: %s",
			len(exposures), maxTargetGroups, listed(portsOf(exposures)))
		refused := make(map[*exposure]bool, len(exposures))
		for _, e := range exposures[maxTargetGroups:] {
			refused[e] = true
		}
		t.exposures = slices.DeleteFunc(t.exposures, func(e *exposure) bool { return refused[e] })
	}
}

func portsOf(exposures []*exposure) []string {
	var out []string
	for _, e := range exposures {
		out = append(out, portWithProtocol(e.port, e.kind))
	}
	return out
}

// sayExposed tells who may connect to the published ports of a task, and where.
func (t *translation) sayExposed(k *task) {
	for _, b := range t.balancers {
		var path, peers, out []string
		ports := map[string][]string{}
		redirects := false
		for _, e := range b.exposures { // sorted by port
			if e.task != k {
				continue
			}
			if path == nil {
				path = at(e.member.Name, e.path[2])
			}
			who := t.exposedTo(b, e)
			if ports[who] == nil {
				peers = append(peers, who)
			}
			for _, listen := range e.listens {
				if text := portWithProtocol(listen, e.kind); !slices.Contains(ports[who], text) {
					ports[who] = append(ports[who], text)
				}
			}
			redirects = redirects || e.redirect && !b.exists
		}
		if path == nil {
			continue
		}
		for _, who := range peers {
			word := "port"
			if len(ports[who]) > 1 {
				word = "ports"
			}
			out = append(out, word+" "+listed(ports[who])+" exposed to "+who)
		}
		if redirects {
			out = append(out, "port 80 redirects to 443")
		}
		t.notef(path, "", "on the %s: %s", b, strings.Join(out, "; "))
	}
}

func (t *translation) exposedTo(b *balancer, e *exposure) string {
	switch {
	case b.exists:
		return "those whom its security groups let in"
	case e.rule.Allow == nil && b.scheme == internalScheme:
		return "all who reach the VPC"
	case e.rule.Allow == nil:
		return spec.AnyIpv4
	default:
		return listed(e.rule.Allow)
	}
}
