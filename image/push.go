package image

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
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

func (d Destination) auth() authn.Authenticator {
	if d.Username == "" {
		return authn.Anonymous
	}
	return authn.FromConfig(authn.AuthConfig{Username: d.Username, Password: d.Password})
}

// Make builds or copies the image of a source for a platform, puts its files on
// top, pushes it, and returns the digest of its manifest. Layers that the
// repository has already are not sent again.
func (r *Registries) Make(ctx context.Context, source spec.ImageSource, platform string, to Destination, b Builder) (digest string, err error) {
	img, done, err := r.start(ctx, source, platform, b)
	if err != nil {
		return "", err
	}
	defer done()
	if len(source.Files) > 0 {
		if img, err = Append(img, source.Files); err != nil {
			return "", err
		}
	}
	return push(ctx, img, to)
}

// start returns the image below the files. done gives back what it holds.
func (r *Registries) start(ctx context.Context, source spec.ImageSource, platform string, b Builder) (img v1.Image, done func(), err error) {
	if source.Build == nil {
		img, err = r.pull(ctx, source.Base, platform)
		return img, func() {}, err
	}
	file, done, err := b.Build(ctx, *source.Build)
	if err != nil {
		return nil, nil, err
	}
	img, err = tarball.ImageFromPath(file, nil)
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("read the built image of %s: %w", source.Build.Service, err)
	}
	return img, done, nil
}

func (r *Registries) pull(ctx context.Context, base, platform string) (v1.Image, error) {
	ref, err := name.ParseReference(base)
	if err != nil {
		return nil, &Problem{Reference: base, Trouble: Malformed, Err: err}
	}
	descriptor, err := remote.Get(ref, r.options(ctx)...)
	if err != nil {
		return nil, problem(base, err)
	}
	img, _, err := choose(descriptor, platform)
	if err != nil {
		return nil, problem(base, err)
	}
	return img, nil
}

func push(ctx context.Context, img v1.Image, to Destination) (string, error) {
	tag, err := name.NewTag(to.Repository + ":" + to.Tag)
	if err != nil {
		return "", fmt.Errorf("push: %w", err)
	}
	err = remote.Write(tag, img, remote.WithContext(ctx), remote.WithAuth(to.auth()), remote.WithRetryStatusCodes(again...))
	if err != nil {
		return "", fmt.Errorf("push %s: %w", tag, err)
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
