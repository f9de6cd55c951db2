package translate

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// localSite is a port of HTTP that the files publish on the machine alone.
type localSite struct {
	publication
	member container
	pos    diag.Pos
}

func (l localSite) String() string { return fmt.Sprintf("%s:%d", l.member.Name, l.Target) }

// sayLoopback speaks of HTTP ports that the files publish on the machine alone. There it
// is for a proxy beside docker, or for whoever sits at it; in the account nothing leads to
// them, which is worth a warning where nothing leads to the stack at all.
func sayLoopback(b *base, published publishedPorts) {
	sites := localSites(b)
	if len(sites) == 0 {
		return
	}
	first := sites[0]
	names := make([]string, len(sites))
	for i, l := range sites {
		names[i] = l.String()
	}
	help := func(settings string) string {
		return "for what others are to reach, write " + ingressLine(int(first.Target), settings) + " in its service"
	}
	text := "published on %s alone, as for a proxy on the machine: in the account no load balancer leads to %s"
	if len(published) > 0 {
		b.notef(first.path, help("kind: http"), text, first.HostIP, listed(names))
		return
	}
	b.ds.Warnf(first.pos, compose.Dotted(first.path), help("kind: http, listen: 80"), text+", nor to anything else of this stack", first.HostIP, listed(names))
}

// localSites are in the order of the files.
func localSites(b *base) []localSite {
	var out []localSite
	for _, k := range b.tasks {
		for _, m := range k.members {
			for i, p := range m.Ports {
				path := m.at("ports", strconv.Itoa(i))
				if l := (localSite{publication{p, path}, m, b.At(path...)}); b.isLocalSite(l) {
					out = append(out, l)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b localSite) int { return a.pos.Compare(b.pos) })
	return out
}

// isLocalSite says whether the files say nothing else of the port.
func (b *base) isLocalSite(l localSite) bool {
	port := int(l.Target)
	_, named := b.X.Service(l.member.Name).Ingress[port]
	onMachine, _ := strconv.Atoi(l.Published)
	return loopback(l.HostIP) && !named && b.knownPortOf(l.member, port).Private == "" && b.speaksHTTP(l.member, port, []int{onMachine})
}
