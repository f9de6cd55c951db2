package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// formerlyUnlinked says how earlier releases delivered the files that are found by links:
// they mounted the directories of these, and put no link into the image.
func (t *delivery) formerlyUnlinked(k *task, helper spec.Container) {
	linked := slices.DeleteFunc(k.containers(), func(s container) bool { return len(t.fileLayers.links(s)) == 0 && !t.nestsBrought(s) })
	if len(linked) == 0 {
		return
	}
	former := t.unlinked()
	address := taskDefinitionAddress(k.name())
	for _, s := range linked {
		former.formerlyImage(k, s, t.images)
		was, now := former.volumesFor(s), t.volumesFor(s)
		t.formerlyVolumes(address, t.containerField(s)+".mountPoints.", was, now, func(d deliveryVolume) (string, any) {
			return d.dir, spec.MountPoint{SourceVolume: d.volume, ContainerPath: d.dir, ReadOnly: true}
		})
		t.formerlyVolumes(address, "volumes.", was, now, func(d deliveryVolume) (string, any) {
			return d.volume, spec.Volume{Name: d.volume}
		})
		t.formerlyVolumes(address, "containerDefinitions."+helper.Name+".mountPoints.", was, now, func(d deliveryVolume) (string, any) {
			return "/" + d.volume, spec.MountPoint{SourceVolume: d.volume, ContainerPath: "/" + d.volume}
		})
	}
	for _, m := range helper.MountPoints {
		if strings.HasPrefix(m.ContainerPath, spec.HelperPlace) {
			t.formerly(address, "containerDefinitions."+helper.Name+".mountPoints."+m.ContainerPath, nil)
		}
	}
	t.formerly(address, "containerDefinitions."+helper.Name+".command", former.helperContainer(k).Command)
	if t.mirrors() && !former.mirrors() {
		t.formerly(address, "containerDefinitions."+helper.Name+".image", helperImage)
	}
}

// nestsBrought says whether a container finds a file that a helper brings by a link in one
// of its mounts.
func (t *delivery) nestsBrought(s container) bool {
	return slices.ContainsFunc(t.fileLayers.brought(s), func(f fileTree) bool {
		_, ok := t.fileLayers.nest(s, f, true)
		return ok
	})
}

// unlinked is the delivery of earlier releases.
func (t *delivery) unlinked() *delivery {
	layers := *t.fileLayers
	layers.unlinked, layers.layers = true, map[string][]spec.FileSource{}
	images := *t.images
	images.fileLayers = &layers
	return newDelivery(&images, t.secrets)
}

// formerlyImage says which image a container had, of which now is made.
func (t *delivery) formerlyImage(k *task, s container, now *images) {
	if !t.isMade(s) {
		t.formerly(taskDefinitionAddress(k.name()), t.containerField(s)+".image", t.pinned(s.Image))
		return
	}
	was, _ := t.madeOf(k, s)
	made, _ := now.madeOf(k, s)
	address := now.imageAddress(s, made.Tag)
	t.formerly(address, "tag", was.Tag)
	for _, f := range now.fileLayers.links(s) {
		t.formerly(address, "files."+f.target, nil)
	}
}

// formerlyVolumes says what of a list was there, and what was not.
func (t *delivery) formerlyVolumes(address plan.Address, list string, was, now []deliveryVolume, item func(deliveryVolume) (string, any)) {
	for _, d := range was {
		stays := func(n deliveryVolume) bool { return n.dir == d.dir }
		if key, value := item(d); !slices.ContainsFunc(now, stays) {
			t.formerly(address, list+key, value)
		}
	}
	for _, d := range now {
		if key, _ := item(d); d.dir == linkDirectory {
			t.formerly(address, list+key, nil)
		}
	}
}
