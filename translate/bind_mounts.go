package translate

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// fileMounts are the files and directories of this machine that a container mounts
// and that are delivered with its configuration.
func (t *storage) fileMounts(s container) []fileTree {
	var out []fileTree
	for i, v := range s.Volumes {
		if v.Type == types.VolumeTypeBind && t.bindOf(s.Name, v.Source, v.Target, v.ReadOnly).kind == bindFiles {
			out = append(out, fileTree{target: path.Clean(v.Target), source: v.Source, path: s.at("volumes", strconv.Itoa(i)), hides: hiddenBelow(s, v.Target)})
		}
	}
	return out
}

// hiddenBelow says what other mounts of a container hide in one, as docker has it: the
// deepest mount is what a program sees.
func hiddenBelow(s container, target string) func(string) bool {
	var others []string
	for _, v := range s.Volumes {
		others = append(others, v.Target)
	}
	for _, c := range s.Configs {
		others = append(others, targetOf(c.Target, "/", c.Source))
	}
	for _, c := range s.Secrets {
		others = append(others, targetOf(c.Target, secretsDirectory, c.Source))
	}
	for _, mount := range s.Tmpfs {
		place, _, _ := strings.Cut(mount, ":")
		others = append(others, place)
	}
	others = slices.DeleteFunc(others, func(other string) bool { return !within(other, target) || within(target, other) })
	return func(name string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return within(name, other) })
	}
}

// sayBinds reports what the bind mounts of a container become, in addition to
// the key table.
func (t *storage) sayBinds(s container) {
	for i, v := range s.Volumes {
		if v.Type == types.VolumeTypeBind {
			t.sayBind(t.bindOf(s.Name, v.Source, v.Target, v.ReadOnly), v, s.at("volumes", strconv.Itoa(i)))
		}
	}
}

func (t *storage) sayBind(b bind, v types.ServiceVolumeConfig, place diag.Path) {
	orImage := "if the files belong to the service, write x-fargate.files: {" + v.Target + ": image}"
	switch {
	case b.kind == bindFiles && !v.ReadOnly:
		help := "append :ro if the service only reads it"
		if b.exists {
			help += ", or write x-fargate.files: {" + v.Target + ": efs} to keep the changes"
		}
		t.notef(place, help, "%s goes into the image: what the service changes there is lost when the task stops", b.shown)
	case b.kind == bindHostDir:
		t.warnf(place, "copy the data there, for example from a task that mounts the volume or with AWS DataSync; "+
			"or leave the mount out with x-fargate.files: {"+v.Target+": skip}",
			"becomes an EFS volume named after the path, which starts empty: the host's files in %s are not copied", b.shown)
	case b.kind == bindVolume && b.filled:
		t.warnf(place, orImage, "becomes an EFS volume, which starts empty: the files now in %s are not copied", b.shown)
	case b.kind == bindVolume && v.ReadOnly:
		t.warnf(place, "put the files that the service reads there, and they go into the image",
			"%s does not exist: the service reads from an EFS volume that starts empty", b.shown)
	case b.kind == bindVolume:
		t.notef(place, orImage, "becomes an EFS volume named %s, which starts empty like the directory", b.volume)
	}
}
