package spec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// TaskDefinitionKind is the kind of task-definition/SERVICE.
const TaskDefinitionKind = "task-definition"

// TaskDefinition is one revision of a family. It is immutable but for its tags.
// Attrs: arn, family, revision.
type TaskDefinition struct {
	Family                  string           `json:"family"`
	TaskRoleArn             plan.Value       `json:"taskRoleArn,omitzero"`
	ExecutionRoleArn        plan.Value       `json:"executionRoleArn,omitzero"`
	NetworkMode             string           `json:"networkMode"`
	ContainerDefinitions    []Container      `json:"containerDefinitions"`
	Volumes                 []Volume         `json:"volumes,omitempty"`
	RequiresCompatibilities []string         `json:"requiresCompatibilities"`
	Cpu                     string           `json:"cpu"`    // CPU units, 1024 a vCPU, as a decimal number
	Memory                  string           `json:"memory"` // MiB, as a decimal number
	PidMode                 string           `json:"pidMode,omitempty"`
	RuntimePlatform         RuntimePlatform  `json:"runtimePlatform"`
	EphemeralStorage        EphemeralStorage `json:"ephemeralStorage,omitzero"`
	Tags                    []Tag            `json:"tags,omitempty"`
}

// RuntimePlatform is the operating system and the architecture of the tasks.
type RuntimePlatform struct {
	OperatingSystemFamily string `json:"operatingSystemFamily"`
	CpuArchitecture       string `json:"cpuArchitecture"` // X86_64 or ARM64
}

// EphemeralStorage is the scratch disk of a task: 20 GiB, which is the zero
// value and free, or 21 to 200.
type EphemeralStorage struct {
	SizeInGiB int `json:"sizeInGiB"`
}

// Volume is storage that the containers of one task share: scratch storage, for
// which ECS requires that the host block is left out on Fargate
// (task_definition_parameters page), or a directory on EFS.
type Volume struct {
	Name                   string     `json:"name"`
	EfsVolumeConfiguration *EfsVolume `json:"efsVolumeConfiguration,omitempty"` // nil: scratch storage
}

// EfsVolume is a directory of a file system behind an access point, always
// encrypted on its way and with IAM.
type EfsVolume struct {
	FileSystemID        plan.Value        `json:"fileSystemId"`
	RootDirectory       string            `json:"rootDirectory,omitempty"` // "" is /, which an access point wants
	TransitEncryption   string            `json:"transitEncryption"`       // ENABLED
	AuthorizationConfig *EfsAuthorization `json:"authorizationConfig,omitempty"`
}

// EfsAuthorization is by which access point, and whether by the task role.
type EfsAuthorization struct {
	AccessPointID plan.Value `json:"accessPointId,omitzero"`
	Iam           string     `json:"iam"` // ENABLED or DISABLED
}

// Container is a container definition.
type Container struct {
	Name                   string                 `json:"name"`
	Image                  plan.Value             `json:"image"`
	Cpu                    int                    `json:"cpu,omitempty"`               // CPU units; 0: a share of what is left
	Memory                 int                    `json:"memory,omitempty"`            // MiB, hard limit; 0: the task's
	MemoryReservation      int                    `json:"memoryReservation,omitempty"` // MiB
	Essential              bool                   `json:"essential"`
	EntryPoint             []string               `json:"entryPoint,omitempty"`
	Command                []string               `json:"command,omitempty"`
	WorkingDirectory       string                 `json:"workingDirectory,omitempty"`
	User                   string                 `json:"user,omitempty"`
	Environment            []EnvironmentEntry     `json:"environment,omitempty"`
	Secrets                []ContainerSecret      `json:"secrets,omitempty"`
	RepositoryCredentials  *RepositoryCredentials `json:"repositoryCredentials,omitempty"`
	PortMappings           []PortMapping          `json:"portMappings,omitempty"`
	MountPoints            []MountPoint           `json:"mountPoints,omitempty"`
	DependsOn              []ContainerDependsOn   `json:"dependsOn,omitempty"`
	HealthCheck            *HealthCheck           `json:"healthCheck,omitempty"`
	LogConfiguration       *LogConfiguration      `json:"logConfiguration,omitempty"`
	FirelensConfiguration  *FirelensConfiguration `json:"firelensConfiguration,omitempty"`
	LinuxParameters        *LinuxParameters       `json:"linuxParameters,omitempty"`
	Ulimits                []Ulimit               `json:"ulimits,omitempty"`
	SystemControls         []SystemControl        `json:"systemControls,omitempty"`
	RestartPolicy          *RestartPolicy         `json:"restartPolicy,omitempty"`
	VolumesFrom            []VolumeFrom           `json:"volumesFrom,omitempty"`
	DockerLabels           map[string]string      `json:"dockerLabels,omitempty"`
	StartTimeout           int                    `json:"startTimeout,omitempty"` // seconds, 2 to 120
	StopTimeout            int                    `json:"stopTimeout,omitempty"`  // seconds, 2 to 120; 0: AWS's 30
	Interactive            bool                   `json:"interactive,omitempty"`
	PseudoTerminal         bool                   `json:"pseudoTerminal,omitempty"`
	ReadonlyRootFilesystem bool                   `json:"readonlyRootFilesystem,omitempty"`
	VersionConsistency     string                 `json:"versionConsistency,omitempty"` // enabled or disabled
}

