package image

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// The annotations of the manifests that we push: a plan reads in them what an
// image was made of, without fetching its layers or its configuration.
const (
	tagAnnotation      = "dev.compose2fargate.tag"
	platformAnnotation = "dev.compose2fargate.platform"
	baseAnnotation     = "dev.compose2fargate.base"
	contextAnnotation  = "dev.compose2fargate.context"
	filesAnnotation    = "dev.compose2fargate.files"
	sourcesAnnotation  = "dev.compose2fargate.sources"
	specAnnotation     = "dev.compose2fargate.spec"
	releaseAnnotation  = "dev.compose2fargate.release"
)

// maxTexts bounds the list of files with their texts, in bytes as it stands in the
// manifest. Without the texts a plan says which files changed, and not how.
const maxTexts = 512 << 10

// Annotations say of what an image is made, and by which release of this tool; hash is
// that of its spec.
func Annotations(s spec.Image, hash string) (map[string]string, error) {
	out := map[string]string{
		tagAnnotation: s.Tag, platformAnnotation: s.Platform, specAnnotation: hash, releaseAnnotation: strconv.Itoa(plan.Release),
	}
	if s.Base != "" {
		out[baseAnnotation] = s.Base
	}
	if s.Context != "" {
		out[contextAnnotation] = s.Context
	}
	if len(s.ContextFiles) > 0 {
		listed, err := encodeList(s.ContextFiles)
		if err != nil {
			return nil, err
		}
		if len(listed) <= maxTexts {
			out[sourcesAnnotation] = listed
		}
	}
	if len(s.Files) == 0 {
		return out, nil
	}
	listed, err := EncodeFiles(s.Files)
	if err == nil && len(listed) > maxTexts {
		listed, err = EncodeFiles(textless(s.Files))
	}
	out[filesAnnotation] = listed
	return out, err
}

func textless(files []spec.ImageFile) []spec.ImageFile {
	files = slices.Clone(files)
	for i := range files {
		files[i].Text = ""
	}
	return files
}

// Made is for which spec an image was made, by its hash, and by which release of this
// tool, "" for the first one. The zero Made: it is none of ours.
type Made struct{ Hash, Release string }

// Describe reads from a manifest what the image was made of, as far as its
// annotations tell, and by whom. For an image that somebody else pushed, which has
// no annotations of ours, it returns the zero Image. It does not set Repository.
func Describe(manifest []byte) (s spec.Image, by Made, err error) {
	var parsed struct {
		Annotations map[string]string `json:"annotations"`
	}
	if err := json.Unmarshal(manifest, &parsed); err != nil {
		return s, Made{}, fmt.Errorf("read the manifest: %w", err)
	}
	a := parsed.Annotations
	s = spec.Image{Tag: a[tagAnnotation], Platform: a[platformAnnotation], Base: a[baseAnnotation], Context: a[contextAnnotation]}
	if listed := a[filesAnnotation]; listed != "" {
		if s.Files, err = DecodeFiles(listed); err != nil {
			return spec.Image{}, Made{}, err
		}
	}
	if listed := a[sourcesAnnotation]; listed != "" {
		if s.ContextFiles, err = decodeList[spec.ContextFile](listed); err != nil {
			return spec.Image{}, Made{}, err
		}
	}
	return s, Made{Hash: a[specAnnotation], Release: a[releaseAnnotation]}, nil
}

// annotate returns the image with annotations and an OCI manifest: those of Docker
// have no annotations (Docker Registry, Image Manifest V 2, Schema 2). Layers and
// configuration stay byte for byte what they are.
func annotate(img v1.Image, annotations map[string]string) (v1.Image, error) {
	manifest, err := img.Manifest()
	if err != nil {
		return nil, fmt.Errorf("annotate the image: %w", err)
	}
	out := manifest.DeepCopy()
	out.MediaType = types.OCIManifestSchema1
	out.Config.MediaType = types.OCIConfigJSON
	for i, layer := range out.Layers {
		if oci, ok := ociLayers[layer.MediaType]; ok {
			out.Layers[i].MediaType = oci
		}
	}
	if out.Annotations == nil {
		out.Annotations = map[string]string{}
	}
	maps.Copy(out.Annotations, annotations)
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("annotate the image: %w", err)
	}
	return &annotated{img, out, raw}, nil
}

// ociLayers are the OCI names of Docker's media types (OCI image specification,
// Compatibility Matrix).
var ociLayers = map[types.MediaType]types.MediaType{
	types.DockerLayer:             types.OCILayer,
	types.DockerUncompressedLayer: types.OCIUncompressedLayer,
	types.DockerForeignLayer:      types.OCIRestrictedLayer,
}

// annotated is an image with another manifest.
type annotated struct {
	v1.Image
	manifest *v1.Manifest
	raw      []byte
}

func (a *annotated) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }
func (a *annotated) Manifest() (*v1.Manifest, error)     { return a.manifest.DeepCopy(), nil }
func (a *annotated) RawManifest() ([]byte, error)        { return slices.Clone(a.raw), nil }
func (a *annotated) Digest() (v1.Hash, error)            { return partial.Digest(a) }
func (a *annotated) Size() (int64, error)                { return partial.Size(a) }

// EncodeFiles is the value of filesAnnotation: the list as JSON, compressed, in
// base64.
func EncodeFiles(files []spec.ImageFile) (string, error) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b spec.ImageFile) int { return strings.Compare(a.Path, b.Path) })
	return encodeList(files)
}

func encodeList[T any](files []T) (string, error) {
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	if err := json.NewEncoder(packed).Encode(files); err != nil {
		return "", fmt.Errorf("list the files: %w", err)
	}
	if err := packed.Close(); err != nil {
		return "", fmt.Errorf("list the files: %w", err)
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

// maxListed bounds what DecodeFiles unpacks: manifests are up to 4 MiB (ECR
// quotas), and what unpacks to much more is none of ours.
const maxListed = 64 << 20

// DecodeFiles is the inverse of EncodeFiles.
func DecodeFiles(text string) ([]spec.ImageFile, error) { return decodeList[spec.ImageFile](text) }

func decodeList[T any](text string) ([]T, error) {
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("read the list of files: %w", err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("read the list of files: %w", err)
	}
	var files []T
	data, err := io.ReadAll(io.LimitReader(unpacked, maxListed)) // to the end, where the checksum is
	if err == nil {
		err = json.Unmarshal(data, &files)
	}
	if err != nil {
		return nil, fmt.Errorf("read the list of files: %w", err)
	}
	return files, nil
}
