package translate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// Sizing says which size a task has, and why.
type Sizing struct {
	Service string `json:"service"` // the compose service that leads the task
	// Containers are what the services in the task ask for, the leading one first.
	Containers []ContainerSize `json:"containers"`
	Asked      string          `json:"asked,omitempty"`  // "0.3 vCPU and 700 MiB" for all of them; "" where the files give no size
	Chosen     string          `json:"chosen,omitempty"` // "0.5 vCPU and 1 GiB"; "" where Fargate has no such task
	CPU        int             `json:"cpu,omitempty"`    // of Chosen, in CPU units
	Memory     int             `json:"memory,omitempty"` // of Chosen, in MiB
	Why        string          `json:"why"`              // in one lower-case sentence
}

// ContainerSize is what one container counts for in the size of its task.
type ContainerSize struct {
	Name   string   `json:"name"`             // of the compose service, log-router or service-connect-proxy
	CPU    string   `json:"cpu,omitempty"`    // "0.3 vCPU"; "" where it asks for none
	Memory string   `json:"memory,omitempty"` // "700 MiB"; "" where it asks for none
	From   []string `json:"from,omitempty"`   // the attributes of the service that say so
}

// Sizes returns the size of each task, sorted by service. What is wrong with
// them is said by Stack.
func (p *Project) Sizes() []Sizing {
	b := newBase(p, plan.Facts{})
	groupTasks(b)
	z := sizing{b, findEndpoints(b, findPorts(b, findNames(b))).connected()}
	out := make([]Sizing, 0, len(b.tasks))
	for _, k := range b.tasks {
		n := z.need(k)
		misfits := z.misfits(k, n)
		s := Sizing{Service: k.name(), Containers: z.containerSizes(k, n), Asked: n.String()}
		switch chosen, ok := n.size().smallest(); {
		case !ok:
			s.Why = "the largest Fargate task has " + largest().String()
		case misfits != nil:
			s.Why = misfits[len(misfits)-1].text
		default:
			s.Chosen, s.CPU, s.Memory = chosen.String(), chosen.cpu, chosen.memory
			sum := n.of(k)
			if sum != "" {
				sum = "requested" + sum
			}
			s.Why = cmp.Or(reasons(sum, n.why(chosen)), "as requested")
		}
		out = append(out, s)
	}
	return out
}

func (z sizing) containerSizes(k *task, n need) []ContainerSize {
	var out []ContainerSize
	for _, m := range k.members {
		a := asked(m)
		c := ContainerSize{Name: m.Name, From: askedFrom(m)}
		if cpu := max(a.cpu, a.reserved); cpu > 0 {
			c.CPU = cpuText(cpu)
		}
		memory := max(a.memory, a.reservation)
		if l := z.leastOf(m); l.raises(a) {
			memory, c.From = l.mib, append(c.From, strings.Join(l.path[2:], "."))
		}
		if memory > 0 {
			c.Memory = memoryText(memory)
		}
		out = append(out, c)
	}
	if k.routed() {
		out = append(out, ContainerSize{Name: logRouter, Memory: memoryText(logRouterMemory)})
	}
	if c, ok := n.proxySize(z.X.Service(k.name()).Discovery.ProxyCPU); ok {
		out = append(out, c)
	}
	return out
}

// reasons joins what there is to say.
func reasons(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "; ")
}

// why explains how the chosen size follows from the requested one, "" if they
// are the same.
func (n need) why(chosen size) string {
	if n.cpuFrom == fromNowhere && n.memoryFrom == fromNowhere {
		return "no size given"
	}
	return reasons(n.override(), n.whyUse(), n.whyCPU(chosen), n.whyMemory(chosen))
}

// override says of a size that it is not what the containers ask for.
func (n need) override() string {
	elsewhere := func(from origin) bool { return from == fromService || from == fromDefaults }
	switch {
	case n.cpuFrom == n.memoryFrom && elsewhere(n.cpuFrom):
		return "cpu and memory come from " + string(n.cpuFrom)
	case elsewhere(n.cpuFrom) && elsewhere(n.memoryFrom):
		return fmt.Sprintf("cpu comes from %s, memory from %s", n.cpuFrom, n.memoryFrom)
	case elsewhere(n.cpuFrom):
		return "cpu comes from " + string(n.cpuFrom)
	case elsewhere(n.memoryFrom):
		return "memory comes from " + string(n.memoryFrom)
	default:
		return ""
	}
}

func (n need) whyCPU(chosen size) string {
	cpu, memory := cpuOf(chosen), memoryText(chosen.memory)
	asked := ceilUnits(n.cpu)
	least, _ := size{cpu: asked}.smallest()
	switch {
	case n.cpuFrom == fromNowhere && chosen.cpu == fargateSizes[0].cpu:
		return fmt.Sprintf("no CPU given, %s is the minimum", cpu)
	case n.cpuFrom == fromNowhere:
		return fmt.Sprintf("no CPU given, %s is the minimum with %s", cpu, memory)
	case chosen.cpu > least.cpu:
		return fmt.Sprintf("%s is the minimum with %s", cpu, memory)
	case chosen.cpu > asked:
		return fmt.Sprintf("%s is rounded up to %s", cpuText(n.cpu), cpu)
	default:
		return ""
	}
}

func (n need) whyMemory(chosen size) string {
	cpu, memory := cpuOf(chosen), memoryText(chosen.memory)
	least, _ := size{cpu: chosen.cpu}.smallest()
	switch {
	case n.memoryFrom == fromNowhere && chosen.memory == defaultSize.memory:
		return fmt.Sprintf("no memory given, %s is the default", memory)
	case n.memoryFrom == fromNowhere:
		return fmt.Sprintf("no memory given, %s is the minimum with %s", memory, cpu)
	case chosen.memory > n.memory && chosen.memory == least.memory:
		return fmt.Sprintf("%s is the minimum with %s", memory, cpu)
	case chosen.memory > n.memory:
		return fmt.Sprintf("%s is rounded up to %s", memoryText(n.memory), memory)
	default:
		return ""
	}
}

// proxySize is what the proxy adds to the size of a task; not ok if it adds
// nothing.
func (n need) proxySize(units int) (ContainerSize, bool) {
	c := ContainerSize{Name: proxy}
	if n.memoryFrom == fromContainers {
		c.Memory = memoryText(proxyMemory)
	}
	if units > 0 {
		c.CPU, c.From = cpuText(units*1e6/1024), []string{xfargate.Key + ".discovery.proxy_cpu"}
	}
	return c, n.proxied
}
