package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// taskDefinitionChecks are what RegisterTaskDefinition refuses for Fargate, in
// the order in which it is told (ECS Developer Guide, "Amazon ECS task
// definition parameters for Fargate"; SDK documentation of ecs v1.104.0). The
// messages are ECS's own where they are known, else ours.
var taskDefinitionChecks = []func(*ecs.RegisterTaskDefinitionInput) error{
	checkFamily,
	checkFargate,
	checkContainerCount,
	checkContainerNames,
	checkContainerSizes,
	checkEphemeralStorage,
	checkVolumes,
	eachContainer(checkImage),
	eachContainer(checkUnsupported),
	eachContainer(checkLinuxParameters),
	eachContainer(checkPorts),
	eachContainer(checkHealth),
	eachContainer(checkTimes),
	eachContainer(checkLimits),
	eachContainer(checkLogs),
	eachContainer(checkSecrets),
	checkSharedPorts,
	checkMounts,
	checkDependencies,
	checkExecutionRole,
	checkDocumentSize,
}

func checkTaskDefinition(in *ecs.RegisterTaskDefinitionInput) error {
	for _, check := range taskDefinitionChecks {
		if err := check(in); err != nil {
			return err
		}
	}
	return nil
}

func eachContainer(check func(types.ContainerDefinition) error) func(*ecs.RegisterTaskDefinitionInput) error {
	return func(in *ecs.RegisterTaskDefinitionInput) error {
		for _, c := range in.ContainerDefinitions {
			if err := check(c); err != nil {
				return err
			}
		}
		return nil
	}
}

func containerError(c types.ContainerDefinition, problem string) error {
	return clientError("Invalid setting for container '%s'. %s", str(c.Name), problem)
}

func checkFamily(in *ecs.RegisterTaskDefinitionInput) error {
	switch {
	case str(in.Family) == "":
		return clientError("Family should not be null or empty.")
	case len(*in.Family) > 255:
		return clientError("Family name is too long. Maximum length is 255.")
	case !ecsName.MatchString(*in.Family):
		return clientError("Family contains invalid characters.")
	}
	return nil
}

func checkFargate(in *ecs.RegisterTaskDefinitionInput) error {
	switch {
	case !slices.Contains(in.RequiresCompatibilities, types.CompatibilityFargate):
		return clientError("The simulator knows Fargate only: requiresCompatibilities must contain FARGATE.")
	case in.NetworkMode != types.NetworkModeAwsvpc:
		return clientError("Fargate only supports network mode ‘awsvpc’.")
	case in.IpcMode != "":
		return clientError("Fargate does not support the 'ipcMode' setting.")
	case in.PidMode != "" && in.PidMode != types.PidModeTask:
		return clientError("Fargate does not support the 'pidMode' setting %q.", in.PidMode)
	case len(in.PlacementConstraints) > 0:
		return clientError("Fargate does not support placement constraints.")
	case len(in.InferenceAccelerators) > 0: //lint:ignore SA1019 it is what Fargate refuses
		return clientError("Fargate does not support inference accelerators.")
	}
	return checkPlatform(val(in.RuntimePlatform))
}

func checkPlatform(p types.RuntimePlatform) error {
	switch {
	case p.OperatingSystemFamily != "" && p.OperatingSystemFamily != types.OSFamilyLinux:
		return clientError("The simulator knows Linux only, not %s.", p.OperatingSystemFamily)
	case p.CpuArchitecture != "" && !slices.Contains(p.CpuArchitecture.Values(), p.CpuArchitecture):
		return clientError("Unknown cpuArchitecture %q.", p.CpuArchitecture)
	}
	return nil
}

func checkContainerCount(in *ecs.RegisterTaskDefinitionInput) error {
	switch n := len(in.ContainerDefinitions); {
	case n == 0:
		return clientError("Container list cannot be empty.")
	case n > 10:
		return clientError("Too many containers. Maximum number of containers in a task definition is 10.")
	}
	if !slices.ContainsFunc(in.ContainerDefinitions, isEssential) {
		return clientError("At least one container in a task definition must be essential.")
	}
	return nil
}

func isEssential(c types.ContainerDefinition) bool { return val(orElse(c.Essential, true)) }

