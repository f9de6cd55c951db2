package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// maxEntries is more than a build context has on purpose: beyond it there is a
// directory in it that .dockerignore should leave out.
const maxEntries = 1_000_000

// longestDockerfile is how many bytes one may have: more than anybody writes.
const longestDockerfile = 16 << 20

// Context is what a build is made from, as far as it is on this machine.
type Context struct {
	// Hash is one of all that the build depends on and that can be known before it:
	// the content of its contexts that .dockerignore lets in, the Dockerfile,
	// arguments, target and platform. A context that is not on this machine counts by
	// its name alone, and so do secrets, which Docker's own cache does not look at
	// either.
	Hash string
	// Trees are the contexts on this machine by their name, "" for that of the build.
	Trees map[string]*content.Listing

	source     spec.BuildSource
	dockerfile []byte
}

// ReadContext reads what a build is made from, as Contexts.Read does.
func ReadContext(ctx context.Context, b spec.BuildSource) (*Context, error) {
	return new(Contexts).Read(ctx, b)
}

// Contexts reads the contexts of the builds of one project, a directory that several have
// once. The zero value has read none. It is not safe for concurrent use.
type Contexts struct {
	trees map[string]readTree // by the directory and what says what is left out of it
}

type readTree struct {
	listing *content.Listing
	err     error
}

// Read reads what a build is made from. An error about a file of this machine is an
// fs.PathError, one about a context with too many files a content.TooManyError.
func (c *Contexts) Read(ctx context.Context, b spec.BuildSource) (*Context, error) {
	out := &Context{Trees: map[string]*content.Listing{}, source: b}
	sum := sha256.New()
	if err := json.NewEncoder(sum).Encode(recipe(b)); err != nil {
		return nil, fmt.Errorf("hash the build of %s: %w", b.Service, err)
	}
	var err error
	if out.dockerfile, err = dockerfileOf(b); err != nil {
		return nil, fmt.Errorf("hash the build of %s: %w", b.Service, err)
	}
	fmt.Fprintf(sum, "dockerfile %d\n%s\n", len(out.dockerfile), out.dockerfile)
	contexts := contextsOf(b)
	for _, name := range sortedNames(contexts) {
		fmt.Fprintf(sum, "context %q\n", name)
		if spec.RemoteContext(contexts[name]) {
			fmt.Fprintf(sum, "at %q\n", contexts[name])
			continue
		}
		listing, err := c.tree(ctx, b, name)
		if err != nil {
			return nil, fmt.Errorf("hash the build context %s of %s: %w", contexts[name], b.Service, err)
		}
		out.Trees[name] = listing
		hashTree(sum, listing)
	}
	out.Hash = hex.EncodeToString(sum.Sum(nil))
	return out, nil
}

// contextsOf are all contexts of a build by name.
func contextsOf(b spec.BuildSource) map[string]string {
	out := map[string]string{"": b.Context}
	maps.Copy(out, b.AdditionalContexts)
	return out
}

func (c *Contexts) tree(ctx context.Context, b spec.BuildSource, name string) (*content.Listing, error) {
	root, dockerfile := contextsOf(b)[name], ""
	if name == "" && b.DockerfileInline == "" {
		dockerfile = b.Dockerfile
	}
	ignoring := content.IgnoreFiles(root, dockerfile)
	key := fmt.Sprintf("%q %q", root, ignoring)
	if known, ok := c.trees[key]; ok {
		return known.listing, known.err
	}
	listing, err := listTree(ctx, root, b.Machine, ignoring)
	if c.trees == nil {
		c.trees = map[string]readTree{}
	}
	c.trees[key] = readTree{listing, err}
	return listing, err
}

func listTree(ctx context.Context, root string, machine content.Machine, ignoring []string) (*content.Listing, error) {
	ignored, err := content.ReadIgnored(ignoring...)
	if err != nil {
		return nil, err
	}
	out, err := content.List(ctx, content.Tree{Root: root, Machine: machine, Ignored: ignored, Git: true, Most: maxEntries})
	if err != nil {
		return nil, err
	}
	return out, out.Digest(ctx)
}

// maxNamed bounds Files: with more of them only the topmost directories are named.
const maxNamed = 2_000

// Files are short hashes of what is in the contexts, by path from the directory of the
// build's own (see fromContext), so that a plan can tell which file is behind another hash.
func (c *Context) Files() map[string]string {
	sums := map[string]hash.Hash{}
	add := func(name string, values ...any) {
		if sums[name] == nil {
			sums[name] = sha256.New()
		}
		fmt.Fprintln(sums[name], values...)
	}
	entries := 0
	for _, l := range c.Trees {
		entries += len(l.Counted())
	}
	for _, name := range slices.Sorted(maps.Keys(c.Trees)) {
		l := c.Trees[name]
		for _, e := range l.Counted() {
			file := e.Path
			if entries > maxNamed {
				file, _, _ = strings.Cut(file, "/")
			}
			add(c.fromContext(name, l.File(content.Entry{Path: file}), file), name, e.Path, uint32(e.Mode), e.Link, e.SHA256)
		}
	}
	if c.source.DockerfileInline == "" && filepath.IsAbs(c.source.Dockerfile) {
		add(c.fromContext("", c.source.Dockerfile, filepath.Base(c.source.Dockerfile)), string(numbers(c.dockerfile)))
	}
	out := make(map[string]string, len(sums))
	for name, sum := range sums {
		out[name] = hex.EncodeToString(sum.Sum(nil)[:4])
	}
	return out
}

// numbers is how fmt prints bytes, of which images that are live have hashes; it takes a
// tenth of the time.
func numbers(data []byte) []byte {
	out := append(make([]byte, 0, 4*len(data)+2), '[')
	for i, b := range data {
		if i > 0 {
			out = append(out, ' ')
		}
		out = strconv.AppendUint(out, uint64(b), 10)
	}
	return append(out, ']')
}

// fromContext is a path of this machine from the directory of the build's context. What is
// elsewhere may be so on one machine alone: it has its path in the context of a name, or
// that of the Dockerfile, behind NAME and a colon.
func (c *Context) fromContext(name, file, below string) string {
	relative, err := filepath.Rel(c.source.Context, file)
	if err != nil || !filepath.IsLocal(relative) {
		return name + ":" + filepath.ToSlash(below)
	}
	return filepath.ToSlash(relative)
}

func hashTree(sum hash.Hash, l *content.Listing) {
	for _, e := range l.Counted() {
		fmt.Fprintf(sum, "%q %o %q %x\n", e.Path, e.Mode, e.Link, e.SHA256)
	}
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
	if spec.RemoteContext(b.Context) && !filepath.IsAbs(b.Dockerfile) {
		return []byte(b.Dockerfile), nil
	}
	return content.ReadFile(b.Dockerfile, longestDockerfile)
}
