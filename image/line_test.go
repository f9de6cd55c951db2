package image

import (
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// secureHub is a registry over https, and what trusts it.
func secureHub(t *testing.T, answer http.Handler) (host string, roots *x509.CertPool) {
	t.Helper()
	server := httptest.NewUnstartedServer(answer)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	roots = x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return strings.TrimPrefix(server.URL, "https://"), roots
}

func trusting(roots *x509.CertPool) *Registries {
	r := New(Options{Patience: 20 * time.Second, Pause: time.Millisecond})
	r.roots = roots
	return r
}

// leading are the ways in which a registry leads somewhere else: to is its URL.
var leading = map[string]func(w http.ResponseWriter, r *http.Request, to string){
	"a redirect of the first question": func(w http.ResponseWriter, r *http.Request, to string) {
		http.Redirect(w, r, to+"/v2/", http.StatusFound)
	},
	"a redirect of a manifest": func(w http.ResponseWriter, r *http.Request, to string) {
		if r.URL.Path != "/v2/" {
			http.Redirect(w, r, to+"/internal", http.StatusTemporaryRedirect)
		}
	},
	"a second redirect": func(w http.ResponseWriter, r *http.Request, to string) {
		switch r.URL.Path {
		case "/v2/":
		case "/again":
			http.Redirect(w, r, to+"/internal", http.StatusSeeOther)
		default:
			http.Redirect(w, r, "/again", http.StatusPermanentRedirect)
		}
	},
	"the server of its tokens": func(w http.ResponseWriter, _ *http.Request, to string) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+to+`/token",service="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	},
	"a redirect of the server of its tokens": func(w http.ResponseWriter, r *http.Request, to string) {
		if r.URL.Path == "/token" {
			http.Redirect(w, r, to+"/token", http.StatusFound)
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="https://`+r.Host+`/token",service="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	},
}

// where says where a registry leads, or how.
var where = regexp.MustCompile(` leads to \S+, which is not on the public internet| leads to \S+ over plain http| redirects to \S+, and not from https to https| names a server of tokens that is not asked over https`)

// TestARegistryLeadsNowhereInside, whatever it answers: what is behind it is not asked.
func TestARegistryLeadsNowhereInside(t *testing.T) {
	var asked atomic.Int32
	inside := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	secure, roots := secureHub(t, inside) // all of httptest have one certificate
	plain := httptest.NewServer(inside)
	t.Cleanup(plain.Close)
	_, port, _ := net.SplitHostPort(secure)
	for name, lead := range leading {
		for _, to := range []string{
			"https://" + secure, "https://localhost:" + port, "https://LOCALHOST:" + port, "https://[::ffff:127.0.0.1]:" + port, "https://0.0.0.0:" + port,
			plain.URL, strings.Replace(plain.URL, "127.0.0.1", "localhost", 1),
			"https://169.254.169.254", "http://169.254.169.254", "https://10.0.0.1", "https://[fd00:ec2::254]", "https://100.64.0.1", "ftp://example.com",
		} {
			host, _ := secureHub(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { lead(w, r, to) }))
			_, err := trusting(roots).Look(t.Context(), Want{Reference: host + "/web:1"})
			if err == nil || asked.Load() > 0 {
				t.Fatalf("%s to %s: %v, asked %d times", name, to, err, asked.Load())
			}
			if !where.MatchString(err.Error()) {
				t.Errorf("%s to %s: it does not say where that leads: %v", name, to, err)
			}
		}
	}
	// What is over plain http leads nowhere at all, not even to itself.
	for name, lead := range leading {
		var again atomic.Int32
		hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v2/" || r.URL.Path == "/v2/web/manifests/1" {
				lead(w, r, "http://"+r.Host)
				return
			}
			again.Add(1)
		}))
		t.Cleanup(hub.Close)
		if strings.Contains(name, "tokens") { // its own are where it says
			continue
		}
		if _, err := New(Options{Pause: time.Millisecond}).Look(t.Context(), Want{Reference: strings.TrimPrefix(hub.URL, "http://") + "/web:1"}); err == nil || again.Load() > 0 {
			t.Errorf("%s over http: %v, asked %d times", name, err, again.Load())
		}
	}
}

// TestAPlaceForUploadsIsNotInside: the layers would be sent there.
func TestAPlaceForUploadsIsNotInside(t *testing.T) {
	var asked atomic.Int32
	inside, roots := secureHub(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	_, port, _ := net.SplitHostPort(inside)
	host, _ := secureHub(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			w.Header().Set("Location", "https://localhost:"+port+"/upload")
			w.WriteHeader(http.StatusAccepted)
		case http.MethodHead:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	_, err := trusting(roots).push(t.Context(), machine(t, "linux/amd64"), Destination{Repository: host + "/web", Tag: "1"})
	if err == nil || asked.Load() > 0 {
		t.Errorf("%v, asked %d times", err, asked.Load())
	}
}

// TestHTTPSLeadsToNothingLess, not even of the same registry on this machine.
func TestHTTPSLeadsToNothingLess(t *testing.T) {
	host, roots := secureHub(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.Host+"/v2/", http.StatusFound)
	}))
	_, err := trusting(roots).Look(t.Context(), Want{Reference: host + "/web:1"})
	if _, refused := errors.AsType[*refusal](err); !refused {
		t.Error(err)
	}
}

// TestARegistryMayLeadToItself as those do that keep layers elsewhere below their name.
func TestARegistryMayLeadToItself(t *testing.T) {
	open := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	host, roots := secureHub(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path, moved := strings.CutPrefix(r.URL.Path, "/moved"); moved {
			r.URL.Path = path
		} else if r.Method == http.MethodGet && r.URL.Path != "/v2/" {
			http.Redirect(w, r, "https://"+r.Host+"/moved"+r.URL.Path, http.StatusTemporaryRedirect)
			return
		}
		open.ServeHTTP(w, r)
	}))
	r := trusting(roots)
	digest, err := r.push(t.Context(), machine(t, "linux/amd64"), Destination{Repository: host + "/web", Tag: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Look(t.Context(), Want{Reference: host + "/web:1"}); err != nil || got.Digest != digest {
		t.Errorf("%s: %v", got.Digest, err)
	}
}

// TestARedirectWithoutAnEndEnds although nobody else counts them.
func TestARedirectWithoutAnEndEnds(t *testing.T) {
	var asked atomic.Int32
	host, roots := secureHub(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/" {
			asked.Add(1)
			http.Redirect(w, r, "/v2/more", http.StatusFound)
		}
	}))
	r := trusting(roots)
	r.patience = 5 * time.Second
	if _, err := r.Look(t.Context(), Want{Reference: host + "/web:1"}); err == nil || asked.Load() > 20 {
		t.Errorf("%v, asked %d times", err, asked.Load())
	}
}

// TestPlainHTTPIsForThisMachine alone: the library takes it for what has a private address.
func TestPlainHTTPIsForThisMachine(t *testing.T) {
	for reference, want := range map[string]bool{
		"localhost:5000": true, "127.0.0.1:5000": true, "[::1]:5000": true, "registry.localhost:5000": true, "127.1.2.3:5000": true,
		"10.0.0.5:5000": false, "192.168.1.1:5000": false, "172.16.0.1": false, "registry.local:5000": false, "example.com": false,
		"localhost.example.com:5000": false, "169.254.169.254": false, "0.0.0.0:5000": false,
	} {
		l := newLine(reference, noProxy, nil)
		r := httptest.NewRequest(http.MethodGet, "http://"+reference+"/v2/", nil)
		if _, err := l.by(r); (err == nil) != want {
			t.Errorf("%s: %v", reference, err)
		}
		r.URL.Host = "127.0.0.1:1"
		if _, err := l.by(r); err == nil {
			t.Errorf("%s leads to another one", reference)
		}
	}
	// A name that looks like this machine may have another address.
	if err := newLine("x.localhost", noProxy, nil).onlyLoopback(netip.MustParseAddr("10.0.0.1")); err == nil {
		t.Error("a name of this machine leads elsewhere")
	}
}

func noProxy(*http.Request) (*url.URL, error) { return nil, nil }

func TestWhichAddressesArePublic(t *testing.T) {
	for _, public := range []string{"1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::1.1.1.1", "::ffff:1.1.1.1"} {
		if !isPublic(netip.MustParseAddr(public)) {
			t.Errorf("%s is public", public)
		}
	}
	for _, not := range []string{
		"0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1", "192.0.0.8", "192.168.0.1", "198.18.0.1",
		"224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
		"::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:a00:1::", "2001::1", "2001:db8::1",
	} {
		if isPublic(netip.MustParseAddr(not)) {
			t.Errorf("%s is not public", not)
		}
	}
}

// told is what strangers answer, of which nothing is repeated.
const told = "TOLD-IN-CONFIDENCE"

// TestNothingThatIsAnsweredIsRepeated but the status and who it was.
func TestNothingThatIsAnsweredIsRepeated(t *testing.T) {
	bearer := func(w http.ResponseWriter, r *http.Request, more string) bool {
		w.Header().Set("WWW-Authenticate", `Bearer realm="https://`+r.Host+`/token?key=`+told+`",service="`+told+`"`+more)
		if r.URL.Path == "/token" {
			return true
		}
		w.WriteHeader(http.StatusUnauthorized)
		return false
	}
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request){
		"a body": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, told, http.StatusInternalServerError) },
		"an error of a registry": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"errors":[{"code":"`+told+`","message":"`+told+`","detail":{"a":"`+told+`"}}]}`)
		},
		"a reason": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 500 "+told+"\r\nContent-Length: 0\r\n\r\n")
				_ = conn.Close()
			}
		},
		"no answer of HTTP": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, told+"\r\n\r\n")
				_ = conn.Close()
			}
		},
		"an unknown scheme": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", told)
			w.WriteHeader(http.StatusUnauthorized)
		},
		"no realm": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer service="`+told+`"`)
			w.WriteHeader(http.StatusUnauthorized)
		},
		"a realm of no kind": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+told+`://`+told+`"`)
			w.WriteHeader(http.StatusUnauthorized)
		},
		"no token": func(w http.ResponseWriter, r *http.Request) {
			if bearer(w, r, "") {
				_, _ = io.WriteString(w, `{"`+told+`":"`+told+`"}`)
			}
		},
		"no JSON instead of a token": func(w http.ResponseWriter, r *http.Request) {
			if bearer(w, r, "") {
				_, _ = io.WriteString(w, told)
			}
		},
		"a status instead of a token": func(w http.ResponseWriter, r *http.Request) {
			if bearer(w, r, `,scope="`+told+`"`) {
				http.Error(w, told, http.StatusTeapot)
			}
		},
		"a place": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://localhost:1/"+told+"?"+told, http.StatusFound)
		},
		"no place": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://%zz"+told)
			w.WriteHeader(http.StatusFound)
		},
		"another digest": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Docker-Content-Digest", told)
			w.Header().Set("Content-Type", told)
			w.Header().Set("Content-Length", "3")
		},
		"no manifest": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Docker-Content-Digest", "sha256:"+strings.Repeat("1", 64))
			w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
			_, _ = io.WriteString(w, told+strings.Repeat(" ", 10))
		},
	} {
		host, roots := secureHub(t, http.HandlerFunc(answer))
		r := trusting(roots)
		to := Destination{Repository: host + "/web", Tag: "1", Username: "AWS", Password: told}
		_, looked := r.Look(t.Context(), Want{Reference: host + "/web:1"})
		_, made := r.Make(t.Context(), Order{Source: spec.ImageSource{Base: host + "/web:1"}, To: to}, Builder{})
		_, pushed := r.push(t.Context(), machine(t, "linux/amd64"), to)
		for what, err := range map[string]error{"look": looked, "copy": made, "push": pushed, "reach": r.Reach(t.Context(), to)} {
			switch {
			case err == nil && (what == "reach" || what == "push"): // to which it is all the same what a manifest is
			case err == nil || strings.Contains(err.Error(), told) || !strings.Contains(err.Error(), "localhost") && !strings.Contains(err.Error(), host):
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
}

// TestAPortIsNotTold: of a host that is not public it is not said why it does not answer.
func TestAPortIsNotTold(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	said := map[string]bool{}
	for _, host := range []string{silent.Addr().String(), "127.0.0.1:1"} {
		_, err := New(Options{Patience: time.Second, Pause: time.Millisecond}).Look(t.Context(), Want{Reference: host + "/web:1"})
		said[strings.ReplaceAll(err.Error(), host, "HOST")] = true
	}
	if d := cmp.Diff(map[string]bool{"look up HOST/web:1: HOST is not reached as a registry": true}, said); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestAllLookUpsTogetherEnd: one that waits an hour ends with them.
func TestAllLookUpsTogetherEnd(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(silent.Close)
	r := New(Options{Patience: time.Hour, Together: 200 * time.Millisecond, Pause: time.Millisecond})
	var wants []Want
	for _, name := range strings.Fields("a b c d e f g h i j k l m n o p q r s t") {
		wants = append(wants, Want{Reference: strings.TrimPrefix(silent.URL, "http://") + "/" + name})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if found, problems := r.Resolve(ctx, wants); ctx.Err() != nil || len(found) > 0 || len(problems) != len(wants) {
		t.Errorf("found %v, %v", found, problems)
	}
	if now := r.Now(ctx, []string{wants[0].Reference}); ctx.Err() != nil || len(now) > 0 {
		t.Error(now, ctx.Err())
	}
}

// TestAnAnswerWithoutAnEndIsNotRead into memory, packed or not.
func TestAnAnswerWithoutAnEndIsNotRead(t *testing.T) {
	digest := "sha256:" + strings.Repeat("1", 64)
	for _, packed := range []bool{false, true} {
		host, roots := secureHub(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v2/" {
				return
			}
			w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
			var out io.Writer = w
			if packed {
				w.Header().Set("Content-Encoding", "gzip")
				out = gzip.NewWriter(w)
			}
			for {
				if _, err := out.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}))
		_, err := trusting(roots).Look(t.Context(), Want{Reference: host + "/web@" + digest})
		if err == nil || !strings.Contains(err.Error(), host+" answers with more than describes an image") {
			t.Errorf("packed %t: %v", packed, err)
		}
	}
}

// TestOnlyPlatformsAreNamed: they are what a registry says.
func TestOnlyPlatformsAreNamed(t *testing.T) {
	got := platformNames([]string{"linux/riscv64", "\x1b[31m/x", "linux/" + strings.Repeat("x", 99), "a\n::error::/b", "linux/arm64", "linux/riscv64", "linux"})
	if d := cmp.Diff([]string{"linux/arm64", "linux/riscv64"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// proxyTo is a proxy over which every name leads to one server.
func proxyTo(t *testing.T, server string) (at *url.URL, connects func() []string) {
	t.Helper()
	var mu sync.Mutex
	var asked []string
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.Method+" "+r.Host)
		mu.Unlock()
		there, err := net.Dial("tcp", server)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		_, _ = io.Copy(here, there)
		_ = here.Close()
	}))
	t.Cleanup(p.Close)
	at, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	return at, func() []string { mu.Lock(); defer mu.Unlock(); return asked }
}

// TestAProxyIsAskedForWhatIsOutside although it has an address inside itself.
func TestAProxyIsAskedForWhatIsOutside(t *testing.T) {
	open := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	var to string
	host, roots := secureHub(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to != "" && r.URL.Path != "/v2/" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		open.ServeHTTP(w, r)
	}))
	at, connects := proxyTo(t, host)
	new := func() *Registries {
		r := trusting(roots)
		r.proxy = func(*http.Request) (*url.URL, error) { return at, nil }
		return r
	}
	if _, err := new().push(t.Context(), machine(t, "linux/amd64"), Destination{Repository: "example.com/web", Tag: "1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := new().Look(t.Context(), Want{Reference: "example.com/web:1"}); err != nil {
		t.Fatal(err)
	}
	for _, to = range []string{"https://127.0.0.1:1/", "https://localhost/", "https://169.254.169.254/", "https://[::1]/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://localhost./", "https://vault/", "https://metadata.google.internal/", at.String()} {
		if _, err := new().Look(t.Context(), Want{Reference: "example.com/web:1"}); err == nil {
			t.Errorf("it leads to %s", to)
		}
	}
	to = "https://1.1.1.1/"
	_, err := new().Look(t.Context(), Want{Reference: "example.com/web:1"})
	if _, refused := errors.AsType[*refusal](err); refused || err == nil { // nor is the certificate for that address
		t.Error(err)
	}
	for _, connect := range connects() {
		if connect != "CONNECT example.com:443" && connect != "CONNECT 1.1.1.1:443" {
			t.Errorf("the proxy was asked for %s", connect)
		}
	}
	if got := connects(); len(got) == 0 || got[len(got)-1] != "CONNECT 1.1.1.1:443" {
		t.Errorf("the proxy was asked for %v", got)
	}
}

