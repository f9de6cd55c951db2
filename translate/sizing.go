package translate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
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
	t := &translation{base: newBase(p, plan.Facts{})}
	t.group()
	out := make([]Sizing, 0, len(t.tasks))
	for _, k := range t.tasks {
		n := t.need(k)
		s := Sizing{Service: k.name(), Containers: t.containerSizes(k, n), Asked: n.String()}
		switch chosen, ok := n.size().smallest(); {
		case !ok:
			s.Why = "the largest Fargate task has " + largest().String()
		case !t.fits(k, n):
			s.Why = t.ds[len(t.ds)-1].Summary
		default:
			s.Chosen, s.CPU, s.Memory = chosen.String(), chosen.cpu, chosen.memory
			s.Why = sentence(n.sum(k), n.why(chosen))
		}
		out = append(out, s)
	}
	return out
}

func (t *translation) containerSizes(k *task, n need) []ContainerSize {
	var out []ContainerSize
	for _, m := range k.members {
		a := asked(m)
		c := ContainerSize{Name: m.Name, From: askedFrom(m)}
		if cpu := max(a.cpu, a.reserved); cpu > 0 {
			c.CPU = cpuText(cpu)
		}
		if memory := max(a.memory, a.reservation); memory > 0 {
			c.Memory = memoryText(memory)
		}
		out = append(out, c)
	}
	if k.routed() {
		out = append(out, ContainerSize{Name: logRouter, Memory: memoryText(logRouterMemory)})
	}
	if c, ok := n.proxySize(t.X.Service(k.name()).Discovery.ProxyCPU); ok {
		out = append(out, c)
	}
	return out
}

// askedFrom names the attributes that give a service its size.
func askedFrom(s *types.ServiceConfig) []string {
	limits, reservations := resources(s)
	var out []string
	for _, a := range []struct {
		name  string
		given bool
	}{
		{"deploy.resources.limits.cpus", limits.NanoCPUs > 0},
		{"deploy.resources.limits.memory", limits.MemoryBytes > 0},
		{"deploy.resources.reservations.cpus", reservations.NanoCPUs > 0},
		{"deploy.resources.reservations.memory", reservations.MemoryBytes > 0},
		{"cpus", s.CPUS > 0 && limits.NanoCPUs == 0},
		{"mem_limit", s.MemLimit > 0 && limits.MemoryBytes == 0},
		{"mem_reservation", s.MemReservation > 0 && reservations.MemoryBytes == 0},
	} {
		if a.given {
			out = append(out, a.name)
		}
	}
	return out
}

// sum says of what the size is the sum, "" where it is of one container alone.
func (n need) sum(k *task) string {
	if of := n.of(k); of != "" {
		return "asked" + of
	}
	return ""
}

// sentence joins what there is to say.
func sentence(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	if len(parts) == 0 {
		return "as asked"
	}
	return strings.Join(parts, "; ")
}

// why tells how what is asked became what was chosen, "" where they are one.
func (n need) why(chosen size) string {
	if n.cpuFrom == fromNowhere && n.memoryFrom == fromNowhere {
		return "the files give no size"
	}
	parts := slices.DeleteFunc([]string{n.override(), n.whyCPU(chosen), n.whyMemory(chosen)}, func(part string) bool { return part == "" })
	return strings.Join(parts, "; ")
}

// override says of a size that it is not what the containers ask for.
func (n need) override() string {
	elsewhere := func(from origin) bool { return from == fromService || from == fromDefaults }
	switch {
	case n.cpuFrom == n.memoryFrom && elsewhere(n.cpuFrom):
		return "cpu and memory are those of " + string(n.cpuFrom)
	case elsewhere(n.cpuFrom) && elsewhere(n.memoryFrom):
		return fmt.Sprintf("cpu is that of %s, memory that of %s", n.cpuFrom, n.memoryFrom)
	case elsewhere(n.cpuFrom):
		return "cpu is that of " + string(n.cpuFrom)
	case elsewhere(n.memoryFrom):
		return "memory is that of " + string(n.memoryFrom)
	default:
		return ""
	}
}

func (n need) whyCPU(chosen size) string {
	cpu, memory := cpuOf(chosen), memoryText(chosen.memory)
	switch asked := ceilUnits(n.cpu); {
	case n.cpuFrom == fromNowhere && chosen.cpu == fargateSizes[0].cpu:
		return fmt.Sprintf("no CPU given, %s is the least", cpu)
	case n.cpuFrom == fromNowhere:
		return fmt.Sprintf("no CPU given, %s is the least with %s", cpu, memory)
	case chosen.cpu > leastCPU(asked):
		return fmt.Sprintf("%s is the least with %s", cpu, memory)
	case chosen.cpu > asked:
		return fmt.Sprintf("%s is rounded up to %s", cpuText(n.cpu), cpu)
	default:
		return ""
	}
}

func (n need) whyMemory(chosen size) string {
	cpu, memory := cpuOf(chosen), memoryText(chosen.memory)
	switch {
	case n.memoryFrom == fromNowhere && chosen.memory == defaultSize.memory:
		return fmt.Sprintf("no memory given, %s is the default", memory)
	case n.memoryFrom == fromNowhere:
		return fmt.Sprintf("no memory given, %s is the least with %s", memory, cpu)
	case chosen.memory > n.memory && chosen.memory == leastMemory(chosen.cpu):
		return fmt.Sprintf("%s is the least with %s", memory, cpu)
	case chosen.memory > n.memory:
		return fmt.Sprintf("%s is rounded up to %s", memoryText(n.memory), memory)
	default:
		return ""
	}
}

func cpuOf(s size) string { return cpuText(s.cpu * 1e6 / 1024) }

// leastCPU is the least CPU of a task that has so many units.
func leastCPU(units int) int {
	for _, row := range fargateSizes {
		if row.cpu >= units {
			return row.cpu
		}
	}
	return units
}

func leastMemory(cpu int) int {
	i := slices.IndexFunc(fargateSizes, func(row fargateRow) bool { return row.cpu == cpu })
	return fargateSizes[i].memory[0]
}
