package translate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// fileLayers are the files that images get as a layer of their own.
type fileLayers struct {
	*base
	*localFiles
	storage *storage
	secrets *secrets
	layers  map[string][]spec.FileSource // by the key of the container

	saidPrivate map[string]bool // the configs that were warned of

	unlinked bool // no file is found by a link: as before release 3
}

// The bounds of the files that go into the image of one service.
const (
	maxLayer = 100 << 20 // bytes in all: what is larger is data, and no configuration
	maxFiles = 10_000    // and more than that are data as well
	// A text up to maxText bytes is kept for the plan to show, and maxTexts in all:
	// they stand in the manifest, which holds 4 MiB (ECR quotas).
	maxText  = 32 << 10
	maxTexts = 1 << 20
)

// maxDefinition is ECS's limit (service quotas page, "Task definition size
// limit"), in bytes.
const maxDefinition = 64 << 10

// fileTree is a file or a directory of this machine, or a text, that a container
// sees at a path.
type fileTree struct {
	target  string // in the container
	source  string // on this machine; "" with content
	content []byte
	link    string      // what a symbolic link leads to; "" for all else
	secret  bool        // content may be one
	mode    fs.FileMode // of content; the others have their own
	uid     int
	gid     int
	path    diag.Path // where the files ask for it
	merged  bool      // what the image has in a directory stays
	// hides says whether a path in the container is hidden by another mount of it. Nil:
	// none is.
	hides func(target string) bool
	// has says whether the image has a directory of it, with rights of its own. Nil: none.
	has func(target string) bool
}

// layer are the files that go into the image of a container, by path.
func (t *fileLayers) layer(s container) []spec.FileSource {
	key := s.key()
	if files, ok := t.layers[key]; ok {
		return files
	}
	trees := t.trees(s, xfargate.InImage)
	for i, f := range trees {
		trees[i] = t.inLayer(s, f)
	}
	files, _ := t.collect(append(trees, t.links(s)...))
	t.layers[key] = files
	return files
}

// trees are the configs and the mounted files of a container that get there in one
// way: in its image, or inline in the task definition.
func (t *fileLayers) trees(s container, way string) []fileTree {
	return slices.DeleteFunc(append(t.storage.fileMounts(s), t.configFiles(s)...), func(f fileTree) bool {
		return t.X.FileMode(s.Name, f.target) != way
	})
}

// collect reads trees: their files by path, and the bytes in these.
func (t *fileLayers) collect(trees []fileTree) (files []spec.FileSource, size int64) {
	c := collector{localFiles: t.localFiles, from: map[string]diag.Path{}, secret: map[string]bool{}}
	for _, f := range trees {
		c.add(f)
	}
	return c.result(), c.size
}

// collector reads trees into a layer.
type collector struct {
	*localFiles
	files  []spec.FileSource
	from   map[string]diag.Path // where the files ask for a path
	size   int64
	texts  int64
	secret map[string]bool // files of this machine with secrets in them
	full   bool            // the bounds are reached, which was said
}

func (c *collector) add(f fileTree) {
	switch {
	case f.link != "":
		c.link(f)
		return
	case f.source == "":
		c.text(f)
		return
	}
	resolved, info, ok := c.local(f.source, f.path)
	switch {
	case !ok:
	case info.IsDir():
		c.directory(f, resolved, info)
	case !info.Mode().IsRegular():
		c.errorf(f.path, "name a file or a directory", "%s is neither a file nor a directory", c.Display(f.source))
	default:
		c.file(f, resolved, info)
	}
}

// put adds an entry; a second one of the same path is a mistake.
func (c *collector) put(f fileTree, entry spec.FileSource) {
	if other, twice := c.from[entry.Path]; twice && !slices.Equal(other, f.path) {
		c.errorf(f.path, "deliver only one of the two", "%s is delivered twice, first at %s", entry.Path, c.At(other...))
		return
	}
	c.from[entry.Path] = f.path
	c.files = append(c.files, entry)
	if len(c.files) > maxFiles && !c.full {
		c.full = true
		c.errorf(f.path, "mount a smaller directory, or copy the files with COPY in a Dockerfile",
			"more than %d files: that is the limit for the image of a service", maxFiles)
	}
}

