package translate

import (
	"fmt"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// sizing is the phase that chooses the size of each task. It comes after the names:
// where a service has one, ECS puts the Service Connect proxy into all tasks.
type sizing struct {
	*base
	proxied bool
}

// defaultSize is that of a task whose services give none.
var defaultSize = size{cpu: 256, memory: 1024}

// defaultShare is the memory, in MiB, counted for a container without a size
// beside others that have one.
const defaultShare = 512

// proxyMemory, in MiB, is the minimum that AWS recommends for the Service
// Connect proxy in a task, with 256 CPU units (ECS developer guide, Service
// Connect, "Service Connect considerations"). ECS requires the memory of the
// task to exceed what its containers use at most.
const proxyMemory = 64

// proxy is the name under which its part in the size of a task is told.
const proxy = "service-connect-proxy"

// chooseSizes chooses for all tasks. One for which there is no size, which is said,
// has none in the result.
func chooseSizes(b *base, proxied bool) map[*task]size {
	z := sizing{b, proxied}
	out := map[*task]size{}
	var unsized []string
	var common size
	raised := raisedSizes{}
	for _, k := range b.tasks {
		n := z.need(k)
		chosen, ok := z.choose(k, n)
		if !ok {
			continue
		}
		out[k] = chosen
		raised.add(k, n, chosen)
		z.warnTooSmall(k, chosen)
		z.formerlySized(k, chosen)
		if n.isDefault() {
			unsized = append(unsized, k.name())
			common = chosen
		}
	}
	z.refuseDefault()
	raised.say(b)
	if d := b.X.Defaults; len(unsized) > 0 && (d.CPU == 0 || d.Memory == 0) { // once for all of them
		b.notef(diag.Path{"services"}, "set sizes under deploy.resources.limits or x-fargate",
			"%s each for %s, because no size is given", common, compose.Quoted(unsized))
	}
	return out
}

// choose chooses the size of a task, and reports it if it differs from what the
// files request. Not ok: there is no such size.
func (z sizing) choose(k *task, n need) (_ size, ok bool) {
	if misfits := z.misfits(k, n); misfits != nil {
		z.refuse(misfits...)
		return size{}, false
	}
	chosen, ok := n.size().smallest()
	path := sizePath(z.base, k.name())
	switch {
	case !ok:
		z.errorf(path, "", "%s requested%s, but the largest Fargate task has %s", n, n.of(k), largest())
	case n.memoryFrom == fromUse: // see raisedSizes
	case !n.isDefault() && chosen != n.size():
		z.notef(path, "", "%s requested%s, %s chosen: %s", n, n.of(k), chosen, n.why(chosen))
	}
	return chosen, ok
}

// origin is where an amount comes from, as it is told.
type origin string

const (
	fromNowhere    origin = ""
	fromContainers origin = "the containers"
	fromUse        origin = "what they run"
	fromService    origin = "x-fargate"
	fromDefaults   origin = "x-fargate.defaults"
)

// need is what the files ask for one task.
type need struct {
	cpu        int // millionths of a vCPU
	memory     int // MiB
	cpuFrom    origin
	memoryFrom origin
	uses       []leastMemory // of containers that give no memory and are known to need some
	assumes    bool          // memory was counted for a container that gives none
	proxied    bool          // the Service Connect proxy was counted
}

// needs is what the containers of a task ask for together; least is what one needs that
// gives no memory.
func (k *task) needs(least func(container) leastMemory) need {
	var n need
	for _, m := range k.members {
		a := asked(m)
		n.cpu += max(a.cpu, a.reserved)
		if a.cpu > 0 {
			n.cpuFrom = fromContainers
		}
		switch l, given := least(m), max(a.memory, a.reservation); {
		case l.raises(a):
			n.memory, n.uses = n.memory+l.mib, append(n.uses, l)
		case given > 0:
			n.memory, n.memoryFrom = n.memory+given, fromContainers
		default:
			n.memory, n.assumes = n.memory+defaultShare, true
		}
	}
	if k.routed() {
		n.memory += logRouterMemory
	}
	switch {
	case n.memoryFrom != fromNowhere:
	case len(n.uses) > 0 && n.memory > defaultSize.memory:
		n.memoryFrom = fromUse
	default:
		n.memory, n.assumes, n.uses = defaultSize.memory, false, nil
	}
	return n
}

// need is what a task needs: what x-fargate sets for the service, else the sum
// of its containers, else the defaults of x-fargate.
func (z sizing) need(k *task) need {
	return z.needWith(k, z.leastOf)
}

func (z sizing) needWith(k *task, least func(container) leastMemory) need {
	n := z.withProxy(k, k.needs(least))
	x, defaults := z.X.Services[k.name()], z.X.Defaults
	switch {
	case x.CPU > 0:
		n.cpu, n.cpuFrom = x.CPU*1e6/1024, fromService // with the proxy in it
	case n.cpuFrom == fromNowhere && defaults.CPU > 0:
		n.cpu, n.cpuFrom = defaults.CPU*1e6/1024, fromDefaults
	}
	switch {
	case x.Memory > 0:
		n.memory, n.memoryFrom, n.assumes, n.uses = x.Memory, fromService, false, nil
	case n.memoryFrom == fromNowhere && defaults.Memory > 0, n.memoryFrom == fromUse && defaults.Memory >= n.memory:
		n.memory, n.memoryFrom, n.assumes, n.uses = defaults.Memory, fromDefaults, false, nil
	}
	return n
}

// withProxy adds what the Service Connect proxy needs to what the containers of a
// task ask for: its memory always, its CPU where x-fargate says how much. A size
// that the files leave open has room for it.
func (z sizing) withProxy(k *task, n need) need {
	if !z.proxied {
		return n
	}
	if n.memoryFrom == fromContainers {
		n.memory += proxyMemory
		n.proxied = true
	}
	if units := z.X.Service(k.name()).Discovery.ProxyCPU; units > 0 {
		if n.cpuFrom == fromNowhere {
			n.cpu = defaultSize.cpu * 1e6 / 1024
		}
		n.cpu += units * 1e6 / 1024
		n.cpuFrom, n.proxied = fromContainers, true
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

// misfits are the reasons why the size that x-fargate gives a task cannot be used:
// ECS refuses a definition whose size Fargate does not have, or whose containers ask
// for more.
func (z sizing) misfits(k *task, n need) []refusal {
	sum := z.withProxy(k, k.needs(unknownLeast))
	var out []refusal
	if n.cpuFrom == fromService && n.cpu < sum.cpu {
		out = append(out, refusal{at(k.name(), xfargate.Key, "cpu"), "request at least that much, or leave it out",
			fmt.Sprintf("%s for the task, but %s %s", cpuText(n.cpu), sum.asker(), cpuText(sum.cpu))})
	}
	if n.memoryFrom == fromService && sum.memoryFrom == fromContainers && n.memory < sum.memory {
		out = append(out, refusal{at(k.name(), xfargate.Key, "memory"), "request at least that much, or leave it out",
			fmt.Sprintf("%s for the task, but %s %s", memoryText(n.memory), sum.asker(), memoryText(sum.memory))})
	}
	chosen, exists := n.size().smallest()
	odd := n.cpuFrom == fromService && chosen.cpu != n.size().cpu || n.memoryFrom == fromService && chosen.memory != n.memory
	if out == nil && exists && odd {
		out = append(out, n.refused(sizePath(z.base, k.name())))
	}
	return out
}

// refuseDefault checks the default size. If the sum of containers replaces one
// half of it, the other half is rounded up.
func (z sizing) refuseDefault() {
	d := z.X.Defaults
	n := need{cpu: d.CPU * 1e6 / 1024, memory: d.Memory, memoryFrom: fromDefaults}
	if d.CPU > 0 {
		n.cpuFrom = fromDefaults
	}
	if chosen, _ := n.size().smallest(); d.Memory > 0 && (chosen.memory != d.Memory || d.CPU > 0 && chosen.cpu != d.CPU) {
		z.refuse(n.refused(diag.Path{xfargate.Key, "defaults", "memory"}))
	}
}

// refused says of a size that Fargate does not have it.
func (n need) refused(path diag.Path) refusal {
	var near []string
	for _, s := range n.size().nearest(n.cpuFrom != fromNowhere) {
		near = append(near, s.String())
	}
	return refusal{path, "the nearest: " + strings.Join(near, ", "), fmt.Sprintf("Fargate has no task size of %s", n)}
}

// isDefault says whether all of a size is the same for every service.
func (n need) isDefault() bool {
	return (n.cpuFrom == fromNowhere || n.cpuFrom == fromDefaults) && (n.memoryFrom == fromNowhere || n.memoryFrom == fromDefaults)
}

// of says for how many containers the size is, if it is their sum.
func (n need) of(k *task) string {
	count := len(k.members)
	if k.routed() {
		count++
	}
	if n.cpuFrom == fromService || n.memoryFrom == fromService || !n.proxied && (count == 1 || n.isDefault()) {
		return ""
	}
	what := " by 1 container"
	if count > 1 {
		what = fmt.Sprintf(" by %d containers", count)
	}
	if n.proxied {
		what += " and the Service Connect proxy"
	}
	if n.assumes {
		what += fmt.Sprintf(", counting %s for each that sets no memory", memoryText(defaultShare))
	}
	return what
}

// asker says who asks for a size.
func (n need) asker() string {
	if n.proxied {
		return "its containers and the Service Connect proxy request"
	}
	return "its containers request"
}