// EnvironmentEntry is one environment variable.
type EnvironmentEntry struct {
	Name  string     `json:"name"`
	Value plan.Value `json:"value"`
}

// ContainerSecret is an environment variable whose value ECS fetches when a task
// starts.
type ContainerSecret struct {
	Name string `json:"name"`
	// ValueFrom is the ARN of a parameter or a secret; of a secret, a JSON key may
	// follow: arn:key::.
	ValueFrom plan.Value `json:"valueFrom"`
}

// RepositoryCredentials are the credentials of a private registry.
type RepositoryCredentials struct {
	CredentialsParameter string `json:"credentialsParameter"` // ARN of a secret
}

// PortMapping opens a container port. On Fargate host and container port are
// one, so that the former is neither sent nor compared.
type PortMapping struct {
	ContainerPort int    `json:"containerPort"`
	Protocol      string `json:"protocol"` // tcp or udp
	Name          string `json:"name,omitempty"`
	AppProtocol   string `json:"appProtocol,omitempty"`
}

// MountPoint mounts a volume of the task.
type MountPoint struct {
	SourceVolume  string `json:"sourceVolume"`
	ContainerPath string `json:"containerPath"`
	ReadOnly      bool   `json:"readOnly,omitempty"`
}

// ContainerDependsOn is a start condition on a container of the same task:
// START, COMPLETE, SUCCESS or HEALTHY.
type ContainerDependsOn struct {
	ContainerName string `json:"containerName"`
	Condition     string `json:"condition"`
}

// HealthCheck of a container; times in seconds.
type HealthCheck struct {
	Command     []string `json:"command"`
	Interval    int      `json:"interval"` // 5 to 300
	Timeout     int      `json:"timeout"`  // 2 to 60
	Retries     int      `json:"retries"`  // 1 to 10
	StartPeriod int      `json:"startPeriod,omitempty"`
}

// LogConfiguration is where a container's output goes.
type LogConfiguration struct {
	LogDriver string                `json:"logDriver"`
	Options   map[string]plan.Value `json:"options,omitempty"` // awslogs-group is a ref to its log group
}

// FirelensConfiguration makes a container the log router of its task: type
// fluentbit or fluentd.
type FirelensConfiguration struct {
	Type    string            `json:"type"`
	Options map[string]string `json:"options,omitempty"`
}

// LinuxParameters are what Fargate has of Docker's kernel settings.
type LinuxParameters struct {
	Capabilities       *Capabilities `json:"capabilities,omitempty"`
	InitProcessEnabled bool          `json:"initProcessEnabled,omitempty"`
	Tmpfs              []Tmpfs       `json:"tmpfs,omitempty"`
}

// Capabilities that a container has beyond or below Docker's defaults; sets.
// Fargate adds SYS_PTRACE only.
type Capabilities struct {
	Add  []string `json:"add,omitempty"`
	Drop []string `json:"drop,omitempty"`
}