// TestALoginOfASecretIsSentOverHTTPSOnly, and docker's as it always was.
func TestALoginOfASecretIsSentOverHTTPSOnly(t *testing.T) {
	var sent atomic.Int32
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			sent.Add(1)
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(plain.Close)
	order := Order{Source: spec.ImageSource{Base: strings.TrimPrefix(plain.URL, "http://") + "/base:1"}, Login: mine}
	_, err := New(Options{Pause: time.Millisecond}).Make(t.Context(), order, Builder{})
	if err == nil || sent.Load() > 0 || !strings.Contains(err.Error(), "does not answer over https") {
		t.Errorf("%v, sent %d times", err, sent.Load())
	}
	if answer, ok := errors.AsType[*transport.Error](err); ok {
		t.Errorf("it was asked, and answered %d", answer.StatusCode)
	}
}

// TestAnAnswerThatIsNoImage is told from none, where that tells nobody what there is inside
// of a network.
func TestAnAnswerThatIsNoImage(t *testing.T) {
	for text, want := range map[string]string{
		`<html>`:        "hub.example answers with what is no image",
		`{"layers": 1}`: "hub.example answers with what is no image",
	} {
		var manifest struct{ Layers []string }
		err := json.Unmarshal([]byte(text), &manifest)
		if got := (&line{registry: "hub.example"}).what(err); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		inside := &line{registry: "hub.example"}
		inside.internal.Store(true)
		if got := inside.what(err); got != "hub.example is not reached as a registry" {
			t.Errorf("%s of a host inside: %s", text, got)
		}
	}
}
