package translate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// overlayKey holds what Docker's ECS integration merged into its CloudFormation
// template. There is no template here: what most people used it for has another
// way, and the rest is refused.
const overlayKey = "x-aws-cloudformation"

// cfnOverlay is what such a file sets on the ECS service of a compose service.
type cfnOverlay struct {
	percents map[string]int // by the name of the field in CloudFormation
	path     []string       // of DeploymentConfiguration
}

// The percents of an overlay, within what ECS takes.
const minimumPercent, maximumPercent = "MinimumHealthyPercent", "MaximumPercent"

var overlayPercents = map[string]bounds{minimumPercent: {min: 0, max: 100}, maximumPercent: {min: 100, max: 1000}}

// overlayHealth are the properties of a target group that x-fargate.ingress will
// have a word for, and the word.
var overlayHealth = map[string]string{
	"HealthCheckPath":            "health.path",
	"HealthCheckPort":            "health.port",
	"HealthCheckIntervalSeconds": "health.interval",
	"HealthCheckTimeoutSeconds":  "health.timeout",
	"HealthyThresholdCount":      "health.healthy",
	"UnhealthyThresholdCount":    "health.unhealthy",
	"Matcher":                    "health.codes",
}

// overlays reads x-aws-cloudformation.
func (d xDecoder) overlays(value any) map[string]cfnOverlay {
	top, ok := d.overlayMap(value, overlayKey)
	if !ok {
		return nil
	}
	for _, name := range sortedKeys(top) {
		if name != "Resources" {
			d.refuseOverlay("leave it out", overlayKey, name)
		}
	}
	resources, _ := d.overlayMap(top["Resources"], overlayKey, "Resources")
	out := map[string]cfnOverlay{}
	for _, id := range sortedKeys(resources) {
		path := []string{overlayKey, "Resources", id}
		switch service, kind := d.overlaid(id); kind {
		case "Service":
			out[service] = d.serviceOverlay(service, resources[id], path)
		case "TargetGroup":
			d.targetGroupOverlay(service, resources[id], path)
		case "TaskDefinition":
			d.refuseOverlay("use services."+service+".x-fargate.patch.task_definition", path...)
		default:
			d.refuseOverlay("change what is sent to ECS with x-fargate.patch, and create other resources outside this tool", path...)
		}
	}
	maps.DeleteFunc(out, func(_ string, o cfnOverlay) bool { return len(o.percents) == 0 })
	if len(out) == 0 {
		return nil
	}
	return out
}

// overlayMap takes a mapping; one that is not there is none, which is right.
func (d xDecoder) overlayMap(value any, path ...string) (map[string]any, bool) {
	m, ok := value.(map[string]any)
	if value != nil && !ok {
		d.errorf(path, "", "must be a mapping")
	}
	return m, ok
}

func (d xDecoder) refuseOverlay(help string, path ...string) {
	d.errorf(path, help, "cannot be merged: this tool does not create a CloudFormation template")
}

var logicalID = regexp.MustCompile(`^(.+?)(?:(?:TCP|UDP)([0-9]+))?(TargetGroup|TaskDefinition|Service)$`)

// overlaid is the compose service that a logical ID of Docker's template is
// about, and what of it; "" where there is none, or more than one.
func (d xDecoder) overlaid(id string) (service, kind string) {
	m := logicalID.FindStringSubmatch(id)
	if m == nil {
		return "", ""
	}
	for _, name := range d.Compose.ServiceNames() {
		if strings.EqualFold(logicalName(name), m[1]) {
			if service != "" {
				return "", ""
			}
			service, kind = name, m[3]
		}
	}
	return service, kind
}

// logicalName is what was left of a service's name in Docker's template: letters
// and digits.
func logicalName(name string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x80 && c != '-' && c != '_' && partOfName(byte(c)) && c != '.' {
			return c
		}
		return -1
	}, name)
}

