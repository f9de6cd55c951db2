package translate

import "strings"

// becomes is what an attribute becomes on AWS where it is mapped or
// approximated: a field of the task definition, or of the resource that is named
// before the colon. The attributes that are missing become nothing of their own.
var becomes = map[string]string{
	"name": "cluster: clusterName",

	"networks.*":          "security group",
	"networks.*.external": "security group",
	"networks.*.internal": "security group: egress",
	"volumes.*":           "volumes",

	"services.*":            "task definition, service",
	"services.*.image":      "containerDefinitions.image",
	"services.*.build":      "containerDefinitions.image",
	"services.*.platform":   "runtimePlatform.cpuArchitecture",
	"services.*.labels":     "containerDefinitions.dockerLabels",
	"services.*.label_file": "containerDefinitions.dockerLabels",

	"services.*.command":           "containerDefinitions.command",
	"services.*.entrypoint":        "containerDefinitions.entryPoint",
	"services.*.environment":       "containerDefinitions.environment",
	"services.*.env_file":          "containerDefinitions.environment",
	"services.*.working_dir":       "containerDefinitions.workingDirectory",
	"services.*.user":              "containerDefinitions.user",
	"services.*.init":              "containerDefinitions.linuxParameters.initProcessEnabled",
	"services.*.tty":               "containerDefinitions.pseudoTerminal",
	"services.*.stdin_open":        "containerDefinitions.interactive",
	"services.*.stop_grace_period": "containerDefinitions.stopTimeout",
	"services.*.restart":           "containerDefinitions.restartPolicy, containerDefinitions.essential",
	"services.*.pre_start":         "containerDefinitions, containerDefinitions.dependsOn",
	"services.*.depends_on":        "start order, containerDefinitions.dependsOn",
	"services.*.depends_on.*":      "start order, containerDefinitions.dependsOn",

	"services.*.depends_on.*.condition": "containerDefinitions.dependsOn.condition",

	"services.*.healthcheck":              "containerDefinitions.healthCheck",
	"services.*.healthcheck.test":         "containerDefinitions.healthCheck.command",
	"services.*.healthcheck.disable":      "containerDefinitions.healthCheck",
	"services.*.healthcheck.interval":     "containerDefinitions.healthCheck.interval",
	"services.*.healthcheck.timeout":      "containerDefinitions.healthCheck.timeout",
	"services.*.healthcheck.retries":      "containerDefinitions.healthCheck.retries",
	"services.*.healthcheck.start_period": "containerDefinitions.healthCheck.startPeriod",

	"services.*.logging":         "containerDefinitions.logConfiguration",
	"services.*.logging.driver":  "containerDefinitions.logConfiguration.logDriver",
	"services.*.logging.options": "containerDefinitions.logConfiguration.options",

	"services.*.cpus":            "containerDefinitions.cpu, cpu",
	"services.*.mem_limit":       "containerDefinitions.memory, memory",
	"services.*.mem_reservation": "containerDefinitions.memoryReservation, memory",
	"services.*.ulimits":         "containerDefinitions.ulimits",
	"services.*.sysctls":         "containerDefinitions.systemControls",
	"services.*.storage_opt":     "ephemeralStorage.sizeInGiB",
	"services.*.cap_add":         "containerDefinitions.linuxParameters.capabilities.add",
	"services.*.cap_drop":        "containerDefinitions.linuxParameters.capabilities.drop",
	"services.*.credential_spec": "containerDefinitions.credentialSpecs",
	"services.*.pid":             "pidMode",
	"services.*.tmpfs":           "containerDefinitions.linuxParameters.tmpfs",
	"services.*.read_only":       "containerDefinitions.readonlyRootFilesystem",

	"services.*.scale":           "service: desiredCount",
	"services.*.deploy.replicas": "service: desiredCount",
	"services.*.deploy.labels":   "service: tags",

	"services.*.deploy.restart_policy":                "containerDefinitions.restartPolicy, containerDefinitions.essential",
	"services.*.deploy.resources.limits.cpus":         "containerDefinitions.cpu, cpu",
	"services.*.deploy.resources.limits.memory":       "containerDefinitions.memory, memory",
	"services.*.deploy.resources.reservations.cpus":   "containerDefinitions.cpu, cpu",
	"services.*.deploy.resources.reservations.memory": "containerDefinitions.memoryReservation, memory",
	"services.*.deploy.update_config":                 "service: deploymentConfiguration",
	"services.*.deploy.rollback_config":               "service: deploymentConfiguration",

	"services.*.networks":      "service: networkConfiguration.securityGroups",
	"services.*.networks.*":    "service: networkConfiguration.securityGroups",
	"services.*.ports":         "containerDefinitions.portMappings",
	"services.*.expose":        "containerDefinitions.portMappings",
	"services.*.ports.[].name": "containerDefinitions.portMappings.name",
	"services.*.secrets":       "containerDefinitions.secrets",
	"services.*.configs":       "image layer",
	"services.*.volumes":       "containerDefinitions.mountPoints, volumes",
	"services.*.volumes_from":  "containerDefinitions.volumesFrom",

	"services.*.ports.[].mode":         "",
	"services.*.ports.[].published":    "",
	"services.*.ports.[].target":       "containerDefinitions.portMappings.containerPort",
	"services.*.ports.[].protocol":     "containerDefinitions.portMappings.protocol",
	"services.*.ports.[].app_protocol": "containerDefinitions.portMappings.appProtocol",
	"services.*.volumes.[].source":     "containerDefinitions.mountPoints.sourceVolume, volumes",
	"services.*.volumes.[].target":     "containerDefinitions.mountPoints.containerPath",
	"services.*.volumes.[].tmpfs":      "containerDefinitions.linuxParameters.tmpfs",
	"services.*.volumes.[].read_only":  "containerDefinitions.mountPoints.readOnly",
	"services.*.volumes.[].type":       "containerDefinitions.mountPoints, volumes",
}

// becomes looks an attribute up, or the nearest one around it within a service.
func (k Key) becomes() string {
	if k.To != "" || k.Verdict != Mapped && k.Verdict != Approximated {
		return k.To
	}
	parts := strings.Split(k.Path, ".")
	for n := len(parts); n > 0; n-- {
		to, ok := becomes[strings.Join(parts[:n], ".")]
		if ok && (n == len(parts) || n > 2) {
			return to
		}
	}
	return ""
}
