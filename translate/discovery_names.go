package translate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// dockerDNS knows the names that resolve under docker compose, in lower case:
// Docker's DNS tells no case (moby/libnetwork#2394). Services that are left out here
// have names there.
type dockerDNS struct {
	*Project
	names map[string][]dockerName
}

func newDockerDNS(p *Project) *dockerDNS {
	dns := &dockerDNS{Project: p, names: map[string][]dockerName{}}
	for _, s := range dns.services() {
		dns.addService(s)
	}
	for _, name := range sortedKeys(p.Compose.Services) {
		s := p.Compose.Services[name]
		for _, link := range s.Links {
			if target, alias, ok := strings.Cut(link, ":"); ok && alias != target {
				dns.add(alias, dockerName{service: target, kind: byLink, user: name})
			}
		}
		for _, host := range sortedKeys(s.ExtraHosts) {
			address := strings.Join(s.ExtraHosts[host], ", ")
			kind := byExtraHost
			if isDockerHost(host + ":" + address) {
				kind = byDocker
			}
			dns.add(host, dockerName{kind: kind, user: name, address: address})
		}
	}
	for _, name := range dockerHosts {
		dns.add(name, dockerName{kind: byDocker})
	}
	return dns
}

// dockerHosts are the names of Docker's machine, and its address on the default bridge ("Docker container
// networking" of the Engine user guide: docker0 has 172.17.0.1, of 172.17.0.0/16).
var dockerHosts = []string{"host.docker.internal", "gateway.docker.internal", "172.17.0.1"}

func (dns *dockerDNS) add(name string, d dockerName) {
	if name = strings.ToLower(name); name != "" && !slices.Contains(dns.names[name], d) {
		dns.names[name] = append(dns.names[name], d)
	}
}

// knows says whether a name resolves for any service.
func (dns *dockerDNS) knows(name string) bool { return len(dns.names[strings.ToLower(name)]) > 0 }

// isDockerHost sees an entry that stands for the machine of Docker.
func isDockerHost(entry string) bool {
	return strings.HasPrefix(entry, "host.docker.internal") || strings.HasSuffix(entry, "host-gateway")
}

// services are the services that docker compose would start, by name.
func (dns *dockerDNS) services() []types.ServiceConfig {
	var out []types.ServiceConfig
	for _, name := range sortedKeys(dns.Compose.Services) {
		out = append(out, dns.Compose.Services[name])
	}
	for _, name := range sortedKeys(dns.Compose.DisabledServices) {
		if dns.X.Services[name].Gone() {
			out = append(out, dns.Compose.DisabledServices[name])
		}
	}
	return out
}

// addService adds the names of one service, and each with the name of a network behind
// it, which Docker's DNS has as a domain.
func (dns *dockerDNS) addService(s types.ServiceConfig) {
	own := map[string]nameKind{s.Name: byService}
	if s.ContainerName != "" {
		own[s.ContainerName] = byContainer
	}
	for i := 1; s.ContainerName == "" && i <= min(s.GetScale(), 20); i++ {
		own[dns.Name+"-"+s.Name+"-"+strconv.Itoa(i)] = byContainer
		own[dns.Name+"_"+s.Name+"_"+strconv.Itoa(i)] = byContainer // docker-compose 1
	}
	if _, ok := own[s.Hostname]; !ok && s.Hostname != "" {
		own[s.Hostname] = byHostname
	}
	for _, name := range sortedKeys(own) {
		dns.add(name, dockerName{service: s.Name, kind: own[name]})
	}
	for network := range dns.networksOf(s.Name) {
		names := sortedKeys(own)
		if config := s.Networks[network]; config != nil {
			for _, alias := range config.Aliases {
				dns.add(alias, dockerName{service: s.Name, kind: byAlias, network: network})
				names = append(names, alias)
			}
		}
		for _, name := range names {
			dns.add(name+"."+dns.Compose.Networks[network].Name, dockerName{service: s.Name, kind: byNetwork, network: network})
		}
	}
}

// netOwner is the service whose network interface a service uses under docker
// compose: its own, or that of the one in network_mode.
func (p *Project) netOwner(service string) string {
	for range len(p.Compose.Services) {
		next, ok := p.named(p.Compose.Services[service].NetworkMode)
		if !ok || !p.HasService(next) {
			return service
		}
		service = next
	}
	return service
}

// networksOf are the networks on which a service has its names.
func (dns *dockerDNS) networksOf(service string) map[string]bool {
	s, ok := dns.Compose.Services[service]
	if !ok {
		s = dns.Compose.DisabledServices[service]
	}
	out := map[string]bool{}
	for network := range s.Networks {
		out[network] = true
	}
	if len(out) == 0 && s.NetworkMode == "" {
		out[defaultNetwork] = true
	}
	return out
}

// lookup resolves a name as docker compose does for a service; not ok if it
// does not resolve there. The name of a service takes precedence over other
// names.
func (dns *dockerDNS) lookup(user, name string) (dockerName, bool) {
	mine := dns.networksOf(dns.netOwner(user))
	var found []dockerName
	for _, d := range dns.names[strings.ToLower(name)] {
		if dns.sees(mine, user, d) {
			found = append(found, d)
		}
	}
	if len(found) == 0 {
		return dockerName{}, false
	}
	return slices.MinFunc(found, func(a, b dockerName) int { return cmp.Compare(a.kind, b.kind) }), true
}

// sees says whether a service on some networks can resolve a name.
func (dns *dockerDNS) sees(networks map[string]bool, user string, d dockerName) bool {
	switch {
	case d.user != "" && d.user != user:
		return false
	case d.service == "":
		return true
	case d.network != "":
		return networks[d.network]
	}
	for network := range dns.networksOf(d.service) {
		if networks[network] {
			return true
		}
	}
	return false
}
