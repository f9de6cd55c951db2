package translate

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"os"
	"path"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// maxInline, in bytes, is more than any task definition holds compressed.
const maxInline = 4 << 20

// pack makes a tar archive of files as the helper sees them. It has no times.
func pack(files []spec.FileSource, drops []deliveryVolume) (string, error) {
	var out bytes.Buffer
	packed, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	archive := tar.NewWriter(packed)
	for _, f := range files {
		if name, ok := inDeliveryVolume(f.Path, drops); ok {
			if err := packFile(archive, strings.TrimPrefix(name, "/"), f); err != nil {
				return "", err
			}
		}
	}
	if err := archive.Close(); err != nil {
		return "", err
	}
	if err := packed.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

func packFile(archive *tar.Writer, name string, f spec.FileSource) error {
	header := &tar.Header{Name: path.Clean(name), Mode: int64(f.Perm.Perm()), Uid: f.UID, Gid: f.GID, Format: tar.FormatUSTAR}
	switch {
	case f.Link != "":
		header.Typeflag, header.Linkname = tar.TypeSymlink, f.Link
		return archive.WriteHeader(header)
	case f.Content == nil && f.File == "":
		header.Typeflag, header.Name = tar.TypeDir, header.Name+"/"
		return archive.WriteHeader(header)
	}
	content := f.Content
	if f.File != "" {
		var err error
		if content, err = os.ReadFile(f.File); err != nil {
			return err
		}
	}
	header.Typeflag, header.Size = tar.TypeReg, int64(len(content))
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err := io.Copy(archive, bytes.NewReader(content))
	return err
}

// maxDefinition is ECS's limit (service quotas page, "Task definition size
// limit"), in bytes.
const maxDefinition = 64 << 10
