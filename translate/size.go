package translate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// size is what a task has, or what it needs at least.
type size struct {
	cpu    int // CPU units, 1024 a vCPU
	memory int // MiB
}

// defaultSize is that of a task whose services give none.
var defaultSize = size{cpu: 256, memory: 1024}

// defaultShare is the memory, in MiB, counted for a container without a size
// beside others that have one.
const defaultShare = 512

// smallest returns the smallest Fargate size that holds s; not ok where there
// is none.
func (s size) smallest() (size, bool) {
	for _, row := range fargateSizes {
		if row.cpu < s.cpu {
			continue
		}
		for _, memory := range row.memory {
			if memory >= s.memory {
				return size{row.cpu, memory}, true
			}
		}
	}
	return size{}, false
}

func (s size) String() string { return cpuText(s.cpu*1e6/1024) + " and " + memoryText(s.memory) }

// cpuText writes millionths of a vCPU as people do: 0.25 vCPU.
func cpuText(millionths int) string {
	return strconv.FormatFloat(float64(millionths)/1e6, 'f', -1, 64) + " vCPU"
}

func memoryText(n int) string {
	if n >= 1024 && n%1024 == 0 {
		return strconv.Itoa(n/1024) + " GiB"
	}
	return strconv.Itoa(n) + " MiB"
}

// ask is what the files ask for one container. CPU is in millionths, exact for
// what people write; the sum of ten times 0.1 is 1.
type ask struct {
	cpu         int // millionths of a vCPU: the limit, or else the reservation
	reserved    int // millionths, where that is more
	memory      int // MiB, the limit
	reservation int // MiB
}

// asked reads the sizes of a service, those under deploy first.
func asked(s *types.ServiceConfig) ask {
	limits, reservations := resources(s)
	out := ask{
		cpu:         firstOf(millionths(float32(limits.NanoCPUs)), millionths(s.CPUS)),
		reserved:    millionths(float32(reservations.NanoCPUs)),
		memory:      firstOf(ceilMiB(limits.MemoryBytes), ceilMiB(s.MemLimit)),
		reservation: firstOf(ceilMiB(reservations.MemoryBytes), ceilMiB(s.MemReservation)),
	}
	out.cpu = firstOf(out.cpu, out.reserved)
	return out
}

func resources(s *types.ServiceConfig) (limits, reservations types.Resource) {
	if s.Deploy == nil {
		return limits, reservations
	}
	if l := s.Deploy.Resources.Limits; l != nil {
		limits = *l
	}
	if r := s.Deploy.Resources.Reservations; r != nil {
		reservations = *r
	}
	return limits, reservations
}

func firstOf(values ...int) int {
	for _, v := range values {
		if v != 0 {
			return v
		}
	}
	return 0
}

// millionths goes by the shortest decimal of a float32, which is what the user
// wrote.
func millionths(cpus float32) int {
	exact, _ := strconv.ParseFloat(strconv.FormatFloat(float64(cpus), 'f', -1, 32), 64)
	return max(int(exact*1e6+0.5), 0)
}

// units are the CPU units of millionths of a vCPU, rounded down: the units of
// containers must not add up to more than their task's.
func units(millionths int) int { return millionths * 1024 / 1e6 }

func ceilUnits(millionths int) int { return (millionths*1024 + 1e6 - 1) / 1e6 }

// ceilMiB takes less than nothing, Docker's word for no limit, for nothing.
func ceilMiB(bytes types.UnitBytes) int { return max(int((int64(bytes)+1<<20-1)>>20), 0) }

// minMemory is the least that ECS gives a container, in MiB (ContainerDefinition
// of the API reference, Docker 20.10 and later).
const minMemory = 6

// limits sets the size of one container and says what is wrong with it.
func (t *translation) limits(s *types.ServiceConfig, c *spec.Container) {
	a := asked(s)
	if a.cpu > 0 {
		c.Cpu = max(units(a.cpu), 1)
	}
	c.Memory, c.MemoryReservation = a.memory, a.reservation
	for _, memory := range []int{a.memory, a.reservation} {
		if memory > 0 && memory < minMemory {
			t.errorf(t.sizePath(s.Name), "ask for 6 MiB or more", "%s of memory, ECS gives a container no less than %s", memoryText(memory), memoryText(minMemory))
		}
	}
	switch {
	case a.memory > 0 && a.reservation > a.memory:
		t.errorf(t.sizePath(s.Name), "raise the limit or lower the reservation",
			"%s of memory reserved, the limit is %s", memoryText(a.reservation), memoryText(a.memory))
	case a.reservation == a.memory:
		c.MemoryReservation = 0 // says what the limit says, and ECS wants it lower
	}
}

// origin is where an amount comes from, as it is told.
type origin string

const (
	fromNowhere    origin = ""
	fromContainers origin = "the containers"
	fromService    origin = "x-fargate"
	fromDefaults   origin = "x-fargate.defaults"
)

