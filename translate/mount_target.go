package translate

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// drive is how a path of Windows begins: with a single letter before the colon, docker
// takes NAME:/PATH for one path (compose-go, format/volume.go).
var drive = regexp.MustCompile(`^([A-Za-z]):[/\\]`)

// checkTargets refuses mounts at a path that docker refuses ("mount path must be
// absolute", "destination can't be '/'" of github.com/moby/moby, volume/mounts).
func (p *Project) checkTargets(ds *diag.List, name string) {
	s := p.Compose.Services[name]
	p.checkTargetsOf(ds, container{ServiceConfig: &s}, s.Volumes)
	for _, step := range stepsOf(&s) {
		p.checkTargetsOf(ds, step.container(), s.PreStart[step.index].Volumes)
	}
}

func (p *Project) checkTargetsOf(ds *diag.List, s container, volumes []types.ServiceVolumeConfig) {
	for i, v := range volumes {
		place := s.at("volumes", strconv.Itoa(i))
		if summary, help := wrongTarget(v.Target); summary != "" {
			ds.Errorf(p.At(place...), compose.Dotted(place), help, "%s", summary)
		}
	}
}

// wrongTarget says what is wrong with a path at which something is mounted; "" where
// nothing is.
func wrongTarget(target string) (summary, help string) {
	found := drive.FindStringSubmatch(target)
	switch {
	case found != nil:
		return "the mount path must be absolute: docker takes " + target + " for a path of Windows, because its first part has a single letter",
			"give the volume a longer name than " + found[1] + ", or write it as {type: volume, source: " + found[1] + ", target: " + target[2:] + "}"
	case !strings.HasPrefix(target, "/"):
		return "the mount path must be absolute, which " + strconv.Quote(target) + " is not", "begin the path in the container with a slash: /" + strings.TrimPrefix(target, "./")
	case path.Clean(target) == "/":
		return "a mount cannot be at /: it would hide the whole image", "mount it at a directory"
	}
	return "", ""
}