func checkContainerNames(in *ecs.RegisterTaskDefinitionInput) error {
	seen := map[string]bool{}
	for _, c := range in.ContainerDefinitions {
		name := str(c.Name)
		switch {
		case name == "":
			return clientError("Container.name should not be null or empty.")
		case !ecsName.MatchString(name):
			return clientError("Container.name contains invalid characters: %q", name)
		case seen[name]:
			return clientError("Container names must be unique: '%s' comes twice.", name)
		}
		seen[name] = true
	}
	return nil
}

func checkEphemeralStorage(in *ecs.RegisterTaskDefinitionInput) error {
	if s := in.EphemeralStorage; s != nil && (s.SizeInGiB < 21 || s.SizeInGiB > 200) {
		return clientError("Invalid ephemeral storage size %d GiB: it must be between 21 and 200 GiB.", s.SizeInGiB)
	}
	return nil
}

func checkImage(c types.ContainerDefinition) error {
	name, digest, pinned := strings.Cut(str(c.Image), "@")
	switch {
	case str(c.Image) == "":
		return clientError("Container.image should not be null or empty.")
	case len(name) > 255 || strings.ContainsAny(name, " \t\n"):
		return containerError(c, fmt.Sprintf("Container.image contains invalid characters or is too long: %q", name))
	case pinned && !imageDigest.MatchString(digest):
		return containerError(c, fmt.Sprintf("Container.image has an invalid digest: %q", digest))
	}
	return nil
}

var imageDigest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// checkUnsupported refuses the settings that Fargate does not have.
func checkUnsupported(c types.ContainerDefinition) error {
	used := map[string]bool{
		"privileged": val(c.Privileged), "links": len(c.Links) > 0, "extraHosts": len(c.ExtraHosts) > 0,
		"dnsServers": len(c.DnsServers) > 0, "dnsSearchDomains": len(c.DnsSearchDomains) > 0,
		"dockerSecurityOptions": len(c.DockerSecurityOptions) > 0, "disableNetworking": val(c.DisableNetworking),
		"hostname": c.Hostname != nil, "resourceRequirements": len(c.ResourceRequirements) > 0,
	}
	for _, setting := range sortedKeys(used) {
		if used[setting] {
			return containerError(c, fmt.Sprintf("The '%s' setting is not supported on Fargate with network mode awsvpc.", setting))
		}
	}
	return nil
}

func checkLinuxParameters(c types.ContainerDefinition) error {
	l := val(c.LinuxParameters)
	used := map[string]bool{
		"devices": len(l.Devices) > 0, "maxSwap": l.MaxSwap != nil, "swappiness": l.Swappiness != nil,
		"sharedMemorySize": l.SharedMemorySize != nil,
	}
	for _, setting := range sortedKeys(used) {
		if used[setting] {
			return containerError(c, fmt.Sprintf("The '%s' linux parameter is not supported on Fargate.", setting))
		}
	}
	for _, capability := range val(l.Capabilities).Add {
		if capability != "SYS_PTRACE" {
			return containerError(c, fmt.Sprintf("Fargate does not support adding the capability %s.", capability))
		}
	}
	for _, t := range l.Tmpfs {
		if !strings.HasPrefix(str(t.ContainerPath), "/") || t.Size <= 0 {
			return containerError(c, "A tmpfs needs an absolute containerPath and a positive size.")
		}
	}
	for _, s := range c.SystemControls {
		if !allowedControl.MatchString(str(s.Namespace)) {
			return containerError(c, fmt.Sprintf("The system control %s is not supported on Fargate.", str(s.Namespace)))
		}
	}
	return nil
}

var allowedControl = regexp.MustCompile(
	`^(net\..+|fs\.mqueue\..+|kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced))$`)

