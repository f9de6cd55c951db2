package translate

import "strings"

// networkKeys are about who reaches whom.
var networkKeys = []Key{
	framed("services.*.networks", "the security groups of the task"),
	framed("services.*.networks.*", ""),
	later("services.*.networks.*.aliases", "the service is reached by its service name only", "use the service name in its clients"),
	ignored("services.*.networks.*.driver_opts", "a task has one network interface, with no options", "").noted(),
	ignored("services.*.networks.*.gw_priority", "a task has one network interface", "").noted(),
	ignored("services.*.networks.*.priority", "a task has one network interface", "").noted(),
	ignored("services.*.networks.*.interface_name", "a task has one network interface", ""),
	ignored("services.*.networks.*.ipv4_address", "each task gets an address of its subnet", "reach the service by its name"),
	ignored("services.*.networks.*.ipv6_address", "each task gets an address of its subnet", "reach the service by its name"),
	ignored("services.*.networks.*.link_local_ips", "each task gets an address of its subnet", "reach the service by its name"),
	ignored("services.*.networks.*.mac_address", "each task gets a network interface of its own", ""),
	ignored("services.*.networks.*.use_service_name_alias", "the service is reached by its service name on all its networks", "").
		of("false", is("false")).noted(),

	mapped("services.*.network_mode", "").of("bridge, default", is("bridge", "default")),
	mapped("services.*.network_mode", "the two services share a task").of("service:NAME", hasPrefix("service:")),
	notYet("services.*.network_mode", "the container is not of this stack", "write network_mode: service:NAME").
		of("container:NAME", hasPrefix("container:")),
	approximated("services.*.network_mode", "each task has a network interface of its own: its ports are on no host, "+
		"and other services are not on localhost", "").of("host", is("host")),
	refused("services.*.network_mode", "a task pulls its image and sends its logs through its own network interface",
		"leave network_mode out, and give the service a network with internal: true").of("none", is("none")),
	refused("services.*.network_mode", "the network is not of this stack", "declare it under networks and list it at the service"),

	approximated("services.*.links", "not supported yet, the service is reached by its service name only",
		"use the service name in its clients").of("SERVICE:ALIAS", some(hasAlias)),
	mapped("services.*.links", "services reach each other by name anyway"),
	refused("services.*.external_links", "the containers are not of this stack", "give their addresses in the environment"),
	ignored("services.*.hostname", "tasks are reached by service name, and this is the name", "").
		of("the service name", func(u use) bool { return u.asks() && u.text() == u.service }).noted(),
	ignored("services.*.hostname", "a task's host name is that of its network interface; others find the service by its service name",
		"use the service name in its clients"),
	ignored("services.*.domainname", "a task's host name is that of its network interface", ""),
	ignored("services.*.extra_hosts", "Fargate cannot add to /etc/hosts; there is no Docker host to reach either",
		"give addresses in the environment, or in a private DNS zone of the VPC"),
	ignored("services.*.dns", "tasks ask the DNS server of the VPC", "change the DHCP options of the VPC"),
	ignored("services.*.dns_opt", "tasks ask the DNS server of the VPC", ""),
	ignored("services.*.dns_search", "tasks ask the DNS server of the VPC", "change the DHCP options of the VPC"),
	ignored("services.*.mac_address", "each task gets a network interface of its own", ""),
}

// hasAlias sees a link that names the service otherwise than it is named.
func hasAlias(link string) bool {
	service, alias, ok := strings.Cut(link, ":")
	return ok && alias != service
}

// portKeys are about what is open to whom. What a port becomes depends on all
// its attributes, so the mapping of ports speaks for itself.
var portKeys = []Key{
	framed("services.*.ports", ""),
	mapped("services.*.ports.[].target", ""),
	mapped("services.*.ports.[].published", ""),
	mapped("services.*.ports.[].protocol", ""),
	mapped("services.*.ports.[].host_ip", ""),
	mapped("services.*.ports.[].name", ""),
	mapped("services.*.ports.[].app_protocol", ""),
	ignored("services.*.ports.[].mode", "each task has a network interface of its own", "").of("host", is("host")).noted(),
	mapped("services.*.ports.[].mode", ""),
	mapped("services.*.expose", ""),
}
