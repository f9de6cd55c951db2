package simulator

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

type iamState struct {
	Roles Table[Role] `state:"iam.roles"` // by name
}

// Role is an IAM role with its policies. Documents are as they were sent; IAM
// answers them URL-encoded.
type Role struct {
	types.Role
	Inline   map[string]string // documents by policy name
	Attached []string          // ARNs of managed policies, sorted
	Ready    int64             // when ECS takes it, on the clock
}

func iamOperations() []operation {
	return []operation{
		write(createRole),
		write(createServiceLinkedRole),
		read(getRole),
		read(listRoles),
		write(deleteRole),
		write(updateRole),
		write(updateAssumeRolePolicy),
		write(putPermissionsBoundary),
		write(deletePermissionsBoundary),
		write(tagRole),
		write(untagRole),
		read(listRoleTags),
		write(putRolePolicy),
		read(getRolePolicy),
		read(listRolePolicies),
		write(deleteRolePolicy),
		write(attachRolePolicy),
		write(detachRolePolicy),
		read(listAttachedRolePolicies),
		read(getPolicy),
		read(getAccountAuthorizationDetails),
	}
}

// The names that IAM takes (its API model).
var (
	roleName = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	rolePath = regexp.MustCompile(`^/$|^/[\x21-\x7E]{1,510}/$`)
)

func noSuchRole(name string) error {
	return &types.NoSuchEntityException{Message: ptr(fmt.Sprintf("The role with name %s cannot be found.", name))}
}

func iamInvalid(format string, args ...any) error {
	return &types.InvalidInputException{Message: ptr(fmt.Sprintf(format, args...))}
}

// iamOutside is what IAM answers to values outside its model (API reference, "Common
// Errors", ValidationError).
func iamOutside(format string, args ...any) error {
	return apiError("ValidationError", format, args...)
}

// role finds a role for reading.
func (a *Account) role(name *string) (*Role, error) {
	if r := a.Roles.Get(str(name)); r != nil {
		return r, nil
	}
	return nil, noSuchRole(str(name))
}

// editRole finds a role for changing.
func (a *Account) editRole(name *string) (*Role, error) {
	if r := a.Roles.Edit(str(name)); r != nil {
		return r, protected(r)
	}
	return nil, noSuchRole(str(name))
}

func createRole(a *Account, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	name, path := str(in.RoleName), orElse(in.Path, "/")
	tags, err := a.checkNewRole(in, *path)
	if err != nil {
		return nil, err
	}
	arn := a.globalARN("iam", "role"+*path+name)
	role := a.Roles.Put(name, Role{
		Role: types.Role{
			RoleName: &name, Path: path, Arn: &arn, CreateDate: a.now(), Description: in.Description,
			RoleId:                   ptr("AROA" + strings.ToUpper(a.id("role", name)[:17])),
			AssumeRolePolicyDocument: in.AssumeRolePolicyDocument, MaxSessionDuration: orElse(in.MaxSessionDuration, 3600),
		},
		Ready: a.moment() + int64(a.RoleDelay),
	})
	if in.PermissionsBoundary != nil {
		role.PermissionsBoundary = boundary(*in.PermissionsBoundary)
	}
	a.bear(arn, tags)
	return &iam.CreateRoleOutput{Role: ptr(a.describeRole(role))}, nil
}

func (a *Account) checkNewRole(in *iam.CreateRoleInput, path string) (map[string]string, error) {
	name := str(in.RoleName)
	switch {
	case !roleName.MatchString(name):
		return nil, iamOutside("The specified value for roleName is invalid. "+
			"It must contain only alphanumeric characters and/or the following: +=,.@_- and be at most 64 long: %q", name)
	case !rolePath.MatchString(path):
		return nil, iamOutside("The specified value for path is invalid: %q", path)
	case len(str(in.Description)) > 1000:
		return nil, iamOutside("1 validation error detected: Value at 'description' failed to satisfy constraint: " +
			"Member must have length less than or equal to 1000")
	case in.MaxSessionDuration != nil && (*in.MaxSessionDuration < 3600 || *in.MaxSessionDuration > 43200):
		return nil, iamOutside("1 validation error detected: Value '%d' at 'maxSessionDuration' failed to satisfy constraint: "+
			"Member must have value between 3600 and 43200", *in.MaxSessionDuration)
	}
	if a.roles.Has("name " + strings.ToLower(name)) {
		return nil, &types.EntityAlreadyExistsException{Message: ptr("Role with name " + name + " already exists.")}
	}
	if err := checkPolicy(str(in.AssumeRolePolicyDocument), true); err != nil {
		return nil, err
	}
	if err := a.checkBoundary(in.PermissionsBoundary); err != nil {
		return nil, err
	}
	return iamCheckTags(nil, in.Tags)
}

