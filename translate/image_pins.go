package translate

import (
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// pins are the tags by which the service of a task remembers at which digests the
// images of its containers are: later plans stay with them while the files name the
// same references.
func (t *imageFacts) pins(k *task) map[string]string {
	out := map[string]string{}
	t.eachContainer(k, func(s *types.ServiceConfig) {
		found, _ := t.published(s)
		if found.Digest == "" || strings.Contains(s.Image, "@") {
			return
		}
		key, value := plan.Pin(t.containerKey(s), s.Image, found.Digest)
		out[key] = value
	})
	return out
}