// portName is what a port mapping may be called, for Service Connect.
var portName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,63}$`)

func checkPorts(c types.ContainerDefinition) error {
	for _, p := range c.PortMappings {
		port := val(p.ContainerPort)
		switch {
		case p.ContainerPortRange != nil:
			return containerError(c, "The simulator does not know container port ranges.")
		case port < 1 || port > 65535:
			return containerError(c, fmt.Sprintf("Invalid container port %d.", port))
		case val(p.HostPort) != 0 && *p.HostPort != port:
			return clientError("When networkMode=awsvpc, the host ports and container ports in port mappings must match.")
		case p.Protocol != "" && !slices.Contains(p.Protocol.Values(), p.Protocol):
			return containerError(c, fmt.Sprintf("Invalid protocol %q of port %d.", p.Protocol, port))
		case p.Name != nil && !portName.MatchString(*p.Name):
			return containerError(c, fmt.Sprintf("Invalid port mapping name %q: it must match [a-z0-9_][a-z0-9_-]{0,63}.", *p.Name))
		case p.AppProtocol != "" && p.Name == nil:
			return containerError(c, fmt.Sprintf("A port mapping with an appProtocol needs a name: port %d.", port))
		case p.AppProtocol != "" && p.Protocol == types.TransportProtocolUdp:
			return containerError(c, fmt.Sprintf("A udp port mapping cannot have an appProtocol: port %d.", port))
		}
	}
	return nil
}

// checkSharedPorts keeps ports and names unique in the task, whose containers
// share one network interface. A port has one protocol only.
func checkSharedPorts(in *ecs.RegisterTaskDefinitionInput) error {
	ports, names := map[int32]bool{}, map[string]bool{}
	for _, c := range in.ContainerDefinitions {
		for _, p := range c.PortMappings {
			if ports[*p.ContainerPort] {
				return containerError(c, fmt.Sprintf("The container port %d is mapped twice in the task.", *p.ContainerPort))
			}
			if p.Name != nil && names[*p.Name] {
				return containerError(c, fmt.Sprintf("The port mapping name %q comes twice in the task.", *p.Name))
			}
			ports[*p.ContainerPort], names[str(p.Name)] = true, true
		}
	}
	return nil
}

func checkHealth(c types.ContainerDefinition) error {
	h := c.HealthCheck
	switch {
	case h == nil:
		return nil
	case len(h.Command) == 0:
		return containerError(c, "A health check needs a command.")
	case outside(h.Interval, 5, 300):
		return containerError(c, "The health check interval must be between 5 and 300 seconds.")
	case outside(h.Timeout, 2, 60):
		return containerError(c, "The health check timeout must be between 2 and 60 seconds.")
	case outside(h.Retries, 1, 10):
		return containerError(c, "The health check retries must be between 1 and 10.")
	case outside(h.StartPeriod, 0, 300):
		return containerError(c, "The health check startPeriod must be between 0 and 300 seconds.")
	}
	return nil
}

// outside tells whether a value was given that is not in the range.
func outside(n *int32, from, to int32) bool { return n != nil && (*n < from || *n > to) }

func checkTimes(c types.ContainerDefinition) error {
	r := val(c.RestartPolicy)
	switch {
	case outside(c.StopTimeout, 2, 120):
		return containerError(c, "The stopTimeout must be between 2 and 120 seconds on Fargate.")
	case outside(c.StartTimeout, 2, 120):
		return containerError(c, "The startTimeout must be between 2 and 120 seconds on Fargate.")
	case outside(r.RestartAttemptPeriod, 60, 1800):
		return containerError(c, "The restartAttemptPeriod must be between 60 and 1800 seconds.")
	case len(r.IgnoredExitCodes) > 50:
		return containerError(c, "A restart policy can have at most 50 ignoredExitCodes.")
	}
	return nil
}

func checkLimits(c types.ContainerDefinition) error {
	for _, u := range c.Ulimits {
		switch {
		case !slices.Contains(u.Name.Values(), u.Name):
			return containerError(c, fmt.Sprintf("Unknown ulimit %q.", u.Name))
		case u.SoftLimit > u.HardLimit:
			return containerError(c, fmt.Sprintf("The soft limit of ulimit %s exceeds its hard limit.", u.Name))
		case u.Name == types.UlimitNameNofile && u.HardLimit > 1048576:
			return containerError(c, "The nofile ulimit must not exceed 1048576 on Fargate.")
		}
	}
	if len(c.EnvironmentFiles) > 10 {
		return containerError(c, "A container can have at most 10 environmentFiles.")
	}
	for _, f := range c.EnvironmentFiles {
		if f.Type != types.EnvironmentFileTypeS3 || arnService(str(f.Value)) != "s3" || !strings.HasSuffix(*f.Value, ".env") {
			return containerError(c, "An environment file must be the ARN of an S3 object that ends in .env.")
		}
	}
	return nil
}

// awslogsOptions are the options of the awslogs driver; ECS refuses others.
var awslogsOptions = []string{
	"awslogs-create-group", "awslogs-datetime-format", "awslogs-group", "awslogs-multiline-pattern",
	"awslogs-region", "awslogs-stream-prefix", "max-buffer-size", "mode",
}

func checkLogs(c types.ContainerDefinition) error {
	l := c.LogConfiguration
	if l == nil || l.LogDriver == types.LogDriverSplunk || l.LogDriver == types.LogDriverAwsfirelens {
		return nil
	}
	if l.LogDriver != types.LogDriverAwslogs {
		return containerError(c, fmt.Sprintf("The log driver '%s' is not supported on Fargate. "+
			"Supported log drivers are awslogs, splunk, awsfirelens.", l.LogDriver))
	}
	for _, name := range sortedKeys(l.Options) {
		if !slices.Contains(awslogsOptions, name) {
			return clientError("Log driver awslogs disallows options: %s", name)
		}
	}
	for _, name := range []string{"awslogs-group", "awslogs-region", "awslogs-stream-prefix"} {
		if l.Options[name] == "" {
			return clientError("Log driver awslogs requires options: %s", name)
		}
	}
	return checkLogOptions(c, l.Options)
}

func checkLogOptions(c types.ContainerDefinition, options map[string]string) error {
	switch {
	case !logGroupName.MatchString(options["awslogs-group"]):
		return containerError(c, "The awslogs-group contains invalid characters.")
	case options["awslogs-datetime-format"] != "" && options["awslogs-multiline-pattern"] != "":
		return containerError(c, "awslogs-datetime-format and awslogs-multiline-pattern exclude each other.")
	case options["mode"] != "" && options["mode"] != "blocking" && options["mode"] != "non-blocking":
		return containerError(c, fmt.Sprintf("Invalid log mode %q.", options["mode"]))
	case options["max-buffer-size"] != "" && options["mode"] == "blocking":
		return containerError(c, "max-buffer-size needs the log mode non-blocking.")
	}
	return nil
}

func checkSecrets(c types.ContainerDefinition) error {
	names := map[string]bool{}
	for _, e := range c.Environment {
		if str(e.Name) == "" {
			return containerError(c, "An environment variable needs a name.")
		}
		names[*e.Name] = true
	}
	for _, s := range c.Secrets {
		switch {
		case str(s.Name) == "" || str(s.ValueFrom) == "":
			return containerError(c, "A secret needs a name and a valueFrom.")
		case names[*s.Name]:
			return clientError("The secret name must be unique and not shared with any new or existing environment variables "+
				"set on the container, such as '%s'.", *s.Name)
		}
		names[*s.Name] = true
	}
	return nil
}

func checkVolumes(in *ecs.RegisterTaskDefinitionInput) error {
	seen := map[string]bool{}
	for _, v := range in.Volumes {
		name := str(v.Name)
		switch {
		case !ecsName.MatchString(name):
			return clientError("Volume name contains invalid characters: %q", name)
		case seen[name]:
			return clientError("Volume names must be unique: '%s' comes twice.", name)
		case v.DockerVolumeConfiguration != nil:
			return clientError("Fargate does not support dockerVolumeConfiguration: volume '%s'.", name)
		case v.FsxWindowsFileServerVolumeConfiguration != nil:
			return clientError("Fargate does not support fsxWindowsFileServerVolumeConfiguration: volume '%s'.", name)
		case str(val(v.Host).SourcePath) != "":
			return clientError("Fargate does not support host.sourcePath: volume '%s'.", name)
		}
		seen[name] = true
		if err := checkEFS(name, v.EfsVolumeConfiguration); err != nil {
			return err
		}
	}
	return nil
}

var fileSystemID = regexp.MustCompile(`^fs-[0-9a-f]{8,40}$`)

func checkEFS(name string, e *types.EFSVolumeConfiguration) error {
	if e == nil {
		return nil
	}
	auth := val(e.AuthorizationConfig)
	encrypted := e.TransitEncryption == types.EFSTransitEncryptionEnabled
	switch {
	case !fileSystemID.MatchString(str(e.FileSystemId)):
		return clientError("Invalid EFS file system id %q of volume '%s'.", str(e.FileSystemId), name)
	case auth.AccessPointId != nil && str(e.RootDirectory) != "" && *e.RootDirectory != "/":
		return clientError("The rootDirectory of volume '%s' must be omitted or / with an access point.", name)
	case auth.AccessPointId != nil && !encrypted:
		return clientError("Volume '%s' must enable transit encryption to use an access point.", name)
	case auth.Iam == types.EFSAuthorizationConfigIAMEnabled && !encrypted:
		return clientError("Volume '%s' must enable transit encryption to use IAM authorization.", name)
	case e.TransitEncryptionPort != nil && !encrypted:
		return clientError("Volume '%s' must enable transit encryption to set its port.", name)
	}
	return nil
}

func checkMounts(in *ecs.RegisterTaskDefinitionInput) error {
	volumes, containers := map[string]bool{}, map[string]bool{}
	for _, v := range in.Volumes {
		volumes[str(v.Name)] = true
	}
	for _, c := range in.ContainerDefinitions {
		containers[str(c.Name)] = true
	}
	for _, c := range in.ContainerDefinitions {
		paths := map[string]bool{}
		for _, m := range c.MountPoints {
			path := str(m.ContainerPath)
			switch {
			case !volumes[str(m.SourceVolume)]:
				return clientError("Unknown volume '%s'.", str(m.SourceVolume))
			case !strings.HasPrefix(path, "/"):
				return containerError(c, fmt.Sprintf("The containerPath %q of a mount point must be absolute.", path))
			case paths[path]:
				return containerError(c, fmt.Sprintf("The containerPath %q is mounted twice.", path))
			}
			paths[path] = true
		}
		for _, v := range c.VolumesFrom {
			if !containers[str(v.SourceContainer)] || str(v.SourceContainer) == *c.Name {
				return containerError(c, fmt.Sprintf("Unknown container '%s' in volumesFrom.", str(v.SourceContainer)))
			}
		}
	}
	return nil
}

func checkDependencies(in *ecs.RegisterTaskDefinitionInput) error {
	byName := map[string]types.ContainerDefinition{}
	for _, c := range in.ContainerDefinitions {
		byName[*c.Name] = c
	}
	for _, c := range in.ContainerDefinitions {
		for _, d := range c.DependsOn {
			if err := checkDependency(c, d, byName); err != nil {
				return err
			}
		}
		if inCycle(*c.Name, byName, nil) {
			return clientError("Container dependencies must not form a cycle: container '%s'.", *c.Name)
		}
	}
	return nil
}

func checkDependency(c types.ContainerDefinition, d types.ContainerDependency, byName map[string]types.ContainerDefinition) error {
	target, known := byName[str(d.ContainerName)]
	switch {
	case !known:
		return containerError(c, fmt.Sprintf("Unknown container '%s' in dependsOn.", str(d.ContainerName)))
	case !slices.Contains(d.Condition.Values(), d.Condition):
		return containerError(c, fmt.Sprintf("Unknown dependsOn condition %q.", d.Condition))
	case d.Condition == types.ContainerConditionHealthy && target.HealthCheck == nil:
		return containerError(c, fmt.Sprintf("Container '%s' must have a health check to be depended on as HEALTHY.", *target.Name))
	case (d.Condition == types.ContainerConditionComplete || d.Condition == types.ContainerConditionSuccess) && isEssential(target):
		return containerError(c, fmt.Sprintf("Container '%s' is essential and cannot be depended on as %s.", *target.Name, d.Condition))
	}
	return nil
}

// inCycle follows the dependencies from name; path is the way so far.
func inCycle(name string, byName map[string]types.ContainerDefinition, path []string) bool {
	if slices.Contains(path, name) {
		return true
	}
	return slices.ContainsFunc(byName[name].DependsOn, func(d types.ContainerDependency) bool {
		return inCycle(str(d.ContainerName), byName, append(slices.Clip(path), name))
	})
}

// checkExecutionRole asks for the role where Fargate acts for the task before
// it runs.
func checkExecutionRole(in *ecs.RegisterTaskDefinitionInput) error {
	if in.ExecutionRoleArn != nil {
		return nil
	}
	for _, c := range in.ContainerDefinitions {
		needs := ""
		switch {
		case c.LogConfiguration != nil && c.LogConfiguration.LogDriver == types.LogDriverAwslogs:
			needs = "log driver awslogs"
		case isECR(*c.Image):
			needs = "ECR images"
		case len(c.Secrets) > 0 || len(val(c.LogConfiguration).SecretOptions) > 0:
			needs = "secrets"
		case c.RepositoryCredentials != nil:
			needs = "repository credentials"
		case len(c.EnvironmentFiles) > 0:
			needs = "environment files"
		}
		if needs != "" {
			return clientError("Fargate requires task definition to have execution role ARN to support %s.", needs)
		}
	}
	return nil
}

// checkDocumentSize counts the request as JSON, as the 64 KiB limit does.
func checkDocumentSize(in *ecs.RegisterTaskDefinitionInput) error {
	if n := len(appendJSON(nil, in)); n > 64<<10 {
		return clientError("Actual length: '%d'. Max allowed length is '65536' bytes.", n)
	}
	return nil
}
