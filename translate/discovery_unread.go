package translate

// sayUnread says which texts were not searched for the names of services.
func (d *discovery) sayUnread() {
	for _, u := range d.unread {
		d.notef(u.path, "where only those files name a port, give the service that listens there x-fargate: {discovery: {ports: [PORT]}}",
			"%s not searched for the names of services: %s", u.what, u.why)
	}
}
