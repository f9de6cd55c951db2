package image

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// stage copies what a build is made from into an empty directory, and returns the
// build from there: the builder gets what was hashed, whatever else lies beside it
// and whatever modes this machine gave it. want is the hash that was planned; "": any.
func stage(ctx context.Context, b spec.BuildSource, dir, want string) (spec.BuildSource, error) {
	read, err := ReadContext(ctx, b)
	if err != nil {
		return b, err
	}
	if want != "" && read.Hash != want {
		return b, fmt.Errorf("the build context of %s %w: plan again", b.Service, errChanged)
	}
	if err := stageDockerfile(&b, read, dir); err != nil {
		return b, err
	}
	staged := b
	staged.AdditionalContexts = nil
	for i, name := range sortedNames(contextsOf(b)) {
		place := contextsOf(b)[name]
		if l := read.Trees[name]; l != nil {
			place = filepath.Join(dir, fmt.Sprint("context", i))
			if err := copyTree(ctx, l, place, momentOf(read.Hash)); err != nil {
				return b, fmt.Errorf("copy the build context %s: %w", l.Root, err)
			}
		}
		if name == "" {
			staged.Context = place
			continue
		}
		if staged.AdditionalContexts == nil {
			staged.AdditionalContexts = map[string]string{}
		}
		staged.AdditionalContexts[name] = place
	}
	return staged, nil
}

// stageDockerfile writes the Dockerfile, and beside it that nothing is ignored: the
// copy of a context has nothing that should be.
func stageDockerfile(b *spec.BuildSource, read *Context, dir string) error {
	if b.DockerfileInline == "" && spec.RemoteContext(b.Context) && !filepath.IsAbs(b.Dockerfile) {
		return nil // it is in the context
	}
	b.Dockerfile, b.DockerfileInline = filepath.Join(dir, "Dockerfile"), ""
	nothing := []byte("# applied before: see the directory context0\n")
	return errors.Join(os.WriteFile(b.Dockerfile, read.dockerfile, 0o600), os.WriteFile(b.Dockerfile+content.IgnoreName, nothing, 0o600))
}

// momentOf is the time of what is shipped, by a hash of its content: of a file in a
// layer, of all copies for a build, so that make finds nothing older than another. None
// of this machine is shipped, but web servers tell the versions of a file by its time and
// size (nginx, ngx_http_set_etag). It is after 1980, before which zip archives have none.
func momentOf(hash string) time.Time {
	sum := sha256.Sum256([]byte(hash))
	return time.Unix(10*365*24*3600+int64(binary.BigEndian.Uint32(sum[:])>>2)+7*24*3600, 0)
}

// copyTree makes a directory with the content of a listing, all of it of one time.
func copyTree(ctx context.Context, l *content.Listing, to string, moment time.Time) error {
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	for _, e := range l.Entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := copyEntry(l.File(e), filepath.Join(to, filepath.FromSlash(e.Path)), e, moment); err != nil {
			return err
		}
	}
	for _, e := range slices.Backward(l.Entries) { // what is in a directory changes its time
		if e.Mode.IsDir() {
			if err := finish(filepath.Join(to, filepath.FromSlash(e.Path)), e.Mode, moment); err != nil {
				return err
			}
		}
	}
	return os.Chtimes(to, moment, moment)
}

func copyEntry(from, to string, e content.Entry, moment time.Time) error {
	// What is let in again by a pattern has directories that are not.
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	switch {
	case e.Mode.IsDir():
		return copyDirectory(from, to)
	case e.Mode&fs.ModeSymlink != 0:
		return os.Symlink(e.Link, to)
	default:
		if err := copyContent(from, to, e); err != nil {
			return err
		}
		return finish(to, e.Mode, moment)
	}
}

// copyDirectory makes a directory. The entry by which a repository counts may stand
// for a file, which has an entry of its own.
func copyDirectory(from, to string) error {
	if info, err := os.Lstat(from); err != nil || !info.IsDir() {
		return err
	}
	return os.MkdirAll(to, 0o755)
}

func copyContent(from, to string, e content.Entry) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, sum), in); err != nil {
		return err
	}
	if !e.InGit && [sha256.Size]byte(sum.Sum(nil)) != e.SHA256 {
		return fmt.Errorf("%s %w", e.Path, errChanged)
	}
	return nil
}

// finish gives a copy its mode and its time. What counts as a directory may be none.
func finish(to string, mode fs.FileMode, moment time.Time) error {
	if info, err := os.Lstat(to); err != nil || info.IsDir() != mode.IsDir() {
		return err
	}
	return errors.Join(os.Chmod(to, mode), os.Chtimes(to, moment, moment))
}
