package translate

import "strings"

// becomes maps an attribute that is mapped or approximated to what it becomes
// on AWS: a field of the task definition, or of the resource before the colon.
// Attributes that are not in it have no AWS field of their own.
var becomes = map[string]string{
	"name": "cluster: clusterName",

	"networks.*":          "security group",
	"networks.*.external": "service: networkConfiguration.securityGroups",
	"networks.*.name":     "service: networkConfiguration.securityGroups",
	"networks.*.internal": "security group: egress",
	"volumes.*":           "access point, volumes",
	"volumes.*.external":  "volumes.efsVolumeConfiguration",
	"volumes.*.name":      "volumes.efsVolumeConfiguration",
	"secrets.*":           "parameter, secret",
	"configs.*":           "image: files",

	"secrets.*.file":          "parameter, secret",
	"secrets.*.environment":   "parameter, secret",
	"secrets.*.external":      "containerDefinitions.secrets",
	"secrets.*.name":          "containerDefinitions.secrets",
	"secrets.*.driver_opts.*": "parameter: keyId, secret: kmsKeyId",
	"configs.*.file":          "image: files",
	"configs.*.content":       "image: files",
	"configs.*.environment":   "image: files",
	"configs.*.external":      "containerDefinitions.secrets",
	"configs.*.name":          "containerDefinitions.secrets",

	"services.*":            "task definition, service",
	"services.*.image":      "containerDefinitions.image",
	"services.*.build":      "image, repository",
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
	"services.*.expose":        "containerDefinitions.portMappings, service: serviceConnectConfiguration",
	"services.*.links":         "service: serviceConnectConfiguration",
	"services.*.ports.[].name": "containerDefinitions.portMappings.name",
	"services.*.secrets":       "containerDefinitions.mountPoints, containerDefinitions.secrets",
	"services.*.configs":       "image: files",
	"services.*.volumes":       "containerDefinitions.mountPoints, volumes",
	"services.*.volumes_from":  "containerDefinitions.volumesFrom",

	"services.*.ports.[].mode":         "",
	"services.*.ports.[].published":    "listener: port",
	"services.*.ports.[].host_ip":      "security group: ingress",
	"services.*.ports.[].target":       "containerDefinitions.portMappings.containerPort",
	"services.*.ports.[].protocol":     "containerDefinitions.portMappings.protocol",
	"services.*.ports.[].app_protocol": "containerDefinitions.portMappings.appProtocol",
	"services.*.volumes.[].source":     "containerDefinitions.mountPoints.sourceVolume, volumes",
	"services.*.volumes.[].target":     "containerDefinitions.mountPoints.containerPath",
	"services.*.volumes.[].tmpfs":      "containerDefinitions.linuxParameters.tmpfs",
	"services.*.volumes.[].read_only":  "containerDefinitions.mountPoints.readOnly",
	"services.*.volumes.[].type":       "containerDefinitions.mountPoints, volumes",
}

// becomes looks up an attribute, or else the nearest one around it within a
// service.
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
