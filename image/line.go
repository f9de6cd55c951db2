package image

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// line is the way to one registry, for all that is read from it and pushed to it. A compose
// file may name a registry of a stranger: where that leads on to, by a redirect, as the
// server of its tokens or as a place for uploads, is on the public internet, over https. The
// registry itself is where the reference says.
type line struct {
	registry string // HOST or HOST:PORT
	proxy    func(*http.Request) (*url.URL, error)

	// Connections are kept apart by how they may be made: one that is open is used again
	// without a look at where it leads.
	plain, direct, proxied http.RoundTripper

	// internal: the registry has an address that is not public. Why it cannot be reached
	// would tell what there is in a network.
	internal atomic.Bool
}

// refusal is why a request is not made.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// newLine makes the way to a registry, over the proxy that a function names for a request.
// roots are the authorities to trust; nil: those of the machine.
func newLine(registry string, proxy func(*http.Request) (*url.URL, error), roots *x509.CertPool) *line {
	l := &line{registry: registry, proxy: proxy}
	transport := func(dial func(context.Context, string, string) (net.Conn, error)) *http.Transport {
		t := remote.DefaultTransport.(*http.Transport).Clone()
		t.DialContext, t.Proxy, t.TLSClientConfig = dial, nil, &tls.Config{RootCAs: roots}
		return t
	}
	proxied := transport(dialer(nil).DialContext)
	proxied.Proxy = proxy
	l.plain, l.direct, l.proxied = transport(dialer(l.onlyLoopback).DialContext), transport(l.dial), proxied
	return l
}

// dialer asks a function about each address that a name has, before it connects.
func dialer(admit func(netip.Addr) error) *net.Dialer {
	d := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second} // as the library has it
	if admit == nil {
		return d
	}
	d.Control = func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return admit(at.Addr())
	}
	return d
}

// dial connects for https. address is HOST:PORT.
func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	admit := func(at netip.Addr) error { return l.onlyPublic(address, at) }
	if l.isRegistry(address) {
		admit = l.anywhere
	}
	return dialer(admit).DialContext(ctx, network, address)
}

func (l *line) anywhere(at netip.Addr) error {
	if !isPublic(at) {
		l.internal.Store(true)
	}
	return nil
}

func (l *line) onlyPublic(address string, at netip.Addr) error {
	if isPublic(at) {
		return nil
	}
	host, _, _ := net.SplitHostPort(address)
	return l.leadsInside(host)
}

func (l *line) onlyLoopback(at netip.Addr) error {
	l.internal.Store(true)
	if at.Unmap().IsLoopback() {
		return nil
	}
	return &refusal{l.registry + " is not on this machine, and is not asked over plain http"}
}

func (l *line) leadsInside(host string) error {
	return &refusal{l.registry + " leads to " + host + ", which is not on the public internet, and which no image names"}
}

// isRegistry says whether HOST:PORT, asked over https, is what references name.
func (l *line) isRegistry(address string) bool {
	return strings.EqualFold(address, withPort(l.registry))
}

// withPort is HOST:PORT of a host that may have a port, else that of https.
func withPort(host string) string {
	u := url.URL{Host: host}
	if u.Port() != "" {
		return host
	}
	return net.JoinHostPort(u.Hostname(), "443")
}

// RoundTrip implements http.RoundTripper.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	by, err := l.by(r)
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // as a RoundTripper does
		}
		return nil, err
	}
	return by.RoundTrip(r)
}

// by is what makes a request; an error where it is not to be made.
func (l *line) by(r *http.Request) (http.RoundTripper, error) {
	if err := l.follows(r); err != nil {
		return nil, err
	}
	if r.URL.Scheme == "http" {
		return l.plain, l.mayBePlain(r.URL)
	}
	proxy, err := l.proxy(r)
	if err != nil || proxy == nil {
		return l.direct, err
	}
	return l.proxied, l.mayBeProxied(r)
}

// mostRedirects is as many as net/http follows by itself.
const mostRedirects = 10

// follows says whether a request may be made as the answer to a redirect, if it is one.
func (l *line) follows(r *http.Request) error {
	redirects := 0
	for at := r; at.Response != nil && at.Response.Request != nil; at = at.Response.Request {
		redirects++
		if at.URL.Scheme != "https" || at.Response.Request.URL.Scheme != "https" {
			return &refusal{l.registry + " redirects to " + cmp.Or(at.URL.Host, "no host") + ", and not from https to https"}
		}
	}
	if redirects > mostRedirects {
		return &refusal{l.registry + " redirects without an end"}
	}
	return nil
}