// Tmpfs is a mount in memory, which counts as memory of the container. Fargate
// has it since January 2026.
type Tmpfs struct {
	ContainerPath string   `json:"containerPath"`
	Size          int      `json:"size"` // MiB
	MountOptions  []string `json:"mountOptions,omitempty"`
}

// Ulimit is a limit of the kernel on a container's processes.
type Ulimit struct {
	Name      string `json:"name"`
	SoftLimit int    `json:"softLimit"`
	HardLimit int    `json:"hardLimit"`
}

// SystemControl is a sysctl. Those of the network hold for the whole task.
type SystemControl struct {
	Namespace string `json:"namespace"`
	Value     string `json:"value"`
}

// RestartPolicy starts a container again in its task.
type RestartPolicy struct {
	Enabled          bool  `json:"enabled"`
	IgnoredExitCodes []int `json:"ignoredExitCodes,omitempty"` // a set: these end it for good
	// RestartAttemptPeriod is how long, in seconds, the container must have run to
	// be started again: 60 to 1800, 300 where AWS fills it in.
	RestartAttemptPeriod int `json:"restartAttemptPeriod"`
}

// VolumeFrom mounts what another container of the task mounts.
type VolumeFrom struct {
	SourceContainer string `json:"sourceContainer"`
	ReadOnly        bool   `json:"readOnly,omitempty"`
}

func taskDefinitionRules() plan.Rules {
	const container = "containerDefinitions.*."
	return plan.Rules{
		Kind:      TaskDefinitionKind,
		New:       func() any { return &TaskDefinition{} },
		Normalize: func(s any) { s.(*TaskDefinition).normalize() },
		Attrs:     []string{"arn"},
		Keys: map[string][]string{
			"tags":                              {"key"},
			"volumes":                           {"name"},
			"containerDefinitions":              {"name"},
			container + "environment":           {"name"},
			container + "secrets":               {"name"},
			container + "portMappings":          {"containerPort", "protocol"},
			container + "mountPoints":           {"containerPath"},
			container + "dependsOn":             {"containerName"},
			container + "ulimits":               {"name"},
			container + "systemControls":        {"namespace"},
			container + "volumesFrom":           {"sourceContainer"},
			container + "linuxParameters.tmpfs": {"containerPath"},
		},
		Replace:   plan.NewRevision,
		Retained:  true,
		InPlace:   []string{"tags"},
		Brief:     []string{"containerDefinitions", "cpu", "memory", "volumes", "ephemeralStorage"},
		Extras:    &plan.ExtraRules{Names: mappingNames, Without: withoutMappings, With: withLiveMappings},
		Main:      true,
		Owner:     itself,
		Optional:  []string{"tags.*"},
		Sensitive: sensitiveInTaskDefinition,
		Decided:   slices.Concat(decidedOfTaskDefinition, runsOfTaskDefinition),
		Mounts:    func(s any) []plan.Mount { return s.(*TaskDefinition).mounts() },
		RunReasons: []plan.RunReason{
			{Path: container + "image", Text: "image changed"},
			{Path: container + "secrets", Text: "secret changed"},
			{Path: container + "command", Text: "command changed"},
			{Path: container + "entryPoint", Text: "command changed"},
			{Path: container + "environment", Text: "environment changed"},
		},
	}
}

// HelperPlace is where containers of this tool mount volumes.
const HelperPlace = "/compose2fargate/"

// mounts are those of the containers of the compose file.
func (t *TaskDefinition) mounts() []plan.Mount {
	volumes := map[string]*EfsVolume{}
	for _, v := range t.Volumes {
		volumes[v.Name] = v.EfsVolumeConfiguration
	}
	var out []plan.Mount
	for _, c := range t.ContainerDefinitions {
		out = append(out, plan.Mount{Container: c.Name})
		for _, m := range c.MountPoints {
			if strings.HasPrefix(m.ContainerPath, HelperPlace) {
				continue
			}
			mount := plan.Mount{Container: c.Name, Path: m.ContainerPath, Image: repositoryOf(c.Image.Text), ReadOnly: m.ReadOnly}
			if efs := volumes[m.SourceVolume]; efs != nil {
				mount.Directory, mount.Below = efs.FileSystemID, efs.RootDirectory
				if a := efs.AuthorizationConfig; a != nil && !a.AccessPointID.IsZero() {
					mount.Directory = a.AccessPointID
				}
			}
			out = append(out, mount)
		}
	}
	return out
}