// need is what the files ask for one task.
type need struct {
	cpu        int // millionths of a vCPU
	memory     int // MiB
	cpuFrom    origin
	memoryFrom origin
	assumes    bool // memory was counted for a container that gives none
	proxied    bool // the Service Connect proxy was counted
}

// needs is what the containers of a task ask for together.
func (k *task) needs() need {
	var n need
	for _, m := range k.members {
		a := asked(m)
		n.cpu += max(a.cpu, a.reserved)
		n.memory += firstOf(max(a.memory, a.reservation), defaultShare)
		if a.cpu > 0 {
			n.cpuFrom = fromContainers
		}
		gives := a.memory > 0 || a.reservation > 0
		if gives {
			n.memoryFrom = fromContainers
		}
		n.assumes = n.assumes || !gives
	}
	if k.routed() {
		n.memory += logRouterMemory
	}
	if n.memoryFrom == fromNowhere {
		n.memory, n.assumes = defaultSize.memory, false
	}
	return n
}

// need is what a task needs: what x-fargate says of the service, else the sum of
// its containers, else the defaults of x-fargate.
func (t *translation) need(k *task) need {
	n := t.withProxy(k, k.needs())
	x, defaults := t.X.services[k.name()], t.X.Defaults
	switch {
	case x.CPU > 0:
		n.cpu, n.cpuFrom = x.CPU*1e6/1024, fromService // with the proxy in it
	case n.cpuFrom == fromNowhere && defaults.CPU > 0:
		n.cpu, n.cpuFrom = defaults.CPU*1e6/1024, fromDefaults
	}
	switch {
	case x.Memory > 0:
		n.memory, n.memoryFrom, n.assumes = x.Memory, fromService, false
	case n.memoryFrom == fromNowhere && defaults.Memory > 0:
		n.memory, n.memoryFrom = defaults.Memory, fromDefaults
	}
	return n
}

// size is the size without what the files leave open.
func (n need) size() size { return size{ceilUnits(n.cpu), n.memory} }

// String tells what the files ask for: 0.3 vCPU and 700 MiB.
func (n need) String() string {
	var parts []string
	if n.cpuFrom != fromNowhere {
		parts = append(parts, cpuText(n.cpu))
	}
	if n.memoryFrom != fromNowhere {
		parts = append(parts, memoryText(n.memory))
	}
	return strings.Join(parts, " and ")
}

// taskSize chooses the size of a task, and says which where that is not what
// the files ask for. Not ok: there is none.
func (t *translation) taskSize(k *task) (size, bool) {
	n := t.need(k)
	if !t.fits(k, n) {
		return size{}, false
	}
	chosen, ok := n.size().smallest()
	path := t.sizePath(k.name())
	switch {
	case !ok:
		t.errorf(path, "", "%s asked%s, the largest Fargate task has %s", n, n.of(k), largest())
		return size{}, false
	case n.isDefault():
		t.unsized = append(t.unsized, k.name())
		t.commonSize = chosen
	case chosen != n.size():
		t.notef(path, "", "%s asked%s, %s chosen: %s", n, n.of(k), chosen, n.why(chosen))
	}
	return chosen, true
}

// isDefault says whether all of a size is the same for every service.
func (n need) isDefault() bool {
	return (n.cpuFrom == fromNowhere || n.cpuFrom == fromDefaults) && (n.memoryFrom == fromNowhere || n.memoryFrom == fromDefaults)
}

// of says for how many containers that is, where it is their sum.
func (n need) of(k *task) string {
	count := len(k.members)
	if k.routed() {
		count++
	}
	switch {
	case n.proxied && n.cpuFrom != fromService && n.memoryFrom != fromService:
		return n.ofProxied(count)
	case count == 1 || n.cpuFrom == fromService || n.memoryFrom == fromService || n.isDefault():
		return ""
	case n.assumes:
		return fmt.Sprintf(" by %d containers, %s counted for each that gives no memory", count, memoryText(defaultShare))
	default:
		return fmt.Sprintf(" by %d containers", count)
	}
}

// sizePath is where the files give a service its size.
func (t *translation) sizePath(service string) []string {
	for _, path := range [][]string{
		{xKey, "cpu"},
		{xKey, "memory"},
		{"deploy", "resources", "limits"},
		{"deploy", "resources", "reservations"},
		{"mem_limit"},
		{"cpus"},
		{"mem_reservation"},
	} {
		if path := at(service, path...); t.Written(path...) {
			return path
		}
	}
	return at(service)
}

// noteSizes says once which services have the default size, unless the files
// choose it.
func (t *translation) noteSizes() {
	if d := t.X.Defaults; len(t.unsized) == 0 || d.CPU > 0 && d.Memory > 0 {
		return
	}
	t.notef([]string{"services"}, "give them sizes under deploy.resources.limits or x-fargate",
		"%s each for %s, which give no size", t.commonSize, quoted(t.unsized))
}
