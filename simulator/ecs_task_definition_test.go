package simulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

type (
	td = ecs.RegisterTaskDefinitionInput
	cd = types.ContainerDefinition
)

func TestRegisterTaskDefinitionRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	for _, c := range []struct {
		name string
		want string // code and part of the message
		edit func(in *td, c *cd)
	}{
		{"a family with a dot", "Family contains invalid characters", func(in *td, _ *cd) {
			in.Family = aws.String("my.web")
		}},
		{"no Fargate", "Fargate only", func(in *td, _ *cd) {
			in.RequiresCompatibilities = nil
		}},
		{"network mode bridge", "Fargate only supports network mode ‘awsvpc’", func(in *td, _ *cd) {
			in.NetworkMode = types.NetworkModeBridge
		}},
		{"no cpu", "'cpu' be defined at the task level", func(in *td, _ *cd) {
			in.Cpu = nil
		}},
		{"no memory", "'memory' be defined at the task level", func(in *td, _ *cd) {
			in.Memory = nil
		}},
		{"a size that Fargate has not", "No Fargate configuration exists for given values", func(in *td, _ *cd) {
			in.Memory = aws.String("4096")
		}},
		{"more than ten containers", "Too many containers", func(in *td, c *cd) {
			for i := range 10 {
				more := *c
				more.Name, more.PortMappings = aws.String(fmt.Sprint("c", i)), nil
				in.ContainerDefinitions = append(in.ContainerDefinitions, more)
			}
		}},
		{"no essential container", "must be essential", func(_ *td, c *cd) {
			c.Essential = aws.Bool(false)
		}},
		{"two containers of one name", "'web' comes twice", func(in *td, c *cd) {
			more := *c
			more.PortMappings = nil
			in.ContainerDefinitions = append(in.ContainerDefinitions, more)
		}},
		{"a container name with a dot", "invalid characters", func(_ *td, c *cd) {
			c.Name = aws.String("my.web")
		}},
		{"no image", "image should not be null or empty", func(_ *td, c *cd) {
			c.Image = nil
		}},
		{"a container larger than its task", "must not exceed the task's memory", func(_ *td, c *cd) {
			c.Memory = aws.Int32(1024)
		}},
		{"a reservation above the limit", "greater than the 'memoryReservation'", func(_ *td, c *cd) {
			c.Memory, c.MemoryReservation = aws.Int32(128), aws.Int32(256)
		}},
		{"containers that together need more cpu than the task", "exceeds the task's cpu", func(in *td, c *cd) {
			c.Cpu = 200
			more := *c
			more.Name, more.PortMappings = aws.String("more"), nil
			in.ContainerDefinitions = append(in.ContainerDefinitions, more)
		}},
		{"containers that together need more memory than the task", "exceeds the task's memory", func(in *td, c *cd) {
			c.Memory = aws.Int32(300)
			more := *c
			more.Name, more.PortMappings = aws.String("more"), nil
			in.ContainerDefinitions = append(in.ContainerDefinitions, more)
		}},
		{"ephemeral storage of 20 GiB", "between 21 and 200", func(in *td, _ *cd) {
			in.EphemeralStorage = &types.EphemeralStorage{SizeInGiB: 20}
		}},
		{"privileged", "'privileged'", func(_ *td, c *cd) {
			c.Privileged = aws.Bool(true)
		}},
		{"links", "'links'", func(_ *td, c *cd) {
			c.Links = []string{"db"}
		}},
		{"extra hosts", "'extraHosts'", func(_ *td, c *cd) {
			c.ExtraHosts = []types.HostEntry{{Hostname: aws.String("a"), IpAddress: aws.String("10.0.0.1")}}
		}},
		{"dns servers", "'dnsServers'", func(_ *td, c *cd) {
			c.DnsServers = []string{"1.1.1.1"}
		}},
		{"a hostname", "'hostname'", func(_ *td, c *cd) {
			c.Hostname = aws.String("web")
		}},
		{"devices", "'devices'", func(_ *td, c *cd) {
			c.LinuxParameters = &types.LinuxParameters{Devices: []types.Device{{HostPath: aws.String("/dev/fuse")}}}
		}},
		{"shared memory", "'sharedMemorySize'", func(_ *td, c *cd) {
			c.LinuxParameters = &types.LinuxParameters{SharedMemorySize: aws.Int32(64)}
		}},
		{"an added capability", "capability NET_ADMIN", func(_ *td, c *cd) {
			c.LinuxParameters = &types.LinuxParameters{Capabilities: &types.KernelCapabilities{Add: []string{"NET_ADMIN"}}}
		}},
		{"a sysctl of the host", "vm.max_map_count", func(_ *td, c *cd) {
			c.SystemControls = []types.SystemControl{{Namespace: aws.String("vm.max_map_count"), Value: aws.String("262144")}}
		}},
		{"another host port", "the host ports and container ports in port mappings must match", func(_ *td, c *cd) {
			c.PortMappings[0].HostPort = aws.Int32(80)
		}},
		{"a port twice in the task", "mapped twice", func(in *td, c *cd) {
			more := *c
			more.Name = aws.String("more")
			in.ContainerDefinitions = append(in.ContainerDefinitions, more)
		}},
		{"one port for tcp and udp", "mapped twice", func(_ *td, c *cd) {
			c.PortMappings = append(c.PortMappings, types.PortMapping{ContainerPort: aws.Int32(8080), Protocol: types.TransportProtocolUdp})
		}},
		{"a port name with capitals", "port mapping name", func(_ *td, c *cd) {
			c.PortMappings[0].Name = aws.String("HTTP")
		}},
		{"an unknown volume", "Unknown volume 'data'", func(_ *td, c *cd) {
			c.MountPoints = []types.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data")}}
		}},
		{"a host path", "host.sourcePath", func(in *td, _ *cd) {
			in.Volumes = []types.Volume{{Name: aws.String("data"), Host: &types.HostVolumeProperties{SourcePath: aws.String("/srv")}}}
		}},
		{"an access point with a root directory", "rootDirectory", func(in *td, _ *cd) {
			in.Volumes = []types.Volume{efsVolume("/data", types.EFSTransitEncryptionEnabled)}
		}},
		{"an access point without transit encryption", "transit encryption", func(in *td, _ *cd) {
			in.Volumes = []types.Volume{efsVolume("/", types.EFSTransitEncryptionDisabled)}
		}},
		{"an unknown dependency", "Unknown container 'db' in dependsOn", func(_ *td, c *cd) {
			c.DependsOn = dependsOn("db", types.ContainerConditionStart)
		}},
		{"a dependency cycle", "cycle", func(in *td, c *cd) {
			c.DependsOn = dependsOn("more", types.ContainerConditionStart)
			more := *c
			more.Name, more.PortMappings, more.DependsOn = aws.String("more"), nil, dependsOn("web", types.ContainerConditionStart)
			in.ContainerDefinitions = append(in.ContainerDefinitions, more)
		}},
		{"HEALTHY of a container without a health check", "must have a health check", func(in *td, c *cd) {
			more := *c
			more.Name, more.PortMappings, more.DependsOn = aws.String("more"), nil, dependsOn("web", types.ContainerConditionHealthy)
			in.ContainerDefinitions = append(in.ContainerDefinitions, more)
		}},
		{"SUCCESS of an essential container", "is essential", func(in *td, c *cd) {
			more := *c
			more.Name, more.PortMappings, more.DependsOn = aws.String("more"), nil, dependsOn("web", types.ContainerConditionSuccess)
			in.ContainerDefinitions = append(in.ContainerDefinitions, more)
		}},
		{"a health check every second", "interval", func(_ *td, c *cd) {
			c.HealthCheck = &types.HealthCheck{Command: []string{"CMD", "true"}, Interval: aws.Int32(1)}
		}},
		{"a stop timeout above two minutes", "stopTimeout", func(_ *td, c *cd) {
			c.StopTimeout = aws.Int32(121)
		}},
		{"the log driver json-file", "json-file", func(_ *td, c *cd) {
			c.LogConfiguration = &types.LogConfiguration{LogDriver: types.LogDriverJsonFile}
		}},
		{"an unknown log option", "Log driver awslogs disallows options: max-size", func(_ *td, c *cd) {
			c.LogConfiguration.Options["max-size"] = "10m"
		}},
		{"no stream prefix", "awslogs-stream-prefix", func(_ *td, c *cd) {
			delete(c.LogConfiguration.Options, "awslogs-stream-prefix")
		}},
		{"logs without an execution role", "execution role ARN to support log driver awslogs", func(in *td, _ *cd) {
			in.ExecutionRoleArn = nil
		}},
		{"an ECR image without an execution role", "execution role ARN to support ECR images", func(in *td, c *cd) {
			in.ExecutionRoleArn, c.LogConfiguration = nil, nil
			c.Image = aws.String("123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:1")
		}},
		{"secrets without an execution role", "execution role ARN to support secrets", func(in *td, c *cd) {
			in.ExecutionRoleArn, c.LogConfiguration = nil, nil
			c.Secrets = []types.Secret{{Name: aws.String("PASSWORD"), ValueFrom: aws.String("/shop/password")}}
		}},
		{"a secret of a variable's name", "secret name must be unique", func(_ *td, c *cd) {
			c.Environment = []types.KeyValuePair{keyValue("PASSWORD", "x")}
			c.Secrets = []types.Secret{{Name: aws.String("PASSWORD"), ValueFrom: aws.String("/shop/password")}}
		}},
		{"a role that does not exist", "Role is not valid", func(in *td, _ *cd) {
			in.TaskRoleArn = aws.String("arn:aws:iam::123456789012:role/nobody")
		}},
		{"pid mode host", "'pidMode'", func(in *td, _ *cd) { in.PidMode = types.PidModeHost }},
		{"an ipc mode", "'ipcMode'", func(in *td, _ *cd) { in.IpcMode = types.IpcModeTask }},
		{"placement constraints", "placement constraints", func(in *td, _ *cd) {
			in.PlacementConstraints = []types.TaskDefinitionPlacementConstraint{{Type: types.TaskDefinitionPlacementConstraintTypeMemberOf}}
		}},
		{"Windows", "Linux only", func(in *td, _ *cd) {
			in.RuntimePlatform = &types.RuntimePlatform{OperatingSystemFamily: types.OSFamilyWindowsServer2022Core}
		}},
		{"an unknown architecture", "cpuArchitecture", func(in *td, _ *cd) {
			in.RuntimePlatform = &types.RuntimePlatform{CpuArchitecture: "RISCV"}
		}},
		{"an image with a space", "invalid characters", func(_ *td, c *cd) { c.Image = aws.String("my image") }},
		{"a digest that is none", "invalid digest", func(_ *td, c *cd) { c.Image = aws.String("nginx@sha256:abc") }},
		{"a memory limit of 4 MiB", "at least 6 MiB", func(_ *td, c *cd) { c.Memory = aws.Int32(4) }},
		{"a container with more cpu than the task", "must not exceed the task's 256 CPU units", func(_ *td, c *cd) { c.Cpu = 512 }},
		{"a tmpfs without size", "tmpfs", func(_ *td, c *cd) {
			c.LinuxParameters = &types.LinuxParameters{Tmpfs: []types.Tmpfs{{ContainerPath: aws.String("/tmp")}}}
		}},
		{"port 0", "Invalid container port 0", func(_ *td, c *cd) { c.PortMappings[0].ContainerPort = aws.Int32(0) }},
		{"a port range", "port ranges", func(_ *td, c *cd) { c.PortMappings[0].ContainerPortRange = aws.String("80-90") }},
		{"an unknown protocol", "Invalid protocol", func(_ *td, c *cd) { c.PortMappings[0].Protocol = "TCP" }},
		{"an application protocol of a port without a name", "needs a name", func(_ *td, c *cd) {
			c.PortMappings[0].Name, c.PortMappings[0].AppProtocol = nil, types.ApplicationProtocolHttp
		}},
		{"an application protocol over udp", "udp", func(_ *td, c *cd) {
			c.PortMappings[0].Protocol, c.PortMappings[0].AppProtocol = types.TransportProtocolUdp, types.ApplicationProtocolHttp
		}},
		{"a port name twice", "comes twice", func(_ *td, c *cd) {
			c.PortMappings = append(c.PortMappings, types.PortMapping{ContainerPort: aws.Int32(81), Name: aws.String("tcp-8080")})
		}},
		{"a health check without a command", "needs a command", func(_ *td, c *cd) { c.HealthCheck = health(func(h *types.HealthCheck) { h.Command = []string{} }) }},
		{"a health check timeout of two minutes", "timeout", func(_ *td, c *cd) {
			c.HealthCheck = health(func(h *types.HealthCheck) { h.Timeout = aws.Int32(120) })
		}},
		{"eleven health check retries", "retries", func(_ *td, c *cd) {
			c.HealthCheck = health(func(h *types.HealthCheck) { h.Retries = aws.Int32(11) })
		}},
		{"a start period of ten minutes", "startPeriod", func(_ *td, c *cd) {
			c.HealthCheck = health(func(h *types.HealthCheck) { h.StartPeriod = aws.Int32(600) })
		}},
		{"a start timeout of a second", "startTimeout", func(_ *td, c *cd) { c.StartTimeout = aws.Int32(1) }},
		{"a restart every second", "restartAttemptPeriod", func(_ *td, c *cd) {
			c.RestartPolicy = &types.ContainerRestartPolicy{Enabled: aws.Bool(true), RestartAttemptPeriod: aws.Int32(1)}
		}},
		{"fifty-one ignored exit codes", "ignoredExitCodes", func(_ *td, c *cd) {
			c.RestartPolicy = &types.ContainerRestartPolicy{Enabled: aws.Bool(true), IgnoredExitCodes: make([]int32, 51)}
		}},
		{"an unknown ulimit", "Unknown ulimit", func(_ *td, c *cd) { c.Ulimits = []types.Ulimit{{Name: "files"}} }},
		{"a soft limit above the hard one", "exceeds its hard limit", func(_ *td, c *cd) {
			c.Ulimits = []types.Ulimit{{Name: types.UlimitNameNofile, SoftLimit: 2, HardLimit: 1}}
		}},
		{"two million open files", "1048576", func(_ *td, c *cd) {
			c.Ulimits = []types.Ulimit{{Name: types.UlimitNameNofile, SoftLimit: 1, HardLimit: 2000000}}
		}},
		{"an environment file that is not in S3", "S3 object", func(_ *td, c *cd) {
			c.EnvironmentFiles = []types.EnvironmentFile{{Type: types.EnvironmentFileTypeS3, Value: aws.String("web.env")}}
		}},
		{"a variable without a name", "needs a name", func(_ *td, c *cd) { c.Environment = []types.KeyValuePair{keyValue("", "x")} }},
		{"a secret without a source", "valueFrom", func(_ *td, c *cd) { c.Secrets = []types.Secret{{Name: aws.String("A"), ValueFrom: aws.String("")}} }},
		{"a log group with a space", "awslogs-group", func(_ *td, c *cd) { c.LogConfiguration.Options["awslogs-group"] = "my group" }},
		{"an unknown log mode", "log mode", func(_ *td, c *cd) { c.LogConfiguration.Options["mode"] = "fast" }},
		{"a log buffer while blocking", "max-buffer-size", func(_ *td, c *cd) {
			c.LogConfiguration.Options["mode"], c.LogConfiguration.Options["max-buffer-size"] = "blocking", "1m"
		}},
		{"two ways to join lines", "exclude each other", func(_ *td, c *cd) {
			c.LogConfiguration.Options["awslogs-datetime-format"], c.LogConfiguration.Options["awslogs-multiline-pattern"] = "%Y", "^x"
		}},
		{"a volume name with a dot", "Volume name", func(in *td, _ *cd) { in.Volumes = []types.Volume{{Name: aws.String("my.data")}} }},
		{"a volume twice", "'data' comes twice", func(in *td, _ *cd) {
			in.Volumes = []types.Volume{{Name: aws.String("data")}, {Name: aws.String("data")}}
		}},
		{"a Docker volume", "dockerVolumeConfiguration", func(in *td, _ *cd) {
			in.Volumes = []types.Volume{{Name: aws.String("data"), DockerVolumeConfiguration: &types.DockerVolumeConfiguration{}}}
		}},
		{"a file system id that is none", "file system id", func(in *td, _ *cd) {
			in.Volumes = []types.Volume{{Name: aws.String("data"), EfsVolumeConfiguration: &types.EFSVolumeConfiguration{FileSystemId: aws.String("data")}}}
		}},
		{"a relative mount path", "must be absolute", func(in *td, c *cd) {
			in.Volumes = []types.Volume{{Name: aws.String("data")}}
			c.MountPoints = []types.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("data")}}
		}},
		{"a path mounted twice", "mounted twice", func(in *td, c *cd) {
			in.Volumes = []types.Volume{{Name: aws.String("data")}}
			mount := types.MountPoint{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data")}
			c.MountPoints = []types.MountPoint{mount, mount}
		}},
		{"volumes from an unknown container", "volumesFrom", func(_ *td, c *cd) {
			c.VolumesFrom = []types.VolumeFrom{{SourceContainer: aws.String("db")}}
		}},
		{"an unknown condition", "condition", func(in *td, c *cd) {
			more := *c
			more.Name, more.PortMappings, more.DependsOn = aws.String("more"), nil, dependsOn("web", "READY")
			in.ContainerDefinitions = append(in.ContainerDefinitions, more)
		}},
		{"more than 64 KiB", "Max allowed length is '65536' bytes", func(_ *td, c *cd) {
			c.Environment = []types.KeyValuePair{keyValue("LONG", strings.Repeat("x", 65536))}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := definition("web")
			c.edit(in, &in.ContainerDefinitions[0])
			_, err := w.ecs.RegisterTaskDefinition(t.Context(), in)
			if code(err) != "ClientException" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a ClientException with %q", err, c.want)
			}
		})
	}
}

