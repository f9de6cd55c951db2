package xfargate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// docker reads what a file for Docker's retired ECS integration says of the whole
// stack, where x-fargate does not.
func (d decoder) docker(x *Settings, extensions types.Extensions) {
	x.Overlays = d.overlays(extensions[overlayKey])
	d.dockerKey(extensions, nil, "x-aws-vpc", "vpc", "#/properties/vpc", x.VPC != "",
		func(value any, _ diag.Path) { x.VPC, _ = value.(string) })
	d.dockerKey(extensions, nil, "x-aws-cluster", "cluster", "#/properties/cluster", x.Cluster != "",
		func(value any, _ diag.Path) { x.Cluster, _ = value.(string) })
	d.dockerKey(extensions, nil, "x-aws-loadbalancer", "load_balancer", "#/properties/load_balancer/oneOf/0", x.LoadBalancer != "" || x.Scheme != "",
		func(value any, _ diag.Path) { x.LoadBalancer, _ = value.(string) })
	d.dockerKey(extensions, nil, "x-aws-logs_retention", "log_retention", "#/properties/log_retention", x.LogRetention != 0,
		func(value any, _ diag.Path) { x.LogRetention = retention(value) })
}

// dockerService reads what such a file says of a service.
func (d decoder) dockerService(s *Service, extensions types.Extensions, path diag.Path) {
	const schema = "#/$defs/service/properties/"
	given := s.Policies != nil
	d.dockerKey(extensions, path, "x-aws-policies", "policies", schema+"policies", given,
		func(value any, at diag.Path) { s.Policies = policiesOf(value, at) })
	d.dockerKey(extensions, path, "x-aws-role", "policies", schema+"policies/items/oneOf/1", given, func(value any, at diag.Path) {
		document, _ := value.(map[string]any)
		s.Policies = append(s.Policies, Policy{Document: document, Path: at})
	})
	d.dockerKey(extensions, path, "x-aws-pull_credentials", "pull_credentials", schema+"pull_credentials", s.PullCredentials != "",
		func(value any, _ diag.Path) { s.PullCredentials, _ = value.(string) })
}

// dockerScaling reads what such a file says of the number of tasks. That integration waited
// for a minute between two changes (docker/compose-cli, ecs/autoscaling.go).
func (d decoder) dockerScaling(s *Service, extensions types.Extensions, path diag.Path) {
	d.dockerKey(withMemory(extensions), path, "x-aws-autoscaling", "scaling", "#/$defs/service/properties/scaling", s.Scaling != nil, func(value any, at diag.Path) {
		s.Scaling = d.scaling(value, at)
		m, _ := value.(map[string]any)
		if m["scale_in_cooldown"] == nil {
			s.Scaling.ScaleInCooldown = 60
		}
		if m["scale_out_cooldown"] == nil {
			s.Scaling.ScaleOutCooldown = 60
		}
	})
}

// withMemory has memory where x-aws-autoscaling has mem: its guide calls it so ("mem: mutualy
// exlusive with cpu", Docker's ECS integration, "Autoscaling"), and its program memory.
func withMemory(extensions types.Extensions) types.Extensions {
	m, _ := extensions["x-aws-autoscaling"].(map[string]any)
	if m["mem"] == nil || m["memory"] != nil {
		return extensions
	}
	renamed := maps.Clone(m)
	renamed["memory"] = renamed["mem"]
	delete(renamed, "mem")
	out := maps.Clone(extensions)
	out["x-aws-autoscaling"] = renamed
	return out
}

// dockerKey takes the value of a key of Docker's. One of ours next to it wins, with
// a warning; part is what the schema says of the value.
func (d decoder) dockerKey(extensions types.Extensions, path diag.Path, key, ours, part string, isGiven bool, take func(value any, at diag.Path)) {
	value, ok := extensions[key]
	at := path.Key(key)
	switch {
	case !ok:
	case isGiven:
		d.ds.Warnf(d.At(at...), at.String(), "remove one of the two keys", "ignored: %s.%s is set as well", Key, ours)
	default:
		if value = d.typed(value, at); d.valid(part, value, at) {
			take(value, at)
		}
	}
}

// overlayKey holds what Docker's ECS integration merged into its CloudFormation
// template. There is no template here: what most people used it for has another
// way, and the rest is refused.
const overlayKey = "x-aws-cloudformation"

// Overlay is what such a file sets on the ECS service of a compose service.
type Overlay struct {
	MinimumHealthyPercent, MaximumPercent *int      // nil: not given
	Path                                  diag.Path // of DeploymentConfiguration
}

// Gives says whether the overlay sets anything.
func (o Overlay) Gives() bool { return o.MinimumHealthyPercent != nil || o.MaximumPercent != nil }

