package image

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/compose2fargate/compose2fargate/internal/fault"
	"github.com/compose2fargate/compose2fargate/plan"
)

// Registries reads from and pushes to the registries that image references name.
// It is safe for concurrent use.
type Registries struct {
	keychain authn.Keychain
	cache    string
	patience time.Duration
	pause    time.Duration
	together time.Duration
	offline  bool
	builds   sharedBuilds

	proxy func(*http.Request) (*url.URL, error)
	roots *x509.CertPool // nil: those of the machine

	mu    sync.Mutex
	lines map[string]*line // by registry
	until time.Time        // when all looking up has ended; zero: it has not begun
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
	// Together bounds the questions about all images, from the first one on. 0: two minutes.
	Together time.Duration
	// Pause is how long to wait before a question is asked a second time; later ones
	// wait longer. 0: a second.
	Pause time.Duration
	// Login returns the credentials for a registry for which docker stores none,
	// "" if there are none. If it is nil, such registries are read anonymously.
	Login func(ctx context.Context, registry string) (username, password string, err error)
	// Offline: no registry is asked what an image is. What the cache knows by digest
	// is known.
	Offline bool
}

// New returns Registries.
func New(o Options) *Registries {
	r := &Registries{
		keychain: o.Keychain, cache: o.Cache, offline: o.Offline,
		patience: cmp.Or(o.Patience, 30*time.Second), pause: cmp.Or(o.Pause, time.Second), together: cmp.Or(o.Together, 2*time.Minute),
		proxy: http.ProxyFromEnvironment, lines: map[string]*line{},
	}
	if r.keychain == nil {
		r.keychain = dockers{authn.DefaultKeychain}
	}
	if o.Login != nil {
		r.keychain = authn.NewMultiKeychain(r.keychain, logins{o.Login})
	}
	return r
}

// logins is a keychain that asks a function.
type logins struct {
	of func(ctx context.Context, registry string) (username, password string, err error)
}

func (l logins) Resolve(r authn.Resource) (authn.Authenticator, error) {
	return l.ResolveContext(context.Background(), r)
}

func (l logins) ResolveContext(ctx context.Context, r authn.Resource) (authn.Authenticator, error) {
	username, password, err := l.of(ctx, r.RegistryStr())
	if err != nil {
		return nil, &failure{err.Error(), err} // of AWS, and of no registry
	}
	return login(username, password), nil
}

// line is the way to a registry.
func (r *Registries) line(registry name.Registry) *line {
	r.mu.Lock()
	defer r.mu.Unlock()
	host := registry.RegistryStr()
	if r.lines[host] == nil {
		r.lines[host] = newLine(host, r.proxy, r.roots)
	}
	return r.lines[host]
}

// patiently bounds the looking up of something: it has its own time, and a part of that of
// all of them. A file may name thousands of images of a registry that is slow.
func (r *Registries) patiently(ctx context.Context) (context.Context, context.CancelFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if r.until.IsZero() {
		r.until = now.Add(r.together)
	}
	deadline := now.Add(r.patience)
	if r.until.Before(deadline) {
		deadline = r.until
	}
	return context.WithDeadline(ctx, deadline)
}

// Want names an image that is looked up.
type Want struct {
	Reference string // as the compose file has it
	Platform  string // linux/amd64 or linux/arm64; "": the first of these that there is
	// Digest, where it is not "", is looked at instead of what the tag says now.
	Digest string
}

// Host is the registry of a reference, "" where that is none.
func Host(reference string) string {
	ref, err := name.ParseReference(reference)
	switch {
	case err != nil:
		return ""
	case ref.Context().RegistryStr() == name.DefaultRegistry:
		return "docker.io"
	default:
		return ref.Context().RegistryStr()
	}
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
	Unasked                    // offline, and the cache does not know it
)

// Problem is an image that could not be looked up.
type Problem struct {
	Reference string
	Trouble   Trouble
	Platforms []string // that it exists for, of NoPlatform
	Err       error
}

// Error names the image and says what is wrong.
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
	group := fault.NewGroup(parallel)
	for _, want := range wants {
		group.Go(func() {
			got, err := r.Look(ctx, want)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				problems[want.Reference] = problem(want.Reference, err)
			} else {
				found[want.Reference] = got
			}
		})
	}
	group.Wait()
	var sorted []*Problem
	for _, reference := range slices.Sorted(maps.Keys(problems)) {
		sorted = append(sorted, problems[reference])
	}
	return found, sorted
}

// Look looks up one image. Its errors are Problems.
func (r *Registries) Look(ctx context.Context, want Want) (plan.Image, error) {
	ctx, cancel := r.patiently(ctx)
	defer cancel()
	ref, err := reference(want)
	if err != nil {
		return plan.Image{}, &Problem{Reference: want.Reference, Trouble: Malformed, Err: err}
	}
	digest := want.Digest
	if pinned, ok := ref.(name.Digest); ok {
		digest = pinned.DigestStr()
	}
	if digest == "" {
		if digest, err = r.now(ctx, ref); err != nil {
			return plan.Image{}, problem(want.Reference, err)
		}
	}
	if got, ok := r.cached(digest, want.Platform); ok {
		return got, nil
	}
	if r.offline {
		return plan.Image{}, problem(want.Reference, errUnasked)
	}
	got, err := r.fetch(ctx, ref.Context().Digest(digest), want.Platform)
	if err != nil {
		return plan.Image{}, problem(want.Reference, err)
	}
	r.keep(got, want.Platform)
	return got, nil
}

var errUnasked = errors.New("no registry was asked")

