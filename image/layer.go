package image

import (
	"archive/tar"
	"bytes"
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

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Layer is a layer of files. The same files give the same bytes, whatever their
// times are. Directories that it needs and that are not in files are left to the
// image below.
func Layer(files []spec.FileSource) (v1.Layer, error) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b spec.FileSource) int { return strings.Compare(a.Path, b.Path) })
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		reader, writer := io.Pipe()
		go func() { writer.CloseWithError(writeLayer(writer, files)) }()
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
		Name: strings.TrimPrefix(path.Clean(f.Path), "/"), Mode: int64(f.Perm.Perm()),
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
	header.Typeflag = tar.TypeReg
	content, err := open(f)
	if err != nil {
		return err
	}
	defer content.Close()
	header.Size = f.Size
	if err := out.WriteHeader(header); err != nil {
		return err
	}
	// A file that grew since it was looked at is cut, one that shrank is an error.
	_, err = io.CopyN(out, content, f.Size)
	return err
}

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
