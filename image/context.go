package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"golang.org/x/sync/errgroup"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// HashContext is a hash of all that a build depends on and that can be known
// before it: the files of its contexts that .dockerignore lets in, by path, mode
// and content, the Dockerfile, arguments, target and platform. Times and owners
// don't count. A context that is not on this machine counts by its name alone,
// and so do secrets, which Docker's own cache does not look at either.
func HashContext(ctx context.Context, b spec.BuildSource) (string, error) {
	sum := sha256.New()
	if err := json.NewEncoder(sum).Encode(recipe(b)); err != nil {
		return "", fmt.Errorf("hash the build of %s: %w", b.Service, err)
	}
	dockerfile, err := dockerfileOf(b)
	if err != nil {
		return "", fmt.Errorf("hash the build of %s: %w", b.Service, err)
	}
	fmt.Fprintf(sum, "dockerfile %d\n%s\n", len(dockerfile), dockerfile)
	contexts := map[string]string{"": b.Context}
	maps.Copy(contexts, b.AdditionalContexts)
	for _, name := range slices.Sorted(maps.Keys(contexts)) {
		if err := hashTree(ctx, sum, name, contexts[name], b.Dockerfile); err != nil {
			return "", fmt.Errorf("hash the build context %s of %s: %w", contexts[name], b.Service, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// recipe is what determines a build besides its files, without the paths of
// this machine.
func recipe(b spec.BuildSource) any {
	var secrets []string
	for _, s := range b.Secrets {
		secrets = append(secrets, s.ID)
	}
	return struct {
		Args, Labels                       map[string]string
		Target, Platform, Network          string
		Secrets, SSH, Hosts, Ulimits, Caps []string
		ShmSize                            int64
		Privileged                         bool
	}{b.Args, b.Labels, b.Target, b.Platform, b.Network, secrets, b.SSH, b.ExtraHosts, b.Ulimits, b.Entitlements, b.ShmSize, b.Privileged}
}

// dockerfileOf is the text of the Dockerfile; that of a remote context is not
// known.
func dockerfileOf(b spec.BuildSource) ([]byte, error) {
	if b.DockerfileInline != "" {
		return []byte(b.DockerfileInline), nil
	}
	if Remote(b.Context) && !filepath.IsAbs(b.Dockerfile) {
		return []byte(b.Dockerfile), nil
	}
	return os.ReadFile(b.Dockerfile)
}

// Remote says whether a build context is somewhere else than in a directory of
// this machine: a Git repository, an archive, another image.
func Remote(location string) bool {
	schemes := []string{"http://", "https://", "git://", "ssh://", "git@", "github.com/", "docker-image://", "oci-layout://", "target:", "service:"}
	return slices.ContainsFunc(schemes, func(prefix string) bool { return strings.HasPrefix(location, prefix) })
}

// hashTree adds the files of one context.
func hashTree(ctx context.Context, sum hash.Hash, name, root, dockerfile string) error {
	fmt.Fprintf(sum, "context %q\n", name)
	if Remote(root) {
		fmt.Fprintf(sum, "at %q\n", root)
		return nil
	}
	ignored, err := ignoring(root, dockerfile)
	if err != nil {
		return err
	}
	entries, err := list(ctx, root, ignored)
	if err != nil {
		return err
	}
	if err := digestFiles(ctx, root, entries); err != nil {
		return err
	}
	for _, e := range entries {
		fmt.Fprintf(sum, "%q %o %q %x\n", e.path, e.mode, e.link, e.sum)
	}
	return nil
}

// ignoring reads which files stay out: DOCKERFILE.dockerignore where it exists,
// else .dockerignore (Docker, build context page).
func ignoring(root, dockerfile string) (*patternmatcher.PatternMatcher, error) {
	for _, file := range []string{dockerfile + ".dockerignore", filepath.Join(root, ".dockerignore")} {
		opened, err := os.Open(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		patterns, err := ignorefile.ReadAll(opened)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		return patternmatcher.New(patterns)
	}
	return patternmatcher.New(nil)
}

// entry is a file, directory or symbolic link of a context.
type entry struct {
	path string // with slashes, below the root
	mode fs.FileMode
	link string
	sum  [sha256.Size]byte // of a file's content
}

// list finds the entries that are not ignored, sorted by path.
func list(ctx context.Context, root string, ignored *patternmatcher.PatternMatcher) ([]entry, error) {
	l := lister{ctx: ctx, root: root, ignored: ignored}
	err := l.directory("", patternmatcher.MatchInfo{})
	return l.entries, err
}

type lister struct {
	ctx     context.Context
	root    string
	ignored *patternmatcher.PatternMatcher
	entries []entry
}

// directory lists one directory. os.ReadDir sorts by name, which makes the whole
// list sorted by path elements.
func (l *lister) directory(below string, parent patternmatcher.MatchInfo) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	children, err := os.ReadDir(filepath.Join(l.root, filepath.FromSlash(below)))
	if err != nil {
		return err
	}
	for _, child := range children {
		name := path.Join(below, child.Name())
		out, info, err := l.ignored.MatchesUsingParentResults(filepath.FromSlash(name), parent)
		if err != nil {
			return err
		}
		if err := l.child(name, child, out, info); err != nil {
			return err
		}
	}
	return nil
}

// child adds one entry. An ignored directory is looked into only where a pattern
// with an exclamation mark may let something in again.
func (l *lister) child(name string, child fs.DirEntry, out bool, info patternmatcher.MatchInfo) error {
	if out && !(child.IsDir() && l.ignored.Exclusions()) {
		return nil
	}
	if !out {
		if err := l.add(name, child); err != nil {
			return err
		}
	}
	if child.IsDir() {
		return l.directory(name, info)
	}
	return nil
}

func (l *lister) add(name string, child fs.DirEntry) error {
	info, err := child.Info()
	if err != nil {
		return err
	}
	e := entry{path: name, mode: info.Mode() & (fs.ModePerm | fs.ModeType | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)}
	switch {
	case e.mode&fs.ModeSymlink != 0:
		if e.link, err = os.Readlink(filepath.Join(l.root, filepath.FromSlash(name))); err != nil {
			return err
		}
		e.mode = fs.ModeSymlink // its permissions mean nothing
	case !e.mode.IsDir() && !e.mode.IsRegular():
		return nil // sockets, pipes and devices are no part of a context
	}
	l.entries = append(l.entries, e)
	return nil
}

// digestFiles hashes the contents of all regular files, on all processors.
func digestFiles(ctx context.Context, root string, entries []entry) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for batch := range slices.Chunk(entries, 256) {
		g.Go(func() error {
			sum, buffer := sha256.New(), make([]byte, 128<<10)
			for i := range batch {
				if !batch[i].mode.IsRegular() {
					continue
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				sum.Reset()
				if err := copyFile(sum, filepath.Join(root, filepath.FromSlash(batch[i].path)), buffer); err != nil {
					return err
				}
				sum.Sum(batch[i].sum[:0])
			}
			return nil
		})
	}
	return g.Wait()
}

// copyFile reads through buffer alone: memory does not grow with the file.
func copyFile(w io.Writer, file string, buffer []byte) error {
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer opened.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{opened}, buffer)
	return err
}