// describeRole is the role as GetRole answers it.
func (a *Account) describeRole(r *Role) types.Role {
	out := r.Role
	out.AssumeRolePolicyDocument = ptr(escapePolicy(str(r.AssumeRolePolicyDocument)))
	out.Tags = iamTags(a.tagsOf(*r.Arn))
	out.RoleLastUsed = &types.RoleLastUsed{}
	return out
}

// escapePolicy is how IAM answers documents: URL-encoded by RFC 3986.
func escapePolicy(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}

func getRole(a *Account, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	role, err := a.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.GetRoleOutput{Role: ptr(a.describeRole(role))}, nil
}

// listRoles leaves out tags, boundary and last use, as IAM documents.
func listRoles(a *Account, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	var all []types.Role
	for _, r := range a.Roles.All() {
		if strings.HasPrefix(*r.Path, str(in.PathPrefix)) {
			out := a.describeRole(r)
			out.Tags, out.PermissionsBoundary, out.RoleLastUsed = nil, nil, nil
			all = append(all, out)
		}
	}
	roles, next, err := iamPage(a, all, func(r types.Role) string { return *r.RoleName }, in.Marker, in.MaxItems)
	return &iam.ListRolesOutput{Roles: roles, Marker: next, IsTruncated: next != nil}, err
}

func iamPage[T any](a *Account, items []T, place func(T) string, marker *string, size *int32) ([]T, *string, error) {
	items, next, err := page(a, items, place, marker, size, 100)
	if err != nil {
		return nil, nil, iamInvalid("Invalid Marker.")
	}
	return items, next, nil
}

func deleteRole(a *Account, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	role, err := a.editRole(in.RoleName)
	switch {
	case err != nil:
		return nil, err
	case len(role.Attached) > 0:
		return nil, &types.DeleteConflictException{Message: ptr("Cannot delete entity, must detach all policies first.")}
	case len(role.Inline) > 0:
		return nil, &types.DeleteConflictException{Message: ptr("Cannot delete entity, must delete policies first.")}
	}
	a.Tags.Delete(*role.Arn)
	a.Roles.Delete(*role.RoleName)
	return &iam.DeleteRoleOutput{}, nil
}

func updateRole(a *Account, in *iam.UpdateRoleInput) (*iam.UpdateRoleOutput, error) {
	role, err := a.editRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	role.Description = in.Description
	if in.MaxSessionDuration != nil {
		role.MaxSessionDuration = in.MaxSessionDuration
	}
	return &iam.UpdateRoleOutput{}, nil
}

func updateAssumeRolePolicy(
	a *Account, in *iam.UpdateAssumeRolePolicyInput,
) (*iam.UpdateAssumeRolePolicyOutput, error) {
	role, err := a.editRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := checkPolicy(str(in.PolicyDocument), true); err != nil {
		return nil, err
	}
	role.AssumeRolePolicyDocument = in.PolicyDocument
	return &iam.UpdateAssumeRolePolicyOutput{}, nil
}

func putPermissionsBoundary(
	a *Account, in *iam.PutRolePermissionsBoundaryInput,
) (*iam.PutRolePermissionsBoundaryOutput, error) {
	role, err := a.editRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := a.checkBoundary(in.PermissionsBoundary); err != nil {
		return nil, err
	}
	role.PermissionsBoundary = boundary(*in.PermissionsBoundary)
	return &iam.PutRolePermissionsBoundaryOutput{}, nil
}

