package resource

import "github.com/compose2fargate/compose2fargate/plan/spec"

// kinds lists the AWS kinds. A new kind needs a line here and one in
// spec.Kinds.
var kinds = []definition{
	accessPointKind,
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
	secretKind,
	securityGroupKind,
	serviceKind,
	targetGroupKind,
	taskDefinitionKind,
}

// rules are the rules by which specs are normalized after reading.
var rules = spec.Kinds()

// normal brings a spec into its normal form and returns it.
func normal(kind string, s any) any {
	rules[kind].Normalize(s)
	return s
}
