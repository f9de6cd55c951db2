package translate

import (
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// fileMounts are the files and directories of this machine that a container mounts
// and that are delivered with its configuration.
func (t *storage) fileMounts(s container) []fileTree {
	var out []fileTree
	for i, v := range s.Volumes {
		b := t.bindOf(s.Name, v.Source, v.Target, v.ReadOnly)
		if v.Type != types.VolumeTypeBind || b.kind != bindFiles {
			continue
		}
		f := fileTree{
			target: path.Clean(v.Target), source: v.Source, path: s.at("volumes", strconv.Itoa(i)), merged: b.merged,
			hides: t.hiddenIn(s, v, b),
		}
		if len(b.lacks.parts) > 0 {
			f.has = func(name string) bool { return !b.lacks.parts[mountedAt(t.canonical(v.Source), v, name)] }
		}
		out = append(out, f)
	}
	return out
}

// hiddenIn says what a mounted tree does not have in the image: what other mounts hide,
// data that is on EFS, and over what a build made the tools' directories that its context
// does not have either.
func (t *storage) hiddenIn(s container, v types.ServiceVolumeConfig, b bind) func(string) bool {
	byMounts, image, source := hiddenBelow(s, v.Target), t.builtImageOf(s), t.canonical(v.Source)
	return func(name string) bool {
		file := mountedAt(source, v, name)
		if _, lacks := b.lacks.parts[file]; !lacks && len(b.lacks.parts) > 0 {
			return true
		}
		return byMounts(name) || t.binds.data[filepath.ToSlash(file)] ||
			b.merged && image != nil && slices.Contains(shieldNames, path.Base(name)) && image.ignores(file)
	}
}

// mountedAt is the file of this machine, in a source, that a mount shows at a path of the
// container.
func mountedAt(source string, v types.ServiceVolumeConfig, name string) string {
	return filepath.Join(source, filepath.FromSlash(strings.TrimPrefix(name, path.Clean(v.Target))))
}

// sayTaskBinds reports what the bind mounts of a task become, in addition to the key table.
func (t *storage) sayTaskBinds(k *task) {
	for _, s := range k.containers() {
		t.sayBinds(s)
	}
}

func (t *storage) sayBinds(s container) {
	for i, v := range s.Volumes {
		if v.Type == types.VolumeTypeBind {
			b, place := t.bindOf(s.Name, v.Source, v.Target, v.ReadOnly), s.at("volumes", strconv.Itoa(i))
			b.declared = slices.Contains(t.facts.Images[t.baseImage(s)].Volumes, path.Clean(v.Target))
			t.sayBind(b, s, v, place)
			t.sayLacks(b, s, v, place)
			t.sayState(b, s, v, place)
		}
	}
}

func (t *storage) sayBind(b bind, s container, v types.ServiceVolumeConfig, place diag.Path) {
	orImage := "if the files belong to the service, write x-fargate.files: {" + v.Target + ": image}"
	switch {
	case b.kind == bindFiles:
		t.sayFiles(b, v, place)
		t.sayDataIn(s, v, place)
	case b.kind == bindHostDir:
		t.warnf(place, "copy the data there, for example from a task that mounts the volume or with AWS DataSync; "+
			"or leave the mount out with x-fargate.files: {"+v.Target+": skip}",
			"becomes an EFS volume named after the path, which starts empty: the host's files in %s are not copied", b.shown)
	case b.kind == bindVolume && b.filled:
		t.warnf(place, orImage, "becomes an EFS volume, which starts empty: the files now in %s are not copied", b.shown)
	case b.kind == bindVolume && v.ReadOnly && len(b.writers) == 0:
		why := "does not exist"
		if b.exists {
			why = "is empty"
		}
		t.warnf(place, "put the files that the service reads there, and they go into the image",
			"%s %s: the service reads from an EFS volume that starts empty", b.shown, why)
	case b.kind == bindVolume:
		t.notef(place, orImage, "becomes an EFS volume named %s, which starts empty like the directory", b.volume)
	}
}

// sayFiles says what is lost of what a service writes to files that its image has.
func (t *storage) sayFiles(b bind, v types.ServiceVolumeConfig, place diag.Path) {
	switch {
	case v.ReadOnly:
	case len(b.lacks.parts) > 0:
		t.sayParts(b, place)
	case b.written == database:
		t.errorf(place, insteadOf(b.shown, v.Target), "%s is a database in a single file, and only directories can be mounted from EFS: "+
			"in the image, everything that is written to it would be lost when the task stops", b.shown)
	case b.written == changes:
		t.warnf(place, insteadOf(b.shown, v.Target), "%s goes into the image, because only directories can be mounted from EFS: "+
			"what the service writes to it is lost when the task stops%s", b.shown, copiesOf(b))
	case !b.exists:
		t.notef(place, "append :ro if the service only reads it", "%s goes into the image: what the service changes there is lost when the task stops%s", b.shown, copiesOf(b))
	case len(b.writers) > 1 && !b.asked && !b.merged:
		if t.saidShared[b.shown] {
			return
		}
		t.saidShared[b.shown] = true
		t.warnf(place, "append :ro where it is only read, or write x-fargate.files: {"+v.Target+": efs} to share it",
			"%s goes into the image of each service that mounts it: what one of %s writes there, the others do not see, and it is lost when the task stops",
			b.shown, compose.Quoted(b.writers))
	default:
		say, why := t.notef, ""
		if !b.asked && (!b.program || b.declared) {
			say = t.warnf
		}
		switch {
		case b.declared:
			why = ", though that declares a volume there"
		case b.merged:
			why = ", because its Dockerfile does not copy it to " + path.Clean(v.Target)
		}
		say(place, "append :ro if the service only reads it, or write x-fargate.files: {"+v.Target+": efs} to keep the changes",
			"%s goes into the image%s: what the service changes there is lost when the task stops", b.shown, why)
	}
}

// copiesOf says what becomes of a file that several services write to.
func copiesOf(b bind) string {
	if len(b.writers) < 2 {
		return ""
	}
	return ", and each of " + compose.Quoted(b.writers) + " has a copy of its own"
}

// insteadOf tells which directory to mount instead of a file.
func insteadOf(shown, target string) string {
	dir, inside := path.Dir(shown), path.Dir(target)
	if dir == "." || inside == "/" {
		dir, inside = "./"+strings.TrimSuffix(path.Base(shown), path.Ext(shown))+"-data", path.Join(inside, "data")
		return "move it into a directory of its own, and mount that: " + dir + ":" + inside
	}
	if !strings.HasPrefix(dir, ".") && !strings.HasPrefix(dir, "/") && !strings.HasPrefix(dir, "~") {
		dir = "./" + dir
	}
	return "mount the directory that it is in: " + dir + ":" + inside + "; or append :ro if the service only reads it"
}
