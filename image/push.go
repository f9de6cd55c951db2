package image

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Destination is where an image is pushed to.
type Destination struct {
	Repository string // REGISTRY/NAME
	Tag        string
	Username   string // "": anonymously
	Password   string
}

func (d Destination) auth() authn.Authenticator { return login(d.Username, d.Password) }

func login(username, password string) authn.Authenticator {
	if username == "" {
		return authn.Anonymous
	}
	return authn.FromConfig(authn.AuthConfig{Username: username, Password: password})
}

// Order is an image that is to be made.
type Order struct {
	Source   spec.ImageSource
	Platform string // linux/amd64 or linux/arm64
	// Annotations are put into the manifest, see Annotations.
	Annotations map[string]string
	// Login returns the credentials of the registry of Source.Base, which are sent over
	// https only. Nil: as docker keeps them.
	Login func(context.Context) (username, password string, err error)
	To    Destination
}

// Make builds or copies the image of an order, puts its files on top, pushes it,
// and returns the digest of its manifest. Layers that the repository has already
// are not sent again.
func (r *Registries) Make(ctx context.Context, o Order, b Builder) (digest string, err error) {
	img, done, err := r.start(ctx, o, b)
	if err != nil {
		return "", err
	}
	defer done()
	if len(o.Source.Files) > 0 {
		if img, err = Append(img, o.Source.Files); err != nil {
			return "", err
		}
	}
	if img, err = annotate(img, o.Annotations); err != nil {
		return "", err
	}
	return r.push(ctx, img, o.To)
}

// Reach checks that a registry answers and accepts the credentials. It writes
// nothing.
func (r *Registries) Reach(ctx context.Context, to Destination) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	repository, err := name.NewRepository(to.Repository)
	if err != nil {
		return fmt.Errorf("reach the registry of %s: %w", to.Repository, err)
	}
	if err := r.line(repository.Registry).knock(ctx, repository.Registry, to.auth()); err != nil {
		return fmt.Errorf("reach the registry: %w", err)
	}
	return nil
}

// knock asks for the root of a registry, which wants credentials like the rest.
func (l *line) knock(ctx context.Context, registry name.Registry, auth authn.Authenticator) error {
	authorized, err := transport.NewWithContext(ctx, registry, auth, l, nil)
	if err != nil {
		return l.failed(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, registry.Scheme()+"://"+registry.RegistryStr()+"/v2/", nil)
	if err != nil {
		return l.failed(err)
	}
	answer, err := authorized.RoundTrip(request)
	if err != nil {
		return l.failed(err)
	}
	defer answer.Body.Close()
	return l.failed(transport.CheckError(answer, http.StatusOK))
}

// start returns the image below the files. done gives back what it holds.
func (r *Registries) start(ctx context.Context, o Order, b Builder) (img v1.Image, done func(), err error) {
	if o.Source.Build == nil {
		img, err = r.pull(ctx, o)
		return img, func() {}, err
	}
	file, done, err := r.builds.build(ctx, b, *o.Source.Build, o.Annotations[contextAnnotation])
	if err != nil {
		return nil, nil, err
	}
	img, err = tarball.ImageFromPath(file, nil)
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("read the built image of %s: %w", o.Source.Build.Service, err)
	}
	return img, done, nil
}

func (r *Registries) pull(ctx context.Context, o Order) (v1.Image, error) {
	base := o.Source.Base
	ref, err := name.ParseReference(base)
	if err != nil {
		return nil, &Problem{Reference: base, Trouble: Malformed, Err: err}
	}
	line := r.line(ref.Context().Registry)
	var by http.RoundTripper = line
	auth := r.asDocker()
	if o.Login != nil {
		username, password, err := o.Login(ctx)
		if err != nil {
			return nil, fmt.Errorf("log in to the registry of %s: %w", base, err)
		}
		by, auth = onlyHTTPS{line}, remote.WithAuth(login(username, password))
	}
	descriptor, err := remote.Get(ref, r.options(ctx, by, auth)...)
	if err != nil {
		return nil, problem(base, line.failed(err))
	}
	img, _, err := choose(descriptor, o.Platform)
	if err != nil {
		return nil, problem(base, line.failed(err))
	}
	return img, nil
}

func (r *Registries) push(ctx context.Context, img v1.Image, to Destination) (string, error) {
	tag, err := name.NewTag(to.Repository + ":" + to.Tag)
	if err != nil {
		return "", fmt.Errorf("push: %w", err)
	}
	line := r.line(tag.Registry)
	err = remote.Write(tag, img, append(r.options(ctx, line, remote.WithAuth(to.auth())), remote.WithRetryStatusCodes(again...))...)
	if err != nil {
		return "", fmt.Errorf("push %s: %w", tag, line.failed(err))
	}
	digest, err := img.Digest()
	if err != nil {
		return "", fmt.Errorf("push %s: %w", tag, err)
	}
	return digest.String(), nil
}

// again are the answers after which a request is worth another attempt.
var again = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
	http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}
