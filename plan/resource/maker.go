package resource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/compose2fargate/compose2fargate/image"
)

// Maker makes images: it builds or copies them and pushes them to ECR.
type Maker interface {
	// Make returns the digest of the manifest that it pushed.
	Make(ctx context.Context, o image.Order) (digest string, err error)
}

// Recorder is the Maker for the embedded AWS: it neither builds nor pushes
// images, but records a manifest that says from what each image would have been
// made.
type Recorder struct{ ecr *ecr.Client }

// NewRecorder records in the ECR of cfg.
func NewRecorder(cfg aws.Config) Recorder { return Recorder{ecr.NewFromConfig(cfg)} }

// Make implements Maker.
func (r Recorder) Make(ctx context.Context, o image.Order) (string, error) {
	manifest, err := image.Simulate(o)
	if err != nil {
		return "", err
	}
	_, name, _ := strings.Cut(o.To.Repository, "/")
	_, err = r.ecr.PutImage(ctx, &ecr.PutImageInput{
		RepositoryName: &name, ImageTag: &o.To.Tag, ImageManifest: pointer(string(manifest)),
	})
	if err != nil && !is(err, "ImageAlreadyExists") {
		return "", err
	}
	sum := sha256.Sum256(manifest)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
