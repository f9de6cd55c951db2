package image

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Simulate returns the manifest of an image that nobody makes: its layer below the
// files is named after what it would be made of. That of the files is the one that
// Make would push, so that a file that is missing is an error here as well.
func Simulate(o Order) ([]byte, error) {
	below := "base " + o.Source.Base
	if o.Source.Build != nil {
		below = "build " + o.Annotations[contextAnnotation]
	}
	manifest := v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Annotations: o.Annotations,
		Config: named(types.OCIConfigJSON, "configuration of "+below+" for "+o.Platform),
		Layers: []v1.Descriptor{named(types.OCILayer, below+" for "+o.Platform)},
	}
	if len(o.Source.Files) > 0 {
		files, err := described(o)
		if err != nil {
			return nil, err
		}
		manifest.Layers = append(manifest.Layers, files)
	}
	data, err := json.Marshal(manifest)
	if err != nil {
		return nil, fmt.Errorf("simulate an image: %w", err)
	}
	return data, nil
}

// named is the descriptor of something of which the name is all there is.
func named(mediaType types.MediaType, name string) v1.Descriptor {
	sum := sha256.Sum256([]byte(name))
	return v1.Descriptor{MediaType: mediaType, Digest: v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}, Size: int64(len(name))}
}

func described(o Order) (v1.Descriptor, error) {
	layer, err := Layer(o.Source.Files)
	if err != nil {
		return v1.Descriptor{}, err
	}
	digest, err := layer.Digest()
	if err != nil {
		return v1.Descriptor{}, err
	}
	size, err := layer.Size()
	return v1.Descriptor{MediaType: types.OCILayer, Digest: digest, Size: size}, err
}