// repositoryOf is an image without tag and digest.
func repositoryOf(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		image = image[:i]
	}
	return image
}

// normalize fills what AWS fills (task definition parameters page, and the
// tables in the project's notes on normal forms).
func (t *TaskDefinition) normalize() {
	fill(&t.NetworkMode, "awsvpc")
	fill(&t.RuntimePlatform.OperatingSystemFamily, "LINUX")
	fill(&t.RuntimePlatform.CpuArchitecture, "X86_64")
	t.RequiresCompatibilities = set(t.RequiresCompatibilities)
	t.Cpu, t.Memory = number(t.Cpu), number(t.Memory)
	if t.EphemeralStorage.SizeInGiB == 20 {
		t.EphemeralStorage = EphemeralStorage{}
	}
	for i := range t.ContainerDefinitions {
		t.ContainerDefinitions[i].normalize()
	}
	sortBy(t.ContainerDefinitions, func(c Container) string { return c.Name })
	for _, v := range t.Volumes {
		if e := v.EfsVolumeConfiguration; e != nil {
			fill(&e.TransitEncryption, "DISABLED")
			if e.RootDirectory == "/" {
				e.RootDirectory = ""
			}
		}
	}
	sortBy(t.Volumes, func(v Volume) string { return v.Name })
	sortBy(t.Tags, func(tag Tag) string { return tag.Key })
}

func (c *Container) normalize() {
	for i := range c.PortMappings {
		fill(&c.PortMappings[i].Protocol, "tcp")
	}
	if h := c.HealthCheck; h != nil {
		fill(&h.Interval, 30)
		fill(&h.Timeout, 5)
		fill(&h.Retries, 3)
	}
	c.LinuxParameters = c.LinuxParameters.normal()
	if p := c.RestartPolicy; p != nil {
		fill(&p.RestartAttemptPeriod, 300)
		p.IgnoredExitCodes = set(p.IgnoredExitCodes)
	}
	if c.VersionConsistency == "enabled" {
		c.VersionConsistency = ""
	}
	sortBy(c.Secrets, func(s ContainerSecret) string { return s.Name })
	sortBy(c.Environment, func(e EnvironmentEntry) string { return e.Name })
	sortBy(c.PortMappings, func(p PortMapping) string { return strconv.Itoa(p.ContainerPort) + "/" + p.Protocol })
	sortBy(c.MountPoints, func(m MountPoint) string { return m.ContainerPath })
	sortBy(c.DependsOn, func(d ContainerDependsOn) string { return d.ContainerName })
	sortBy(c.Ulimits, func(u Ulimit) string { return u.Name })
	sortBy(c.SystemControls, func(s SystemControl) string { return s.Namespace })
	sortBy(c.VolumesFrom, func(v VolumeFrom) string { return v.SourceContainer })
}

// normal is nil where nothing is set: ECS gives back empty objects and lists.
func (l *LinuxParameters) normal() *LinuxParameters {
	if l == nil {
		return nil
	}
	if c := l.Capabilities; c != nil {
		c.Add, c.Drop = set(c.Add), set(c.Drop)
		if c.Add == nil && c.Drop == nil {
			l.Capabilities = nil
		}
	}
	for i := range l.Tmpfs {
		l.Tmpfs[i].MountOptions = set(l.Tmpfs[i].MountOptions)
	}
	sortBy(l.Tmpfs, func(t Tmpfs) string { return t.ContainerPath })
	if l.Capabilities == nil && len(l.Tmpfs) == 0 && !l.InitProcessEnabled {
		return nil
	}
	return l
}

// number brings "0256" to "256" and leaves alone what is no number.
func number(text string) string {
	if n, err := strconv.Atoi(text); err == nil {
		return strconv.Itoa(n)
	}
	return text
}
