package simulator

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var policyName = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)

// managedPolicies are the AWS-managed policies that exist here, as they follow
// policy/ in the ARN ("AWS Managed Policy Reference Guide").
var managedPolicies = []string{
	"AdministratorAccess",
	"AmazonDynamoDBFullAccess",
	"AmazonDynamoDBReadOnlyAccess",
	"AmazonEC2ContainerRegistryPowerUser",
	"AmazonEC2ContainerRegistryPullOnly",
	"AmazonEC2ContainerRegistryReadOnly",
	"AmazonECSInfrastructureRolePolicyForLoadBalancers",
	"AmazonECSInfrastructureRolePolicyForVpcLattice",
	"AmazonElasticFileSystemClientFullAccess",
	"AmazonElasticFileSystemClientReadOnlyAccess",
	"AmazonElasticFileSystemClientReadWriteAccess",
	"AmazonElasticFileSystemReadOnlyAccess",
	"AmazonS3FullAccess",
	"AmazonS3ReadOnlyAccess",
	"AmazonSNSFullAccess",
	"AmazonSQSFullAccess",
	"AmazonSQSReadOnlyAccess",
	"AmazonSSMManagedInstanceCore",
	"AmazonSSMReadOnlyAccess",
	"AWSXRayDaemonWriteAccess",
	"CloudWatchAgentServerPolicy",
	"CloudWatchFullAccess",
	"CloudWatchLogsFullAccess",
	"CloudWatchLogsReadOnlyAccess",
	"CloudWatchReadOnlyAccess",
	"PowerUserAccess",
	"ReadOnlyAccess",
	"SecretsManagerReadWrite",
	"service-role/AmazonECSInfrastructureRolePolicyForVolumes",
	"service-role/AmazonECSTaskExecutionRolePolicy",
	"service-role/AmazonEC2ContainerServiceEventsRole",
}

// checkManagedPolicy refuses policies that do not exist. Policies of the
// account itself are not simulated, so none exists.
func (a *Account) checkManagedPolicy(arn string) error {
	name, found := strings.CutPrefix(arn, "arn:"+a.Partition+":iam::aws:policy/")
	switch {
	case found && slices.Contains(managedPolicies, name):
		return nil
	case arnService(arn) != "iam":
		return iamInvalid("ARN %s is not valid.", arn)
	}
	return &types.NoSuchEntityException{
		Message: ptr(fmt.Sprintf("Policy %s does not exist or is not attachable.", arn)),
	}
}

func putRolePolicy(a *Account, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	role, err := a.editRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	name := str(in.PolicyName)
	if !policyName.MatchString(name) {
		return nil, iamOutside("The specified value for policyName is invalid: %q", name)
	}
	if err := checkPolicy(str(in.PolicyDocument), false); err != nil {
		return nil, err
	}
	inline := maps.Clone(role.Inline)
	if inline == nil {
		inline = map[string]string{}
	}
	inline[name] = *in.PolicyDocument
	if size := policySize(inline); size > 10240 { // IAM quotas: inline policies of a role
		return nil, &types.LimitExceededException{
			Message: ptr("Maximum policy size of 10240 bytes exceeded for role " + *role.RoleName),
		}
	}
	role.Inline = inline
	return &iam.PutRolePolicyOutput{}, nil
}

// policySize counts as IAM does: without white space.
func policySize(inline map[string]string) int {
	size := 0
	for _, document := range inline {
		size += len(strings.Join(strings.Fields(document), ""))
	}
	return size
}

func getRolePolicy(a *Account, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	role, err := a.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	document, known := role.Inline[str(in.PolicyName)]
	if !known {
		return nil, noSuchRolePolicy(in.PolicyName)
	}
	return &iam.GetRolePolicyOutput{
		RoleName: in.RoleName, PolicyName: in.PolicyName, PolicyDocument: ptr(escapePolicy(document)),
	}, nil
}

func noSuchRolePolicy(name *string) error {
	return &types.NoSuchEntityException{
		Message: ptr(fmt.Sprintf("The role policy with name %s cannot be found.", str(name))),
	}
}