// text adds a content that stands in the compose files.
func (c *collector) text(f fileTree) {
	entry := spec.FileSource{
		ImageFile: spec.ImageFile{Path: f.target, Mode: modeText("", f.mode), UID: f.uid, GID: f.gid},
		Content:   append([]byte{}, f.content...), Perm: f.mode,
	}
	entry.SHA256, entry.Size = sha256Text(f.content), int64(len(f.content))
	if entry.Secret = f.secret || c.isSecretFile(f.target, f.content); !entry.Secret {
		entry.Text = c.shownText(f.content)
	}
	c.size += entry.Size
	c.put(f, entry)
}

// directory adds a directory that is mounted and its content, sorted. What the image
// has in it is hidden, as a mount hides it, unless it is merged.
func (c *collector) directory(f fileTree, dir string, info fs.FileInfo) {
	if f.has == nil {
		c.put(f, c.entryAt(f, "d", f.target, c.Machine.Mode(info.Mode()), func(e *spec.FileSource) { e.Opaque = !f.merged }))
	}
	tree := content.Tree{Root: dir, Machine: c.Machine, Most: max(1, maxFiles-len(c.files))}
	if f.hides != nil {
		tree.Hidden = func(name string) bool { return f.hides(path.Join(f.target, name)) }
	}
	ctx := context.Background() // Most and maxLayer bound what is read
	l, err := content.List(ctx, tree)
	if err == nil && c.size+l.Size() <= maxLayer {
		err = l.Digest(ctx)
	}
	if err != nil {
		c.unlisted(f, dir, err)
		return
	}
	if !c.admitHomes(f.path, l, "") {
		return
	}
	c.sayLeftOut(f, l)
	for _, e := range l.Counted() {
		c.entry(f, l, e)
	}
	c.sayPrivate(f, l)
}

// unlisted says why a directory cannot be read.
func (c *collector) unlisted(f fileTree, dir string, err error) {
	if _, many := errors.AsType[*content.TooManyError](err); many {
		c.errorf(f.path, "mount a smaller directory, or copy the files with COPY in a Dockerfile",
			"more than %d files: that is the limit for the image of a service", maxFiles)
		return
	}
	c.unreadable(f.path, fileOf(err, dir), err)
}

func (c *collector) entry(f fileTree, l *content.Listing, e content.Entry) {
	target := path.Join(f.target, e.Path)
	switch {
	case e.Mode.IsDir() && f.has != nil && f.has(target):
	case e.Mode.IsDir():
		c.put(f, c.entryAt(f, "d", target, e.Mode, nil))
	case e.Mode&fs.ModeSymlink != 0: // its target is resolved in the container
		c.put(f, c.entryAt(f, "l", target, 0o777, func(s *spec.FileSource) { s.Link = filepath.ToSlash(e.Link) }))
	default:
		c.fileEntry(f, target, l.File(e), e)
	}
}

// entryAt is an entry of a tree. Its owner is root, whoever owns it here.
func (c *collector) entryAt(f fileTree, kind, target string, mode fs.FileMode, more func(*spec.FileSource)) spec.FileSource {
	out := spec.FileSource{
		ImageFile: spec.ImageFile{Path: target, Mode: modeText(kind, mode), UID: f.uid, GID: f.gid},
		Perm:      mode &^ fs.ModeType,
	}
	if more != nil {
		more(&out)
	}
	return out
}

// fileEntry adds a file of this machine.
func (c *collector) fileEntry(f fileTree, target, name string, e content.Entry) {
	entry := c.entryAt(f, "", target, e.Mode, func(s *spec.FileSource) { s.File, s.Size = name, e.Size })
	if c.size += e.Size; c.size > maxLayer { // result says so
		c.put(f, entry)
		return
	}
	entry.SHA256 = hex.EncodeToString(e.SHA256[:])
	if entry.Secret = e.Private != ""; e.Size <= maxText && !entry.Secret {
		text, err := os.ReadFile(name)
		if err != nil {
			c.unreadable(f.path, name, err)
			return
		}
		if entry.Secret = c.isSecretFile(target, text); !entry.Secret {
			entry.Text = c.shownText(text)
		}
		c.secret[name] = entry.Secret
	}
	c.put(f, entry)
}

