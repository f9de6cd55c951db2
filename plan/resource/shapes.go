package resource

import (
	"reflect"

	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecs "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	iam "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// shapes are the SDK structs that specs are read from. Structs below a managed
// field that have no shape here are managed whole.
var shapes = map[reflect.Type]shape{
	reflect.TypeFor[ecs.Cluster](): {
		managed: []string{"CapacityProviders", "ClusterName", "Settings"},
		ignored: []string{
			"ActiveServicesCount", "Attachments", "AttachmentsStatus", "ClusterArn", "PendingTasksCount",
			"RegisteredContainerInstancesCount", "RunningTasksCount", "Statistics", "Status", "Tags",
		},
		reported: []string{"Configuration", "DefaultCapacityProviderStrategy", "ServiceConnectDefaults"},
	},

	reflect.TypeFor[ecs.Service](): {
		managed: []string{
			"AvailabilityZoneRebalancing", "CapacityProviderStrategy", "DeploymentConfiguration", "DesiredCount",
			"EnableECSManagedTags", "EnableExecuteCommand", "HealthCheckGracePeriodSeconds", "LaunchType",
			"NetworkConfiguration", "PlatformVersion", "PropagateTags", "SchedulingStrategy", "ServiceName",
			"TaskDefinition", "ClusterArn",
		},
		ignored: []string{
			"CreatedAt", "CreatedBy", "CurrentServiceDeployment", "CurrentServiceRevisions", "Deployments", "Events",
			"PendingCount", "PlatformFamily", "RoleArn", "RunningCount", "ServiceArn", "Status", "Tags", "TaskSets",
		},
		reported: []string{
			"DeploymentController", "LoadBalancers", "PlacementConstraints", "PlacementStrategy",
			"ResourceManagementType", "ServiceRegistries",
		},
		defaults: map[string]any{
			"DeploymentController":   ecs.DeploymentController{Type: ecs.DeploymentControllerTypeEcs},
			"ResourceManagementType": ecs.ResourceManagementTypeCustomer,
		},
	},
	// Settings of a service that only its PRIMARY deployment shows.
	reflect.TypeFor[ecs.Deployment](): {
		ignored: []string{
			"CapacityProviderStrategy", "CreatedAt", "DesiredCount", "FailedTasks", "FargateEphemeralStorage", "Id",
			"LaunchType", "NetworkConfiguration", "PendingCount", "PlatformFamily", "PlatformVersion", "RolloutState",
			"RolloutStateReason", "RunningCount", "ServiceConnectResources", "Status", "TaskDefinition", "UpdatedAt",
		},
		reported: []string{"ServiceConnectConfiguration", "VolumeConfigurations", "VpcLatticeConfigurations"},
	},
	reflect.TypeFor[ecs.DeploymentConfiguration](): {
		managed: []string{
			"BakeTimeInMinutes", "DeploymentCircuitBreaker", "MaximumPercent", "MinimumHealthyPercent", "Strategy",
		},
		reported: []string{
			"Alarms", "CanaryConfiguration", "EarlySuccessCriteria", "LifecycleHooks", "LinearConfiguration",
		},
	},
	// Defaults: DeploymentCircuitBreaker and ThresholdConfiguration, API reference.
	reflect.TypeFor[ecs.DeploymentCircuitBreaker](): {
		managed:  []string{"Enable", "Rollback"},
		reported: []string{"ResetOnHealthyTask", "ThresholdConfiguration"},
		defaults: map[string]any{
			"ResetOnHealthyTask":     true,
			"ThresholdConfiguration": ecs.ThresholdConfiguration{Type: ecs.ThresholdTypeBoundedPercent, Value: 50},
		},
	},
	reflect.TypeFor[ecs.NetworkConfiguration](): {managed: []string{"AwsvpcConfiguration"}},
	reflect.TypeFor[ecs.AwsVpcConfiguration](): {
		managed: []string{"AssignPublicIp", "SecurityGroups", "Subnets"},
	},
	reflect.TypeFor[ecs.CapacityProviderStrategyItem](): {
		managed: []string{"Base", "CapacityProvider", "Weight"}, name: "CapacityProvider",
	},

	reflect.TypeFor[ecs.TaskDefinition](): {
		managed: []string{
			"ContainerDefinitions", "Cpu", "EphemeralStorage", "ExecutionRoleArn", "Family", "Memory", "NetworkMode",
			"PidMode", "RequiresCompatibilities", "RuntimePlatform", "TaskRoleArn", "Volumes",
		},
		ignored: []string{
			"Compatibilities", "DeleteRequestedAt", "DeregisteredAt", "RegisteredAt", "RegisteredBy",
			"RequiresAttributes", "Revision", "Status", "TaskDefinitionArn",
		},
		reported: []string{
			"EnableFaultInjection", "InferenceAccelerators", "IpcMode", "PlacementConstraints", "ProxyConfiguration",
		},
	},
	reflect.TypeFor[ecs.ContainerDefinition](): {
		managed: []string{
			"Command", "Cpu", "DependsOn", "DockerLabels", "EntryPoint", "Environment", "Essential",
			"FirelensConfiguration", "HealthCheck", "Image", "Interactive", "LinuxParameters", "LogConfiguration",
			"Memory", "MemoryReservation", "MountPoints", "Name", "PortMappings", "PseudoTerminal",
			"ReadonlyRootFilesystem", "RestartPolicy", "StartTimeout", "StopTimeout", "SystemControls", "Ulimits",
			"User", "VersionConsistency", "VolumesFrom", "WorkingDirectory",
		},
		reported: []string{
			"CredentialSpecs", "DisableNetworking", "DnsSearchDomains", "DnsServers", "DockerSecurityOptions",
			"EnvironmentFiles", "ExtraHosts", "Hostname", "Links", "Privileged", "RepositoryCredentials",
			"ResourceRequirements", "Secrets",
		},
		name: "Name",
	},
	reflect.TypeFor[ecs.KeyValuePair](): {managed: []string{"Name", "Value"}, name: "Name"},
	reflect.TypeFor[ecs.PortMapping](): {
		managed:  []string{"AppProtocol", "ContainerPort", "Name", "Protocol"},
		ignored:  []string{"HostPort"}, // is the container port on Fargate
		reported: []string{"ContainerPortRange"},
	},
	reflect.TypeFor[ecs.MountPoint](): {managed: []string{"ContainerPath", "ReadOnly", "SourceVolume"}},
	reflect.TypeFor[ecs.ContainerDependency](): {
		managed: []string{"Condition", "ContainerName"},
	},
	reflect.TypeFor[ecs.HealthCheck](): {
		managed: []string{"Command", "Interval", "Retries", "StartPeriod", "Timeout"},
	},
	reflect.TypeFor[ecs.LogConfiguration](): {
		managed: []string{"LogDriver", "Options"}, reported: []string{"SecretOptions"},
	},
	reflect.TypeFor[ecs.FirelensConfiguration](): {managed: []string{"Options", "Type"}},
	reflect.TypeFor[ecs.LinuxParameters](): {
		managed:  []string{"Capabilities", "InitProcessEnabled", "Tmpfs"},
		reported: []string{"Devices", "MaxSwap", "SharedMemorySize", "Swappiness"},
	},
	reflect.TypeFor[ecs.KernelCapabilities](): {managed: []string{"Add", "Drop"}},
	reflect.TypeFor[ecs.Tmpfs]():              {managed: []string{"ContainerPath", "MountOptions", "Size"}},
	reflect.TypeFor[ecs.Ulimit]():             {managed: []string{"HardLimit", "Name", "SoftLimit"}},
	reflect.TypeFor[ecs.SystemControl]():      {managed: []string{"Namespace", "Value"}},
	reflect.TypeFor[ecs.ContainerRestartPolicy](): {
		managed: []string{"Enabled", "IgnoredExitCodes", "RestartAttemptPeriod"},
	},
	reflect.TypeFor[ecs.VolumeFrom](): {managed: []string{"ReadOnly", "SourceContainer"}},
	reflect.TypeFor[ecs.Volume](): {
		managed: []string{"Name"},
		reported: []string{
			"ConfiguredAtLaunch", "DockerVolumeConfiguration", "EfsVolumeConfiguration",
			"FsxWindowsFileServerVolumeConfiguration", "Host", "S3filesVolumeConfiguration",
		},
		name: "Name",
	},
	reflect.TypeFor[ecs.RuntimePlatform]():  {managed: []string{"CpuArchitecture", "OperatingSystemFamily"}},
	reflect.TypeFor[ecs.EphemeralStorage](): {managed: []string{"SizeInGiB"}},

	reflect.TypeFor[logs.LogGroup](): {
		managed: []string{"LogGroupName", "RetentionInDays"},
		ignored: []string{
			"Arn", "CreationTime", "InheritedProperties", "LogGroupArn", "MetricFilterCount", "StoredBytes",
		},
		reported: []string{
			"BearerTokenAuthenticationEnabled", "DataProtectionStatus", "DeletionProtectionEnabled", "KmsKeyId",
			"LogGroupClass", "RetentionPolicyName",
		},
		defaults: map[string]any{"LogGroupClass": logs.LogGroupClassStandard},
	},

	reflect.TypeFor[iam.Role](): {
		managed: []string{"AssumeRolePolicyDocument", "Description", "Path", "PermissionsBoundary", "RoleName"},
		ignored: []string{"Arn", "CreateDate", "RoleId", "RoleLastUsed", "SourceRoleTemplate", "Tags"},
		// Seconds; CreateRole, field MaxSessionDuration.
		reported: []string{"MaxSessionDuration"},
		defaults: map[string]any{"MaxSessionDuration": int32(3600)},
	},

	reflect.TypeFor[ec2.SecurityGroup](): {
		managed: []string{"Description", "GroupName", "IpPermissions", "IpPermissionsEgress", "VpcId"},
		ignored: []string{"GroupId", "OwnerId", "SecurityGroupArn", "Tags"},
	},
	reflect.TypeFor[ec2.IpPermission](): {
		managed: []string{
			"FromPort", "IpProtocol", "IpRanges", "Ipv6Ranges", "PrefixListIds", "ToPort", "UserIdGroupPairs",
		},
	},
	reflect.TypeFor[ec2.UserIdGroupPair](): {
		managed:  []string{"Description", "GroupId"},
		ignored:  []string{"GroupName", "PeeringStatus", "UserId", "VpcId"}, // follow from the group's id
		reported: []string{"VpcPeeringConnectionId"},
	},
	reflect.TypeFor[ec2.IpRange]():      {managed: []string{"CidrIp", "Description"}},
	reflect.TypeFor[ec2.Ipv6Range]():    {managed: []string{"CidrIpv6", "Description"}},
	reflect.TypeFor[ec2.PrefixListId](): {managed: []string{"Description", "PrefixListId"}},
}

// unmanagedOfService also looks at the PRIMARY deployment, which alone shows some
// settings of the service.
func unmanagedOfService(service ecs.Service) []string {
	out := unmanaged(service)
	if primary := primaryDeployment(service); primary != nil {
		out = append(out, unmanaged(*primary)...)
	}
	return out
}
