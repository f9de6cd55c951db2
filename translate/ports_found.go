package translate

// findPorts goes through the containers of all tasks, and says what is wrong with
// their ports.
func findPorts(b *base, named nameUses) openPorts {
	ports := openPorts{}
	for _, k := range b.tasks {
		for _, m := range k.members {
			ports[m.Name] = containerPorts{written: writtenPorts(b, m), udp: imageListens(b, m, "udp")}
		}
		ports.imply(b, k)
		ports.refuseDouble(b, k)
	}
	ports.suggest(b, named)
	for _, k := range b.tasks {
		if b.isRun(k) { // nobody waits for what ends
			ports[k.name()] = containerPorts{}
		}
	}
	return ports
}
