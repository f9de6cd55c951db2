package translate

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// admitForBuilder looks at what the builder alone takes from this machine, or puts there:
// keys, caches and what leaves files out of a context.
func (t *images) admitForBuilder(b *types.BuildConfig, by string) {
	for _, key := range b.SSH {
		if key.Path != "" {
			t.admit(at(by, "build", "ssh"), compose.Absolute(t.Directory, key.Path))
		}
	}
	t.admitCaches(b.CacheFrom, at(by, "build", "cache_from"))
	t.admitCaches(b.CacheTo, at(by, "build", "cache_to"))
	t.admitIgnored(b, by)
}

func (t *images) admitCaches(caches []string, path diag.Path) {
	for i, cache := range caches {
		if dir := cacheDirectory(cache); dir != "" {
			t.admit(path.Key(strconv.Itoa(i)), compose.Absolute(t.Directory, dir))
		}
	}
}

// cacheDirectory is where a cache of the type local is; "" for others (docs.docker.com,
// build/cache/backends/local).
func cacheDirectory(cache string) string {
	fields, err := csv.NewReader(strings.NewReader(cache)).Read()
	if err != nil || !slices.Contains(fields, "type=local") {
		return ""
	}
	for _, field := range fields {
		if key, value, _ := strings.Cut(field, "="); key == "src" || key == "dest" {
			return value
		}
	}
	return ""
}

// admitIgnored looks at the files that say what is left out of the contexts: they may be
// links. Where a context is outside itself, that was said.
func (t *images) admitIgnored(b *types.BuildConfig, by string) {
	admit := func(context, dockerfile string, path diag.Path) {
		if localContext(context) != context { // it is remote
			return
		}
		if said, _ := t.OutsideText(nil, context); said != "" {
			return
		}
		for _, file := range content.IgnoreFiles(context, dockerfile) {
			if _, err := os.Lstat(file); err == nil {
				t.admit(path, file)
				return
			}
		}
	}
	admit(t.buildContext(b.Context), t.dockerfile(b), at(by, "build", "context"))
	for _, name := range sortedKeys(b.AdditionalContexts) {
		admit(t.buildContext(b.AdditionalContexts[name]), "", at(by, "build", "additional_contexts", name))
	}
}

// remoteSchemes are those of contexts that are not on this machine. What another one means
// depends on the builder: file and oci-layout are directories here (docs.docker.com,
// reference/cli/docker/buildx/build, --build-context).
var remoteSchemes = []string{"http", "https", "git", "ssh", "git+ssh", "docker-image"}

// localContext is the file or directory of this machine that a build context is, as a path
// or as a URL; "" where it is none.
func localContext(context string) string {
	scheme, name, isURL := strings.Cut(context, "://")
	switch {
	case filepath.IsAbs(context):
		return context
	case !isURL || slices.Contains(remoteSchemes, scheme):
		return ""
	}
	name, _, _ = strings.Cut(name, "@") // of oci-layout: NAME:TAG@DIGEST
	if tag := strings.LastIndex(name, ":"); tag > strings.LastIndex(name, "/") {
		name = name[:tag]
	}
	return name
}
