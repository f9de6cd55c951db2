package translate

import (
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// Locate says where the files ask for a field of a desired resource, given by its
// path in the canonical tree; what is not written there has the place of what is
// around it. The zero Pos is unknown.
func (p *Project) Locate(r *plan.Resource, field diag.Path) diag.Pos {
	if r == nil || len(field) == 0 {
		return diag.Pos{}
	}
	o, below, ok := r.Origin(field)
	if !ok {
		return r.Source
	}
	for _, path := range candidates(o, below) {
		if p.Written(path...) {
			return p.At(path...)
		}
	}
	return p.At(o.From...)
}

// candidates are the paths of the most exact entry that there is for a field.
func candidates(o plan.Origin, below []string) []diag.Path {
	for n := len(below); n >= 0; n-- {
		name := ""
		texts, ok := entryOf(o.Fields, strings.Join(below[:n], "."))
		if !ok && n > 0 {
			name = below[n-1]
			texts, ok = entryOf(o.Fields, strings.TrimPrefix(strings.Join(below[:n-1], ".")+".*", "."))
		}
		if ok {
			out := make([]diag.Path, len(texts))
			for i, text := range texts {
				out[i] = expanded(text, o.From, name)
			}
			return out
		}
	}
	return nil
}

func entryOf(fields plan.FieldOrigins, field string) ([]string, bool) {
	if texts, ok := fields[field]; ok {
		return texts, true
	}
	texts, ok := tagOrigins[field]
	return texts, ok
}

// tagOrigins are those of the tags that everything bears.
var tagOrigins = plan.FieldOrigins{
	"tags":   {"/x-fargate.tags", "/services"},
	"tags.*": {"/x-fargate.tags.*", "/x-fargate.tags", "/services"},
}

// expanded is the path in the files that a pattern of plan.FieldOrigins stands for, with
// a name for its *.
func expanded(pattern string, from diag.Path, name string) diag.Path {
	relative, absolute := strings.CutPrefix(pattern, "/")
	if absolute {
		from = nil
	}
	elements := strings.Split(relative, ".")
	for i, element := range elements {
		if element == "*" {
			elements[i] = name
		}
	}
	return from.Key(elements...)
}

// from is the one origin of a whole resource: a part of the files, or the first
// that is written of some paths, see plan.FieldOrigins.
func from(path diag.Path, first ...string) []plan.Origin {
	o := plan.Origin{From: path}
	if len(first) > 0 {
		o.Fields = plan.FieldOrigins{"": first}
	}
	return []plan.Origin{o}
}

// serviceOrigins are the attributes that fields of an ECS service come from.
var serviceOrigins = plan.FieldOrigins{
	"desiredCount":                {"scale", "deploy.replicas", "x-fargate.scaling"},
	"deploymentConfiguration":     {"deploy.update_config"},
	"availabilityZoneRebalancing": {"deploy.update_config"},
	"loadBalancers":               {"x-fargate.ingress", "ports"},

	"healthCheckGracePeriodSeconds": {"x-fargate.deployment.grace_period", "healthcheck.start_period", "ports"},

	"serviceConnectConfiguration": {"x-fargate.discovery", "expose", "ports"},
	"serviceRegistries":           {"x-fargate.discovery"},

	"networkConfiguration":                {},
	"networkConfiguration.*":              {"networks", "network_mode"},
	"networkConfiguration.subnets":        {"/x-fargate.subnets", "/x-fargate.vpc"},
	"networkConfiguration.assignPublicIp": {"/x-fargate.public_ip"},

	"tags.*": {"deploy.labels.*", "/x-fargate.tags.*", "/x-fargate.tags", "/services"},
}

// taskOrigins are the attributes that fields of a task definition come from.
var taskOrigins = plan.FieldOrigins{
	"cpu":              {"x-fargate.cpu", "deploy.resources.limits.cpus", "cpus", "deploy.resources.reservations.cpus", "deploy.resources"},
	"memory":           {"x-fargate.memory", "deploy.resources.limits.memory", "mem_limit", "deploy.resources.reservations.memory", "mem_reservation", "deploy.resources"},
	"runtimePlatform":  {"x-fargate.platform", "platform"},
	"taskRoleArn":      {"x-fargate.policies"},
	"volumes":          {"volumes"},
	"pidMode":          {"pid"},
	"ephemeralStorage": {"storage_opt"},
}

// containerOrigins are the attributes that fields of a container come from.
var containerOrigins = plan.FieldOrigins{
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
	"environment.*":          {"environment.*", "env_file", "environment"},
	"secrets":                {"environment", "env_file", "x-fargate.secrets_env"},
	"secrets.*":              {"environment.*", "env_file", "x-fargate.secrets_env", "environment"},
	"repositoryCredentials":  {"x-fargate.pull_credentials", "x-aws-pull_credentials"},
	"portMappings":           {"ports", "expose", "x-fargate.discovery", "build", "image"},
	"mountPoints":            {"volumes"},
	"dependsOn":              {"depends_on", "network_mode", "x-fargate.sidecar_of"},
	"dependsOn.*":            {"depends_on.*", "network_mode", "x-fargate.sidecar_of", "depends_on"},
	"ulimits":                {"ulimits"},
	"ulimits.*":              {"ulimits.*", "ulimits"},
	"systemControls":         {"sysctls"},
	"systemControls.*":       {"sysctls.*", "sysctls"},
	"restartPolicy":          {"deploy.restart_policy", "restart"},
	"volumesFrom":            {"volumes_from"},
	"dockerLabels":           {"labels", "label_file"},
	"dockerLabels.*":         {"labels.*", "label_file", "labels"},
	"stopTimeout":            {"stop_grace_period"},
	"interactive":            {"stdin_open"},
	"pseudoTerminal":         {"tty"},
	"readonlyRootFilesystem": {"read_only"},

	"logConfiguration":           {"logging.options", "logging"},
	"logConfiguration.*":         {"logging.options.*", "logging", "logging.options"},
	"logConfiguration.options.*": {"logging.options.*", "logging", "logging.options"},

	"healthCheck":             {"healthcheck"},
	"healthCheck.command":     {"healthcheck.test", "healthcheck"},
	"healthCheck.interval":    {"healthcheck.interval", "healthcheck"},
	"healthCheck.timeout":     {"healthcheck.timeout", "healthcheck"},
	"healthCheck.retries":     {"healthcheck.retries", "healthcheck"},
	"healthCheck.startPeriod": {"healthcheck.start_period", "healthcheck"},

	"linuxParameters":                    {"cap_drop", "cap_add", "tmpfs", "init"},
	"linuxParameters.initProcessEnabled": {"init"},
	"linuxParameters.tmpfs":              {"tmpfs", "volumes"},
	"linuxParameters.capabilities.add":   {"cap_add"},
	"linuxParameters.capabilities.drop":  {"cap_drop"},
}

// publishedOrigins are the keys of x-fargate.ingress that fields of target groups
// and rules come from.
func publishedOrigins(service string, port int) []plan.Origin {
	ingress := "x-fargate.ingress." + strconv.Itoa(port)
	fields := plan.FieldOrigins{
		"":            {ingress, "ports"},
		"healthCheck": {ingress + ".health", "healthcheck.test", ingress, "ports"},
	}
	for field, key := range map[string]string{
		"hosts": "host", "paths": "path", "actions": "kind", "listenerArn": "listen",
		"attributes.deregistration_delay.timeout_seconds": "deregistration_delay", "attributes.stickiness.enabled": "stickiness",
	} {
		fields[field] = []string{ingress + "." + key, ingress, "ports"}
	}
	return []plan.Origin{{From: at(service), Fields: fields}}
}

// roleOrigins are those of a role that is asked for somewhere.
func roleOrigins(asked []plan.Origin) []plan.Origin {
	boundary := plan.Origin{
		Field: diag.Path{"permissionsBoundary"}, From: diag.Path{"services"},
		Fields: plan.FieldOrigins{"": {"/x-fargate.permissions_boundary"}},
	}
	return append([]plan.Origin{boundary}, asked...)
}

// PullCredentials is where the files name the secret with the credentials for the image of a
// service.
func (p *Project) PullCredentials(service string) (at diag.Pos, key string) {
	for _, path := range []diag.Path{
		{"services", service, "x-fargate", "pull_credentials"}, {"services", service, "x-aws-pull_credentials"}, {"x-fargate", "defaults", "pull_credentials"},
	} {
		if p.Written(path...) {
			return p.At(path...), compose.Dotted(path)
		}
	}
	return p.At("services", service, "image"), compose.Dotted(diag.Path{"services", service, "image"})
}

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
