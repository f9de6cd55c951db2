package translate

import (
	"strings"
)

// networkKeys are about who reaches whom.
var networkKeys = []Key{
	framed("services.*.networks", "the security groups of the task").to("service: networkConfiguration.securityGroups"),
	framed("services.*.networks.*", "").to("service: networkConfiguration.securityGroups"),
	ignored("services.*.networks.*.aliases", "each port has one name on Fargate, the name of its service", "").
		of("used in the files, where it is said", usedAliases).noted(),
	ignored("services.*.networks.*.aliases", "each port has one name on Fargate, the name of its service",
		"use the service name in its clients"),
	ignored("services.*.networks.*.driver_opts", "a task has one network interface, with no options", "").noted(),
	ignored("services.*.networks.*.gw_priority", "a task has one network interface", "").noted(),
	ignored("services.*.networks.*.priority", "a task has one network interface", "").noted(),
	ignored("services.*.networks.*.interface_name", "a task has one network interface", ""),
	ignored("services.*.networks.*.ipv4_address", "each task gets an address from its subnet", "reach the service by its name"),
	ignored("services.*.networks.*.ipv6_address", "each task gets an address from its subnet", "reach the service by its name"),
	ignored("services.*.networks.*.link_local_ips", "each task gets an address from its subnet", "reach the service by its name"),
	ignored("services.*.networks.*.mac_address", "each task gets a network interface of its own", ""),
	ignored("services.*.networks.*.use_service_name_alias", "the service is reachable by its service name on all its networks", "").
		of("false", is("false")).noted(),

	mapped("services.*.network_mode", "").of("bridge, default", is("bridge", "default")),
	mapped("services.*.network_mode", "the two services share a task").of("service:NAME, container:NAME in this stack", ofTheseFiles),
	refused("services.*.network_mode", "the container is not part of this stack", "name a service in this stack, or leave network_mode out").
		of("container:NAME", hasPrefix("container:")),
	approximated("services.*.network_mode", "each task has a network interface of its own: its ports are not open on a host, "+
		"and other services are not on localhost", "").of("host", is("host")),
	refused("services.*.network_mode", "a task needs its network interface to pull its image and to send its logs",
		"leave network_mode out, and give the service a network with internal: true").of("none", is("none")),
	refused("services.*.network_mode", "the network is not part of this stack", "declare it under networks and list it at the service"),

	approximated("services.*.links", "link aliases do not resolve on Fargate: Service Connect publishes the service name only",
		"use the service name").to("service: serviceConnectConfiguration").of("SERVICE:ALIAS", some(hasAlias)),
	mapped("services.*.links", "the service is reachable by its name"),
	refused("services.*.external_links", "the containers are not part of this stack", "pass their addresses in the environment"),
	ignored("services.*.hostname", "this is the service name, by which other services reach it", "").
		of("the service name", func(u use) bool { return u.asks() && u.text() == u.service }).noted(),
	ignored("services.*.hostname", "a task's host name is that of its network interface; other services reach it by its service name",
		"").noted(),
	ignored("services.*.domainname", "a task's host name is that of its network interface", ""),
	ignored("services.*.extra_hosts", "Fargate cannot add to /etc/hosts, and a task has no Docker host to reach",
		"run it somewhere tasks can reach, and pass its address in the environment").
		of("HOST:host-gateway", only(isDockerHost)),
	ignored("services.*.extra_hosts", "Fargate cannot add to /etc/hosts, and a task has no Docker host to reach",
		"pass addresses in the environment, or put them into a private DNS zone of the VPC").
		of("some HOST:host-gateway", some(isDockerHost)),
	ignored("services.*.extra_hosts", "Fargate cannot add to /etc/hosts",
		"pass addresses in the environment, or put them into a private DNS zone of the VPC"),
	ignored("services.*.dns", "tasks use the DNS server of the VPC", "change the DHCP options of the VPC"),
	ignored("services.*.dns_opt", "tasks use the DNS server of the VPC", ""),
	ignored("services.*.dns_search", "tasks use the DNS server of the VPC", "change the DHCP options of the VPC"),
	ignored("services.*.mac_address", "each task gets a network interface of its own", ""),
}

// hasAlias sees a link that names the service otherwise than it is named.
func hasAlias(link string) bool {
	service, alias, ok := strings.Cut(link, ":")
	return ok && alias != service
}

// portKeys are about who can reach which port. What a port becomes depends on
// all its attributes, so the code that maps ports reports it.
var portKeys = []Key{
	framed("services.*.ports", "").to("containerDefinitions.portMappings"),
	mapped("services.*.ports.[].target", "").to("containerDefinitions.portMappings.containerPort"),
	mapped("services.*.ports.[].published", "").to("listener: port"),
	mapped("services.*.ports.[].protocol", "").to("containerDefinitions.portMappings.protocol"),
	mapped("services.*.ports.[].host_ip", "").to("security group: ingress"),
	mapped("services.*.ports.[].name", "").to("containerDefinitions.portMappings.name"),
	mapped("services.*.ports.[].app_protocol", "").to("containerDefinitions.portMappings.appProtocol"),
	ignored("services.*.ports.[].mode", "each task has a network interface of its own", "").of("host", is("host")).noted(),
	mapped("services.*.ports.[].mode", "").to(""),
	mapped("services.*.expose", "").to("containerDefinitions.portMappings, service: serviceConnectConfiguration"),
}
