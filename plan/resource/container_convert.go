package resource

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func firelensSpec(f *types.FirelensConfiguration) *spec.FirelensConfiguration {
	if f == nil {
		return nil
	}
	return &spec.FirelensConfiguration{Type: string(f.Type), Options: f.Options}
}

func firelens(f *spec.FirelensConfiguration) *types.FirelensConfiguration {
	if f == nil {
		return nil
	}
	return &types.FirelensConfiguration{Type: types.FirelensConfigurationType(f.Type), Options: f.Options}
}

func linuxParametersSpec(l *types.LinuxParameters) *spec.LinuxParameters {
	if l == nil {
		return nil
	}
	out := &spec.LinuxParameters{
		InitProcessEnabled: aws.ToBool(l.InitProcessEnabled), Tmpfs: each(l.Tmpfs, tmpfsSpec),
	}
	if c := l.Capabilities; c != nil {
		out.Capabilities = &spec.Capabilities{Add: c.Add, Drop: c.Drop}
	}
	return out
}

func linuxParameters(l *spec.LinuxParameters) *types.LinuxParameters {
	if l == nil {
		return nil
	}
	out := &types.LinuxParameters{
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

func restartPolicySpec(p *types.ContainerRestartPolicy) *spec.RestartPolicy {
	if p == nil {
		return nil
	}
	return &spec.RestartPolicy{
		Enabled:              aws.ToBool(p.Enabled),
		IgnoredExitCodes:     each(p.IgnoredExitCodes, func(code int32) int { return int(code) }),
		RestartAttemptPeriod: number(p.RestartAttemptPeriod),
	}
}

func restartPolicy(p *spec.RestartPolicy) *types.ContainerRestartPolicy {
	if p == nil {
		return nil
	}
	return &types.ContainerRestartPolicy{
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

func repositoryCredentials(c *spec.RepositoryCredentials) *types.RepositoryCredentials {
	if c == nil {
		return nil
	}
	return &types.RepositoryCredentials{CredentialsParameter: &c.CredentialsParameter}
}
