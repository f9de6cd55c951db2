package translate

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// layerDirectory is where a layer of the image has the files that docker mounts within
// another mount of their container: a task can only mount directories, and a layer lies
// below all of them. A symbolic link in what is mounted leads from the one to the other.
const layerDirectory = "/opt/compose2fargate"

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

// nestedFile is a file, or a directory, that a link in a mount leads to.
type nestedFile struct {
	in    *mount
	below string // its path in the mount; "": only what was there before goes
	to    string // where the container has it
	from  fileTree
}

// nest is how a container finds a file in a mount; not ok where it is in none. What the
// link leads to depends on the volume, so that all who mount it agree.
func (t *fileLayers) nest(s container, f fileTree, brought bool) (out nestedFile, ok bool) {
	if brought && t.unlinked || !t.isNested(s, f.target, brought) {
		return nestedFile{}, false
	}
	around := t.mountAround(s, f.target)
	mounts := t.storage.mountsOf(s)
	i := slices.IndexFunc(mounts, func(m *mount) bool { return path.Clean(m.target) == around })
	if i < 0 {
		return nestedFile{}, false // refused, or left out
	}
	to := layerDirectory
	if brought {
		to = linkDirectory
	}
	below := strings.TrimPrefix(f.target, around+"/")
	return nestedFile{mounts[i], below, path.Join(to, mounts[i].name, below), f}, true
}

// nested are the files of a container that are found by links in its mounts.
func (t *fileLayers) nested(s container) []nestedFile {
	var out []nestedFile
	add := func(f fileTree, brought bool) {
		if n, ok := t.nest(s, f, brought); ok {
			out = append(out, n)
		}
	}
	for _, f := range t.trees(s, xfargate.InImage) {
		add(f, false)
	}
	for _, f := range t.brought(s) {
		add(f, true)
	}
	return out
}

// inLayer is a file of the image of a container where a layer may hold it.
func (t *fileLayers) inLayer(s container, f fileTree) fileTree {
	n, ok := t.nest(s, f, false)
	if !ok {
		return f
	}
	target, hides := f.target, f.hides
	f.target, f.merged, f.has = n.to, false, nil
	if hides != nil {
		f.hides = func(name string) bool { return hides(target + strings.TrimPrefix(name, n.to)) }
	}
	return f
}

// seenAt is where a container sees a file of its layer.
func (t *fileLayers) seenAt(s container, file string) string {
	for _, n := range t.nested(s) {
		if within(file, n.to) {
			return n.from.target + strings.TrimPrefix(file, n.to)
		}
	}
	return file
}

// nestedBy are the links that one helper makes in the mounts of a task, by volume.
func nestedBy(files []nestedFile) map[string][]nestedFile {
	out := map[string][]nestedFile{}
	for _, n := range files {
		same := func(o nestedFile) bool { return o.below == n.below }
		if name := n.in.name; !slices.ContainsFunc(out[name], same) {
			out[name] = append(out[name], n)
		}
	}
	return out
}

// helperNested are the files of a task to which its helper makes the links. In a volume
// that is filled from the image, whoever fills it makes them: it has to be empty before.
func (t *fileLayers) helperNested(k *task) []nestedFile {
	var out []nestedFile
	for _, s := range k.containers() {
		out = append(out, t.unseeded(s)...)
	}
	return out
}

func (t *fileLayers) unseeded(s container) []nestedFile {
	return slices.DeleteFunc(t.linksOf(s), func(n nestedFile) bool { return t.storage.seeded(n.in) })
}

// seedNested are the files of a container in volumes that are filled from its image.
func (t *fileLayers) seedNested(s container) []nestedFile {
	return slices.DeleteFunc(t.linksOf(s), func(n nestedFile) bool { return !t.storage.seeded(n.in) })
}

