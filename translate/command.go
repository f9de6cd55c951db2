package translate

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// setCommand is what a container runs. Docker takes the CMD of the image where neither
// attribute has words, and none of its ENTRYPOINT where the files empty that (moby,
// daemon/commit.go, merge: an empty command counts as an absent one). ECS can replace an
// ENTRYPOINT and not empty it: what would be the command takes its place.
func (t *translation) setCommand(k *task, s container, out *spec.Container) {
	words := slices.Clone([]string(s.Command))
	if line := t.lines[s.key()].start; line != nil {
		out.EntryPoint = line
		t.formerly(taskDefinitionAddress(k.name()), t.containerField(s)+".entryPoint", []string(s.Entrypoint))
		t.formerly(taskDefinitionAddress(k.name()), t.containerField(s)+".command", words)
		return
	}
	if !isCleared(s.Entrypoint) {
		out.EntryPoint, out.Command = slices.Clone(s.Entrypoint), words
		return
	}
	if len(words) > 0 {
		out.EntryPoint = words
		t.formerlyCommand(k, s, words)
		return
	}
	words, known := t.imageCommand(s)
	if len(words) == 0 {
		reason := "the command of the image is not known"
		if known {
			reason = "the image has no command"
		}
		t.warnf(s.at("entrypoint"), "write command: with what the container shall run",
			"ECS cannot clear the entrypoint of an image: it stays in force, since %s", reason)
		return
	}
	out.EntryPoint = words
	t.formerlyCommand(k, s, nil)
}

// formerlyCommand says that an earlier release left the entrypoint of the image in force.
func (t *translation) formerlyCommand(k *task, s container, command any) {
	t.formerly(taskDefinitionAddress(k.name()), t.containerField(s)+".entryPoint", nil)
	t.formerly(taskDefinitionAddress(k.name()), t.containerField(s)+".command", command)
}

// setUser is the user of a container.
func (t *translation) setUser(k *task, s container, out *spec.Container) {
	out.User = writtenUser(s.User)
	if out.User != s.User {
		t.formerly(taskDefinitionAddress(k.name()), t.containerField(s)+".user", s.User)
	}
}
