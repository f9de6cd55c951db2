package translate

import (
	"cmp"
	"slices"
	"strings"
)

// suggest adds to the ports of the services those at which the files call them, and
// those at which they say themselves that they listen. One at which nobody listens costs
// nothing; without it, a call of the name fails.
func (ports openPorts) suggest(b *base, named nameUses) {
	s := suggestions{base: b, ports: ports, called: map[string]bool{}, found: map[string][]openPort{}}
	s.calls(named)
	for _, k := range b.tasks {
		taken := map[int]bool{}
		for _, m := range k.members {
			for _, p := range ports.of(m.Name) {
				taken[p.port] = true
			}
		}
		for _, m := range k.members {
			known := ports[m.Name]
			known.suggested = s.of(m, taken)
			ports[m.Name] = known
		}
	}
}

// suggestions collects where services are called, and at which ports.
type suggestions struct {
	*base
	ports  openPorts
	called map[string]bool       // services whose names are used
	found  map[string][]openPort // by service
}

// maxSuggested are more ports than any program listens on.
const maxSuggested = 100

// of are the ports of a container that are not taken yet.
func (s suggestions) of(m container, taken map[int]bool) []openPort {
	if !s.called[m.Name] || !s.X.Service(m.Name).Discovery.Connects() {
		return nil
	}
	var out []openPort
	for _, p := range slices.Concat(s.found[m.Name], listening(m), s.listeningTexts(m)) {
		p.pos = cmp.Or(p.pos, s.At(p.path...))
		if len(out) < maxSuggested && !taken[p.port] && !s.ports.listens(m.Name, p.port, "udp") {
			taken[p.port] = true
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b openPort) int { return cmp.Compare(a.port, b.port) })
	return out
}

// calls notes down who is called where.
func (s suggestions) calls(named nameUses) {
	for _, k := range s.tasks {
		for _, m := range k.members {
			for service := range m.DependsOn {
				s.called[s.netOwner(service)] = true
			}
			for _, link := range m.Links {
				service, _, _ := strings.Cut(link, ":")
				s.called[s.netOwner(service)] = true
			}
			for _, use := range named[m.Name] {
				s.call(m, use)
			}
		}
	}
}

// call notes down one use of a name. Containers of one task are not called by their
// names.
func (s suggestions) call(m container, use nameUse) {
	of := use.of
	if of.service == "" || s.X.Services[of.service].Gone() {
		return
	}
	if !use.sure { // MQ: mosquitto
		s.called[of.service] = s.called[of.service] || of.kind == byService && m.Name != of.service
		return
	}
	if s.taskOf[m.Name] == s.taskOf[of.service] && s.netOwner(m.Name) != s.netOwner(of.service) {
		return
	}
	s.called[of.service] = true
	if use.port > 0 && !use.udp {
		s.found[of.service] = append(s.found[of.service], openPort{port: use.port, protocol: "tcp", path: use.path, pos: use.pos})
	}
}