func listRolePolicies(a *Account, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	role, err := a.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	names, next, err := iamPage(a, sortedKeys(role.Inline), itself, in.Marker, in.MaxItems)
	return &iam.ListRolePoliciesOutput{PolicyNames: names, Marker: next, IsTruncated: next != nil}, err
}

func deleteRolePolicy(a *Account, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	role, err := a.editRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, known := role.Inline[str(in.PolicyName)]; !known {
		return nil, noSuchRolePolicy(in.PolicyName)
	}
	delete(role.Inline, *in.PolicyName)
	return &iam.DeleteRolePolicyOutput{}, nil
}

func attachRolePolicy(a *Account, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	role, err := a.editRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := a.checkManagedPolicy(str(in.PolicyArn)); err != nil {
		return nil, err
	}
	if slices.Contains(role.Attached, *in.PolicyArn) {
		return &iam.AttachRolePolicyOutput{}, nil
	}
	if len(role.Attached) >= 10 { // IAM quotas: managed policies per role
		return nil, &types.LimitExceededException{Message: ptr("Cannot exceed quota for PoliciesPerRole: 10")}
	}
	role.Attached = append(role.Attached, *in.PolicyArn)
	slices.Sort(role.Attached)
	return &iam.AttachRolePolicyOutput{}, nil
}

func detachRolePolicy(a *Account, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	role, err := a.editRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	at := slices.Index(role.Attached, str(in.PolicyArn))
	if at < 0 {
		return nil, &types.NoSuchEntityException{Message: ptr(fmt.Sprintf("Policy %s was not found.", str(in.PolicyArn)))}
	}
	role.Attached = slices.Delete(role.Attached, at, at+1)
	return &iam.DetachRolePolicyOutput{}, nil
}

func attachedPolicies(r *Role) []types.AttachedPolicy {
	list := []types.AttachedPolicy{}
	for _, arn := range r.Attached {
		list = append(list, types.AttachedPolicy{PolicyArn: &arn, PolicyName: ptr(lastPart(arn))})
	}
	return list
}

func listAttachedRolePolicies(
	a *Account, in *iam.ListAttachedRolePoliciesInput,
) (*iam.ListAttachedRolePoliciesOutput, error) {
	role, err := a.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(attachedPolicies(role), func(p types.AttachedPolicy) bool {
		return !strings.HasPrefix(policyPath(*p.PolicyArn), str(in.PathPrefix))
	})
	list, next, err := iamPage(a, all, func(p types.AttachedPolicy) string { return *p.PolicyArn }, in.Marker, in.MaxItems)
	return &iam.ListAttachedRolePoliciesOutput{AttachedPolicies: list, Marker: next, IsTruncated: next != nil}, err
}

// policyPath is /service-role/ or the like, / for most.
func policyPath(arn string) string {
	_, resource := arnParts(arn)
	resource = strings.TrimPrefix(resource, "policy")
	return resource[:strings.LastIndex(resource, "/")+1]
}

func getPolicy(a *Account, in *iam.GetPolicyInput) (*iam.GetPolicyOutput, error) {
	arn := str(in.PolicyArn)
	if a.checkManagedPolicy(arn) != nil {
		return nil, &types.NoSuchEntityException{Message: ptr(fmt.Sprintf("Policy %s was not found.", arn))}
	}
	attached := int32(0)
	for _, r := range a.Roles.All() {
		if slices.Contains(r.Attached, arn) {
			attached++
		}
	}
	return &iam.GetPolicyOutput{Policy: &types.Policy{
		Arn: &arn, PolicyName: ptr(lastPart(arn)), Path: ptr(policyPath(arn)), DefaultVersionId: ptr("v1"),
		PolicyId: ptr("ANPA" + strings.ToUpper(digest(arn)[:17])), IsAttachable: true, AttachmentCount: &attached,
		PermissionsBoundaryUsageCount: ptr(int32(0)), CreateDate: &epoch, UpdateDate: &epoch,
	}}, nil
}
