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
		HealthCheck:            convertPointer(c.HealthCheck, healthCheckSpec),
		LogConfiguration:       convertPointer(c.LogConfiguration, logConfigurationSpec),
		FirelensConfiguration:  convertPointer(c.FirelensConfiguration, firelensSpec),
		LinuxParameters:        convertPointer(c.LinuxParameters, linuxParametersSpec),
		Ulimits:                each(c.Ulimits, ulimitSpec),
		SystemControls:         each(c.SystemControls, systemControlSpec),
		RestartPolicy:          convertPointer(c.RestartPolicy, restartPolicySpec),
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
		RepositoryCredentials:  convertPointer(c.RepositoryCredentials, repositoryCredentials),
		PortMappings:           each(c.PortMappings, portMapping),
		MountPoints:            each(c.MountPoints, mountPoint),
		DependsOn:              each(c.DependsOn, dependsOn),
		HealthCheck:            convertPointer(c.HealthCheck, healthCheck),
		LogConfiguration:       convertPointer(c.LogConfiguration, logConfiguration),
		FirelensConfiguration:  convertPointer(c.FirelensConfiguration, firelens),
		LinuxParameters:        convertPointer(c.LinuxParameters, linuxParameters),
		Ulimits:                each(c.Ulimits, ulimit),
		SystemControls:         each(c.SystemControls, systemControl),
		RestartPolicy:          convertPointer(c.RestartPolicy, restartPolicy),
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

func healthCheckSpec(h types.HealthCheck) spec.HealthCheck {
	return spec.HealthCheck{
		Command: h.Command, Interval: number(h.Interval), Timeout: number(h.Timeout),
		Retries: number(h.Retries), StartPeriod: number(h.StartPeriod),
	}
}

func healthCheck(h spec.HealthCheck) types.HealthCheck {
	return types.HealthCheck{
		Command: h.Command, Interval: number32(h.Interval), Timeout: number32(h.Timeout),
		Retries: number32(h.Retries), StartPeriod: optional32(h.StartPeriod),
	}
}

func logConfigurationSpec(l types.LogConfiguration) spec.LogConfiguration {
	return spec.LogConfiguration{LogDriver: string(l.LogDriver), Options: eachValue(l.Options, plan.Literal)}
}

func logConfiguration(l spec.LogConfiguration) types.LogConfiguration {
	options := eachValue(l.Options, func(v plan.Value) string { return v.Text })
	return types.LogConfiguration{LogDriver: types.LogDriver(l.LogDriver), Options: options}
}

func firelensSpec(f types.FirelensConfiguration) spec.FirelensConfiguration {
	return spec.FirelensConfiguration{Type: string(f.Type), Options: f.Options}
}

func firelens(f spec.FirelensConfiguration) types.FirelensConfiguration {
	return types.FirelensConfiguration{Type: types.FirelensConfigurationType(f.Type), Options: f.Options}
}

func linuxParametersSpec(l types.LinuxParameters) spec.LinuxParameters {
	out := spec.LinuxParameters{
		InitProcessEnabled: aws.ToBool(l.InitProcessEnabled), Tmpfs: each(l.Tmpfs, tmpfsSpec),
	}
	if c := l.Capabilities; c != nil {
		out.Capabilities = &spec.Capabilities{Add: c.Add, Drop: c.Drop}
	}
	return out
}

func linuxParameters(l spec.LinuxParameters) types.LinuxParameters {
	out := types.LinuxParameters{
		InitProcessEnabled: &l.InitProcessEnabled, Tmpfs: each(l.Tmpfs, tmpfs),
	}
	if c := l.Capabilities; c != nil {
		out.Capabilities = &types.KernelCapabilities{Add: c.Add, Drop: c.Drop}
	}
	return out
}

func tmpfsSpec(t types.Tmpfs) spec.Tmpfs {
	return spec.Tmpfs{ContainerPath: text(t.ContainerPath), Size: int(t.Size), MountOptions: t.MountOptions}
}

func tmpfs(t spec.Tmpfs) types.Tmpfs {
	return types.Tmpfs{ContainerPath: &t.ContainerPath, Size: int32(t.Size), MountOptions: t.MountOptions}
}

func ulimitSpec(u types.Ulimit) spec.Ulimit {
	return spec.Ulimit{Name: string(u.Name), SoftLimit: int(u.SoftLimit), HardLimit: int(u.HardLimit)}
}

