package translate

import (
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// AtKey is where the files set a key of x-fargate, or the one that Docker's ECS
// integration had for it.
func (p *Project) AtKey(key string) diag.Pos {
	docker := map[string]string{
		"x-fargate.vpc": "x-aws-vpc", "x-fargate.cluster": "x-aws-cluster", "x-fargate.load_balancer": "x-aws-loadbalancer",
	}
	path := strings.Split(key, ".")
	if old := docker[key]; old != "" && !p.Written(path...) {
		path = []string{old}
	}
	return p.At(path...)
}

// Locate says where the files ask for a field of a resource, given by its path
// in the canonical tree; what is not written there has the place of what is
// around it. The zero Pos is unknown.
func (p *Project) Locate(address plan.Address, path []string) diag.Pos {
	if len(path) == 0 {
		return diag.Pos{}
	}
	if patch := p.patchedAt(address, path); patch != nil {
		return p.At(patch...)
	}
	if path[0] == "tags" {
		return p.locateTag(address, path)
	}
	switch address.Kind {
	case spec.ServiceKind:
		return p.locateService(address.Name, path)
	case spec.TaskDefinitionKind:
		return p.locateTaskDefinition(address.Name, path)
	case spec.SecurityGroupKind:
		return p.locateGroup(address.Name)
	case spec.TargetGroupKind, spec.ListenerRuleKind:
		return p.locateExposure(address.Name, path)
	case spec.LoadBalancerKind, spec.ListenerKind:
		return p.firstWritten([]string{xKey, "load_balancer"}, []string{xKey, "certificate"}, []string{xKey, "domain"}, []string{"services"})
	case spec.CertificateKind, spec.RecordKind:
		return p.firstWritten([]string{xKey, "domain"}, []string{"services"})
	case spec.DiscoveryServiceKind:
		return p.ofService(address.Name, "x-fargate.discovery")
	case spec.LogGroupKind:
		return p.firstWritten([]string{xKey, "log_retention"}, []string{"x-aws-logs_retention"}, []string{"services"})
	case spec.ImageKind, spec.RepositoryKind:
		return p.locateImage(address.Name, path)
	case spec.ParameterKind, spec.SecretKind:
		return p.locateSecret(address.Name)
	case spec.FileSystemKind, spec.MountTargetKind:
		return p.firstWritten([]string{"volumes"}, []string{"services"})
	case spec.AccessPointKind:
		return p.locateAccessPoint(address.Name, path)
	case spec.RoleKind:
		return p.locateRole(address.Name, path)
	default:
		return p.firstWritten([]string{"name"}, []string{"services"})
	}
}

// firstWritten is the place of the first of paths that a file has, else of what
// is around the last.
func (p *Project) firstWritten(paths ...[]string) diag.Pos {
	for _, path := range paths {
		if p.Written(path...) {
			return p.At(path...)
		}
	}
	return p.At(paths[len(paths)-1]...)
}

// ofService is firstWritten of attributes of a service, given as dotted paths.
func (p *Project) ofService(service string, attributes ...string) diag.Pos {
	paths := make([][]string, 0, len(attributes)+1)
	for _, attribute := range attributes {
		paths = append(paths, at(service, strings.Split(attribute, ".")...))
	}
	return p.firstWritten(append(paths, at(service))...)
}

func (p *Project) locateTag(address plan.Address, path []string) diag.Pos {
	tags := []string{xKey, "tags"}
	if len(path) > 1 {
		label := at(address.Name, "deploy", "labels", path[1])
		if address.Kind == spec.ServiceKind && p.Written(label...) {
			return p.At(label...)
		}
		tags = append(tags, path[1])
	}
	return p.firstWritten(tags, []string{xKey, "tags"}, []string{"services"})
}

func last(path []string) string { return path[len(path)-1] }

func (p *Project) locateRole(name string, path []string) diag.Pos {
	service, isTask := strings.CutSuffix(name, ".task")
	switch {
	case path[0] == "permissionsBoundary":
		return p.firstWritten([]string{xKey, "permissions_boundary"}, []string{"services"})
	case isTask:
		return p.firstWritten(at(service, xKey, "policies"), at(service, "x-aws-policies"), at(service, "x-aws-role"),
			[]string{xKey, "defaults", "policies"}, at(service))
	case p.HasService(strings.TrimSuffix(name, ".execution")):
		return p.ofService(strings.TrimSuffix(name, ".execution"), "secrets", "x-fargate.secrets_env", "environment")
	default:
		return p.At("services")
	}
}

// serviceFields are the attributes that fields of an ECS service come from.
var serviceFields = map[string][]string{
	"desiredCount":                {"scale", "deploy.replicas"},
	"taskDefinition":              {},
	"deploymentConfiguration":     {"deploy.update_config"},
	"availabilityZoneRebalancing": {"deploy.update_config"},
	"loadBalancers":               {"x-fargate.ingress", "ports"},

	"healthCheckGracePeriodSeconds": {"x-fargate.deployment.grace_period", "healthcheck.start_period", "ports"},

	"serviceConnectConfiguration": {"x-fargate.discovery", "expose", "ports"},
	"serviceRegistries":           {"x-fargate.discovery"},
}

func (p *Project) locateService(name string, path []string) diag.Pos {
	if given := p.locateOverlay(name, path); !given.IsZero() {
		return given
	}
	if path[0] == "networkConfiguration" && len(path) > 1 {
		switch path[1] {
		case "subnets":
			return p.firstWritten([]string{xKey, "subnets"}, []string{xKey, "vpc"}, at(name))
		case "assignPublicIp":
			return p.firstWritten([]string{xKey, "public_ip"}, at(name))
		default:
			return p.ofService(name, "networks", "network_mode")
		}
	}
	return p.ofService(name, serviceFields[path[0]]...)
}

// taskFields are the attributes that fields of a task definition come from.
var taskFields = map[string][]string{
	"cpu":             {"x-fargate.cpu", "deploy.resources.limits.cpus", "cpus", "deploy.resources.reservations.cpus", "deploy.resources"},
	"memory":          {"x-fargate.memory", "deploy.resources.limits.memory", "mem_limit", "deploy.resources.reservations.memory", "mem_reservation", "deploy.resources"},
	"runtimePlatform": {"x-fargate.platform", "platform"},
	"taskRoleArn":     {"x-fargate.policies"},
	"volumes":         {"volumes"},

	"pidMode":          {"pid"},
	"ephemeralStorage": {"storage_opt"},
}

// containerFields are the attributes that fields of a container come from.
var containerFields = map[string][]string{
	"image":                  {"image", "build"},
	"cpu":                    {"deploy.resources.limits.cpus", "cpus", "deploy.resources.reservations.cpus"},
	"memory":                 {"deploy.resources.limits.memory", "mem_limit"},
	"memoryReservation":      {"deploy.resources.reservations.memory", "mem_reservation"},
	"essential":              {"deploy.restart_policy", "restart"},
	"entryPoint":             {"entrypoint"},
	"command":                {"command"},
	"workingDirectory":       {"working_dir"},
	"user":                   {"user"},
	"environment":            {"environment", "env_file"},
	"secrets":                {"environment", "env_file", "x-fargate.secrets_env"},
	"repositoryCredentials":  {"x-fargate.pull_credentials", "x-aws-pull_credentials"},
	"portMappings":           {"ports", "expose", "x-fargate.discovery", "build", "image"},
	"mountPoints":            {"volumes"},
	"dependsOn":              {"depends_on", "network_mode", "x-fargate.sidecar_of"},
	"healthCheck":            {"healthcheck"},
	"logConfiguration":       {"logging.options", "logging"},
	"linuxParameters":        {"cap_drop", "cap_add", "tmpfs", "init"},
	"ulimits":                {"ulimits"},
	"systemControls":         {"sysctls"},
	"restartPolicy":          {"deploy.restart_policy", "restart"},
	"volumesFrom":            {"volumes_from"},
	"dockerLabels":           {"labels", "label_file"},
	"stopTimeout":            {"stop_grace_period"},
	"interactive":            {"stdin_open"},
	"pseudoTerminal":         {"tty"},
	"readonlyRootFilesystem": {"read_only"},
}

// linuxFields are the attributes of Linux parameters by their fields.
var linuxFields = map[string][]string{
	"initProcessEnabled": {"init"}, "tmpfs": {"tmpfs", "volumes"},
	"capabilities.add": {"cap_add"}, "capabilities.drop": {"cap_drop"},
}

// healthFields are the attributes of a health check by its fields.
var healthFields = map[string]string{
	"command": "test", "interval": "interval", "timeout": "timeout", "retries": "retries", "startPeriod": "start_period",
}

func (p *Project) locateTaskDefinition(name string, path []string) diag.Pos {
	if path[0] != "containerDefinitions" || len(path) < 2 {
		return p.ofService(name, taskFields[path[0]]...)
	}
	if service, ok := p.serviceOfHelper(path[1]); ok {
		return p.ofService(service, "secrets", "configs", "volumes")
	}
	if step, ok := p.stepOfContainer(path[1]); ok {
		return p.firstWritten(step)
	}
	service := p.serviceOfContainer(name, path[1])
	if path[1] == logRouter && ecsName(service) != logRouter {
		return p.ofService(service, "logging")
	}
	if len(path) == 2 {
		return p.ofService(service)
	}
	return p.locateContainer(service, path[2:])
}

// serviceOfContainer finds the compose service behind a container's name.
func (p *Project) serviceOfContainer(lead, container string) string {
	if ecsName(lead) == container {
		return lead
	}
	for name := range p.Compose.Services {
		if ecsName(name) == container {
			return name
		}
	}
	return lead
}

// locateContainer takes the path of a field within a container definition.
func (p *Project) locateContainer(service string, path []string) diag.Pos {
	attributes := containerFields[path[0]]
	if len(path) == 1 {
		return p.ofService(service, attributes...)
	}
	switch path[0] {
	case "environment", "secrets", "dockerLabels", "dependsOn", "ulimits", "systemControls":
		return p.locateEntry(service, attributes, path[1])
	case "logConfiguration":
		return p.locateEntry(service, attributes, last(path))
	case "linuxParameters":
		if fields, ok := linuxFields[strings.Join(path[1:min(len(path), 3)], ".")]; ok {
			return p.ofService(service, fields...)
		}
	case "healthCheck":
		if field, ok := healthFields[path[1]]; ok {
			return p.ofService(service, "healthcheck."+field, "healthcheck")
		}
	}
	return p.ofService(service, attributes...)
}

// locateEntry looks for the entry of a mapping, whose key may have dots, before
// the attribute itself.
func (p *Project) locateEntry(service string, attributes []string, key string) diag.Pos {
	entry := at(service, append(strings.Split(attributes[0], "."), key)...)
	if p.Written(entry...) {
		return p.At(entry...)
	}
	return p.ofService(service, append(attributes[1:len(attributes):len(attributes)], attributes[0])...)
}
