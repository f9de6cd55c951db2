package translate

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// size is what a task has, or what it needs at least.
type size struct {
	cpu    int // CPU units, 1024 a vCPU
	memory int // MiB
}

// fargateSizes are the task sizes that Fargate has on Linux, on x86 and ARM
// alike: ECS Developer Guide, "Amazon ECS task definition differences for
// Fargate", tables of 2026-07 to 2026-10. The row of 32 vCPU stands there and in
// no SDK comment yet.
var fargateSizes = []struct {
	cpu    int   // CPU units
	memory []int // MiB
}{
	{256, []int{512, 1024, 2048}},
	{512, steps(1024, 4096, 1024)},
	{1024, steps(2048, 8192, 1024)},
	{2048, steps(4096, 16384, 1024)},
	{4096, steps(8192, 30720, 1024)},
	{8192, steps(16384, 61440, 4096)},
	{16384, steps(32768, 122880, 8192)},
	{32768, []int{61440, 122880, 249856}},
}

func steps(from, to, step int) []int {
	var out []int
	for n := from; n <= to; n += step {
		out = append(out, n)
	}
	return out
}

// largest is the biggest task that Fargate has.
func largest() size {
	row := fargateSizes[len(fargateSizes)-1]
	return size{row.cpu, row.memory[len(row.memory)-1]}
}

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

func (s size) String() string { return cpuOf(s) + " and " + memoryText(s.memory) }

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

func cpuOf(s size) string { return cpuText(s.cpu * 1e6 / 1024) }

// nearest are the sizes next to one that Fargate does not have: the next ones
// with the same CPU, if that is given, and the smallest that is large enough.
func (s size) nearest(cpuGiven bool) []size {
	var below, above size
	for _, row := range fargateSizes {
		if cpuGiven && row.cpu != s.cpu {
			continue
		}
		for _, memory := range row.memory {
			switch {
			case memory < s.memory && memory > below.memory:
				below = size{row.cpu, memory}
			case memory >= s.memory && (above == size{} || memory < above.memory):
				above = size{row.cpu, memory}
			}
		}
	}
	out := []size{below, above}
	if holds, ok := s.smallest(); ok {
		out = append(out, holds)
	}
	out = slices.DeleteFunc(out, func(other size) bool { return other == size{} })
	return slices.Compact(out)
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
func asked(s container) ask {
	limits, reservations := resources(s)
	out := ask{
		cpu:         cmp.Or(millionths(float32(limits.NanoCPUs)), millionths(s.CPUS)),
		reserved:    millionths(float32(reservations.NanoCPUs)),
		memory:      cmp.Or(ceilMiB(limits.MemoryBytes), ceilMiB(s.MemLimit)),
		reservation: cmp.Or(ceilMiB(reservations.MemoryBytes), ceilMiB(s.MemReservation)),
	}
	out.cpu = cmp.Or(out.cpu, out.reserved)
	return out
}

func resources(s container) (limits, reservations types.Resource) {
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

// askedFrom names the attributes that give a service its size.
func askedFrom(s container) []string {
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

// minMemory is the least that ECS gives a container, in MiB (ContainerDefinition
// of the API reference, Docker 20.10 and later).
const minMemory = 6

// setLimits sets the size of one container and says what is wrong with ib.
func setLimits(b *base, s container, c *spec.Container) {
	a := asked(s)
	if a.cpu > 0 {
		c.Cpu = max(units(a.cpu), 1)
	}
	c.Memory, c.MemoryReservation = a.memory, a.reservation
	for _, memory := range []int{a.memory, a.reservation} {
		if memory > 0 && memory < minMemory {
			b.errorf(sizePath(b, s.Name), "request 6 MiB or more", "%s of memory: the ECS minimum is %s", memoryText(memory), memoryText(minMemory))
		}
	}
	switch {
	case a.memory > 0 && a.reservation > a.memory:
		b.errorf(sizePath(b, s.Name), "raise the limit or lower the reservation",
			"%s of memory reserved, but the limit is %s", memoryText(a.reservation), memoryText(a.memory))
	case a.reservation == a.memory:
		c.MemoryReservation = 0 // says what the limit says, and ECS wants it lower
	}
}

// sizePath is where the files give a service its size.
func sizePath(b *base, service string) []string {
	for _, path := range [][]string{
		{xfargate.Key, "cpu"},
		{xfargate.Key, "memory"},
		{"deploy", "resources", "limits"},
		{"deploy", "resources", "reservations"},
		{"mem_limit"},
		{"cpus"},
		{"mem_reservation"},
	} {
		if path := at(service, path...); b.Written(path...) {
			return path
		}
	}
	return at(service)
}