// mayBePlain says whether a URL may be asked for over http: the registry itself, and on this
// machine. Of the library any private address may.
func (l *line) mayBePlain(u *url.URL) error {
	host := strings.ToLower(u.Hostname())
	at, err := netip.ParseAddr(host)
	local := err == nil && at.Unmap().IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
	switch {
	case !strings.EqualFold(u.Host, l.registry):
		return &refusal{l.registry + " leads to " + u.Host + " over plain http"}
	case !local:
		return &refusal{l.registry + " does not answer over https, and over plain http only a registry of this machine is asked"}
	default:
		return nil
	}
}

// mayBeProxied says whether a proxy may be asked for a request: it would be the proxy that
// connects, so the addresses are looked up here. A name that only the proxy can look up is
// the proxy's to judge.
func (l *line) mayBeProxied(r *http.Request) error {
	host := r.URL.Hostname()
	if l.isRegistry(withPort(r.URL.Host)) {
		return nil
	}
	if _, err := netip.ParseAddr(host); err != nil && insideName.MatchString(host) {
		return l.leadsInside(host)
	}
	addresses, err := net.DefaultResolver.LookupNetIP(r.Context(), "ip", host) // of an address: itself
	if err != nil {
		return nil
	}
	for _, at := range addresses {
		if !isPublic(at) {
			return l.leadsInside(host)
		}
	}
	return nil
}

// insideName matches names that are of no public domain: those without a dot, and those in
// localhost (RFC 6761), local (RFC 6762), home.arpa (RFC 8375) and internal (reserved by ICANN
// for private use); and what some programs take for an IPv4 address, as 127.1 and 0x7f000001
// (WHATWG URL Standard, "ends in a number").
var insideName = regexp.MustCompile(`(?i)^[^.]+\.?$|\.(localhost|local|home\.arpa|internal|[0-9]+|0x[0-9a-f]*)\.?$`)

// special are the blocks that are not of the public internet beside those that netip knows
// (IANA IPv4 and IPv6 Special-Purpose Address Registries).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by the customers of a provider, and by VPNs
	netip.MustParsePrefix("192.0.0.0/24"),    // protocols of the IETF
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved
	netip.MustParsePrefix("64:ff9b:1::/48"),  // IPv4 within a network
	netip.MustParsePrefix("100::/64"),        // discarded
	netip.MustParsePrefix("2001::/23"),       // protocols of the IETF, Teredo among them
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4, which has an IPv4 address in it
	netip.MustParsePrefix("3fff::/20"),       // documentation
	netip.MustParsePrefix("5f00::/16"),       // segment routing
	netip.MustParsePrefix("fec0::/10"),       // site-local, deprecated
}

// translated is the block of IPv6 in whose last four bytes an IPv4 address is reached (RFC 6052).
var translated = netip.MustParsePrefix("64:ff9b::/96")

// isPublic says whether an address is one of the public internet.
func isPublic(at netip.Addr) bool {
	at = at.Unmap().WithZone("")
	if translated.Contains(at) {
		bytes := at.As16()
		at = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	if !at.IsGlobalUnicast() || at.IsPrivate() {
		return false
	}
	for _, block := range special {
		if block.Contains(at) {
			return false
		}
	}
	return true
}

// onlyHTTPS is a way on which nothing goes over plain http.
type onlyHTTPS struct{ *line }

// RoundTrip implements http.RoundTripper.
func (o onlyHTTPS) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" {
		return o.line.RoundTrip(r)
	}
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return nil, &refusal{o.registry + " does not answer over https, and credentials of a secret are sent over nothing else"}
}

// briefly is a way for what describes images, of which nobody answers with more than is read
// into memory: manifests have at most 4 MiB (OCI distribution specification, "Pushing
// Manifests"), configurations about that.
type briefly struct{ *line }

const longestAnswer = 16 << 20

// RoundTrip implements http.RoundTripper.
func (b briefly) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.line.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = &limited{answer.Body, longestAnswer, b.line}
	return answer, nil
}

// limited is the body of an answer that ends in an error where it is too long.
type limited struct {
	io.ReadCloser
	left int64
	line *line
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, &refusal{l.line.registry + " answers with more than describes an image"}
	}
	n, err := l.ReadCloser.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}