// linkLines put links into the mounts that a helper has for it, once those are filled that
// another container fills.
func linkLines(files []nestedFile, helper string, place func(volume string) string, filled func(volume string) bool) []string {
	volumes := nestedBy(files)
	if len(volumes) == 0 {
		return nil
	}
	out := []string{linkScript}
	for _, name := range sortedKeys(volumes) {
		words := []string{"nest", place(name), helper}
		if filled(name) {
			out = append(out, "filled "+place(name))
		}
		if options := volumes[name][0].in.memory; options != nil {
			out = append(out, rightsLines(options, place(name))...)
		}
		for _, n := range volumes[name] {
			if n.below != "" {
				words = append(words, quote(n.below), quote(n.to))
			}
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

// rightsLines give a directory that is on the disk instead of in memory the rights that
// it would have there (tmpfs of docker: mode 1777, root's).
func rightsLines(options []string, dir string) []string {
	mode, owner := "1777", [2]string{"0", "0"}
	for _, option := range options {
		switch name, value, _ := strings.Cut(option, "="); name {
		case "mode":
			mode = value
		case "uid":
			owner[0] = value
		case "gid":
			owner[1] = value
		}
	}
	return []string{fmt.Sprintf("chown %s:%s %s", quote(owner[0]), quote(owner[1]), dir), fmt.Sprintf("chmod %s %s", quote(mode), dir)}
}

// isFilledByOthers says whether a container of another helper fills a volume from its image.
func (t *fileLayers) isFilledByOthers(volume string) bool {
	return slices.ContainsFunc(t.tasks, func(k *task) bool {
		return slices.ContainsFunc(t.storage.taskMounts(k), func(m *mount) bool { return m.name == volume && t.storage.seeded(m) })
	})
}

// linkScript defines nest VOLUME HELPER [PATH TARGET]…, which puts links into a volume,
// and takes away those that HELPER put there before and does not any more. What has been
// at such a place is kept in .compose2fargate/kept, and comes back. Tasks that begin at
// the same time wait for each other, and not for one that was killed. filled VOLUME waits
// until another container has filled a volume, for less than ECS waits for a helper.
const linkScript = `place() {
  [ "$(readlink "$v/$1" || :)" != "$2" ] || return 0
  mkdir -p "$(dirname "$v/$1")"
  case "$(readlink "$v/$1" || :)" in
  ` + layerDirectory + `/*|` + linkDirectory + `/*) rm "$v/$1" ;;
  esac
  if [ -e "$v/$1" ] || [ -L "$v/$1" ]; then
    kept="$v/.compose2fargate/kept/$1" n=0
    while [ -e "$kept" ] || [ -L "$kept" ]; do n=$((n+1)); kept="$v/.compose2fargate/kept/$1.$n"; done
    mkdir -p "$(dirname "$kept")"
    mv "$v/$1" "$kept"
  fi
  ln -s "$2" "$v/$1"
}
drop() {
  case "$(readlink "$v/$1" || :)" in
  ` + layerDirectory + `/*|` + linkDirectory + `/*) rm "$v/$1" ;;
  *) return 0 ;;
  esac
  kept="$v/.compose2fargate/kept/$1"
  if [ -e "$kept" ] || [ -L "$kept" ]; then mv "$kept" "$v/$1"; fi
}
nest() {
  v=$1 links="$1/.compose2fargate/links" list="$1/.compose2fargate/links/$2" lock="$1/.compose2fargate/lock" n=0
  shift 2
  mkdir -p "$links"
  until mkdir "$lock" 2>/dev/null || [ "$n" = 30 ]; do n=$((n+1)); sleep 1; done
  before=$(cat "$list" 2>/dev/null || :)
  : > "$v/.compose2fargate/new"
  while [ $# -gt 0 ]; do
    place "$1" "$2"
    printf '%s\n' "$1" >> "$v/.compose2fargate/new"
    shift 2
  done
  mv "$v/.compose2fargate/new" "$list"
  printf '%s\n' "$before" | while IFS= read -r path; do
    [ -z "$path" ] || grep -qxF -e "$path" "$links"/* || drop "$path"
  done
  rmdir "$lock" 2>/dev/null || :
}
filled() {
  n=0
  until [ "$n" = 120 ] || { [ ! -e "$1/` + unfinishedSeed + `" ] && ls -A "$1" | grep -qvxF .compose2fargate; }; do n=$((n+1)); sleep 1; done
}`

// sayNested speaks of the links to files of a container that others see as well.
func (t *delivery) sayNested(s container) {
	for _, n := range t.fileLayers.nested(s) {
		if n.in.memory != nil || !n.in.lasts() {
			continue
		}
		var others []string
		for _, k := range t.tasks {
			for _, other := range k.containers() {
				if other.Name != s.Name && t.mountsAlone(other, n) {
					others = append(others, other.Name)
				}
			}
		}
		slices.Sort(others)
		if others = slices.Compact(others); len(others) > 0 {
			t.notef(n.from.path, "mount it there as well where it is read",
				"a link in the volume stands for %s: it leads nowhere in %s, without such a mount", n.from.target, compose.Quoted(others))
		}
	}
}

// mountsAlone says whether a container mounts a volume without a file that others have
// in it.
func (t *delivery) mountsAlone(s container, n nestedFile) bool {
	mounts := func(m *mount) bool { return m.name == n.in.name }
	has := func(o nestedFile) bool { return o.in.name == n.in.name && o.to == n.to }
	return slices.ContainsFunc(t.fileLayers.storage.mountsOf(s), mounts) && !slices.ContainsFunc(t.fileLayers.nested(s), has)
}

// nestedMounts are the mounts of a helper in which it makes links, and where it sees a
// volume.
func nestedMounts(files []nestedFile, first int) (mounts []spec.MountPoint, place func(volume string) string) {
	names := sortedKeys(nestedBy(files))
	at := func(volume string) string { return fmt.Sprint(spec.HelperPlace, first+slices.Index(names, volume)) }
	for _, name := range names {
		mounts = append(mounts, spec.MountPoint{SourceVolume: name, ContainerPath: at(name)})
	}
	return mounts, at
}
