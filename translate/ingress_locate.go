package translate

import (
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// locateGroup finds what a security group is for: a network, a service, or a load
// balancer.
func (p *Project) locateGroup(name string) diag.Pos {
	if network, ok := strings.CutPrefix(name, "net."); ok {
		return p.firstWritten([]string{"networks", network, "internal"}, []string{"networks", network}, []string{"services"})
	}
	if name == storageGroupAddress.Name {
		return p.firstWritten([]string{"volumes"}, []string{"services"})
	}
	service := strings.TrimPrefix(name, "service.")
	if _, ok := p.Compose.Services[service]; ok {
		return p.ofService(service, "x-fargate.ingress", "ports")
	}
	return p.firstWritten([]string{xKey, "load_balancer"}, []string{"services"})
}

// exposureFields are the keys of x-fargate.ingress that fields of target groups
// and rules come from.
var exposureFields = map[string]string{
	"healthCheck": "health", "hosts": "host", "paths": "path", "actions": "kind", "listenerArn": "listen",
	"attributes.deregistration_delay.timeout_seconds": "deregistration_delay", "attributes.stickiness.enabled": "stickiness",
}

// locateExposure takes the name of an exposure, SERVICE.PORT, and what follows it.
func (p *Project) locateExposure(name string, path []string) diag.Pos {
	for _, service := range p.Compose.ServiceNames() {
		rest, ok := strings.CutPrefix(name, service+".")
		port, _, _ := strings.Cut(rest, ".")
		number, err := strconv.Atoi(port)
		if !ok || err != nil || !p.opensPort(service, number) {
			continue
		}
		key := exposureFields[strings.Join(path[:min(len(path), 2)], ".")]
		if key == "" {
			key = exposureFields[path[0]]
		}
		ingress := at(service, xKey, "ingress", port)
		paths := [][]string{ingress, at(service, "ports")}
		if key != "" {
			paths = append([][]string{append(ingress[:len(ingress):len(ingress)], key)}, paths...)
		}
		if key == "health" {
			paths = append(paths[:1:1], at(service, "healthcheck", "test"), ingress, at(service, "ports"))
		}
		return p.firstWritten(append(paths, at(service))...)
	}
	return p.At("services")
}

// opensPort says whether a service may have an exposure of the port.
func (p *Project) opensPort(service string, port int) bool {
	for _, item := range p.Compose.Services[service].Ports {
		if int(item.Target) == port {
			return true
		}
	}
	_, ok := p.X.Service(service).Ingress[port]
	return ok
}
