package resource

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// securityGroupKind is the entry of the table.
var securityGroupKind = methods{
	row: row{
		kind: spec.SecurityGroupKind, noun: "security group",
		reads:  []string{"ec2:DescribeSecurityGroups"},
		writes: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateSecurityGroup", "ec2:CreateTags", "ec2:DeleteSecurityGroup", "ec2:DeleteTags", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress", "ec2:UpdateSecurityGroupRuleDescriptionsEgress", "ec2:UpdateSecurityGroupRuleDescriptionsIngress"},
	},
	of: func(a *session) operations { return securityGroups{a} },
}

// securityGroups is the kind of EC2 security groups with their rules.
type securityGroups struct{ *session }

// tagged returns the groups of the project, in every VPC. EC2 filters by tags
// itself and at once, unlike the tagging API.
func (k securityGroups) tagged(ctx context.Context) ([]types.SecurityGroup, error) {
	return k.describe(ctx, filter("tag:"+plan.TagProject, k.project))
}

// called returns the groups of these names, whosever they are: in the VPC, or in
// every one for "". A filter takes 200 values (DescribeSecurityGroups).
func (k securityGroups) called(ctx context.Context, vpc string, names []string) ([]types.SecurityGroup, error) {
	var out []types.SecurityGroup
	for batch := range slices.Chunk(names, 200) {
		filters := []types.Filter{filter("group-name", batch...)}
		if vpc != "" {
			filters = append(filters, filter("vpc-id", vpc))
		}
		found, err := k.describe(ctx, filters...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}

func (k securityGroups) describe(ctx context.Context, filters ...types.Filter) ([]types.SecurityGroup, error) {
	return allPages(ctx, ec2.NewDescribeSecurityGroupsPaginator(k.ec2, &ec2.DescribeSecurityGroupsInput{
		Filters: filters, MaxResults: pointer(int32(1000)),
	}), func(page *ec2.DescribeSecurityGroupsOutput) []types.SecurityGroup { return page.SecurityGroups })
}

// search returns the groups of the project, and the others that the desired
// resources mean by name.
func (k securityGroups) search(ctx context.Context, want []*plan.Resource, tagged []types.SecurityGroup) ([]candidate, error) {
	var out []candidate
	known := map[string]bool{}
	for _, group := range tagged {
		out = append(out, securityGroupCandidate(group))
		known[out[len(out)-1].name] = true
		known[text(group.GroupName)] = true
	}
	missing := map[string][]string{} // names by VPC
	for _, r := range want {
		s := r.Spec.(*spec.SecurityGroup)
		if !known[securityGroupName(s)] && !known[s.GroupName] {
			missing[s.VpcID.Text] = append(missing[s.VpcID.Text], s.GroupName)
		}
	}
	for vpc, names := range missing {
		found, err := k.called(ctx, vpc, names)
		if err != nil {
			return nil, err
		}
		out = append(out, each(found, securityGroupCandidate)...)
	}
	return out, nil
}

// securityGroupName tells groups apart by name: one name may be in two VPCs.
func securityGroupName(s *spec.SecurityGroup) string { return s.VpcID.Text + "/" + s.GroupName }

func securityGroupCandidate(group types.SecurityGroup) candidate {
	tags := pairs(group.Tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	s := securityGroupSpec(group)
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.SecurityGroupKind},
			Spec:      normal(spec.SecurityGroupKind, s),
			Attrs:     plan.Attrs{"id": text(group.GroupId), "arn": text(group.SecurityGroupArn)},
			Tags:      tags,
			Unmanaged: unmanaged(group),
		},
		id: text(group.GroupId), name: securityGroupName(s),
	}
}

func securityGroupSpec(group types.SecurityGroup) *spec.SecurityGroup {
	return &spec.SecurityGroup{
		GroupName:   text(group.GroupName),
		Description: text(group.Description),
		VpcID:       plan.Literal(text(group.VpcId)),
		Ingress:     rulesOf(group, group.IpPermissions),
		Egress:      rulesOf(group, group.IpPermissionsEgress),
	}
}

func (k securityGroups) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	if id := r.Attrs["id"]; id != "" {
		return k.byID(ctx, r.Address, id)
	}
	tagged, err := k.describe(ctx, filter("tag:"+plan.TagProject, k.project), filter("tag:"+plan.TagResource, r.Address.String()))
	if err != nil {
		return nil, err
	}
	found, err := k.search(ctx, []*plan.Resource{r}, tagged)
	if err != nil {
		return nil, err
	}
	names := map[string]plan.Address{securityGroupName(r.Spec.(*spec.SecurityGroup)): r.Address}
	return pick(place(k.project, names, found), r.Address)
}

