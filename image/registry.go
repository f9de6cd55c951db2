package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"golang.org/x/sync/errgroup"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Registries reads from and pushes to the registries that image references name.
// It is safe for concurrent use.
type Registries struct {
	keychain authn.Keychain
	cache    string
	patience time.Duration
}

// Options of New.
type Options struct {
	// Keychain finds credentials. Nil: as docker keeps them; without any, a
	// registry is asked anonymously.
	Keychain authn.Keychain
	// Cache is a directory where configurations are kept by digest; "": nowhere.
	Cache string
	// Patience bounds the questions about one image. 0: 30 seconds.
	Patience time.Duration
}

// New returns Registries.
func New(o Options) *Registries {
	r := &Registries{keychain: o.Keychain, cache: o.Cache, patience: o.Patience}
	if r.keychain == nil {
		r.keychain = authn.DefaultKeychain
	}
	if r.patience == 0 {
		r.patience = 30 * time.Second
	}
	return r
}

// Want names an image that is looked up.
type Want struct {
	Reference string // as the compose file has it
	Platform  string // linux/amd64 or linux/arm64
	// Digest, where it is not "", is looked at instead of what the tag says now.
	Digest string
}

// Trouble is why an image could not be looked up.
type Trouble int

// The troubles of a Problem.
const (
	Unreachable Trouble = iota // no answer, or not in time
	Malformed                  // no reference
	Missing                    // no such repository or tag, or hidden from this user
	Denied                     // credentials are missing or wrong
	Limited                    // too many requests
	NoPlatform                 // it exists, not for the platform
)

// Problem is an image that could not be looked up.
type Problem struct {
	Reference string
	Trouble   Trouble
	Platforms []string // that it exists for, of NoPlatform
	Err       error
}

func (p *Problem) Error() string { return fmt.Sprintf("look up %s: %v", p.Reference, p.Err) }

// Unwrap returns what the registry or the network said.
func (p *Problem) Unwrap() error { return p.Err }

// parallel bounds the images that are looked up at once: registries count.
const parallel = 8

// Resolve looks up images, by reference. What failed is in problems, sorted by
// reference, and missing in the map.
func (r *Registries) Resolve(ctx context.Context, wants []Want) (map[string]plan.Image, []*Problem) {
	var mu sync.Mutex
	found, problems := map[string]plan.Image{}, map[string]*Problem{}
	var g errgroup.Group
	g.SetLimit(parallel)
	for _, want := range wants {
		g.Go(func() error {
			got, err := r.Look(ctx, want)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				problems[want.Reference] = problem(want.Reference, err)
			} else {
				found[want.Reference] = got
			}
			return nil
		})
	}
	_ = g.Wait() // no function of it fails
	var sorted []*Problem
	for _, reference := range slices.Sorted(maps.Keys(problems)) {
		sorted = append(sorted, problems[reference])
	}
	return found, sorted
}

// Look looks up one image. Its errors are Problems.
func (r *Registries) Look(ctx context.Context, want Want) (plan.Image, error) {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	ref, err := reference(want)
	if err != nil {
		return plan.Image{}, &Problem{Reference: want.Reference, Trouble: Malformed, Err: err}
	}
	digest := want.Digest
	if digest == "" {
		// HEAD does not count against Docker Hub's limit of pulls.
		head, err := remote.Head(ref, r.options(ctx)...)
		if err != nil {
			return plan.Image{}, problem(want.Reference, err)
		}
		digest = head.Digest.String()
	}
	if got, ok := r.cached(digest, want.Platform); ok {
		return got, nil
	}
	got, err := r.fetch(ctx, ref.Context().Digest(digest), want.Platform)
	if err != nil {
		return plan.Image{}, problem(want.Reference, err)
	}
	r.keep(got, want.Platform)
	return got, nil
}

func reference(want Want) (name.Reference, error) {
	ref, err := name.ParseReference(want.Reference)
	if err != nil || want.Digest == "" {
		return ref, err
	}
	return ref.Context().Digest(want.Digest), nil
}

// options of reading. A registry that counts requests is not asked again: its
// limits are per hours.
func (r *Registries) options(ctx context.Context) []remote.Option {
	return []remote.Option{
		remote.WithContext(ctx), remote.WithAuthFromKeychain(r.keychain),
		remote.WithRetryStatusCodes(http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout),
	}
}

// fetch reads the manifest and the configuration of an image by its digest.
func (r *Registries) fetch(ctx context.Context, ref name.Digest, platform string) (plan.Image, error) {
	descriptor, err := remote.Get(ref, r.options(ctx)...)
	if err != nil {
		return plan.Image{}, err
	}
	img, platforms, err := choose(descriptor, platform)
	if err != nil {
		return plan.Image{}, err
	}
	out, err := describe(img)
	if err != nil {
		return plan.Image{}, err
	}
	out.Digest, out.Platforms = ref.DigestStr(), platforms
	return out, nil
}

// noPlatform is the error of an image that is not made for a platform.
type noPlatform struct {
	platform string
	has      []string
}

func (e *noPlatform) Error() string {
	return "it is not made for " + e.platform + ", but for " + strings.Join(e.has, ", ")
}