func ulimit(u spec.Ulimit) types.Ulimit {
	return types.Ulimit{Name: types.UlimitName(u.Name), SoftLimit: int32(u.SoftLimit), HardLimit: int32(u.HardLimit)}
}

func systemControlSpec(s types.SystemControl) spec.SystemControl {
	return spec.SystemControl{Namespace: text(s.Namespace), Value: text(s.Value)}
}

func systemControl(s spec.SystemControl) types.SystemControl {
	return types.SystemControl{Namespace: &s.Namespace, Value: &s.Value}
}

func restartPolicySpec(p types.ContainerRestartPolicy) spec.RestartPolicy {
	return spec.RestartPolicy{
		Enabled:              aws.ToBool(p.Enabled),
		IgnoredExitCodes:     each(p.IgnoredExitCodes, func(code int32) int { return int(code) }),
		RestartAttemptPeriod: number(p.RestartAttemptPeriod),
	}
}

func restartPolicy(p spec.RestartPolicy) types.ContainerRestartPolicy {
	return types.ContainerRestartPolicy{
		Enabled:              &p.Enabled,
		IgnoredExitCodes:     each(p.IgnoredExitCodes, func(code int) int32 { return int32(code) }),
		RestartAttemptPeriod: number32(p.RestartAttemptPeriod),
	}
}

func volumeFromSpec(v types.VolumeFrom) spec.VolumeFrom {
	return spec.VolumeFrom{SourceContainer: text(v.SourceContainer), ReadOnly: aws.ToBool(v.ReadOnly)}
}

func volumeFrom(v spec.VolumeFrom) types.VolumeFrom {
	return types.VolumeFrom{SourceContainer: &v.SourceContainer, ReadOnly: &v.ReadOnly}
}

func containerSecretSpec(s types.Secret) spec.ContainerSecret {
	return spec.ContainerSecret{Name: text(s.Name), ValueFrom: plan.Literal(text(s.ValueFrom))}
}

func containerSecret(s spec.ContainerSecret) types.Secret {
	return types.Secret{Name: &s.Name, ValueFrom: pointer(s.ValueFrom.Text)}
}

func repositoryCredentialsSpec(c *types.RepositoryCredentials) *spec.RepositoryCredentials {
	if c == nil || text(c.CredentialsParameter) == "" {
		return nil
	}
	return &spec.RepositoryCredentials{CredentialsParameter: text(c.CredentialsParameter)}
}

func repositoryCredentials(c spec.RepositoryCredentials) types.RepositoryCredentials {
	return types.RepositoryCredentials{CredentialsParameter: &c.CredentialsParameter}
}

func volumeSpec(v types.Volume) spec.Volume {
	return spec.Volume{Name: text(v.Name), EfsVolumeConfiguration: convertPointer(v.EfsVolumeConfiguration, efsVolumeSpec)}
}

func volume(v spec.Volume) types.Volume {
	return types.Volume{Name: &v.Name, EfsVolumeConfiguration: convertPointer(v.EfsVolumeConfiguration, efsVolume)}
}

func efsVolumeSpec(e types.EFSVolumeConfiguration) spec.EfsVolume {
	out := spec.EfsVolume{
		FileSystemID: plan.Literal(text(e.FileSystemId)), RootDirectory: text(e.RootDirectory),
		TransitEncryption: string(e.TransitEncryption),
	}
	if a := e.AuthorizationConfig; a != nil {
		out.AuthorizationConfig = &spec.EfsAuthorization{AccessPointID: plan.Literal(text(a.AccessPointId)), Iam: string(a.Iam)}
	}
	return out
}

func efsVolume(e spec.EfsVolume) types.EFSVolumeConfiguration {
	out := types.EFSVolumeConfiguration{
		FileSystemId: pointer(e.FileSystemID.Text), RootDirectory: optional(e.RootDirectory),
		TransitEncryption: types.EFSTransitEncryption(e.TransitEncryption),
	}
	if a := e.AuthorizationConfig; a != nil {
		out.AuthorizationConfig = &types.EFSAuthorizationConfig{
			AccessPointId: optional(a.AccessPointID.Text), Iam: types.EFSAuthorizationConfigIAM(a.Iam),
		}
	}
	return out
}
