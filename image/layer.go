package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/internal/fault"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Layer is a layer of files. The same files give the same bytes, whatever their
// times are: see momentOf. Directories that it needs and that are not in files are left to the
// image below.
func Layer(files []spec.FileSource) (v1.Layer, error) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b spec.FileSource) int { return strings.Compare(a.Path, b.Path) })
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		reader, writer := io.Pipe()
		go func() {
			var err error
			defer func() { writer.CloseWithError(err) }()
			defer fault.Catch(&err)
			err = writeLayer(writer, files)
		}()
		return reader, nil
	}, tarball.WithMediaType(types.DockerLayer))
}

func writeLayer(w io.Writer, files []spec.FileSource) error {
	out := tar.NewWriter(w)
	for _, f := range files {
		if err := writeEntry(out, f); err != nil {
			return fmt.Errorf("write %s into the layer: %w", f.Path, err)
		}
	}
	return out.Close()
}

func writeEntry(out *tar.Writer, f spec.FileSource) error {
	header := &tar.Header{
		Name: strings.TrimPrefix(path.Clean(f.Path), "/"), Mode: content.Octal(f.Perm),
		Uid: f.UID, Gid: f.GID, Format: tar.FormatPAX,
	}
	switch {
	case f.Link != "":
		header.Typeflag, header.Linkname = tar.TypeSymlink, f.Link
		return out.WriteHeader(header)
	case f.Content == nil && f.File == "":
		header.Typeflag, header.Name = tar.TypeDir, header.Name+"/"
		if err := out.WriteHeader(header); err != nil || !f.Opaque {
			return err
		}
		// OCI image specification, layer.md, "Opaque Whiteout"
		return out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: header.Name + ".wh..wh..opq", Format: tar.FormatPAX})
	}
	header.Typeflag, header.ModTime = tar.TypeReg, momentOf(f.SHA256)
	opened, err := open(f)
	if err != nil {
		return err
	}
	defer opened.Close()
	header.Size = f.Size
	if err := out.WriteHeader(header); err != nil {
		return err
	}
	return copyUnchanged(out, opened, f)
}

// copyUnchanged copies the content of a file, which must be what was hashed.
func copyUnchanged(w io.Writer, r io.Reader, f spec.FileSource) error {
	sum := sha256.New()
	// A file that grew since it was looked at is cut, one that shrank is an error.
	if _, err := io.CopyN(io.MultiWriter(w, sum), r, f.Size); err != nil {
		return err
	}
	if f.File != "" && f.SHA256 != "" && f.SHA256 != hex.EncodeToString(sum.Sum(nil)) {
		return fmt.Errorf("%w: %s", errChanged, f.File)
	}
	return nil
}

// errChanged is returned for a file that is not what it was when it was hashed.
var errChanged = errors.New("changed since the plan was made")

func open(f spec.FileSource) (io.ReadCloser, error) {
	if f.File == "" {
		return io.NopCloser(bytes.NewReader(f.Content)), nil
	}
	return os.Open(f.File)
}

// Append puts a layer of files on an image.
func Append(base v1.Image, files []spec.FileSource) (v1.Image, error) {
	layer, err := Layer(files)
	if err != nil {
		return nil, err
	}
	out, err := mutate.Append(base, mutate.Addendum{
		Layer:   layer,
		History: v1.History{CreatedBy: "compose2fargate: mounted files"},
	})
	if err != nil {
		return nil, fmt.Errorf("append the files: %w", err)
	}
	return out, nil
}
