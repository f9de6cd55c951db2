package resource

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// roles is the kind of IAM roles with their policies.
type roles struct{ *session }

func roleIdentity(r *plan.Resource) string {
	if name := r.Attrs["name"]; name != "" {
		return name
	}
	return r.Spec.(*spec.Role).RoleName
}

func (k roles) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	c, err := k.one(ctx, roleIdentity(r))
	if err != nil {
		return nil, err
	}
	c.Address = r.Address
	return c.Resource, nil
}

// Create makes the role without a policy, and then goes on as with any other
// role that lacks some.
func (k roles) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.Role)
	trust, err := policyJSON(s.AssumeRolePolicyDocument)
	if err != nil {
		return nil, err
	}
	tags := k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash, Pending: true})
	made, err := k.iam.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName:                 &s.RoleName,
		Path:                     &s.Path,
		Description:              optional(s.Description),
		PermissionsBoundary:      optional(s.PermissionsBoundary),
		AssumeRolePolicyDocument: &trust,
		Tags:                     roleTags(tags),
	})
	if is(err, "EntityAlreadyExists") {
		return k.take(ctx, want)
	}
	if err != nil {
		return nil, err
	}
	k.roleChanges.began()
	bare := *s
	bare.ManagedPolicyArns, bare.InlinePolicies = nil, nil
	live := &plan.Resource{Address: want.Address, Spec: &bare, Attrs: roleAttrs(made.Role), Tags: tags}
	return appears(ctx, k.poll, func() (plan.Attrs, error) {
		attrs, err := k.Update(ctx, live, want, false)
		if is(err, "NoSuchEntity") && says(err, "role with name") {
			err = errors.Join(plan.ErrNotFound, err)
		}
		return attrs, err
	})
}

// take goes on with a role that exists: a creation of ours was cut short, or its
// answer was lost.
func (k roles) take(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	live, err := k.Read(ctx, want)
	if err != nil {
		return nil, err
	}
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "role "+live.Attrs["name"])
	}
	k.roleChanges.began()
	from := live.Spec.(*spec.Role)
	from.Tags = common(from.Tags, want.Spec.(*spec.Role).Tags)
	return k.Update(ctx, live, want, false)
}

func roleAttrs(role *types.Role) plan.Attrs {
	return plan.Attrs{"arn": text(role.Arn), "name": text(role.RoleName)}
}

func (k roles) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.Role), want.Spec.(*spec.Role)
	for _, change := range []func(context.Context, *spec.Role, *spec.Role) error{
		k.setDescription, k.setTrust, k.setBoundary, k.setManaged, k.setInline,
	} {
		if err := change(ctx, from, to); err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, k.setTags(ctx, to.RoleName, tags)
}

// setDescription sends the longest session as it is, because UpdateRole resets
// what it is not given (UpdateRoleInput, field MaxSessionDuration).
func (k roles) setDescription(ctx context.Context, from, to *spec.Role) error {
	if from.Description == to.Description {
		return nil
	}
	now, err := k.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &to.RoleName})
	if err != nil {
		return err
	}
	_, err = k.iam.UpdateRole(ctx, &iam.UpdateRoleInput{
		RoleName: &to.RoleName, Description: &to.Description, MaxSessionDuration: now.Role.MaxSessionDuration,
	})
	return err
}

func (k roles) setTrust(ctx context.Context, from, to *spec.Role) error {
	if same(from.AssumeRolePolicyDocument, to.AssumeRolePolicyDocument) {
		return nil
	}
	trust, err := policyJSON(to.AssumeRolePolicyDocument)
	if err != nil {
		return err
	}
	k.roleChanges.began()
	_, err = k.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
		RoleName: &to.RoleName, PolicyDocument: &trust,
	})
	return err
}

func (k roles) setBoundary(ctx context.Context, from, to *spec.Role) error {
	if from.PermissionsBoundary == to.PermissionsBoundary {
		return nil
	}
	k.roleChanges.began()
	if to.PermissionsBoundary == "" {
		_, err := k.iam.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &to.RoleName})
		return err
	}
	_, err := k.iam.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
		RoleName: &to.RoleName, PermissionsBoundary: &to.PermissionsBoundary,
	})
	return err
}

func (k roles) setManaged(ctx context.Context, from, to *spec.Role) error {
	for _, arn := range to.ManagedPolicyArns {
		if slices.Contains(from.ManagedPolicyArns, arn) {
			continue
		}
		k.roleChanges.began()
		_, err := k.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &to.RoleName, PolicyArn: &arn})
		if err != nil {
			return err
		}
	}
	for _, arn := range from.ManagedPolicyArns {
		if slices.Contains(to.ManagedPolicyArns, arn) {
			continue
		}
		if err := k.detach(ctx, to.RoleName, arn); err != nil {
			return err
		}
	}
	return nil
}

func (k roles) detach(ctx context.Context, role, arn string) error {
	_, err := k.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &role, PolicyArn: &arn})
	if is(err, "NoSuchEntity") {
		return nil
	}
	return err
}

func (k roles) setInline(ctx context.Context, from, to *spec.Role) error {
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
		if err := k.putInline(ctx, to.RoleName, policy); err != nil {
			return err
		}
	}
	for name := range have {
		if err := k.deleteInline(ctx, to.RoleName, name); err != nil {
			return err
		}
	}
	return nil
}

func (k roles) putInline(ctx context.Context, role string, policy spec.InlinePolicy) error {
	document, err := policyJSON(policy.PolicyDocument)
	if err != nil {
		return err
	}
	k.roleChanges.began()
	_, err = k.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: &role, PolicyName: &policy.PolicyName, PolicyDocument: &document,
	})
	return err
}

func (k roles) deleteInline(ctx context.Context, role, name string) error {
	_, err := k.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &name})
	if is(err, "NoSuchEntity") {
		return nil
	}
	return err
}

func (k roles) setTags(ctx context.Context, role string, tags retag) error {
	if len(tags.remove) > 0 {
		if _, err := k.iam.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &role, TagKeys: tags.remove}); err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	_, err := k.iam.TagRole(ctx, &iam.TagRoleInput{RoleName: &role, Tags: roleTags(tags.set)})
	return err
}

func roleTags(tags map[string]string) []types.Tag {
	return list(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

// Delete takes away what IAM wants gone before a role goes: its policies, also
// those that came since the plan was made.
func (k roles) Delete(ctx context.Context, live *plan.Resource) error {
	name := roleIdentity(live)
	now, err := k.one(ctx, name)
	if errors.Is(err, plan.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s := now.Spec.(*spec.Role)
	for _, arn := range s.ManagedPolicyArns {
		if err := k.detach(ctx, name, arn); err != nil {
			return err
		}
	}
	for _, policy := range s.InlinePolicies {
		if err := k.deleteInline(ctx, name, policy.PolicyName); err != nil {
			return err
		}
	}
	_, err = k.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(name)})
	if is(err, "NoSuchEntity") {
		return nil
	}
	return err
}