// file adds a single file that is mounted.
func (c *collector) file(f fileTree, name string, info fs.FileInfo) {
	l := &content.Listing{Root: filepath.Dir(name), Entries: []content.Entry{{
		Path: filepath.Base(name), Mode: c.Machine.Mode(info.Mode()), Size: info.Size(),
	}}}
	if c.size+info.Size() <= maxLayer {
		if err := l.Digest(context.Background()); err != nil {
			c.unreadable(f.path, name, err)
			return
		}
	}
	for _, e := range l.Entries {
		c.fileEntry(f, f.target, name, e)
	}
	c.sayPrivate(f, l)
}

func sha256Text(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }

// isSecretFile says whether nobody must see a file in a plan, nor guess it from there.
func (c *collector) isSecretFile(target string, content []byte) bool {
	if !isText(content) {
		return false
	}
	return sensitive.File(target, string(content)) || c.hasHidden(string(content))
}

// shownText is the content of a small text file, to be shown in plans; "" for other files.
func (c *collector) shownText(content []byte) string {
	if len(content) > maxText || c.texts+int64(len(content)) > maxTexts || !isText(content) {
		return ""
	}
	c.texts += int64(len(content))
	return string(content)
}

// isText says whether people can read it: UTF-8 without control characters.
func isText(content []byte) bool {
	control := func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f }
	return utf8.Valid(content) && !strings.ContainsFunc(string(content), control)
}

// result is what was collected, sorted by path, within its bounds.
func (c *collector) result() []spec.FileSource {
	slices.SortFunc(c.files, func(a, b spec.FileSource) int { return cmp.Compare(a.Path, b.Path) })
	if c.size <= maxLayer {
		return c.files
	}
	largest := slices.MaxFunc(c.files, func(a, b spec.FileSource) int { return cmp.Compare(a.Size, b.Size) })
	c.errorf(c.from[largest.Path], "copy data with COPY in a Dockerfile, or keep it in a volume",
		"%s of files: at most %s fit into the image of a service; the largest is %s with %s",
		bytesText(c.size), bytesText(maxLayer), largest.Path, bytesText(largest.Size))
	return c.files
}

// maxConfig, in bytes, is what Docker takes for a config (docker config create:
// 1000 kB; docker compose mounts files of any size) and more than anybody writes.
const maxConfig = maxLayer

// configFiles are the configs of a container that are known here. An external one
// is delivered like a secret.
func (t *fileLayers) configFiles(s container) []fileTree {
	var out []fileTree
	for i, c := range s.Configs {
		place := s.at("configs", strconv.Itoa(i))
		config := t.Compose.Configs[c.Source]
		if config.External {
			continue
		}
		f := fileTree{
			target: targetOf(c.Target, "/", c.Source), path: place, secret: t.isSecretConfig(c.Source, config),
			mode: fileMode(c.Mode), uid: t.owner(c.UID, "uid", place), gid: t.owner(c.GID, "gid", place),
		}
		var ok bool
		if f.content, ok = t.configContent(c.Source, config); ok {
			t.sayPrivateConfig(c.Source, config, f.content)
			out = append(out, f)
		}
	}
	return out
}

// isSecretConfig says whether a config is a secret by its name, or came from one.
func (t *fileLayers) isSecretConfig(name string, c types.ConfigObjConfig) bool {
	return sensitive.Name(name) || sensitive.Name(c.Environment) || t.fromSecret(diag.Path{"configs", name, "content"})
}

// configContent is the content of a config; not ok, with an error, if it is not
// known.
func (t *fileLayers) configContent(name string, c types.ConfigObjConfig) ([]byte, bool) {
	path := diag.Path{"configs", name}
	switch {
	case c.File != "":
		return t.readLocal(c.File, path.Key("file"), maxConfig, "copy data with COPY in a Dockerfile, or keep it in a volume")
	case c.Environment != "":
		return t.fromEnvironment(c.Environment, path.Key("environment"))
	default:
		return []byte(c.Content), true
	}
}
