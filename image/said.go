package image

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// failure is an error of talking to a registry in words of ours: who, and its status. What
// was answered, where it led and what was sent is in the error behind it, and shown to
// nobody: it may be of a network that the reader does not see, or a token.
type failure struct {
	text string
	err  error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.err }

// failed is what to say of an error of this line; nil for nil.
func (l *line) failed(err error) error {
	if err == nil {
		return nil
	}
	return &failure{l.what(err), err}
}

var (
	// ledInside and ledInClear are what the library itself refuses: redirects, servers of tokens
	// and places for uploads (remote/fetcher.go, remote/write.go and remote/transport/bearer.go of
	// go-containerregistry v0.22.1).
	ledInside  = regexp.MustCompile(`(?:to private/link-local host|realm host|foreign layer URL host) "([^"]+)"`)
	ledInClear = regexp.MustCompile(`realm scheme "[^"]*" not allowed`)
	// noImage is what it says of an answer that is none, beside errors of JSON.
	noImage = regexp.MustCompile(`does not match (?:requested digest|expected size)|unsupported MediaType`)
)

// isNoImage says whether an error is about what was answered, and not whether it was.
func isNoImage(err error) bool {
	var syntax *json.SyntaxError
	var form *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &form) || noImage.MatchString(err.Error())
}

func (l *line) what(err error) string {
	var (
		refused     *refusal
		said        *failure
		platform    *noPlatform
		answer      *transport.Error
		certificate *tls.CertificateVerificationError
		unknown     *net.DNSError
		slow        net.Error
	)
	host := l.host(err)
	switch {
	case errors.As(err, &refused):
		return refused.Error()
	case errors.As(err, &said):
		return said.Error()
	case errors.As(err, &platform):
		return platform.Error()
	case ledInside.MatchString(err.Error()):
		return l.leadsInside(ledInside.FindStringSubmatch(err.Error())[1]).Error()
	case ledInClear.MatchString(err.Error()):
		return l.registry + " names a server of tokens that is not asked over https"
	case errors.As(err, &answer):
		return fmt.Sprintf("%s answered with status %d %s", host, answer.StatusCode, http.StatusText(answer.StatusCode))
	case errors.Is(err, context.Canceled):
		return context.Canceled.Error()
	case l.internal.Load():
		return host + " is not reached as a registry" // nor how, see internal
	case isNoImage(err):
		return host + " answers with what is no image"
	case errors.As(err, &certificate):
		return host + " has a certificate that this machine does not trust"
	case errors.As(err, &unknown) && unknown.IsNotFound:
		return "there is no host " + host
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return host + " did not answer in time"
	default:
		return host + " is not reached as a registry"
	}
}

// host is who an error is of, which need not be the registry.
func (l *line) host(err error) string {
	if answer, ok := errors.AsType[*transport.Error](err); ok && answer.Request != nil {
		return answer.Request.URL.Host
	}
	if asked, ok := errors.AsType[*url.Error](err); ok {
		if u, err := url.Parse(asked.URL); err == nil && u.Host != "" {
			return u.Host
		}
	}
	return l.registry
}

// dockers is the keychain of docker, whose helpers say more than is for others.
type dockers struct{ authn.Keychain }

// Resolve implements authn.Keychain.
func (d dockers) Resolve(r authn.Resource) (authn.Authenticator, error) {
	return d.ResolveContext(context.Background(), r)
}

// ResolveContext implements authn.ContextKeychain.
func (d dockers) ResolveContext(ctx context.Context, r authn.Resource) (authn.Authenticator, error) {
	got, err := authn.Resolve(ctx, d.Keychain, r)
	if err != nil {
		return nil, &failure{"the login that docker keeps for " + r.RegistryStr() + " cannot be read: see credsStore and credHelpers in its config.json", err}
	}
	return got, nil
}
