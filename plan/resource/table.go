package resource

// kinds lists the AWS kinds. A new kind needs a line here and one in
// spec.Kinds.
var kinds = []definition{
	accessPointKind,
	alarmKind,
	certificateKind,
	clusterKind,
	discoveryServiceKind,
	fileSystemKind,
	imageKind,
	listenerKind,
	listenerRuleKind,
	loadBalancerKind,
	logGroupKind,
	mountTargetKind,
	namespaceKind,
	parameterKind,
	recordKind,
	repositoryKind,
	roleKind,
	scalableTargetKind,
	scalingPolicyKind,
	scheduledActionKind,
	secretKind,
	securityGroupKind,
	serviceKind,
	targetGroupKind,
	taskDefinitionKind,
}
