package translate

import (
	"slices"
	"strings"
)

// fits says whether the size that x-fargate gives a task is one that Fargate has
// and that holds its containers: ECS refuses the definition else.
func (t *translation) fits(k *task, n need) bool {
	sum := t.withProxy(k, k.needs())
	ok := true
	if n.cpuFrom == fromService && n.cpu < sum.cpu {
		t.errorf(at(k.name(), xKey, "cpu"), "ask for no less, or leave it out", "%s for the task, %s for %s", cpuText(n.cpu), sum.asker(), cpuText(sum.cpu))
		ok = false
	}
	if n.memoryFrom == fromService && sum.memoryFrom == fromContainers && n.memory < sum.memory {
		t.errorf(at(k.name(), xKey, "memory"), "ask for no less, or leave it out", "%s for the task, %s for %s", memoryText(n.memory), sum.asker(), memoryText(sum.memory))
		ok = false
	}
	chosen, exists := n.size().smallest()
	odd := n.cpuFrom == fromService && chosen.cpu != n.size().cpu || n.memoryFrom == fromService && chosen.memory != n.memory
	if ok && exists && odd {
		t.refuseSize(t.sizePath(k.name()), n)
		return false
	}
	return ok
}

// refuseDefaultSize looks at the default size by itself. Where the sum of
// containers stands for one half of it, the other half is rounded up.
func (t *translation) refuseDefaultSize() {
	d := t.X.Defaults
	n := need{cpu: d.CPU * 1e6 / 1024, memory: d.Memory, memoryFrom: fromDefaults}
	if d.CPU > 0 {
		n.cpuFrom = fromDefaults
	}
	if chosen, _ := n.size().smallest(); d.Memory > 0 && (chosen.memory != d.Memory || d.CPU > 0 && chosen.cpu != d.CPU) {
		t.refuseSize([]string{xKey, "defaults", "memory"}, n)
	}
}

func (t *translation) refuseSize(path []string, n need) {
	var near []string
	for _, s := range n.nearest() {
		near = append(near, s.String())
	}
	t.errorf(path, "the nearest: "+strings.Join(near, ", "), "Fargate has no task of %s", n)
}

// nearest are the sizes beside one that Fargate does not have: the next ones of
// the same CPU, where that is given, and the smallest that holds it.
func (n need) nearest() []size {
	asked := n.size()
	var below, above size
	for _, row := range fargateSizes {
		if n.cpuFrom != fromNowhere && row.cpu != asked.cpu {
			continue
		}
		for _, memory := range row.memory {
			switch {
			case memory < asked.memory && memory > below.memory:
				below = size{row.cpu, memory}
			case memory >= asked.memory && (above == size{} || memory < above.memory):
				above = size{row.cpu, memory}
			}
		}
	}
	out := []size{below, above}
	if holds, ok := asked.smallest(); ok {
		out = append(out, holds)
	}
	out = slices.DeleteFunc(out, func(s size) bool { return s == size{} })
	return slices.Compact(out)
}
