package translate

import (
	"path"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// One directory may be reached by several paths: through symbolic links, and as a volume
// that is bound to it. It is one, so that what one service writes the others see.

// canonical is where a path leads. In the project, of which git keeps the links, it is
// named from its directory: that may be reached through a link itself.
func (p *Project) canonical(name string) string {
	real := content.Resolve(name)
	if relative, ok := below(content.Resolve(p.Directory), real); ok {
		return path.Join(filepath.ToSlash(p.Directory), relative)
	}
	return filepath.ToSlash(real)
}

// boundTo is the directory of this machine that a mounted volume is bound to by
// driver_opts; "" where it is none that lasts.
func (p *Project) boundTo(v types.ServiceVolumeConfig) string {
	if v.Type != types.VolumeTypeVolume || v.Source == "" {
		return ""
	}
	device := localStore(p.Compose.Volumes[v.Source].DriverOpts).device
	if kind := p.storeOf(v.Source).kind; device == "" || kind != ownStore && kind != existingStore {
		return ""
	}
	return filepath.ToSlash(compose.Absolute(p.Directory, device))
}

// source is the path by which it is known on every machine: in the project where it is,
// else as the files write it, where possible without a link.
func (h *hostPath) source() string {
	var written []string
	for _, m := range h.mounts {
		if written = append(written, m.source); inside(m.Directory, h.real) || m.source == h.real {
			return h.real
		}
	}
	return slices.Min(written)
}

// findPlace is in the outermost directory that is a volume, so that on EFS one lies in
// the other as it does here. Of several volumes that are bound to one directory the first
// by name counts.
func (h *hostPath) findPlace(around []*hostPath) dataPlace {
	for _, outer := range around {
		if rest, ok := below(outer.real, h.real); ok && outer.data && outer.place.named {
			return dataPlace{outer.place.volume, true, path.Join(outer.place.subpath, rest)}
		}
	}
	var bound []string
	for _, m := range h.mounts {
		if m.ofVolume != "" {
			bound = append(bound, m.ofVolume)
		}
	}
	inBind := slices.ContainsFunc(around, func(outer *hostPath) bool { return outer.data && inside(outer.real, h.real) })
	if len(bound) > 0 && !inBind {
		return dataPlace{slices.Min(bound), true, ""}
	}
	return dataPlace{volume: h.mounts[0].volumeName()}
}
