package image

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// guardedHub is a registry that lets one user in.
func guardedHub(t *testing.T, username, password string) string {
	t.Helper()
	server := httptest.NewServer(guarded(username, password))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func guarded(username, password string) http.Handler {
	open := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, pass, ok := r.BasicAuth(); ok && user == username && pass == password {
			open.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
}

// mine is the login of a secret.
func mine(context.Context) (username, password string, err error) { return "me", "mine", nil }

func TestARegistryIsReachedBeforeAnythingIsWritten(t *testing.T) {
	host := guardedHub(t, "AWS", "token")
	for _, c := range []struct {
		name    string
		to      Destination
		reached bool
	}{
		{"the right password", Destination{Repository: host + "/shop/web", Username: "AWS", Password: "token"}, true},
		{"another password", Destination{Repository: host + "/shop/web", Username: "AWS", Password: "old"}, false},
		{"nobody there", Destination{Repository: "127.0.0.1:1/shop/web"}, false},
	} {
		if err := New(Options{}).Reach(t.Context(), c.to); (err == nil) != c.reached {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestABaseOfAPrivateRegistryIsCopied with credentials that docker does not have.
func TestABaseOfAPrivateRegistryIsCopied(t *testing.T) {
	host, roots := secureHub(t, guarded("me", "mine"))
	anonymous := trusting(roots)
	to := Destination{Repository: host + "/shop/web", Tag: "abc", Username: "me", Password: "mine"}
	registries := New(Options{Login: func(context.Context, string) (string, string, error) { return "me", "mine", nil }})
	registries.roots = roots
	digest, err := anonymous.push(t.Context(), machine(t, "linux/amd64"), Destination{Repository: host + "/base", Tag: "1", Username: "me", Password: "mine"})
	if err != nil {
		t.Fatal(err)
	}
	order := Order{Source: spec.ImageSource{Base: host + "/base:1"}, Platform: "linux/amd64", To: to}
	var denied *Problem
	if _, err := anonymous.Make(t.Context(), order, Builder{}); !errors.As(err, &denied) || denied.Trouble != Denied {
		t.Errorf("without credentials: %v", err)
	}
	order.Login = mine
	if _, err := anonymous.Make(t.Context(), order, Builder{}); err != nil {
		t.Errorf("with those of a secret: %v", err)
	}
	// A function that knows registries does for looking as well.
	if got, err := registries.Look(t.Context(), Want{Reference: host + "/base:1", Platform: "linux/amd64"}); err != nil || got.Digest != digest {
		t.Errorf("it is %s: %v", got.Digest, err)
	}
}
