package simulator

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// newTaskDefinition is what ECS answers for a valid request: the request, and
// what it fills in. The fields and values are those seen in real answers,
// listed in testdata/task-definition-defaults.json.
func newTaskDefinition(in *ecs.RegisterTaskDefinitionInput) types.TaskDefinition {
	cpu, memory, _ := taskSize(in)
	td := types.TaskDefinition{
		Family: in.Family, TaskRoleArn: in.TaskRoleArn, ExecutionRoleArn: in.ExecutionRoleArn,
		NetworkMode: in.NetworkMode, Cpu: ptr(strconv.Itoa(cpu)), Memory: ptr(strconv.Itoa(memory)),
		RequiresCompatibilities: in.RequiresCompatibilities, RuntimePlatform: in.RuntimePlatform,
		EphemeralStorage: in.EphemeralStorage, PidMode: in.PidMode, IpcMode: in.IpcMode,
		ProxyConfiguration: in.ProxyConfiguration, PlacementConstraints: filled(in.PlacementConstraints),
		EnableFaultInjection: orElse(in.EnableFaultInjection, false), Status: types.TaskDefinitionStatusActive,
		Compatibilities: []types.Compatibility{
			types.CompatibilityEc2, types.CompatibilityFargate, types.CompatibilityManagedInstances,
		},
		ContainerDefinitions: in.ContainerDefinitions, Volumes: filled(in.Volumes),
	}
	for i := range td.ContainerDefinitions {
		fillContainer(&td.ContainerDefinitions[i])
	}
	for i := range td.Volumes {
		fillVolume(&td.Volumes[i])
	}
	td.RequiresAttributes = requiredAttributes(&td)
	return td
}

func fillContainer(c *types.ContainerDefinition) {
	c.Essential = orElse(c.Essential, true)
	c.PortMappings, c.Environment = filled(c.PortMappings), filled(c.Environment)
	c.MountPoints, c.VolumesFrom = filled(c.MountPoints), filled(c.VolumesFrom)
	c.SystemControls = filled(c.SystemControls)
	for i := range c.PortMappings {
		p := &c.PortMappings[i]
		p.Protocol = cmp.Or(p.Protocol, types.TransportProtocolTcp)
		if p.ContainerPort != nil {
			p.HostPort = p.ContainerPort // awsvpc: 0 and nothing mean the same port
		}
	}
	if h := c.HealthCheck; h != nil {
		h.Interval, h.Timeout, h.Retries = orElse(h.Interval, 30), orElse(h.Timeout, 5), orElse(h.Retries, 3)
	}
	if l := c.LogConfiguration; l != nil {
		l.SecretOptions = filled(l.SecretOptions)
	}
	if r := c.RestartPolicy; r != nil && val(r.Enabled) {
		r.RestartAttemptPeriod = orElse(r.RestartAttemptPeriod, 300)
	}
	if l := c.LinuxParameters; l != nil {
		l.Devices, l.Tmpfs = filled(l.Devices), filled(l.Tmpfs)
		if l.Capabilities != nil {
			l.Capabilities.Add, l.Capabilities.Drop = filled(l.Capabilities.Add), filled(l.Capabilities.Drop)
		}
	}
}

func fillVolume(v *types.Volume) {
	switch e := v.EfsVolumeConfiguration; {
	case e != nil:
		e.RootDirectory = orElse(e.RootDirectory, "/")
		e.TransitEncryption = cmp.Or(e.TransitEncryption, types.EFSTransitEncryptionDisabled)
		if e.AuthorizationConfig != nil {
			e.AuthorizationConfig.Iam = cmp.Or(e.AuthorizationConfig.Iam, types.EFSAuthorizationConfigIAMDisabled)
		}
	case !val(v.ConfiguredAtLaunch) && v.S3filesVolumeConfiguration == nil:
		v.Host = &types.HostVolumeProperties{}
	}
}

// requiredAttributes is the list that ECS derives; callers should ignore it.
func requiredAttributes(td *types.TaskDefinition) []types.Attribute {
	names := map[string]bool{
		"ecs.capability.task-eni":                             true,
		"com.amazonaws.ecs.capability.docker-remote-api.1.18": true,
	}
	if td.TaskRoleArn != nil {
		names["com.amazonaws.ecs.capability.task-iam-role"] = true
	}
	for _, c := range td.ContainerDefinitions {
		if c.LogConfiguration != nil && c.LogConfiguration.LogDriver == types.LogDriverAwslogs {
			names["com.amazonaws.ecs.capability.logging-driver.awslogs"] = true
			names["ecs.capability.execution-role-awslogs"] = true
		}
		if c.HealthCheck != nil {
			names["ecs.capability.container-health-check"] = true
		}
		if isECR(str(c.Image)) {
			names["com.amazonaws.ecs.capability.ecr-auth"] = true
			names["ecs.capability.execution-role-ecr-pull"] = true
		}
	}
	var attributes []types.Attribute
	for _, name := range sortedKeys(names) {
		attributes = append(attributes, types.Attribute{Name: &name})
	}
	return slices.Clip(attributes)
}
