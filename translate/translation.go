package translate

import (
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// translation is the work of one call of Stack: it puts what the phases found
// together to task definitions and services.
type translation struct {
	*base
	*localFiles
	*secrets
	*network
	*imageFacts
	*storage
	*fileLayers
	*images
	*delivery

	ports   openPorts
	names   *discovery
	ingress *ingress
}

func newTranslation(p *Project, facts plan.Facts) *translation {
	b := newBase(p, facts)
	t := &translation{base: b, localFiles: &localFiles{b}, imageFacts: &imageFacts{b, map[*task]string{}}}
	t.secrets = newSecrets(t.localFiles)
	t.storage = &storage{base: b, imageFacts: t.imageFacts}
	t.fileLayers = &fileLayers{b, t.localFiles, t.storage, map[string][]spec.FileSource{}}
	t.images = &images{b, t.localFiles, t.imageFacts, t.fileLayers, map[plan.Address]string{}}
	t.delivery = &delivery{b, t.images, t.secrets}
	return t
}
