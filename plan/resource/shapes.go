package resource

import (
	"reflect"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecr "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	ecs "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	efs "github.com/aws/aws-sdk-go-v2/service/efs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	iam "github.com/aws/aws-sdk-go-v2/service/iam/types"
	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"
	cloudmap "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	ssm "github.com/aws/aws-sdk-go-v2/service/ssm/types"
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
			"EnableECSManagedTags", "EnableExecuteCommand", "HealthCheckGracePeriodSeconds", "LaunchType", "LoadBalancers",
			"NetworkConfiguration", "PlatformVersion", "PropagateTags", "SchedulingStrategy", "ServiceName",
			"ServiceRegistries", "TaskDefinition", "ClusterArn",
		},
		ignored: []string{
			"CreatedAt", "CreatedBy", "CurrentServiceDeployment", "CurrentServiceRevisions", "Deployments", "Events",
			"PendingCount", "PlatformFamily", "RoleArn", "RunningCount", "ServiceArn", "Status", "Tags", "TaskSets",
		},
		reported: []string{
			"DeploymentController", "PlacementConstraints", "PlacementStrategy",
			"ResourceManagementType",
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
		managed:  []string{"ServiceConnectConfiguration"},
		reported: []string{"VolumeConfigurations", "VpcLatticeConfigurations"},
	},
	reflect.TypeFor[ecs.ServiceRegistry](): {
		managed: []string{"RegistryArn"}, reported: []string{"ContainerName", "ContainerPort", "Port"},
	},
	reflect.TypeFor[ecs.ServiceConnectConfiguration](): {
		managed:  []string{"Enabled", "Namespace", "Services"},
		reported: []string{"AccessLogConfiguration", "ContainerConfigurations", "LogConfiguration"},
	},
	reflect.TypeFor[ecs.ServiceConnectService](): {
		managed:  []string{"ClientAliases", "DiscoveryName", "PortName"},
		reported: []string{"IngressPortOverride", "Timeout", "Tls"},
		name:     "DiscoveryName",
	},
	reflect.TypeFor[ecs.ServiceConnectClientAlias](): {
		managed: []string{"DnsName", "Port"}, reported: []string{"TestTrafficRules"},
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

	reflect.TypeFor[ecs.LoadBalancer](): {
		managed:  []string{"ContainerName", "ContainerPort", "TargetGroupArn"},
		reported: []string{"AdvancedConfiguration", "LoadBalancerName"},
		name:     "ContainerName",
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
			"ReadonlyRootFilesystem", "RepositoryCredentials", "RestartPolicy", "Secrets", "StartTimeout", "StopTimeout",
			"SystemControls", "Ulimits", "User", "VersionConsistency", "VolumesFrom", "WorkingDirectory",
		},
		reported: []string{
			"CredentialSpecs", "DisableNetworking", "DnsSearchDomains", "DnsServers", "DockerSecurityOptions",
			"EnvironmentFiles", "ExtraHosts", "Hostname", "Links", "Privileged", "ResourceRequirements",
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
		managed: []string{"EfsVolumeConfiguration", "Name"},
		reported: []string{
			"ConfiguredAtLaunch", "DockerVolumeConfiguration", "FsxWindowsFileServerVolumeConfiguration", "Host",
			"S3filesVolumeConfiguration",
		},
		name: "Name",
	},
	reflect.TypeFor[ecs.EFSVolumeConfiguration](): {
		managed:  []string{"AuthorizationConfig", "FileSystemId", "RootDirectory", "TransitEncryption"},
		reported: []string{"TransitEncryptionPort"},
	},
	reflect.TypeFor[ecs.EFSAuthorizationConfig](): {managed: []string{"AccessPointId", "Iam"}},
	reflect.TypeFor[ecs.Secret]():                 {managed: []string{"Name", "ValueFrom"}, name: "Name"},
	reflect.TypeFor[ecs.RepositoryCredentials]():  {managed: []string{"CredentialsParameter"}},
	reflect.TypeFor[ecs.RuntimePlatform]():        {managed: []string{"CpuArchitecture", "OperatingSystemFamily"}},
	reflect.TypeFor[ecs.EphemeralStorage]():       {managed: []string{"SizeInGiB"}},

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

	reflect.TypeFor[cloudmap.NamespaceSummary](): {
		managed: []string{"Description", "Name", "Type"},
		// Properties are ids and names that follow, and the TTL of negative answers.
		ignored: []string{"Arn", "CreateDate", "Id", "Properties", "ResourceOwner", "ServiceCount"},
	},
	reflect.TypeFor[cloudmap.Service](): {
		managed: []string{"Description", "DnsConfig", "Name", "NamespaceId"},
		ignored: []string{
			"Arn", "CreateDate", "CreatedByAccount", "CreatorRequestId", "Id", "InstanceCount", "ResourceOwner", "Type",
		},
		reported: []string{"HealthCheckConfig", "HealthCheckCustomConfig"},
	},
	reflect.TypeFor[cloudmap.DnsConfig](): {
		managed: []string{"DnsRecords", "RoutingPolicy"}, ignored: []string{"NamespaceId"},
	},
	reflect.TypeFor[cloudmap.DnsRecord](): {managed: []string{"TTL", "Type"}},

	reflect.TypeFor[acm.CertificateDetail](): {
		managed: []string{"DomainName", "KeyAlgorithm", "Options", "SubjectAlternativeNames"},
		ignored: []string{
			"AcmeAccountId", "AcmeEndpointArn", "CertificateArn", "CertificateKeyPairOrigin", "CreatedAt",
			"DomainValidationOptions", "ExtendedKeyUsages", "FailureReason", "ImportedAt", "InUseBy", "IssuedAt", "Issuer",
			"KeyUsages", "NotAfter", "NotBefore", "RenewalEligibility", "RenewalSummary", "RevocationReason", "RevokedAt",
			"Serial", "SignatureAlgorithm", "Status", "Subject", "Type", "UpdateSummary",
		},
		reported: []string{"CertificateAuthorityArn", "ManagedBy"},
	},
	reflect.TypeFor[acm.CertificateOptions](): {
		ignored:  []string{"CertificateTransparencyLoggingPreference", "ValidationMethod"}, // always so by now
		reported: []string{"Export"},
		defaults: map[string]any{"Export": acm.CertificateExportDisabled},
	},

	reflect.TypeFor[ssm.ParameterMetadata](): {
		managed:  []string{"Description", "KeyId", "Name"},
		ignored:  []string{"ARN", "LastModifiedDate", "LastModifiedUser", "Type", "Version"},
		reported: []string{"AllowedPattern", "DataType", "Policies", "Tier"},
		defaults: map[string]any{"DataType": "text", "Tier": ssm.ParameterTierStandard},
	},

	reflect.TypeFor[ecr.Repository](): {
		managed: []string{
			"EncryptionConfiguration", "ImageScanningConfiguration", "ImageTagMutability", "RepositoryName",
		},
		ignored:  []string{"CreatedAt", "RegistryId", "RepositoryArn", "RepositoryUri"},
		reported: []string{"ImageTagMutabilityExclusionFilters"},
	},
	reflect.TypeFor[ecr.ImageScanningConfiguration](): {managed: []string{"ScanOnPush"}},
	reflect.TypeFor[ecr.EncryptionConfiguration](): {
		managed: []string{"EncryptionType"}, ignored: []string{"KmsKey"}, // there is one where the type wants one
	},

	reflect.TypeFor[efs.FileSystemDescription](): {
		managed: []string{
			"CreationToken", "Encrypted", "PerformanceMode", "ProvisionedThroughputInMibps", "ThroughputMode",
		},
		ignored: []string{
			"AvailabilityZoneId", "CreationTime", "FileSystemArn", "FileSystemId", "FileSystemProtection", "KmsKeyId", "LifeCycleState", "Name",
			"NumberOfMountTargets", "OwnerId", "SizeInBytes", "Tags",
		},
		reported: []string{"AvailabilityZoneName"},
	},
	reflect.TypeFor[efs.MountTargetDescription](): {
		managed: []string{"FileSystemId", "SubnetId"},
		ignored: []string{
			"AvailabilityZoneId", "AvailabilityZoneName", "IpAddress", "Ipv6Address", "LifeCycleState", "MountTargetId",
			"NetworkInterfaceId", "OwnerId", "VpcId",
		},
	},
	reflect.TypeFor[efs.AccessPointDescription](): {
		managed:  []string{"FileSystemId", "RootDirectory"},
		ignored:  []string{"AccessPointArn", "AccessPointId", "ClientToken", "LifeCycleState", "Name", "OwnerId", "Tags"},
		reported: []string{"PosixUser"},
	},

	reflect.TypeFor[route53.ResourceRecordSet](): {
		managed: []string{"AliasTarget", "Name", "Type"},
		reported: []string{
			"CidrRoutingConfig", "Failover", "GeoLocation", "GeoProximityLocation", "HealthCheckId", "MultiValueAnswer",
			"Region", "ResourceRecords", "SetIdentifier", "TTL", "TrafficPolicyInstanceId", "Weight",
		},
	},
	reflect.TypeFor[route53.AliasTarget](): {
		managed: []string{"DNSName", "HostedZoneId"}, reported: []string{"EvaluateTargetHealth"},
	},

	reflect.TypeFor[elb.LoadBalancer](): {
		managed: []string{
			"AvailabilityZones", "IpAddressType", "LoadBalancerName", "Scheme", "SecurityGroups", "Type",
		},
		ignored: []string{"CanonicalHostedZoneId", "CreatedTime", "DNSName", "LoadBalancerArn", "State", "VpcId"},
		reported: []string{
			"CustomerOwnedIpv4Pool", "EnablePrefixForIpv6SourceNat",
			"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "IpamPools",
		},
		// CreateLoadBalancer, SetSecurityGroups.
		defaults: map[string]any{
			"EnablePrefixForIpv6SourceNat":                         elb.EnablePrefixForIpv6SourceNatEnumOff,
			"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "on",
		},
	},
	reflect.TypeFor[elb.AvailabilityZone](): {
		managed:  []string{"SubnetId"},
		ignored:  []string{"ZoneName"}, // is the subnet's
		reported: []string{"LoadBalancerAddresses", "OutpostId", "SourceNatIpv6Prefixes"},
		name:     "ZoneName",
	},
	reflect.TypeFor[elb.TargetGroup](): {
		managed: []string{
			"HealthCheckIntervalSeconds", "HealthCheckPath", "HealthCheckPort", "HealthCheckProtocol",
			"HealthCheckTimeoutSeconds", "HealthyThresholdCount", "IpAddressType", "Matcher", "Port", "Protocol",
			"ProtocolVersion", "TargetGroupName", "TargetType", "UnhealthyThresholdCount", "VpcId",
		},
		ignored:  []string{"LoadBalancerArns", "TargetGroupArn"}, // follow from listeners and rules
		reported: []string{"HealthCheckEnabled", "TargetControlPort"},
		defaults: map[string]any{"HealthCheckEnabled": true}, // of targets by IP it cannot be else
	},
	reflect.TypeFor[elb.Matcher](): {managed: []string{"GrpcCode", "HttpCode"}},
	reflect.TypeFor[elb.Listener](): {
		managed: []string{
			"Certificates", "DefaultActions", "LoadBalancerArn", "MutualAuthentication", "Port", "Protocol",
			"SslPolicy",
		},
		ignored:  []string{"ListenerArn"},
		reported: []string{"AlpnPolicy"},
		defaults: map[string]any{"AlpnPolicy": []string{"None"}}, // of TLS listeners
	},
	reflect.TypeFor[elb.Certificate](): {managed: []string{"CertificateArn"}, ignored: []string{"IsDefault"}},
	// Default: MutualAuthenticationAttributes, field Mode.
	reflect.TypeFor[elb.MutualAuthenticationAttributes](): {
		ignored:  []string{"TrustStoreAssociationStatus"},
		reported: []string{"AdvertiseTrustStoreCaNames", "IgnoreClientCertificateExpiry", "Mode", "TrustStoreArn"},
		defaults: map[string]any{
			"AdvertiseTrustStoreCaNames": elb.AdvertiseTrustStoreCaNamesEnumOff, "Mode": "off",
		},
	},
	reflect.TypeFor[elb.Rule](): {
		managed:  []string{"Actions", "Conditions", "Priority"},
		ignored:  []string{"IsDefault", "RuleArn"},
		reported: []string{"Transforms"},
	},
	reflect.TypeFor[elb.RuleCondition](): {
		managed: []string{"Field", "HostHeaderConfig", "PathPatternConfig", "Values"},
		reported: []string{
			"HttpHeaderConfig", "HttpRequestMethodConfig", "QueryStringConfig", "RegexValues", "SourceIpConfig",
		},
		name: "Field",
	},
	reflect.TypeFor[elb.HostHeaderConditionConfig]():  {managed: []string{"Values"}, reported: []string{"RegexValues"}},
	reflect.TypeFor[elb.PathPatternConditionConfig](): {managed: []string{"Values"}, reported: []string{"RegexValues"}},
	reflect.TypeFor[elb.Action](): {
		managed: []string{"FixedResponseConfig", "ForwardConfig", "RedirectConfig", "TargetGroupArn", "Type"},
		ignored: []string{"Order"}, // of one
		reported: []string{
			"AuthenticateCognitoConfig", "AuthenticateOidcConfig", "JwtValidationConfig",
		},
	},
	reflect.TypeFor[elb.ForwardActionConfig](): {
		managed: []string{"TargetGroupStickinessConfig", "TargetGroups"},
	},
	reflect.TypeFor[elb.TargetGroupStickinessConfig](): {
		ignored:  []string{"DurationSeconds"}, // while it is not enabled
		reported: []string{"Enabled"},
	},
	reflect.TypeFor[elb.TargetGroupTuple](): {
		managed: []string{"TargetGroupArn"},
		ignored: []string{"Weight"}, // the groups of an action are in its order
	},
	// Defaults: RedirectActionConfig, as the guide has them.
	reflect.TypeFor[elb.RedirectActionConfig](): {
		managed:  []string{"Port", "Protocol", "StatusCode"},
		reported: []string{"Host", "Path", "Query"},
		defaults: map[string]any{"Host": redirectHost, "Path": redirectPath, "Query": redirectQuery},
	},
	reflect.TypeFor[elb.FixedResponseActionConfig](): {
		managed: []string{"ContentType", "MessageBody", "StatusCode"},
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
