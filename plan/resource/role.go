package resource

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// roleKind defines IAM roles with their policies.
var roleKind = kind[spec.Role]{
	row: row{
		kind: spec.RoleKind, noun: "role", // which the tagging API does not know
		reads: []string{
			"iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:ListRoles",
		},
		writes: []string{
			"iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePermissionsBoundary",
			"iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
			"iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
		},
	},
	as:   func(b bound[spec.Role]) operations { return roles{b} },
	id:   "name",
	name: func(s *spec.Role) string { return s.RoleName },
	tags: func(s *spec.Role) *[]spec.Tag { return &s.Tags },

	find: findRoles,
	list: listRoles,

	update: updateRole,
	tag: func(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
		return onlyError(a.iam().TagRole(ctx, &iam.TagRoleInput{RoleName: pointer(at["name"]), Tags: pairList[types.Tag](tags)}))
	},
	untag: func(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
		return onlyError(a.iam().UntagRole(ctx, &iam.UntagRoleInput{RoleName: pointer(at["name"]), TagKeys: keys}))
	},

	delete: deleteRole,
	gone:   []string{"NoSuchEntity"},
}

// roles make a role in their own way.
type roles struct{ bound[spec.Role] }

// Create makes the role without a policy, and then goes on as with any other
// role that lacks some.
func (k roles) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.Role)
	trust, err := policyJSON(s.AssumeRolePolicyDocument)
	if err != nil {
		return nil, err
	}
	tags := k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash, Pending: true})
	made, err := k.iam().CreateRole(ctx, &iam.CreateRoleInput{
		RoleName:                 &s.RoleName,
		Path:                     &s.Path,
		Description:              optional(s.Description),
		PermissionsBoundary:      optional(s.PermissionsBoundary),
		AssumeRolePolicyDocument: &trust,
		Tags:                     pairList[types.Tag](tags),
	})
	if is(err, "EntityAlreadyExists") {
		return k.takeExisting(ctx, want)
	}
	if err != nil {
		return nil, err
	}
	k.roleChanges.began()
	bare := *s
	bare.ManagedPolicyArns, bare.InlinePolicies = nil, nil
	live := &plan.Resource{Address: want.Address, Spec: &bare, Attrs: roleAttrs(made.Role), Tags: tags}
	return untilFound(ctx, k.poll, func() (plan.Attrs, error) {
		attrs, err := k.Update(ctx, live, want, false)
		if is(err, "NoSuchEntity") && says(err, "role with name") {
			err = errors.Join(plan.ErrNotFound, err)
		}
		return attrs, err
	})
}

// takeExisting continues with an existing role: a creation of ours was
// interrupted, or its response was lost.
func (k roles) takeExisting(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	live, err := k.Read(ctx, want)
	if err != nil {
		return nil, err
	}
	k.roleChanges.began()
	return k.take(ctx, live, want)
}

func roleAttrs(role *types.Role) plan.Attrs {
	return plan.Attrs{"arn": text(role.Arn), "name": text(role.RoleName)}
}

func updateRole(ctx context.Context, a *session, c change[spec.Role]) error {
	for _, set := range []func(context.Context, *session, *spec.Role, *spec.Role) error{
		setDescription, setTrust, setBoundary, setManagedPolicies, setInlinePolicies,
	} {
		if err := set(ctx, a, c.from, c.to); err != nil {
			return err
		}
	}
	return nil
}

// setDescription sends the longest session as it is, because UpdateRole resets
// what it is not given (UpdateRoleInput, field MaxSessionDuration).
func setDescription(ctx context.Context, a *session, from, to *spec.Role) error {
	if from.Description == to.Description {
		return nil
	}
	now, err := a.iam().GetRole(ctx, &iam.GetRoleInput{RoleName: &to.RoleName})
	if err != nil {
		return err
	}
	return onlyError(a.iam().UpdateRole(ctx, &iam.UpdateRoleInput{
		RoleName: &to.RoleName, Description: &to.Description, MaxSessionDuration: now.Role.MaxSessionDuration,
	}))
}

func setTrust(ctx context.Context, a *session, from, to *spec.Role) error {
	if same(from.AssumeRolePolicyDocument, to.AssumeRolePolicyDocument) {
		return nil
	}
	trust, err := policyJSON(to.AssumeRolePolicyDocument)
	if err != nil {
		return err
	}
	a.roleChanges.began()
	return onlyError(a.iam().UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
		RoleName: &to.RoleName, PolicyDocument: &trust,
	}))
}

func setBoundary(ctx context.Context, a *session, from, to *spec.Role) error {
	if from.PermissionsBoundary == to.PermissionsBoundary {
		return nil
	}
	a.roleChanges.began()
	if to.PermissionsBoundary == "" {
		return onlyError(a.iam().DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &to.RoleName}))
	}
	return onlyError(a.iam().PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
		RoleName: &to.RoleName, PermissionsBoundary: &to.PermissionsBoundary,
	}))
}

func setManagedPolicies(ctx context.Context, a *session, from, to *spec.Role) error {
	for _, arn := range to.ManagedPolicyArns {
		if slices.Contains(from.ManagedPolicyArns, arn) {
			continue
		}
		a.roleChanges.began()
		_, err := a.iam().AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &to.RoleName, PolicyArn: &arn})
		if err != nil {
			return err
		}
	}
	for _, arn := range from.ManagedPolicyArns {
		if slices.Contains(to.ManagedPolicyArns, arn) {
			continue
		}
		if err := detach(ctx, a, to.RoleName, arn); err != nil {
			return err
		}
	}
	return nil
}

func detach(ctx context.Context, a *session, role, arn string) error {
	_, err := a.iam().DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &role, PolicyArn: &arn})
	return unless(err, "NoSuchEntity")
}

func setInlinePolicies(ctx context.Context, a *session, from, to *spec.Role) error {
	have := map[string]spec.Policy{}
	for _, policy := range from.InlinePolicies {
		have[policy.PolicyName] = policy.PolicyDocument
	}
	for _, policy := range to.InlinePolicies {
		now, ok := have[policy.PolicyName]
		delete(have, policy.PolicyName)
		if ok && same(now, policy.PolicyDocument) {
			continue
		}
		if err := putInline(ctx, a, to.RoleName, policy); err != nil {
			return err
		}
	}
	for name := range have {
		if err := deleteInline(ctx, a, to.RoleName, name); err != nil {
			return err
		}
	}
	return nil
}

func putInline(ctx context.Context, a *session, role string, policy spec.InlinePolicy) error {
	document, err := policyJSON(policy.PolicyDocument)
	if err != nil {
		return err
	}
	a.roleChanges.began()
	return onlyError(a.iam().PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: &role, PolicyName: &policy.PolicyName, PolicyDocument: &document,
	}))
}

func deleteInline(ctx context.Context, a *session, role, name string) error {
	_, err := a.iam().DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &name})
	return unless(err, "NoSuchEntity")
}

// deleteRole first removes what prevents IAM from deleting a role: its
// policies, including those that were added since the plan was made.
func deleteRole(ctx context.Context, a *session, live *plan.Resource) error {
	name := live.Attrs["name"]
	now, err := readRole(ctx, a, name)
	if errors.Is(err, plan.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s := now.Spec.(*spec.Role)
	for _, arn := range s.ManagedPolicyArns {
		if err := detach(ctx, a, name, arn); err != nil {
			return err
		}
	}
	for _, policy := range s.InlinePolicies {
		if err := deleteInline(ctx, a, name, policy.PolicyName); err != nil {
			return err
		}
	}
	return onlyError(a.iam().DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &name}))
}
