package spec

import "strings"

// The functions in this file are the Owner of a kind: they read the compose
// service out of the name of a resource that is made for it.

// shared is for kinds whose resources are for several services, whatever their names.
func shared(string) string { return "" }

// itself is for kinds whose resources have the name of the service.
func itself(name string) string { return name }

// beforeDot is for names such as web.execution and web.8080.
func beforeDot(name string) string {
	return name[:max(0, strings.LastIndexByte(name, '.'))]
}

// beforePort is SERVICE of SERVICE.PORT and of SERVICE.PORT.N.
func beforePort(name string) string {
	service := beforeDot(name)
	if last := service[strings.LastIndexByte(service, '.')+1:]; last != service && strings.Trim(last, "0123456789") == "" {
		return beforeDot(service)
	}
	return service
}

// ownerOfGroup knows the security groups that several services share: those of
// networks and of load balancers.
func ownerOfGroup(name string) string {
	if strings.HasPrefix(name, "net.") || strings.HasPrefix(name, "load-balancer.") {
		return ""
	}
	return name
}
