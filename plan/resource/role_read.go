package resource

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// fewRoles are read one by one, with four calls each and more; the pages of
// GetAccountAuthorizationDetails cover the whole account and are worth it for
// more than these.
const fewRoles = 3

// listRoles reads the desired roles, and those in the project's path.
func listRoles(ctx context.Context, r *reading) ([]candidate, error) {
	listed, err := rolesInPath(ctx, r.session)
	if err != nil {
		return nil, err
	}
	names := sortedKeys(listed)
	for _, want := range r.wanted(spec.RoleKind) {
		names = append(names, want.Spec.(*spec.Role).RoleName)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > fewRoles {
		out, err := readRolesTogether(ctx, r.session, names, listed)
		if !denied(err) {
			return out, err
		}
	}
	return findRoles(ctx, r.session, names)
}

// rolesInPath returns the roles in the project's path by name. The path is the one way
// to find them: the tagging API knows no roles (its page of supported services).
func rolesInPath(ctx context.Context, a *session) (map[string]types.Role, error) {
	found, err := allPages(ctx,
		iam.NewListRolesPaginator(a.iam(), &iam.ListRolesInput{PathPrefix: pointer("/compose2fargate/" + a.project + "/")}),
		func(page *iam.ListRolesOutput) []types.Role { return page.Roles })
	out := make(map[string]types.Role, len(found))
	for _, role := range found {
		out[text(role.RoleName)] = role
	}
	return out, err
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

// readRolesTogether reads many roles from the pages that describe every role of
// the account. These lack the descriptions, which ListRoles returns; a role
// outside of the project's path is read separately.
func readRolesTogether(ctx context.Context, a *session, names []string, listed map[string]types.Role) ([]candidate, error) {
	details, err := allPages(ctx,
		iam.NewGetAccountAuthorizationDetailsPaginator(a.iam(), &iam.GetAccountAuthorizationDetailsInput{
			Filter: []types.EntityType{types.EntityTypeRole}, MaxItems: pointer(int32(1000)),
		}),
		func(page *iam.GetAccountAuthorizationDetailsOutput) []types.RoleDetail { return page.RoleDetailList })
	if err != nil {
		return nil, err
	}
	var out []candidate
	for _, detail := range details {
		if _, ok := slices.BinarySearch(names, text(detail.RoleName)); !ok {
			continue
		}
		c, err := roleOfDetail(ctx, a, detail, listed)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func roleOfDetail(ctx context.Context, a *session, detail types.RoleDetail, listed map[string]types.Role) (candidate, error) {
	role, ok := listed[text(detail.RoleName)]
	if !ok {
		return readRole(ctx, a, text(detail.RoleName))
	}
	role.PermissionsBoundary = detail.PermissionsBoundary
	role.Tags = detail.Tags
	return roleCandidate(role, detail.AttachedManagedPolicies, detail.RolePolicyList)
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
