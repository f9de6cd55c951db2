package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// linksOf are the nested files of a container, and the volumes in which tasks of its
// service made links before: a link whose file left the project would lead nowhere, and
// what it stands for would not come back. Nothing tells when all of them are gone, so
// that a helper looks after such a volume for as long as the service mounts it.
func (t *fileLayers) linksOf(s container) []nestedFile {
	out := t.nested(s)
	live := strings.Fields(t.facts.Linked[t.taskOf[s.Name].name()])
	for _, m := range t.storage.mountsOf(s) {
		if m.lasts() && !m.readOnly && slices.Contains(live, linkMark(m)) {
			out = append(out, nestedFile{in: m})
		}
	}
	return out
}

// linkMark stands for a volume in a tag, which holds 256 characters.
func linkMark(m *mount) string { return digest(8, m.name) }

// maxLinkMarks of them fit into a tag.
const maxLinkMarks = 28

// markLinks adds to the tags of a service the volumes in which it has links.
func (t *fileLayers) markLinks(k *task, tags map[string]string) map[string]string {
	var marks []string
	for _, s := range k.containers() {
		for _, n := range t.linksOf(s) {
			if n.in.lasts() && !n.in.readOnly {
				marks = append(marks, linkMark(n.in))
			}
		}
	}
	if len(marks) == 0 {
		return tags
	}
	slices.Sort(marks)
	marks = slices.Compact(marks)
	if tags == nil {
		tags = map[string]string{}
	}
	tags[plan.TagLinks] = strings.Join(marks[:min(len(marks), maxLinkMarks)], " ")
	return tags
}

// mayLink says whether there are volumes in which links may have been made.
func mayLink(b *base) bool {
	return slices.ContainsFunc(b.tasks, func(k *task) bool {
		return slices.ContainsFunc(k.members, func(m container) bool { return len(m.Volumes) > 0 })
	})
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
