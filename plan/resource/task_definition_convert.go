package resource

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func taskDefinitionSpec(t types.TaskDefinition) *spec.TaskDefinition {
	s := &spec.TaskDefinition{
		Family:                  text(t.Family),
		TaskRoleArn:             plan.Literal(text(t.TaskRoleArn)),
		ExecutionRoleArn:        plan.Literal(text(t.ExecutionRoleArn)),
		NetworkMode:             string(t.NetworkMode),
		ContainerDefinitions:    each(t.ContainerDefinitions, containerSpec),
		Volumes:                 each(t.Volumes, volumeSpec),
		RequiresCompatibilities: words[string](t.RequiresCompatibilities),
		Cpu:                     text(t.Cpu),
		Memory:                  text(t.Memory),
		PidMode:                 string(t.PidMode),
	}
	if p := t.RuntimePlatform; p != nil {
		s.RuntimePlatform = spec.RuntimePlatform{
			OperatingSystemFamily: string(p.OperatingSystemFamily), CpuArchitecture: string(p.CpuArchitecture),
		}
	}
	if e := t.EphemeralStorage; e != nil {
		s.EphemeralStorage.SizeInGiB = int(e.SizeInGiB)
	}
	return s
}

func registerInput(s *spec.TaskDefinition) *ecs.RegisterTaskDefinitionInput {
	input := &ecs.RegisterTaskDefinitionInput{
		Family:                  &s.Family,
		TaskRoleArn:             optional(s.TaskRoleArn.Text),
		ExecutionRoleArn:        optional(s.ExecutionRoleArn.Text),
		NetworkMode:             types.NetworkMode(s.NetworkMode),
		ContainerDefinitions:    each(s.ContainerDefinitions, containerDefinition),
		Volumes:                 each(s.Volumes, volume),
		RequiresCompatibilities: words[types.Compatibility](s.RequiresCompatibilities),
		Cpu:                     &s.Cpu,
		Memory:                  &s.Memory,
		PidMode:                 types.PidMode(s.PidMode),
		RuntimePlatform: &types.RuntimePlatform{
			OperatingSystemFamily: types.OSFamily(s.RuntimePlatform.OperatingSystemFamily),
			CpuArchitecture:       types.CPUArchitecture(s.RuntimePlatform.CpuArchitecture),
		},
	}
	if size := s.EphemeralStorage.SizeInGiB; size != 0 {
		input.EphemeralStorage = &types.EphemeralStorage{SizeInGiB: int32(size)}
	}
	return input
}

func containerSpec(c types.ContainerDefinition) spec.Container {
	return spec.Container{
		Name:                   text(c.Name),
		Image:                  plan.Literal(text(c.Image)),
		Cpu:                    int(c.Cpu),
		Memory:                 number(c.Memory),
		MemoryReservation:      number(c.MemoryReservation),
		Essential:              c.Essential == nil || *c.Essential,
		EntryPoint:             c.EntryPoint,
		Command:                c.Command,
		WorkingDirectory:       text(c.WorkingDirectory),
		User:                   text(c.User),
		Environment:            each(c.Environment, environmentEntry),
		Secrets:                each(c.Secrets, containerSecretSpec),
		RepositoryCredentials:  repositoryCredentialsSpec(c.RepositoryCredentials),
		PortMappings:           each(c.PortMappings, portMappingSpec),
		MountPoints:            each(c.MountPoints, mountPointSpec),
		DependsOn:              each(c.DependsOn, dependsOnSpec),
		HealthCheck:            healthCheckSpec(c.HealthCheck),
		LogConfiguration:       logConfigurationSpec(c.LogConfiguration),
		FirelensConfiguration:  firelensSpec(c.FirelensConfiguration),
		LinuxParameters:        linuxParametersSpec(c.LinuxParameters),
		Ulimits:                each(c.Ulimits, ulimitSpec),
		SystemControls:         each(c.SystemControls, systemControlSpec),
		RestartPolicy:          restartPolicySpec(c.RestartPolicy),
		VolumesFrom:            each(c.VolumesFrom, volumeFromSpec),
		DockerLabels:           c.DockerLabels,
		StartTimeout:           number(c.StartTimeout),
		StopTimeout:            number(c.StopTimeout),
		Interactive:            aws.ToBool(c.Interactive),
		PseudoTerminal:         aws.ToBool(c.PseudoTerminal),
		ReadonlyRootFilesystem: aws.ToBool(c.ReadonlyRootFilesystem),
		VersionConsistency:     string(c.VersionConsistency),
	}
}

