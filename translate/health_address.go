package translate

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// fixedAddress is an address in a command line, without the port.
var fixedAddress = regexp.MustCompile(`[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}`)

// warnOfFixedAddress warns of a health check that asks at an address which docker gives: by
// ipv4_address, or in the subnet of a network. A task has an address of its own subnet.
func (b *base) warnOfFixedAddress(s container) {
	if s.step != nil || hasOtherWay(s.HealthCheck.Test) {
		return
	}
	for _, text := range fixedAddress.FindAllString(checkLine(s.HealthCheck.Test), -1) {
		address, err := netip.ParseAddr(text)
		if err != nil || !b.isDockerAddress(address) {
			continue
		}
		if strings.Contains(text, ":") {
			text = "[" + text + "]" // as URLs have it
		}
		help := "ask a service by its name"
		switch owner := b.ownerOf(address); {
		case owner != "" && b.taskOf[owner] == b.taskOf[s.Name]:
			help = "write localhost instead of " + text
		case owner != "":
			help = "write " + owner + " instead of " + text
		}
		b.warnf(s.at("healthcheck", "test"), help,
			"this check never succeeds, so that ECS would end each task: %s is an address of docker's network, and a task gets one from its subnet", text)
		return
	}
}

// isDockerAddress says whether docker gives an address to a container or a gateway here.
func (b *base) isDockerAddress(address netip.Addr) bool {
	if b.ownerOf(address) != "" {
		return true
	}
	for _, network := range b.Compose.Networks {
		for _, pool := range network.Ipam.Config {
			if subnet, err := netip.ParsePrefix(pool.Subnet); err == nil && subnet.Contains(address) {
				return true
			}
		}
	}
	return false
}

// ownerOf is the active service that has a fixed address, "" for none.
func (b *base) ownerOf(address netip.Addr) string {
	has := func(n *types.ServiceNetworkConfig) bool {
		return n != nil && slices.ContainsFunc([]string{n.Ipv4Address, n.Ipv6Address}, func(text string) bool {
			own, err := netip.ParseAddr(text)
			return err == nil && own == address
		})
	}
	for _, name := range b.Compose.ServiceNames() {
		for _, n := range b.Compose.Services[name].Networks {
			if has(n) {
				return name
			}
		}
	}
	return ""
}
