package translate

import (
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// mountAround is the deepest mount of a container in which a path lies, cleaned; "" for
// none. Files of the project are no mounts.
func (p *Project) mountAround(s container, target string) string {
	var around []string
	add := func(dir string) {
		if dir = path.Clean(dir); within(target, dir) && target != dir {
			around = append(around, dir)
		}
	}
	for _, v := range s.Volumes {
		switch kind := p.bindOf(s.Name, v.Source, v.Target, v.ReadOnly).kind; {
		case v.Type == types.VolumeTypeBind && kind != bindVolume && kind != bindHostDir:
		case !p.isShield(s, v.Target):
			add(v.Target)
		}
	}
	for _, text := range s.Tmpfs {
		dir, _, _ := strings.Cut(text, ":")
		add(dir)
	}
	slices.Sort(around) // each lies in the one before
	if len(around) == 0 {
		return ""
	}
	return last(around)
}

// isNested says whether a file is found by a link in a mount of its container. One that a
// helper brings, into a directory of its own, is not where a mount of that directory does
// as well: /run/secrets, in memory, or where the service may only read.
func (p *Project) isNested(s container, target string, brought bool) bool {
	around := p.mountAround(s, target)
	switch {
	case around == "" || !brought || path.Dir(target) == around:
		return around != "" && !(brought && within(target, secretsDirectory))
	case within(target, secretsDirectory):
		return false
	}
	return slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
		return path.Clean(v.Target) == around && !v.ReadOnly && !p.inMemory(v)
	})
}

func (p *Project) inMemory(v types.ServiceVolumeConfig) bool {
	_, memory := p.memoryVolume(v.Source)
	return v.Type == types.VolumeTypeTmpfs || v.Type == types.VolumeTypeVolume && v.Source != "" && memory
}

// nestsFiles says whether a mount of a container gets links to files.
func (p *Project) nestsFiles(s container, dir string) bool {
	dir = path.Clean(dir)
	nests := func(target string, brought bool) bool {
		return p.mountAround(s, target) == dir && p.isNested(s, target, brought)
	}
	for _, v := range s.Volumes {
		target := path.Clean(v.Target)
		if v.Type != types.VolumeTypeBind || p.bindOf(s.Name, v.Source, v.Target, v.ReadOnly).kind != bindFiles {
			continue
		}
		brought := p.X.FileMode(s.Name, target) == xfargate.Inline
		if !(brought && isDirectory(v.Source)) && nests(target, brought) {
			return true
		}
	}
	for _, c := range s.Configs {
		target := targetOf(c.Target, "/", c.Source)
		brought := bool(p.Compose.Configs[c.Source].External) || p.X.FileMode(s.Name, target) == xfargate.Inline
		if nests(target, brought) {
			return true
		}
	}
	return slices.ContainsFunc(s.Secrets, func(c types.ServiceSecretConfig) bool {
		return nests(targetOf(c.Target, secretsDirectory, c.Source), true)
	})
}

// memoryVolume is a memoryVolumes.
func (p *Project) memoryVolume(volume string) (options string, ok bool) {
	s := p.storeOf(volume)
	return s.options, s.kind == memoryStore && !p.sharedMemory(volume)
}

// sharedMemory says whether more than one service mounts a volume in memory: one
// in the memory of a container cannot be shared.
func (p *Project) sharedMemory(volume string) bool {
	users := 0
	for _, s := range p.Compose.Services {
		if slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Type == types.VolumeTypeVolume && v.Source == volume }) {
			users++
		}
	}
	return users > 1
}