func deletePermissionsBoundary(
	a *Account, in *iam.DeleteRolePermissionsBoundaryInput,
) (*iam.DeleteRolePermissionsBoundaryOutput, error) {
	role, err := a.editRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	role.PermissionsBoundary = nil
	return &iam.DeleteRolePermissionsBoundaryOutput{}, nil
}

func boundary(arn string) *types.AttachedPermissionsBoundary {
	return &types.AttachedPermissionsBoundary{
		PermissionsBoundaryArn: &arn, PermissionsBoundaryType: types.PermissionsBoundaryAttachmentTypePolicy,
	}
}

// checkBoundary takes any policy of the account itself, as those are not
// simulated, and the AWS-managed policies that exist.
func (a *Account) checkBoundary(arn *string) error {
	if arn == nil || strings.HasPrefix(*arn, a.globalARN("iam", "policy/")) {
		return nil
	}
	return a.checkManagedPolicy(*arn)
}

func iamTags(tags map[string]string) []types.Tag {
	return tagList(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func iamCheckTags(have map[string]string, list []types.Tag) (map[string]string, error) {
	tags, twice := tagMap(list, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	if twice != "" {
		return nil, iamInvalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	}
	if problem := tagProblem(have, tags); problem != "" {
		return nil, iamInvalid("%s", problem)
	}
	return tags, nil
}

func tagRole(a *Account, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	role, err := a.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	tags, err := iamCheckTags(a.tagsOf(*role.Arn), in.Tags)
	if err != nil {
		return nil, err
	}
	a.tag(*role.Arn, tags)
	return &iam.TagRoleOutput{}, nil
}

func untagRole(a *Account, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
	role, err := a.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	a.untag(*role.Arn, in.TagKeys)
	return &iam.UntagRoleOutput{}, nil
}

func listRoleTags(a *Account, in *iam.ListRoleTagsInput) (*iam.ListRoleTagsOutput, error) {
	role, err := a.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	tags, next, err := iamPage(a, iamTags(a.tagsOf(*role.Arn)), func(t types.Tag) string { return *t.Key }, in.Marker, in.MaxItems)
	return &iam.ListRoleTagsOutput{Tags: tags, Marker: next, IsTruncated: next != nil}, err
}

// getAccountAuthorizationDetails knows roles only; other kinds are empty lists.
func getAccountAuthorizationDetails(
	a *Account, in *iam.GetAccountAuthorizationDetailsInput,
) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	var all []*Role
	if len(in.Filter) == 0 || slices.Contains(in.Filter, types.EntityTypeRole) {
		for _, r := range a.Roles.All() {
			all = append(all, r)
		}
	}
	page, next, err := iamPage(a, all, func(r *Role) string { return *r.RoleName }, in.Marker, in.MaxItems)
	roles := []types.RoleDetail{}
	for _, r := range page {
		roles = append(roles, a.roleDetail(r))
	}
	return &iam.GetAccountAuthorizationDetailsOutput{
		RoleDetailList: roles, Marker: next, IsTruncated: next != nil,
		GroupDetailList: []types.GroupDetail{}, UserDetailList: []types.UserDetail{}, Policies: []types.ManagedPolicyDetail{},
	}, err
}

func (a *Account) roleDetail(r *Role) types.RoleDetail {
	role := a.describeRole(r)
	detail := types.RoleDetail{
		Arn: role.Arn, RoleName: role.RoleName, RoleId: role.RoleId, Path: role.Path, CreateDate: role.CreateDate,
		AssumeRolePolicyDocument: role.AssumeRolePolicyDocument, PermissionsBoundary: role.PermissionsBoundary,
		RoleLastUsed: role.RoleLastUsed, Tags: role.Tags, InstanceProfileList: []types.InstanceProfile{},
		AttachedManagedPolicies: attachedPolicies(r), RolePolicyList: []types.PolicyDetail{},
	}
	for _, name := range sortedKeys(r.Inline) {
		detail.RolePolicyList = append(detail.RolePolicyList, types.PolicyDetail{
			PolicyName: &name, PolicyDocument: ptr(escapePolicy(r.Inline[name])),
		})
	}
	return detail
}
