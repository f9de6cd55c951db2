package translate

import "github.com/compose2fargate/compose2fargate/diag"

// findNames finds those of all tasks that resolve where they are used. The ports and the
// names of services go by it. They are looked for once: no fact of an account changes them.
func findNames(b *base) nameUses {
	b.namesOnce.Do(func() { b.nameUses = searchNames(b) })
	return b.nameUses
}

// searchNames ends at the task where they are too many: refuseCrowd.
func searchNames(b *base) nameUses {
	dns := newDockerDNS(b.Project)
	out, left := nameUses{}, b.mostUses()
	for _, k := range b.tasks {
		if left < 0 {
			break
		}
		for _, m := range k.members {
			for _, use := range append(b.hostUses(m, dns.knows), b.textUses(m, dns.knows)...) {
				if of, ok := dns.lookup(m.Name, use.name); ok {
					out[m.Name] = append(out[m.Name], nameUse{use, m.Name, of})
					left--
				}
			}
		}
	}
	return out
}

// mostUses are more uses of names than a stack has. Each takes time, with every port of the
// service it names.
func (b *base) mostUses() int { return 20_000 + 20*len(b.Compose.Services) }

func refuseCrowd(b *base, named nameUses) {
	all := 0
	for _, uses := range named {
		all += len(uses)
	}
	if all > b.mostUses() {
		b.errorf(diag.Path{"services"}, "split the project, or leave out names that nothing needs",
			"variables, commands and files name services at more than %d places: no more are followed", b.mostUses())
	}
}
