package translate

import (
	"net"
	"slices"
	"strings"
)

// privateDomains are top-level domains that no public name is of: those of RFC 6761 and
// 6762, what people use like them (RFC 6762, appendix G), and .internal (ICANN, 2024).
var privateDomains = strings.Fields("local internal lan home corp private intranet localdomain test invalid localhost docker arpa")

// isPublicName says whether a name may be one of the public DNS, by its form. An authority
// gives certificates for it without looking into its DNS: of a wildcard it would.
func isPublicName(host string) bool {
	at := strings.LastIndexByte(host, '.')
	return at > 0 && net.ParseIP(strings.Trim(host, "[]")) == nil && !strings.Contains(host, "*") &&
		!slices.Contains(privateDomains, strings.ToLower(host[at+1:]))
}
