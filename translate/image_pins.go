package translate

import (
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// pins are the tags by which the service of a task remembers at which digests the
// images of its containers are: later plans stay with them while the files name the
// same references.
func (t *imageFacts) pins(k *task) map[string]string {
	out := map[string]string{}
	for _, s := range k.containers() {
		found, _ := t.published(s)
		if found.Digest == "" || strings.Contains(s.Image, "@") {
			continue
		}
		key, value := plan.Pin(s.key(), s.Image, found.Digest)
		out[key] = value
	}
	return out
}
