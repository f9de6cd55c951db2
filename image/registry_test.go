package image

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/compose2fargate/compose2fargate/plan"
)

func index(t *testing.T, platforms ...string) v1.ImageIndex {
	t.Helper()
	out := v1.ImageIndex(empty.Index)
	for _, platform := range platforms {
		p, err := v1.ParsePlatform(platform)
		if err != nil {
			t.Fatal(err)
		}
		out = mutate.AppendManifests(out, mutate.IndexAddendum{Add: machine(t, platform), Descriptor: v1.Descriptor{Platform: p}})
	}
	return out
}

func TestAnImageIsKnownByItsConfiguration(t *testing.T) {
	host := hub(t)
	put(t, host+"/web:1", index(t, "linux/arm64", "linux/amd64"))
	found, problems := New(Options{}).Resolve(t.Context(), []Want{{Reference: host + "/web:1", Platform: "linux/arm64"}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got := found[host+"/web:1"]
	digest, err := index(t, "linux/arm64", "linux/amd64").Digest()
	if err != nil {
		t.Fatal(err)
	}
	if len(got.LayerDigests) != 1 || got.SizeInBytes == 0 {
		t.Errorf("layers %v of %d bytes", got.LayerDigests, got.SizeInBytes)
	}
	got.LayerDigests, got.SizeInBytes = nil, 0
	want := plan.Image{
		Digest: digest.String(), Platforms: []string{"linux/amd64", "linux/arm64"},
		Ports: []string{"53/udp", "8080/tcp"}, User: "101", Volumes: []string{"/data"}, WorkingDir: "/srv",
		Entrypoint: []string{"/entry"}, Command: []string{"serve"},
		Healthcheck: &plan.ImageCheck{Test: []string{"CMD", "true"}, Interval: int64(time.Second), Retries: 2},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestEveryTroubleWithAnImageIsToldApart(t *testing.T) {
	host := hub(t)
	put(t, host+"/web:1", index(t, "linux/arm64"))
	put(t, host+"/single:1", machine(t, "linux/arm64"))
	answering := func(code int) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v2/" {
				w.WriteHeader(code)
			}
		}))
		t.Cleanup(server.Close)
		return strings.TrimPrefix(server.URL, "http://")
	}
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(silent.Close)
	for reference, want := range map[string]Trouble{
		"Not A Reference":         Malformed,
		host + "/none:1":          Missing,
		host + "/web:2":           Missing,
		host + "/web:1":           NoPlatform,
		host + "/single:1":        NoPlatform,
		answering(401) + "/web:1": Denied,
		answering(403) + "/web:1": Denied,
		answering(429) + "/web:1": Limited,
		strings.TrimPrefix(silent.URL, "http://") + "/web:1": Unreachable,
		"127.0.0.1:1/web:1": Unreachable,
	} {
		_, err := New(Options{Patience: 3 * time.Second}).Look(t.Context(), Want{Reference: reference, Platform: "linux/amd64"})
		var got *Problem
		if !errors.As(err, &got) || got.Trouble != want {
			t.Errorf("%s: %v, want trouble %d", reference, err, want)
		}
		if want == NoPlatform && !cmp.Equal(got.Platforms, []string{"linux/arm64"}) {
			t.Errorf("%s: for %v", reference, got.Platforms)
		}
	}
}

func TestAConfigurationIsFetchedOnce(t *testing.T) {
	var gets atomic.Int32
	backend := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path != "/v2/" {
			gets.Add(1)
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	reference := strings.TrimPrefix(server.URL, "http://") + "/web:1"
	put(t, reference, index(t, "linux/amd64"))
	cache := t.TempDir()
	look := func() plan.Image {
		t.Helper()
		got, err := New(Options{Cache: cache}).Look(t.Context(), Want{Reference: reference, Platform: "linux/amd64"})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := look()
	gets.Store(0)
	if d := cmp.Diff(first, look()); d != "" || gets.Load() > 0 {
		t.Errorf("%d requests, (-first +second)\n%s", gets.Load(), d)
	}
	// What somebody spoiled is fetched again.
	files, err := os.ReadDir(cache)
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	write(t, cache+"/"+files[0].Name(), "{")
	if d := cmp.Diff(first, look()); d != "" {
		t.Errorf("after damage (-first +again)\n%s", d)
	}
}

func TestAnOldDigestIsLookedAtBesideANewTag(t *testing.T) {
	host := hub(t)
	put(t, host+"/web:1", index(t, "linux/amd64"))
	old, err := New(Options{}).Look(t.Context(), Want{Reference: host + "/web:1", Platform: "linux/amd64"})
	if err != nil {
		t.Fatal(err)
	}
	put(t, host+"/web:1", index(t, "linux/amd64", "linux/arm64"))
	got, err := New(Options{}).Look(t.Context(), Want{Reference: host + "/web:1", Platform: "linux/amd64", Digest: old.Digest})
	if err != nil || got.Digest != old.Digest {
		t.Errorf("got %s, %v", got.Digest, err)
	}
}

func TestOfflineTheCacheIsAllThatIsKnown(t *testing.T) {
	host, cache := hub(t), t.TempDir()
	put(t, host+"/web:1", machine(t, "linux/amd64"))
	want := Want{Reference: host + "/web:1", Platform: "linux/amd64"}
	known, err := New(Options{Cache: cache}).Look(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	offline := New(Options{Cache: cache, Offline: true})
	var unasked *Problem
	if _, err := offline.Look(t.Context(), want); !errors.As(err, &unasked) || unasked.Trouble != Unasked {
		t.Errorf("a tag: %v", err)
	}
	want.Digest = known.Digest
	got, err := offline.Look(t.Context(), want)
	if d := cmp.Diff(known, got); d != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, d)
	}
	want.Platform = "linux/arm64"
	if _, err := offline.Look(t.Context(), want); !errors.As(err, &unasked) || unasked.Trouble != Unasked {
		t.Errorf("a platform that was never asked for: %v", err)
	}
}

func TestWhereATagStandsNow(t *testing.T) {
	host := hub(t)
	put(t, host+"/web:1", machine(t, "linux/amd64"))
	digest, err := machine(t, "linux/amd64").Digest()
	if err != nil {
		t.Fatal(err)
	}
	got := New(Options{}).Now(t.Context(), []string{host + "/web:1", host + "/gone:1", "UPPER"})
	if d := cmp.Diff(map[string]string{host + "/web:1": digest.String()}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
