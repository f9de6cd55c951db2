package translate

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/table"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

//go:embed schedulers.json
var schedulersJSON []byte

// schedulerVariable tells an image with several programs in it to run its scheduler.
type schedulerVariable struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Image  string `json:"image"` // a part of the images; "": all
	Source string `json:"source"`
}

func (v schedulerVariable) fits(s container, image string) bool {
	value := s.Environment[v.Name]
	return value != nil && *value == v.Value && strings.Contains(image, v.Image)
}

// schedulers are programs of which two at a time do everything twice: by what their
// commands look like, and by the last element of the repository of their images.
var schedulers = table.Of[struct {
	Commands []struct {
		Form   table.Pattern `json:"form"`
		Image  string        `json:"image"` // a part of the images that run it so; "": all
		Name   string        `json:"name"`
		Source string        `json:"source"`
	} `json:"commands"`
	Variables []schedulerVariable `json:"variables"`
	Images    map[string]string   `json:"images"`
}](schedulersJSON)

// schedules says whether a container runs a scheduler.
func (p *Project) schedules(s container) bool {
	image := strings.ToLower(p.baseImage(s))
	if schedulers().Images[nameOf(image).last] != "" || slices.ContainsFunc(schedulers().Variables, func(v schedulerVariable) bool { return v.fits(s, image) }) {
		return true
	}
	for _, line := range p.startedLines(s) {
		for _, c := range schedulers().Commands {
			if strings.Contains(image, c.Image) && c.Form.MatchString(line.text) {
				return true
			}
		}
	}
	return false
}

// schedulesAlone says whether a task runs a scheduler of which the files want one.
func (d deployments) schedulesAlone(k *task) bool {
	return k.main.GetScale() <= 1 && !d.X.Overlays[k.name()].Gives() && slices.ContainsFunc(k.members, d.schedules)
}

// noteSchedulers says once what is done for all of them.
func (d deployments) noteSchedulers(names []string) {
	if len(names) == 0 {
		return
	}
	d.notef(diag.Path{"services"}, "write deploy.update_config: {order: start-first} for one that bears a second one beside it",
		"because two schedulers at a time would do everything twice, the old task of %s stops before the new one starts", compose.Quoted(names))
}

// formerlyDoubled tells what the releases sent that did not know schedulers.
func (d deployments) formerlyDoubled(k *task) {
	address := serviceAddress(k.name())
	least, most := percents(k.main.GetScale(), nil)
	d.formerly(address, "deploymentConfiguration.minimumHealthyPercent", least)
	d.formerly(address, "deploymentConfiguration.maximumPercent", most)
	d.formerly(address, "availabilityZoneRebalancing", zoneRebalancing(spec.DeploymentConfiguration{MaximumPercent: most}))
}
