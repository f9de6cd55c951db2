package translate

// nameUse is the use of a name that resolves under docker compose.
type nameUse struct {
	hostUse
	user string // the service that uses it
	of   dockerName
}

// nameUses are the names in the words and the files of services, by the service.
type nameUses map[string][]nameUse

// findNames finds those of all tasks that resolve where they are used. The ports and the
// names of services go by it.
func findNames(b *base) nameUses {
	dns := newDockerDNS(b.Project)
	out := nameUses{}
	for _, k := range b.tasks {
		for _, m := range k.members {
			for _, use := range append(b.hostUses(m, dns.knows), b.textUses(m, dns.knows)...) {
				if of, ok := dns.lookup(m.Name, use.name); ok {
					out[m.Name] = append(out[m.Name], nameUse{use, m.Name, of})
				}
			}
		}
	}
	return out
}
