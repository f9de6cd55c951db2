package translate

import (
	"path"
	"slices"
	"strings"
)

// isOnlyRead says whether a directory with something in it is mounted where images look for
// scripts and settings when they start, and write nothing: whatever its name is, it is no
// data.
func (m *bindMount) isOnlyRead() bool { return m.host.filled && isReadPlace(m.target) }

// isReadPlace says whether a path is one of which programs read what others put there:
// directories of drop-in files (conf.d, docker-entrypoint-initdb.d), and those of settings.
func isReadPlace(target string) bool {
	base := path.Base(target)
	switch {
	case slices.Contains(writtenSettings, target):
		return false
	case path.Ext(base) == ".d" && base != ".d", slices.Contains(readNames, base):
		return true
	case slices.Contains(dataTargets, target), namesData(base):
		return false
	default:
		return within(target, "/etc") && !slices.ContainsFunc(writtenSettings, func(place string) bool { return within(target, place) })
	}
}

var (
	readNames = strings.Fields("provisioning sites-enabled sites-available modules-enabled")
	// writtenSettings are directories in /etc in which images keep what they write.
	writtenSettings = strings.Fields(`/etc/letsencrypt /etc/pihole /etc/wireguard /etc/openvpn /etc/gitlab /etc/x-ui /etc/asterisk /etc/headscale
		/etc/zerotier /etc/acme /etc/acme.sh /etc/traefik/acme /etc/dnsmasq.d`)
)
