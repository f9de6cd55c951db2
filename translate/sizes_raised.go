package translate

import (
	"cmp"
	"strconv"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// raises says whether it counts in place of what the files give. A reservation is no limit
// under docker, and holds no program back.
func (l leastMemory) raises(a ask) bool {
	return a.memory == 0 && l.mib > cmp.Or(a.reservation, defaultShare)
}

// unknownLeast is for those who only count what the files give.
func unknownLeast(container) leastMemory { return leastMemory{} }

// whyUse tells why more memory is counted than a container without a size gets.
func (n need) whyUse() string {
	var parts []string
	for _, l := range n.uses {
		parts = append(parts, memoryText(l.mib)+" "+l.why)
	}
	return reasons(parts...)
}

// raisedSizes are the sizes of tasks that give no memory and are known to need more than
// the default, by what is said of them: one line for all nodes of a cluster.
type raisedSizes map[string]*raisedSize

type raisedSize struct {
	path     diag.Path
	services []string
}

func (r raisedSizes) add(k *task, n need, chosen size) {
	if n.memoryFrom != fromUse {
		return
	}
	text := chosen.String() + ": " + n.whyUse()
	if r[text] == nil {
		r[text] = &raisedSize{path: n.uses[0].path}
	}
	r[text].services = append(r[text].services, k.name())
}

func (r raisedSizes) say(b *base) {
	for _, text := range sortedKeys(r) {
		b.notef(r[text].path, "set another size under deploy.resources.limits or x-fargate",
			"no memory limit is given for %s, which gets %s", compose.Quoted(r[text].services), text)
	}
}

// formerlySized tells what the releases sent that did not look for what a program needs.
func (z sizing) formerlySized(k *task, chosen size) {
	was, ok := z.needWith(k, unknownLeast).size().smallest()
	if !ok {
		return
	}
	address := taskDefinitionAddress(k.name())
	if was.cpu != chosen.cpu {
		z.formerly(address, "cpu", strconv.Itoa(was.cpu))
	}
	if was.memory != chosen.memory {
		z.formerly(address, "memory", strconv.Itoa(was.memory))
	}
}
