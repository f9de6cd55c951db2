package resource

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// listRoles reads the desired roles, and those in the project's path: one by one, because
// the pages of GetAccountAuthorizationDetails are all that there is in IAM, which is not for
// whoever may plan.
func listRoles(ctx context.Context, r *reading) ([]candidate, error) {
	names, err := rolesInPath(ctx, r.session)
	if err != nil {
		return nil, err
	}
	for _, want := range r.wanted(spec.RoleKind) {
		names = append(names, want.Spec.(*spec.Role).RoleName)
	}
	slices.Sort(names)
	return findRoles(ctx, r.session, slices.Compact(names))
}

// rolesInPath returns the names of the roles in the project's path. The path is the one way
// to find them: the tagging API knows no roles (its page of supported services).
func rolesInPath(ctx context.Context, a *session) ([]string, error) {
	found, err := allPages(ctx,
		iam.NewListRolesPaginator(a.iam(), &iam.ListRolesInput{PathPrefix: pointer("/compose2fargate/" + a.project + "/")}),
		func(page *iam.ListRolesOutput) []types.Role { return page.Roles })
	return each(found, func(role types.Role) string { return text(role.RoleName) }), err
}

func findRoles(ctx context.Context, a *session, names []string) ([]candidate, error) {
	return readEach(ctx, names, with(a, readRole))
}

// readRole reads a role with all that belongs to it.
func readRole(ctx context.Context, a *session, name string) (candidate, error) {
	got, err := a.iam().GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return candidate{}, absent(err, "NoSuchEntity")
	}
	inline, err := inlinePolicies(ctx, a, name)
	if err != nil {
		return candidate{}, err
	}
	managed, err := managedPolicies(ctx, a, name)
	if err != nil {
		return candidate{}, err
	}
	return roleCandidate(*got.Role, managed, inline)
}

func inlinePolicies(ctx context.Context, a *session, role string) ([]types.PolicyDetail, error) {
	names, err := allPages(ctx, iam.NewListRolePoliciesPaginator(a.iam(), &iam.ListRolePoliciesInput{RoleName: &role}),
		func(page *iam.ListRolePoliciesOutput) []string { return page.PolicyNames })
	if err != nil {
		return nil, err
	}
	var out []types.PolicyDetail
	for _, name := range names {
		got, err := a.iam().GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
		if err != nil {
			return nil, err
		}
		out = append(out, types.PolicyDetail{PolicyName: got.PolicyName, PolicyDocument: got.PolicyDocument})
	}
	return out, nil
}

func managedPolicies(ctx context.Context, a *session, role string) ([]types.AttachedPolicy, error) {
	return allPages(ctx, iam.NewListAttachedRolePoliciesPaginator(a.iam(), &iam.ListAttachedRolePoliciesInput{RoleName: &role}),
		func(page *iam.ListAttachedRolePoliciesOutput) []types.AttachedPolicy { return page.AttachedPolicies })
}

func roleCandidate(role types.Role, managed []types.AttachedPolicy, inline []types.PolicyDetail) (candidate, error) {
	s, err := roleSpec(role, managed, inline)
	if err != nil {
		return candidate{}, err
	}
	tags := pairs(role.Tags)
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: liveResource(spec.RoleKind, s, roleAttrs(&role), tags, unmanaged(role)),
		id:       s.RoleName, name: s.RoleName,
	}, nil
}

func roleSpec(role types.Role, managed []types.AttachedPolicy, inline []types.PolicyDetail) (*spec.Role, error) {
	trust, err := parsePolicy(text(role.AssumeRolePolicyDocument))
	if err != nil {
		return nil, err
	}
	s := &spec.Role{
		RoleName:                 text(role.RoleName),
		Path:                     text(role.Path),
		Description:              text(role.Description),
		AssumeRolePolicyDocument: trust,
	}
	if role.PermissionsBoundary != nil {
		s.PermissionsBoundary = text(role.PermissionsBoundary.PermissionsBoundaryArn)
	}
	for _, policy := range managed {
		s.ManagedPolicyArns = append(s.ManagedPolicyArns, text(policy.PolicyArn))
	}
	for _, policy := range inline {
		document, err := parsePolicy(text(policy.PolicyDocument))
		if err != nil {
			return nil, err
		}
		s.InlinePolicies = append(s.InlinePolicies, spec.InlinePolicy{
			PolicyName: text(policy.PolicyName), PolicyDocument: document,
		})
	}
	return s, nil
}
