package translate

import (
	"path"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// sayDataIn names the directories in a mounted one that are data of services, and so not
// in the image. One that another service fills, and that this one does not mount, is missing
// here: docker shows it, because it is in the directory.
func (t *storage) sayDataIn(s container, v types.ServiceVolumeConfig, place diag.Path) {
	var left, missing []string
	source := t.canonical(v.Source)
	mounted := hiddenBelow(s, v.Target)
	for _, dir := range sortedKeys(t.binds.data) {
		switch own := filepath.FromSlash(dir); {
		case !t.binds.data[dir], dir == source, !inside(source, dir), !isDirectory(dir):
		case mounted(mountedBelow(source, v, own)):
		case !inside(v.Source, t.Directory) && t.sharesData(own):
			missing = append(missing, own)
		default:
			left = append(left, t.pathText(dir))
		}
	}
	if len(left) > 0 {
		t.notef(place, "mount it in this service as well, if it reads the data", "left out of the image, because services keep data there: %s", listed(left))
	}
	if len(missing) > 0 {
		first, suffix := missing[0], ""
		if v.ReadOnly {
			suffix = ":ro"
		}
		t.warnf(place, "mount it in this service as well: - "+t.pathText(first)+":"+mountedBelow(source, v, first)+suffix,
			"what another service writes there is on EFS, and not found in this one: %s", t.listedFiles(missing))
	}
}

// sharesData says whether a directory of data may be there for more than the program that
// writes it: what a database keeps is for it alone, and logs are for people.
func (t *storage) sharesData(dir string) bool {
	if slices.Contains(passingNames, path.Base(filepath.ToSlash(dir))) {
		return false
	}
	for _, other := range t.Compose.Services {
		for _, v := range other.Volumes {
			if v.Type == types.VolumeTypeBind && t.canonical(v.Source) == dir && t.isDatabaseMount(container{ServiceConfig: &other}, path.Clean(v.Target)) {
				return false
			}
		}
	}
	return true
}
