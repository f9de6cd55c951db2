package translate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// linkDirectory is where a helper brings files that programs look for in a directory of
// their image: a task can only mount directories, and that one would be hidden. A
// symbolic link in a layer of the image leads from the one to the other.
const linkDirectory = "/run/compose2fargate"

// layerDirectory is where a layer of the image has the files that docker mounts within
// another mount of their container: a task can only mount directories, and a layer lies
// below all of them. A symbolic link in what is mounted leads from the one to the other.
const layerDirectory = "/opt/compose2fargate"

// nestedFile is a file, or a directory, that a link in a mount leads to.
type nestedFile struct {
	in     *mount
	below  string    // its path in the mount; "": only what was there before goes
	to     string    // where the container has it
	target string    // where the container sees it
	path   diag.Path // where the files ask for it
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

// unfinishedSeed is a file in a volume for as long as it is filled: a copy that
// was broken off begins again.
const unfinishedSeed = ".compose2fargate-unfinished"

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