func containerDefinition(c spec.Container) types.ContainerDefinition {
	return types.ContainerDefinition{
		Name:                   &c.Name,
		Image:                  pointer(c.Image.Text),
		Cpu:                    int32(c.Cpu),
		Memory:                 optional32(c.Memory),
		MemoryReservation:      optional32(c.MemoryReservation),
		Essential:              &c.Essential,
		EntryPoint:             c.EntryPoint,
		Command:                c.Command,
		WorkingDirectory:       optional(c.WorkingDirectory),
		User:                   optional(c.User),
		Environment:            each(c.Environment, keyValuePair),
		Secrets:                each(c.Secrets, containerSecret),
		RepositoryCredentials:  repositoryCredentials(c.RepositoryCredentials),
		PortMappings:           each(c.PortMappings, portMapping),
		MountPoints:            each(c.MountPoints, mountPoint),
		DependsOn:              each(c.DependsOn, dependsOn),
		HealthCheck:            healthCheck(c.HealthCheck),
		LogConfiguration:       logConfiguration(c.LogConfiguration),
		FirelensConfiguration:  firelens(c.FirelensConfiguration),
		LinuxParameters:        linuxParameters(c.LinuxParameters),
		Ulimits:                each(c.Ulimits, ulimit),
		SystemControls:         each(c.SystemControls, systemControl),
		RestartPolicy:          restartPolicy(c.RestartPolicy),
		VolumesFrom:            each(c.VolumesFrom, volumeFrom),
		DockerLabels:           c.DockerLabels,
		StartTimeout:           optional32(c.StartTimeout),
		StopTimeout:            optional32(c.StopTimeout),
		Interactive:            optional(c.Interactive),
		PseudoTerminal:         optional(c.PseudoTerminal),
		ReadonlyRootFilesystem: optional(c.ReadonlyRootFilesystem),
		VersionConsistency:     types.VersionConsistency(c.VersionConsistency),
	}
}

func environmentEntry(e types.KeyValuePair) spec.EnvironmentEntry {
	return spec.EnvironmentEntry{Name: text(e.Name), Value: plan.Literal(text(e.Value))}
}

func keyValuePair(e spec.EnvironmentEntry) types.KeyValuePair {
	value := e.Value.String()
	return types.KeyValuePair{Name: &e.Name, Value: &value}
}

func portMappingSpec(p types.PortMapping) spec.PortMapping {
	return spec.PortMapping{
		ContainerPort: number(p.ContainerPort), Protocol: string(p.Protocol),
		Name: text(p.Name), AppProtocol: string(p.AppProtocol),
	}
}

func portMapping(p spec.PortMapping) types.PortMapping {
	return types.PortMapping{
		ContainerPort: number32(p.ContainerPort), HostPort: number32(p.ContainerPort),
		Protocol: types.TransportProtocol(p.Protocol),
		Name:     optional(p.Name), AppProtocol: types.ApplicationProtocol(p.AppProtocol),
	}
}

func mountPointSpec(m types.MountPoint) spec.MountPoint {
	return spec.MountPoint{
		SourceVolume: text(m.SourceVolume), ContainerPath: text(m.ContainerPath), ReadOnly: aws.ToBool(m.ReadOnly),
	}
}

func mountPoint(m spec.MountPoint) types.MountPoint {
	return types.MountPoint{SourceVolume: &m.SourceVolume, ContainerPath: &m.ContainerPath, ReadOnly: &m.ReadOnly}
}

func dependsOnSpec(d types.ContainerDependency) spec.ContainerDependsOn {
	return spec.ContainerDependsOn{ContainerName: text(d.ContainerName), Condition: string(d.Condition)}
}

func dependsOn(d spec.ContainerDependsOn) types.ContainerDependency {
	return types.ContainerDependency{
		ContainerName: &d.ContainerName, Condition: types.ContainerCondition(d.Condition),
	}
}

func healthCheckSpec(h *types.HealthCheck) *spec.HealthCheck {
	if h == nil {
		return nil
	}
	return &spec.HealthCheck{
		Command: h.Command, Interval: number(h.Interval), Timeout: number(h.Timeout),
		Retries: number(h.Retries), StartPeriod: number(h.StartPeriod),
	}
}

func healthCheck(h *spec.HealthCheck) *types.HealthCheck {
	if h == nil {
		return nil
	}
	return &types.HealthCheck{
		Command: h.Command, Interval: number32(h.Interval), Timeout: number32(h.Timeout),
		Retries: number32(h.Retries), StartPeriod: optional32(h.StartPeriod),
	}
}

func logConfigurationSpec(l *types.LogConfiguration) *spec.LogConfiguration {
	if l == nil {
		return nil
	}
	return &spec.LogConfiguration{LogDriver: string(l.LogDriver), Options: eachValue(l.Options, plan.Literal)}
}

func logConfiguration(l *spec.LogConfiguration) *types.LogConfiguration {
	if l == nil {
		return nil
	}
	options := eachValue(l.Options, func(v plan.Value) string { return v.Text })
	return &types.LogConfiguration{LogDriver: types.LogDriver(l.LogDriver), Options: options}
}
