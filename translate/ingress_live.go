package translate

import "slices"

// liveKind is the kind of a published port that is live: http, tcp or udp; "" where it
// is not, or not known to be.
func (f publisher) liveKind(m container, port int) string {
	return f.facts.Published[publishedName(m.Name, port)]
}

// isGiven says whether a published port that is live is of its kind because the files
// gave it.
func (f publisher) isGiven(m container, port int) bool {
	return slices.Contains(f.facts.Given, publishedName(m.Name, port))
}

// isLive says whether load balancers lead to a container port now.
func (f publisher) isLive(m container, port int) bool { return f.liveKind(m, port) != "" }

// mayPublish says whether the files have anything of which it matters whether it is live.
func mayPublish(b *base) bool {
	return slices.ContainsFunc(b.tasks, func(k *task) bool {
		return slices.ContainsFunc(k.members, func(m container) bool { return len(m.Ports) > 0 || b.routesOf(m.Name) != nil })
	})
}
