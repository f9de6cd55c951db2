package translate

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// maxInline, in bytes, is more than any task definition holds compressed.
const maxInline = 4 << 20

// inlineLines unpack the files of a container that stand in the task definition,
// gzip and base64 in a variable.
func (t *delivery) inlineLines(s *types.ServiceConfig, drops []drop, c *spec.Container) []string {
	collected := collector{localFiles: t.localFiles}
	trees := t.fileLayers.inlineTrees(s)
	for _, f := range trees {
		collected.add(f)
	}
	files := collected.result()
	if len(files) == 0 {
		return nil
	}
	if collected.size > maxInline {
		t.errorf(trees[0].path, "remove x-fargate.files: inline, so that the files go into a layer of the image",
			"%s of files: a task definition holds at most %s in total", bytesText(collected.size), bytesText(maxDefinition))
		return nil
	}
	packed, err := pack(files, drops)
	if err != nil {
		t.errorf(trees[0].path, "make it readable", "the files cannot be read: %s", reason(err))
		return nil
	}
	name := "FILES_" + strconv.Itoa(len(c.Environment)+1)
	c.Environment = append(c.Environment, spec.EnvironmentEntry{Name: name, Value: packed})
	return []string{`printf %s "$` + name + `" | base64 -d | tar -xzpf - -C /`}
}

// pack makes a tar archive of files as the helper sees them. It has no times.
func pack(files []spec.FileSource, drops []drop) (string, error) {
	var out bytes.Buffer
	packed, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	archive := tar.NewWriter(packed)
	for _, f := range files {
		if name, ok := inDrop(f.Path, drops); ok {
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