// now is the digest that a reference names at this moment. HEAD does not count
// against Docker Hub's limit of pulls.
func (r *Registries) now(ctx context.Context, ref name.Reference) (string, error) {
	if r.offline {
		return "", errUnasked
	}
	line := r.line(ref.Context().Registry)
	head, err := remote.Head(ref, r.options(ctx, briefly{line}, r.asDocker())...)
	if err != nil {
		return "", line.failed(err)
	}
	return head.Digest.String(), nil
}

// Now returns the digests that tags name at this moment, by reference. What cannot
// be found out is missing.
func (r *Registries) Now(ctx context.Context, references []string) map[string]string {
	ctx, cancel := r.patiently(ctx)
	defer cancel()
	var mu sync.Mutex
	out := map[string]string{}
	group := fault.NewGroup(parallel)
	for _, reference := range references {
		group.Go(func() {
			ref, err := name.ParseReference(reference)
			if err != nil {
				return
			}
			if digest, err := r.now(ctx, ref); err == nil {
				mu.Lock()
				defer mu.Unlock()
				out[reference] = digest
			}
		})
	}
	group.Wait()
	return out
}

func reference(want Want) (name.Reference, error) {
	ref, err := name.ParseReference(want.Reference)
	if err != nil || want.Digest == "" {
		return ref, err
	}
	return ref.Context().Digest(want.Digest), nil
}

// asDocker finds credentials where docker keeps them.
func (r *Registries) asDocker() remote.Option { return remote.WithAuthFromKeychain(r.keychain) }

// options of reading. A registry that counts requests is not asked again: its
// limits are per hours.
func (r *Registries) options(ctx context.Context, by http.RoundTripper, auth remote.Option) []remote.Option {
	return []remote.Option{
		remote.WithContext(ctx), remote.WithTransport(by), auth,
		remote.WithRetryBackoff(remote.Backoff{Duration: r.pause, Factor: 3, Jitter: 0.1, Steps: 3}), // as the library has it
		remote.WithRetryStatusCodes(http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout),
	}
}

// fetch reads the manifest and the configuration of an image by its digest.
func (r *Registries) fetch(ctx context.Context, ref name.Digest, platform string) (plan.Image, error) {
	line := r.line(ref.Context().Registry)
	out, err := known(ref, platform, r.options(ctx, briefly{line}, r.asDocker()))
	return out, line.failed(err)
}

func known(ref name.Digest, platform string, how []remote.Option) (plan.Image, error) {
	descriptor, err := remote.Get(ref, how...)
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
	wanted []v1.Platform
	has    []string
}

func (e *noPlatform) Error() string {
	var wanted []string
	for _, w := range e.wanted {
		wanted = append(wanted, w.String())
	}
	return "it is not built for " + strings.Join(wanted, " or ") + ", but for " + strings.Join(e.has, ", ")
}

// choose takes the image of a platform out of an index. The platforms are sorted.
func choose(d *remote.Descriptor, platform string) (v1.Image, []string, error) {
	wanted, err := parsePlatforms(platform)
	if err != nil {
		return nil, nil, err
	}
	if !d.MediaType.IsIndex() {
		return single(d, wanted)
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
	for _, m := range manifest.Manifests {
		if m.Platform != nil && m.Platform.OS != "unknown" { // those are attestations of buildx
			has = append(has, m.Platform.OS+"/"+m.Platform.Architecture)
		}
	}
	has = platformNames(has)
	for _, w := range wanted {
		for _, m := range manifest.Manifests {
			if m.Platform != nil && fits(*m.Platform, w) {
				img, err := index.Image(m.Digest)
				return img, has, err
			}
		}
	}
	return nil, nil, &noPlatform{wanted, has}
}

// aPlatform is what the name of one looks like.
var aPlatform = regexp.MustCompile(`^[a-z0-9]{1,16}/[a-z0-9]{1,16}$`)

// mostPlatforms are more than any image has, to be listed.
const mostPlatforms = 32

// platformNames are the names of platforms, sorted, without what is none: they are shown, and it is the
// registry that wrote them.
func platformNames(platforms []string) []string {
	platforms = slices.DeleteFunc(platforms, func(p string) bool { return !aPlatform.MatchString(p) })
	slices.Sort(platforms)
	platforms = slices.Compact(platforms)
	return platforms[:min(len(platforms), mostPlatforms)]
}

// parsePlatforms reads a platform; "" are those that Fargate has, the likely one
// first.
func parsePlatforms(platform string) ([]v1.Platform, error) {
	if platform == "" {
		return []v1.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}}, nil
	}
	parsed, err := v1.ParsePlatform(platform)
	if err != nil {
		return nil, err
	}
	return []v1.Platform{*parsed}, nil
}

// fits says whether an image runs on a platform: Fargate's ARM64 is v8, which
// images name or not.
func fits(has, wanted v1.Platform) bool {
	return has.OS == wanted.OS && has.Architecture == wanted.Architecture
}

func single(d *remote.Descriptor, wanted []v1.Platform) (v1.Image, []string, error) {
	img, err := d.Image()
	if err != nil {
		return nil, nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, nil, err
	}
	has := platformNames([]string{config.OS + "/" + config.Architecture})
	is := v1.Platform{OS: config.OS, Architecture: config.Architecture}
	if !slices.ContainsFunc(wanted, func(w v1.Platform) bool { return fits(is, w) }) {
		return nil, nil, &noPlatform{wanted, has}
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
	if known, ok := errors.AsType[*Problem](err); ok {
		return known
	}
	p := &Problem{Reference: reference, Err: err}
	var platform *noPlatform
	var answer *transport.Error
	switch {
	case errors.Is(err, errUnasked):
		p.Trouble = Unasked
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