// percent is a field of DeploymentConfiguration, within what ECS allows.
func (o *Overlay) percent(name string) (field **int, within Bounds) {
	switch name {
	case "MinimumHealthyPercent":
		return &o.MinimumHealthyPercent, Bounds{Min: 0, Max: 100}
	case "MaximumPercent":
		return &o.MaximumPercent, Bounds{Min: 100, Max: 1000}
	default:
		return nil, Bounds{}
	}
}

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
func (d decoder) overlays(value any) map[string]Overlay {
	top, ok := d.overlayMap(value, diag.Path{overlayKey})
	if !ok {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(top)) {
		if name != "Resources" {
			d.refuseOverlay("leave it out", diag.Path{overlayKey, name})
		}
	}
	resources, _ := d.overlayMap(top["Resources"], diag.Path{overlayKey, "Resources"})
	out := map[string]Overlay{}
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		path := diag.Path{overlayKey, "Resources", id}
		switch service, kind := d.overlaid(id); kind {
		case "Service":
			out[service] = d.serviceOverlay(service, resources[id], path)
		case "TargetGroup":
			d.targetGroupOverlay(service, resources[id], path)
		case "TaskDefinition":
			d.refuseOverlay("use services."+service+".x-fargate.patch.task_definition", path)
		default:
			d.refuseOverlay("change what is sent to ECS with x-fargate.patch, and create other resources outside this tool", path)
		}
	}
	maps.DeleteFunc(out, func(_ string, o Overlay) bool { return !o.Gives() })
	if len(out) == 0 {
		return nil
	}
	return out
}

// overlayMap takes a mapping; one that is not there is none, which is right.
func (d decoder) overlayMap(value any, path diag.Path) (map[string]any, bool) {
	m, ok := value.(map[string]any)
	if value != nil && !ok {
		d.errorf(path, "", "must be a mapping")
	}
	return m, ok
}

func (d decoder) refuseOverlay(help string, path diag.Path) {
	d.errorf(path, help, "cannot be merged: this tool does not create a CloudFormation template")
}

var logicalID = regexp.MustCompile(`^(.+?)(?:(?:TCP|UDP)([0-9]+))?(TargetGroup|TaskDefinition|Service)$`)

// overlaid is the compose service that a logical ID of Docker's template is
// about, and what of it; "" where there is none, or more than one.
func (d decoder) overlaid(id string) (service, kind string) {
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
		if '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			return c
		}
		return -1
	}, name)
}

// properties of a resource; what else it says is refused but for its type.
func (d decoder) properties(value any, help string, path diag.Path) (map[string]any, diag.Path) {
	resource, _ := d.overlayMap(value, path)
	for _, name := range slices.Sorted(maps.Keys(resource)) {
		if name != "Properties" && name != "Type" {
			d.refuseOverlay(help, path.Key(name))
		}
	}
	path = path.Key("Properties")
	properties, _ := d.overlayMap(resource["Properties"], path)
	return properties, path
}

// serviceOverlay takes the percents of a deployment.
func (d decoder) serviceOverlay(service string, resource any, path diag.Path) Overlay {
	use := "services." + service + ".x-fargate.patch.service"
	properties, path := d.properties(resource, "use "+use, path)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if name != "DeploymentConfiguration" {
			d.refuseOverlay("use "+use+"."+lowerFirst1(name), path.Key(name))
		}
	}
	out := Overlay{Path: path.Key("DeploymentConfiguration")}
	deployment, _ := d.overlayMap(properties["DeploymentConfiguration"], out.Path)
	for _, name := range slices.Sorted(maps.Keys(deployment)) {
		at := out.Path.Key(name)
		field, within := out.percent(name)
		n, isInt := d.typed(deployment[name], at).(int)
		switch {
		case field == nil:
			d.refuseOverlay("use "+use+".deploymentConfiguration."+lowerFirst1(name), at)
		case !isInt || n < within.Min || n > within.Max:
			d.errorf(at, "", "must be a number from %d to %d", within.Min, within.Max)
		default:
			*field = &n
		}
	}
	return out
}

// lowerFirst1 turns a name of CloudFormation into that of the AWS CLI.
func lowerFirst1(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// targetGroupOverlay takes the health check of a target group for later.
func (d decoder) targetGroupOverlay(service string, resource any, path diag.Path) {
	port := "PORT"
	if m := logicalID.FindStringSubmatch(path[len(path)-1]); m[2] != "" {
		port = m[2]
	}
	use := fmt.Sprintf("services.%s.x-fargate.ingress.%s", service, port)
	properties, inner := d.properties(resource, "leave it out", path)
	var words []string
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		word, ok := overlayHealth[name]
		if !ok {
			d.refuseOverlay("leave it out", inner.Key(name))
			continue
		}
		words = append(words, word)
	}
	if len(words) > 0 {
		d.ds.Notef(d.At(path...), path.String(), "",
			"ignored: there are no load balancers yet; with them %s will have %s", use, strings.Join(words, ", "))
	}
}
