package translate

import (
	"math"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// slowStart is how long a container of the public stacks may take until it is healthy, in
// seconds: docker forgives it whatever the health check says.
const slowStart = 280

// TestPublicStacksRunAsUnderDocker looks for what is accepted and would not work: health
// checks that end a slow start, and entrances that the files describe and nothing makes
// or speaks of. And it counts warnings, which are read only where they are few.
func TestPublicStacksRunAsUnderDocker(t *testing.T) {
	shared := sharedFolder(t)
	var warnings []int
	for _, o := range corpusStacks(t, filepath.Join(shared, "corpus")) {
		p, ds := Load(t.Context(), o)
		if p == nil {
			continue
		}
		stack, more := p.Stack(knownFacts)
		if stack == nil {
			continue
		}
		r := runReport{Project: p, stack: stack, said: append(ds, more...)}
		for _, wrong := range slices.Concat(r.impatient(), r.withoutEntrance(), r.withoutRoute()) {
			t.Errorf("%s %v: %s", filepath.Base(o.Dir), o.Files, wrong)
		}
		warnings = append(warnings, r.warnings())
	}
	slices.Sort(warnings)
	n := len(warnings)
	t.Logf("%d stacks; warnings: median %d, third quartile %d, most %d", n, warnings[n/2], warnings[n*3/4], warnings[n-1])
	// Of a sample the shares differ by chance: three standard deviations are allowed.
	// Some dozens of stacks tell thus whether every stack has become loud; all of them tell more.
	for share, most := range map[float64]int{0.5: 2, 0.25: 5} {
		allowed := share * float64(n)
		if !sample.Full() {
			allowed += 3 * math.Sqrt(float64(n)*share*(1-share))
		}
		if loud := louder(warnings, most); float64(loud) > allowed {
			t.Errorf("%d of %d stacks have more than %d warnings: too many to be read", loud, n, most)
		}
	}
}

// louder counts the stacks with more than so many warnings.
func louder(warnings []int, most int) int {
	n := 0
	for _, w := range warnings {
		if w > most {
			n++
		}
	}
	return n
}

// runReport is of one stack that is accepted.
type runReport struct {
	*Project
	stack *plan.Stack
	said  diag.List
}

// impatient are the health checks that end a slow start.
func (r runReport) impatient() []string {
	var out []string
	checked := map[string]bool{}
	for _, res := range r.stack.Resources {
		d, ok := res.Spec.(*spec.TaskDefinition)
		if !ok {
			continue
		}
		for _, c := range d.ContainerDefinitions {
			if c.HealthCheck == nil {
				continue
			}
			checked[res.Address.Name] = true
			if c.HealthCheck.StartPeriod+c.HealthCheck.Interval*c.HealthCheck.Retries < slowStart {
				out = append(out, "the health check of "+c.Name+" ends a slow start")
			}
		}
	}
	for _, res := range r.stack.Resources {
		s, ok := res.Spec.(*spec.Service)
		if ok && checked[res.Address.Name] && len(s.LoadBalancers) > 0 && s.HealthCheckGracePeriodSeconds < slowStart {
			out = append(out, "the load balancer ends a slow start of "+res.Address.Name)
		}
	}
	return out
}

// balanced says whether a load balancer leads to a port of a service; port 0 is any.
func (r runReport) balanced(service string, port int) bool {
	return slices.ContainsFunc(r.stack.Resources, func(res *plan.Resource) bool {
		s, ok := res.Spec.(*spec.Service)
		return ok && slices.ContainsFunc(s.LoadBalancers, func(b spec.ServiceLoadBalancer) bool {
			return b.ContainerName == ecsName(service) && (port == 0 || b.ContainerPort == port)
		})
	})
}

// spoken says whether a diagnostic is about an attribute of a service.
func (r runReport) spoken(service, attribute string) bool {
	path := "services." + service + "." + attribute
	return slices.ContainsFunc(r.said, func(d diag.Diagnostic) bool { return strings.HasPrefix(d.Path, path) })
}

// withoutEntrance are the published ports that nothing leads to, without a word.
func (r runReport) withoutEntrance() []string {
	var out []string
	for _, name := range sortedKeys(r.Compose.Services) {
		for _, p := range r.Compose.Services[name].Ports {
			if isForAll(p) && !r.balanced(name, int(p.Target)) && !r.spoken(name, "ports") && !r.spoken(name, "x-fargate.ingress") {
				out = append(out, "nothing leads to port "+p.Published+" of "+name)
			}
		}
	}
	return out
}

func isForAll(p types.ServicePortConfig) bool {
	ip := net.ParseIP(p.HostIP)
	return p.Published != "" && (p.HostIP == "" || ip != nil && ip.IsUnspecified())
}

// withoutRoute are the services whose labels name a host, for a router that is not there,
// and that nothing leads to, without a word.
func (r runReport) withoutRoute() []string {
	var out []string
	for _, s := range r.Compose.Services {
		if strings.Contains(s.Image, "traefik") {
			return nil
		}
	}
	for _, name := range sortedKeys(r.Compose.Services) {
		s := r.Compose.Services[name]
		for label, value := range s.Labels {
			if strings.HasPrefix(label, "traefik.http.routers.") && strings.Contains(value, "Host(") && s.Labels["traefik.enable"] != "false" &&
				!r.balanced(name, 0) && !r.spoken(name, "labels") {
				out = append(out, "nothing leads to "+name+", which has the label "+label)
				break
			}
		}
	}
	return out
}

// warnings counts the lines that are printed.
func (r runReport) warnings() int {
	n := 0
	for _, f := range r.said.Sorted().Folded() {
		if f.Severity == diag.Warning {
			n++
		}
	}
	return n
}
