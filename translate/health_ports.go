package translate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// warnOfHostPort warns of a health check that asks the container at a port of the machine:
// ports: ["8085:3000"] and localhost:8085. Nothing answers there in the container.
func (b *base) warnOfHostPort(s container) {
	if s.step != nil || hasOtherWay(s.HealthCheck.Test) {
		return
	}
	for _, port := range checkedPorts(s) {
		target := b.behind(s, port)
		if target == 0 || b.mayListen(s, port) {
			continue
		}
		b.warnf(s.at("healthcheck", "test"), fmt.Sprintf("write %d instead, as in localhost:%d", target, target),
			"this check never succeeds, so that ECS would end each task: port %d is one of the machine, which leads to %d in the container", port, target)
		return
	}
}

// behind is the port of a container to which a port of the machine leads, 0 for none.
func (b *base) behind(s container, port int) int {
	for _, m := range b.taskOf[s.Name].members {
		for _, p := range m.Ports {
			if p.Published == strconv.Itoa(port) && p.Protocol != "udp" {
				return int(p.Target)
			}
		}
	}
	return 0
}

// mayListen says whether a program in the task of a container may listen at a port: it is
// known, or written anywhere else than in a health check.
func (b *base) mayListen(s container, port int) bool {
	names := func(words string) bool { return hasNumber(words, port) }
	for _, m := range b.taskOf[s.Name].members {
		words := slices.Concat([]string(m.Command), []string(m.Entrypoint), []string(m.Expose))
		for _, value := range m.Environment {
			if value != nil && !strings.Contains(*value, "://") {
				words = append(words, *value)
			}
		}
		if built := b.builtImageOf(m); built != nil {
			for _, stage := range built.chain() {
				words = append(words, stage.lines...)
			}
		}
		target := slices.ContainsFunc(m.Ports, func(p types.ServicePortConfig) bool { return int(p.Target) == port })
		if target || b.frontedPort(m, port) || slices.ContainsFunc(words, names) || slices.Contains(knownOf(b.kindOfImage(m)).Ports, port) ||
			slices.Contains(imagePorts(b.facts.Images, b.baseImage(m), "tcp"), port) {
			return true
		}
	}
	return false
}