func health(edit func(h *types.HealthCheck)) *types.HealthCheck {
	h := &types.HealthCheck{Command: []string{"CMD", "true"}}
	edit(h)
	return h
}

func efsVolume(root string, encryption types.EFSTransitEncryption) types.Volume {
	return types.Volume{Name: aws.String("data"), EfsVolumeConfiguration: &types.EFSVolumeConfiguration{
		FileSystemId: aws.String("fs-0123456789abcdef0"), RootDirectory: &root, TransitEncryption: encryption,
		AuthorizationConfig: &types.EFSAuthorizationConfig{AccessPointId: aws.String("fsap-0123456789abcdef0")},
	}}
}

func dependsOn(name string, condition types.ContainerCondition) []types.ContainerDependency {
	return []types.ContainerDependency{{ContainerName: &name, Condition: condition}}
}

func TestRegisterTaskDefinitionFillsDefaults(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	in := definition("web")
	c := &in.ContainerDefinitions[0]
	c.HealthCheck = &types.HealthCheck{Command: []string{"CMD-SHELL", "true"}}
	c.LinuxParameters = &types.LinuxParameters{Capabilities: &types.KernelCapabilities{Drop: []string{"ALL"}}}
	c.MountPoints = []types.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data")}}
	c.RestartPolicy = &types.ContainerRestartPolicy{Enabled: aws.Bool(true)}
	in.Volumes = []types.Volume{
		{Name: aws.String("scratch")},
		{Name: aws.String("data"), EfsVolumeConfiguration: &types.EFSVolumeConfiguration{
			FileSystemId: aws.String("fs-0123456789abcdef0"), AuthorizationConfig: &types.EFSAuthorizationConfig{},
		}},
	}
	in.Tags = ecsTags("spec", "1:abc")
	golden(t, "task-definition-defaults", must(w.ecs.RegisterTaskDefinition(t.Context(), in))(t))
}