func (k securityGroups) byID(ctx context.Context, address plan.Address, id string) (*plan.Resource, error) {
	found, err := k.describe(ctx, filter("group-id", id))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, plan.ErrNotFound
	}
	live := securityGroupCandidate(found[0]).Resource
	live.Address = address
	return live, nil
}

func (k securityGroups) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.SecurityGroup)
	tags := k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash, Pending: true})
	made, err := k.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		GroupName:   &s.GroupName,
		Description: &s.Description,
		VpcId:       optional(s.VpcID.Text),
		TagSpecifications: []types.TagSpecification{{
			ResourceType: types.ResourceTypeSecurityGroup, Tags: ec2Tags(tags),
		}},
	})
	if is(err, "InvalidGroup.Duplicate") {
		return k.take(ctx, want)
	}
	if err != nil {
		return nil, err
	}
	live, err := appears(ctx, k.poll, func() (*plan.Resource, error) {
		return k.byID(ctx, want.Address, text(made.GroupId))
	})
	if err != nil {
		return nil, err
	}
	return k.bring(ctx, live, want)
}

// take continues with the existing group of that name: a creation of ours was
// interrupted, or its response was lost.
func (k securityGroups) take(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.SecurityGroup)
	live, err := appears(ctx, k.poll, func() (*plan.Resource, error) {
		found, err := k.called(ctx, s.VpcID.Text, []string{s.GroupName})
		if err != nil || len(found) == 0 {
			return nil, errors.Join(err, plan.ErrNotFound)
		}
		return k.byID(ctx, want.Address, text(found[0].GroupId))
	})
	if err != nil {
		return nil, err
	}
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "security group "+s.GroupName)
	}
	return k.bring(ctx, live, want)
}

func (k securityGroups) bring(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	from := live.Spec.(*spec.SecurityGroup)
	from.Tags = common(from.Tags, want.Spec.(*spec.SecurityGroup).Tags)
	return k.Update(ctx, live, want, false)
}

func (k securityGroups) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.SecurityGroup), want.Spec.(*spec.SecurityGroup)
	if err := k.setRules(ctx, live.Attrs["id"], from, to); err != nil {
		return nil, err
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, k.setTags(ctx, live.Attrs["id"], tags)
}

func (k securityGroups) setTags(ctx context.Context, id string, tags retag) error {
	if len(tags.remove) > 0 {
		_, err := k.ec2.DeleteTags(ctx, &ec2.DeleteTagsInput{
			Resources: []string{id},
			Tags:      each(tags.remove, func(key string) types.Tag { return types.Tag{Key: &key} }),
		})
		if err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	_, err := k.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: ec2Tags(tags.set)})
	return err
}

func ec2Tags(tags map[string]string) []types.Tag {
	return list(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

// Delete waits for the network interfaces of tasks that just stopped: ECS takes
// them away some minutes later, and until then the group is in use.
func (k securityGroups) Delete(ctx context.Context, live *plan.Resource) error {
	id := live.Attrs["id"]
	deadline := time.Now().Add(deleteTime)
	for {
		_, err := k.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &id})
		if is(err, "InvalidGroup.NotFound", "InvalidGroupId.NotFound") {
			return nil
		}
		if !is(err, "DependencyViolation") || time.Now().After(deadline) {
			return err
		}
		if err := wait(ctx, k.poll); err != nil {
			return err
		}
	}
}

func (k securityGroups) all(ctx context.Context, r *reading) ([]candidate, error) {
	tagged, err := k.ownSecurityGroups(ctx)
	if err != nil {
		return nil, err
	}
	wanted := r.wanted(spec.SecurityGroupKind)
	found, err := k.search(ctx, wanted, tagged)
	names := byName(wanted, func(r *plan.Resource) string { return securityGroupName(r.Spec.(*spec.SecurityGroup)) })
	return place(k.project, names, found), err
}

// ownSecurityGroups are the security groups of the project.
func (a *session) ownSecurityGroups(ctx context.Context) ([]types.SecurityGroup, error) {
	return a.memo.groups.get(func() ([]types.SecurityGroup, error) { return securityGroups{a}.tagged(ctx) })
}