// properties of a resource; what else it says is refused but for its type.
func (d xDecoder) properties(value any, help string, path []string) (map[string]any, []string) {
	resource, _ := d.overlayMap(value, path...)
	for _, name := range sortedKeys(resource) {
		if name != "Properties" && name != "Type" {
			d.refuseOverlay(help, append(slices.Clone(path), name)...)
		}
	}
	path = append(slices.Clone(path), "Properties")
	properties, _ := d.overlayMap(resource["Properties"], path...)
	return properties, path
}

// serviceOverlay takes the percents of a deployment.
func (d xDecoder) serviceOverlay(service string, resource any, path []string) cfnOverlay {
	use := "services." + service + ".x-fargate.patch.service"
	properties, path := d.properties(resource, "use "+use, path)
	for _, name := range sortedKeys(properties) {
		if name != "DeploymentConfiguration" {
			d.refuseOverlay("use "+use+"."+lowerFirst1(name), append(slices.Clone(path), name)...)
		}
	}
	out := cfnOverlay{percents: map[string]int{}, path: append(slices.Clone(path), "DeploymentConfiguration")}
	deployment, _ := d.overlayMap(properties["DeploymentConfiguration"], out.path...)
	for _, name := range sortedKeys(deployment) {
		at := append(slices.Clone(out.path), name)
		b, ok := overlayPercents[name]
		n, isInt := d.typed(deployment[name], at...).(int)
		switch {
		case !ok:
			d.refuseOverlay("use "+use+".deploymentConfiguration."+lowerFirst1(name), at...)
		case !isInt || n < b.min || n > b.max:
			d.errorf(at, "", "must be a number from %d to %d", b.min, b.max)
		default:
			out.percents[name] = n
		}
	}
	return out
}

// lowerFirst1 turns a name of CloudFormation into that of the AWS CLI.
func lowerFirst1(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// targetGroupOverlay takes the health check of a target group for later.
func (d xDecoder) targetGroupOverlay(service string, resource any, path []string) {
	port := "PORT"
	if m := logicalID.FindStringSubmatch(last(path)); m[2] != "" {
		port = m[2]
	}
	use := fmt.Sprintf("services.%s.x-fargate.ingress.%s", service, port)
	properties, inner := d.properties(resource, "leave it out", path)
	var words []string
	for _, name := range sortedKeys(properties) {
		word, ok := overlayHealth[name]
		if !ok {
			d.refuseOverlay("leave it out", append(slices.Clone(inner), name)...)
			continue
		}
		words = append(words, word)
	}
	if len(words) > 0 {
		d.ds.Notef(d.At(path...), compose.Dotted(path), "",
			"ignored: there are no load balancers yet; with them %s will have %s", use, strings.Join(words, ", "))
	}
}

// overlaidDeployment lets the percents of an overlay win, as they did.
func (t *translation) overlaidDeployment(k *task, c spec.DeploymentConfiguration) spec.DeploymentConfiguration {
	for _, m := range k.members[1:] {
		if o, ok := t.X.overlays[m.Name]; ok {
			t.warnf(o.path, "", "not used: sidecar %q is replaced together with the task of %q", m.Name, k.name())
		}
	}
	o, ok := t.X.overlays[k.name()]
	if !ok {
		return c
	}
	if n, given := o.percents[minimumPercent]; given {
		c.MinimumHealthyPercent = n
	}
	if n, given := o.percents[maximumPercent]; given {
		c.MaximumPercent = n
	}
	n := max(k.lead.GetScale(), 1)
	if (n*c.MinimumHealthyPercent+99)/100 >= n && n*c.MaximumPercent/100 <= n {
		t.errorf(o.path, "lower the minimum or raise the maximum", "at a scale of %d, a minimum of %d and a maximum of %d percent leave no room to replace a task",
			n, c.MinimumHealthyPercent, c.MaximumPercent)
	}
	return c
}