func TestFargateSizes(t *testing.T) {
	for _, c := range []struct {
		cpu, memory string
		want        string // "256/512" as stored, or an error code
	}{
		{"256", "512", "256/512"},
		{".25 vCPU", "0.5 GB", "256/512"},
		{"1 vcpu", "8GB", "1024/8192"},
		{"256", "1536", "ClientException"},
		{"4096", "30720", "4096/30720"},
		{"8192", "17408", "ClientException"},
		{"8192", "20480", "8192/20480"},
		{"32768", "249856", "32768/249856"},
		{"32768", "65536", "ClientException"},
		{"100", "512", "ClientException"},
		{"many", "512", "ClientException"},
	} {
		t.Run(c.cpu+" and "+c.memory, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.prepare()
			in := definition("web")
			in.Cpu, in.Memory = &c.cpu, &c.memory
			out, err := w.ecs.RegisterTaskDefinition(t.Context(), in)
			got := code(err)
			if err == nil {
				got = *out.TaskDefinition.Cpu + "/" + *out.TaskDefinition.Memory
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestTaskDefinitionRevisions(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	ctx := t.Context()
	describe := func(name string, include ...types.TaskDefinitionField) (*ecs.DescribeTaskDefinitionOutput, error) {
		return w.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &name, Include: include})
	}
	in := definition("web")
	in.Tags = ecsTags("spec", "1:abc")
	for range 10 {
		w.register(in)
	}

	latest := must(describe("web"))(t)
	if latest.TaskDefinition.Revision != 10 || len(latest.Tags) != 0 {
		t.Errorf("revision %d, tags %v; want 10 and no tags", latest.TaskDefinition.Revision, latest.Tags)
	}
	if tagged := must(describe("web:3", types.TaskDefinitionFieldTags))(t); len(tagged.Tags) != 1 {
		t.Error("want the tags that were asked for")
	}

	must(w.ecs.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("web:10")}))(t)
	if got := must(describe("web"))(t).TaskDefinition.Revision; got != 9 {
		t.Errorf("latest active is %d, want 9", got)
	}
	if got := must(describe("web:10"))(t).TaskDefinition.Status; got != types.TaskDefinitionStatusInactive {
		t.Error(got)
	}
	deleted := must(w.ecs.DeleteTaskDefinitions(ctx, &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{"web:10", "web:9"}}))(t)
	if len(deleted.TaskDefinitions) != 1 || len(deleted.Failures) != 1 {
		t.Error("want the inactive one deleted and the active one refused")
	}
	if got := w.register(in); !strings.HasSuffix(got, "web:11") {
		t.Errorf("%s: a revision number came back", got)
	}
	if _, err := describe("nobody"); code(err) != "ClientException" {
		t.Error(err)
	}
}
