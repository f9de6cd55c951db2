package image

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// cached finds a configuration that was looked at before: a digest never means
// another one.
func (r *Registries) cached(digest, platform string) (plan.Image, bool) {
	if r.cache == "" {
		return plan.Image{}, false
	}
	data, err := os.ReadFile(r.cacheFile(digest, platform))
	if err != nil {
		return plan.Image{}, false
	}
	var out plan.Image
	if json.Unmarshal(data, &out) != nil || out.Digest != digest {
		return plan.Image{}, false
	}
	return out, true
}

// keep writes a configuration down. That it cannot costs a question the next
// time, and no more.
func (r *Registries) keep(img plan.Image, platform string) {
	if r.cache == "" {
		return
	}
	data, err := json.Marshal(img)
	if err != nil || os.MkdirAll(r.cache, 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(r.cache, ".new-*")
	if err != nil {
		return
	}
	_, err = file.Write(data)
	if errors.Join(err, file.Close()) != nil || os.Rename(file.Name(), r.cacheFile(img.Digest, platform)) != nil {
		_ = os.Remove(file.Name())
	}
}

func (r *Registries) cacheFile(digest, platform string) string {
	clean := strings.NewReplacer(":", "-", "/", "-")
	return filepath.Join(r.cache, clean.Replace(digest+"-"+platform)+".json")
}

// CacheDir is where configurations are kept by default, "" where the user has no
// such place.
func CacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil || errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return filepath.Join(dir, "compose2fargate", "images")
}