// choose takes the image of a platform out of an index. The platforms are sorted.
func choose(d *remote.Descriptor, platform string) (v1.Image, []string, error) {
	wanted, err := v1.ParsePlatform(platform)
	if err != nil {
		return nil, nil, err
	}
	if !d.MediaType.IsIndex() {
		return single(d, *wanted)
	}
	index, err := d.ImageIndex()
	if err != nil {
		return nil, nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, nil, err
	}
	var has []string
	var chosen *v1.Hash
	for _, m := range manifest.Manifests {
		if m.Platform == nil || m.Platform.OS == "unknown" { // attestations of buildx
			continue
		}
		has = append(has, m.Platform.OS+"/"+m.Platform.Architecture)
		if chosen == nil && fits(*m.Platform, *wanted) {
			chosen = &m.Digest
		}
	}
	slices.Sort(has)
	has = slices.Compact(has)
	if chosen == nil {
		return nil, nil, &noPlatform{platform, has}
	}
	img, err := index.Image(*chosen)
	return img, has, err
}

// fits says whether an image runs on a platform: Fargate's ARM64 is v8, which
// images name or not.
func fits(has, wanted v1.Platform) bool {
	return has.OS == wanted.OS && has.Architecture == wanted.Architecture
}

func single(d *remote.Descriptor, wanted v1.Platform) (v1.Image, []string, error) {
	img, err := d.Image()
	if err != nil {
		return nil, nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, nil, err
	}
	has := []string{config.OS + "/" + config.Architecture}
	if !fits(v1.Platform{OS: config.OS, Architecture: config.Architecture}, wanted) {
		return nil, nil, &noPlatform{wanted.String(), has}
	}
	return img, has, nil
}

// describe reads the configuration of an image.
func describe(img v1.Image) (plan.Image, error) {
	file, err := img.ConfigFile()
	if err != nil {
		return plan.Image{}, err
	}
	manifest, err := img.Manifest()
	if err != nil {
		return plan.Image{}, err
	}
	out := plan.Image{
		Ports:      slices.Sorted(maps.Keys(file.Config.ExposedPorts)),
		User:       file.Config.User,
		Volumes:    slices.Sorted(maps.Keys(file.Config.Volumes)),
		WorkingDir: file.Config.WorkingDir,
		Entrypoint: file.Config.Entrypoint,
		Command:    file.Config.Cmd,
	}
	if h := file.Config.Healthcheck; h != nil && len(h.Test) > 0 {
		out.Healthcheck = &plan.ImageCheck{
			Test: h.Test, Interval: int64(h.Interval), Timeout: int64(h.Timeout), StartPeriod: int64(h.StartPeriod), Retries: h.Retries,
		}
	}
	for _, layer := range manifest.Layers {
		out.SizeInBytes += layer.Size
		out.LayerDigests = append(out.LayerDigests, layer.Digest.String())
	}
	return out, nil
}

// problem tells the troubles of registries apart.
func problem(reference string, err error) *Problem {
	var known *Problem
	if errors.As(err, &known) {
		return known
	}
	p := &Problem{Reference: reference, Err: err}
	var platform *noPlatform
	var answer *transport.Error
	switch {
	case errors.As(err, &platform):
		p.Trouble, p.Platforms = NoPlatform, platform.has
	case errors.As(err, &answer):
		p.Trouble = troubles[answer.StatusCode]
	}
	return p
}

var troubles = map[int]Trouble{
	http.StatusNotFound:        Missing,
	http.StatusUnauthorized:    Denied,
	http.StatusForbidden:       Denied,
	http.StatusTooManyRequests: Limited,
}

// cached finds a configuration that was looked at before: a digest never means
// another one.
func (r *Registries) cached(digest, platform string) (plan.Image, bool) {
	if r.cache == "" {
		return plan.Image{}, false
	}
	data, err := os.ReadFile(r.cacheFile(digest, platform))
	if err != nil {
		return plan.Image{}, false
	}
	var out plan.Image
	if json.Unmarshal(data, &out) != nil || out.Digest != digest {
		return plan.Image{}, false
	}
	return out, true
}

// keep writes a configuration down. That it cannot costs a question the next
// time, and no more.
func (r *Registries) keep(img plan.Image, platform string) {
	if r.cache == "" {
		return
	}
	data, err := json.Marshal(img)
	if err != nil || os.MkdirAll(r.cache, 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(r.cache, ".new-*")
	if err != nil {
		return
	}
	_, err = file.Write(data)
	if errors.Join(err, file.Close()) != nil || os.Rename(file.Name(), r.cacheFile(img.Digest, platform)) != nil {
		_ = os.Remove(file.Name())
	}
}

func (r *Registries) cacheFile(digest, platform string) string {
	clean := strings.NewReplacer(":", "-", "/", "-")
	return filepath.Join(r.cache, clean.Replace(digest+"-"+platform)+".json")
}

// CacheDir is where configurations are kept by default, "" where the user has no
// such place.
func CacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil || errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return filepath.Join(dir, "compose2fargate", "images")
}
