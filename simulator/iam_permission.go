package simulator

import (
	"encoding/json"
	"slices"
	"strings"
)

// managedActions are the actions that AWS-managed policies allow on everything,
// for those that tasks start with ("AWS Managed Policy Reference Guide").
// Policies that are not here allow nothing that is checked.
var managedActions = map[string][]string{
	"AdministratorAccess":                              {"*"},
	"PowerUserAccess":                                  {"*"},
	"AmazonEC2ContainerRegistryPullOnly":               ecrPull,
	"AmazonEC2ContainerRegistryReadOnly":               ecrPull,
	"AmazonElasticFileSystemClientFullAccess":          {clientMount, clientWrite, clientRoot},
	"AmazonElasticFileSystemClientReadOnlyAccess":      {clientMount},
	"AmazonElasticFileSystemClientReadWriteAccess":     {clientMount, clientWrite},
	"AmazonSSMReadOnlyAccess":                          {"ssm:Describe*", "ssm:Get*", "ssm:List*"},
	"CloudWatchAgentServerPolicy":                      {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"},
	"CloudWatchLogsFullAccess":                         {"logs:*"},
	"SecretsManagerReadWrite":                          {"secretsmanager:*"},
	"service-role/AmazonEC2ContainerServiceEventsRole": {"ecs:RunTask", "iam:PassRole"},
	"service-role/AmazonECSTaskExecutionRolePolicy": append(slices.Clone(ecrPull),
		"logs:CreateLogStream", "logs:PutLogEvents"),
}

var ecrPull = []string{
	"ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage",
}

// allows tells whether the role's policies allow an action on a resource. It
// takes conditions as met and knows no boundaries.
func (a *Account) allows(r *Role, action, resource string) bool {
	return a.roleVerdict(r, question{action: action, resource: resource}) == allowed
}

// roleVerdict is what the policies of a role say together.
func (a *Account) roleVerdict(r *Role, q question) verdict {
	v := silent
	for _, arn := range r.Attached {
		if globAny(a.managed(arn), q.action) {
			v = allowed
		}
	}
	for _, document := range r.Inline {
		var p policy
		if json.Unmarshal([]byte(document), &p) == nil {
			v = v.and(p.evaluate(q, anyStatement))
		}
	}
	return v
}

// managed are the actions of an AWS-managed policy, nil for one that is not known.
func (a *Account) managed(arn string) []string {
	return managedActions[strings.TrimPrefix(arn, "arn:"+a.Partition+":iam::aws:policy/")]
}

func (s statement) covers(action, resource string) bool {
	act := globFold(texts(s.Action), action) || s.NotAction != nil && !globFold(texts(s.NotAction), action)
	res := globAny(texts(s.Resource), resource) || s.NotResource != nil && !globAny(texts(s.NotResource), resource)
	return act && res
}

// texts is a string or a list of strings, as policies have them.
func texts(data json.RawMessage) []string {
	var list []string
	if len(data) > 0 && data[0] == '"' {
		list = make([]string, 1)
		_ = json.Unmarshal(data, &list[0])
		return list
	}
	_ = json.Unmarshal(data, &list)
	return list
}

// globFold is globAny for actions, whose case does not matter.
func globFold(patterns []string, value string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return glob(strings.ToLower(p), strings.ToLower(value)) })
}

func globAny(patterns []string, value string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return glob(p, value) })
}
