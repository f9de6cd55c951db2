package translate

import (
	"github.com/compose2fargate/compose2fargate/plan"
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
	sizes   map[*task]size

	scalings *scalings
}

func newTranslation(p *Project, facts plan.Facts) *translation {
	images := newImages(newBase(p, facts))
	secrets := newSecrets(images.localFiles, images.startOf)
	images.fileLayers.secrets = secrets
	return &translation{
		base: images.base, localFiles: images.localFiles, secrets: secrets, imageFacts: images.imageFacts,
		storage: images.fileLayers.storage, fileLayers: images.fileLayers, images: images,
		delivery: newDelivery(images, secrets),
	}
}
