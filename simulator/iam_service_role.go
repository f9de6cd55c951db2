package simulator

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// serviceRoles are the service-linked roles that may be made by hand, by the
// principal of their service (the guides of the services, "Using service-linked
// roles").
var serviceRoles = map[string]string{
	"ecs.amazonaws.com":                         "AWSServiceRoleForECS",
	"elasticloadbalancing.amazonaws.com":        "AWSServiceRoleForElasticLoadBalancing",
	"elasticfilesystem.amazonaws.com":           "AWSServiceRoleForAmazonElasticFileSystem",
	"ecs.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_ECSService",
	"ecr.amazonaws.com":                         "AWSServiceRoleForECRTemplate",
	"replication.ecr.amazonaws.com":             "AWSServiceRoleForECRReplication",
	"backup.amazonaws.com":                      "AWSServiceRoleForBackup",
}

// createServiceLinkedRole makes the one role of a service.
func createServiceLinkedRole(a *Account, in *iam.CreateServiceLinkedRoleInput) (*iam.CreateServiceLinkedRoleOutput, error) {
	service := str(in.AWSServiceName)
	name, known := serviceRoles[service]
	switch {
	case !known:
		return nil, iamInvalid("Service-linked role for %s is not known.", service)
	case in.CustomSuffix != nil:
		return nil, iamInvalid("Custom suffix is not allowed for %s", service)
	case a.Roles.Get(name) != nil:
		return nil, iamInvalid("Service role name %s has been taken in this account, please try a different suffix.", name)
	}
	path := "/aws-service-role/" + service + "/"
	arn := a.globalARN("iam", "role"+path+name)
	role := a.Roles.Put(name, Role{Role: types.Role{
		RoleName: &name, Path: &path, Arn: &arn, CreateDate: a.now(), Description: in.Description, MaxSessionDuration: ptr(int32(3600)),
		RoleId: ptr("AROA" + strings.ToUpper(a.id("role", name)[:17])),
		AssumeRolePolicyDocument: ptr(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service +
			`"},"Action":"sts:AssumeRole"}]}`),
	}})
	a.bear(arn, nil)
	return &iam.CreateServiceLinkedRoleOutput{Role: ptr(a.describeRole(role))}, nil
}

// protected refuses changes of a service-linked role: only its service makes them
// (IAM API reference, UnmodifiableEntityException).
func protected(r *Role) error {
	if !strings.HasPrefix(*r.Path, "/aws-service-role/") {
		return nil
	}
	return &types.UnmodifiableEntityException{Message: ptr("Cannot perform the operation on the protected role '" + *r.RoleName +
		"' - this role is only modifiable by AWS")}
}
