package resource

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// securityGroupKind defines EC2 security groups with their rules. Names change:
// one with the desired address is found by its tag.
var securityGroupKind = kind[spec.SecurityGroup]{
	row: row{
		kind: spec.SecurityGroupKind, noun: "security group",
		reads: []string{"ec2:DescribeSecurityGroups"},
		writes: []string{
			"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateSecurityGroup", "ec2:CreateTags",
			"ec2:DeleteSecurityGroup", "ec2:DeleteTags", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
			"ec2:UpdateSecurityGroupRuleDescriptionsEgress", "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
		},
	},
	as:    func(b bound[spec.SecurityGroup]) operations { return securityGroups{b} },
	id:    "id",
	name:  securityGroupName,
	title: func(s *spec.SecurityGroup) string { return s.GroupName },
	tags:  func(s *spec.SecurityGroup) *[]spec.Tag { return &s.Tags },

	byID: func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		found, err := describeSecurityGroups(ctx, a, filter("group-id", r.Attrs["id"]))
		return each(found, securityGroupCandidate), err
	},
	list: listSecurityGroups,

	create: createSecurityGroup,
	partly: func(*spec.SecurityGroup) bool { return true },
	update: func(ctx context.Context, a *session, c change[spec.SecurityGroup]) error {
		return setRules(ctx, a, c.live.Attrs["id"], c.from, c.to)
	},
	tag: func(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
		return onlyError(a.ec2().CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{at["id"]}, Tags: pairList[types.Tag](tags)}))
	},
	untag: func(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
		return onlyError(a.ec2().DeleteTags(ctx, &ec2.DeleteTagsInput{
			Resources: []string{at["id"]}, Tags: each(keys, func(key string) types.Tag { return types.Tag{Key: &key} }),
		}))
	},

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.ec2().DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: pointer(live.Attrs["id"])}))
	},
	gone: []string{"InvalidGroup.NotFound", "InvalidGroupId.NotFound"},
	// ECS removes the network interfaces of tasks some minutes after they stopped.
	busy: []string{"DependencyViolation"},
}

// securityGroups can be extended.
type securityGroups struct{ bound[spec.SecurityGroup] }

// ownSecurityGroups are the security groups of the project, in every VPC. EC2
// filters by tags itself and at once, unlike the tagging API.
func (a *session) ownSecurityGroups(ctx context.Context) ([]types.SecurityGroup, error) {
	return a.memo.groups.get(func() ([]types.SecurityGroup, error) {
		return describeSecurityGroups(ctx, a, filter("tag:"+plan.TagProject, a.project))
	})
}

// securityGroupsCalled returns the groups with these names, whoever owns them: in
// the VPC, or in every one for "". A filter can have 200 values
// (DescribeSecurityGroups).
func securityGroupsCalled(ctx context.Context, a *session, vpc string, names []string) ([]types.SecurityGroup, error) {
	var out []types.SecurityGroup
	for batch := range slices.Chunk(names, 200) {
		filters := []types.Filter{filter("group-name", batch...)}
		if vpc != "" {
			filters = append(filters, filter("vpc-id", vpc))
		}
		found, err := describeSecurityGroups(ctx, a, filters...)
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

func describeSecurityGroups(ctx context.Context, a *session, filters ...types.Filter) ([]types.SecurityGroup, error) {
	pages := ec2.NewDescribeSecurityGroupsPaginator(a.ec2(), &ec2.DescribeSecurityGroupsInput{
		Filters: filters, MaxResults: pointer(int32(1000)),
	})
	return allPages(ctx, pages, func(page *ec2.DescribeSecurityGroupsOutput) []types.SecurityGroup { return page.SecurityGroups })
}

// taggedSecurityGroups returns the groups that have the tags of the project, and if
// only one resource is read, its address.
func taggedSecurityGroups(ctx context.Context, r *reading, wanted []*plan.Resource) ([]types.SecurityGroup, error) {
	if !r.single() {
		return r.ownSecurityGroups(ctx)
	}
	return describeSecurityGroups(ctx, r.session,
		filter("tag:"+plan.TagProject, r.project), filter("tag:"+plan.TagResource, wanted[0].Address.String()))
}

// listSecurityGroups returns the groups of the project, and the others that the
// desired resources mean by name.
func listSecurityGroups(ctx context.Context, r *reading) ([]candidate, error) {
	wanted := r.wanted(spec.SecurityGroupKind)
	own, err := taggedSecurityGroups(ctx, r, wanted)
	if err != nil {
		return nil, err
	}
	out := each(own, securityGroupCandidate)
	known := map[string]bool{}
	for i, c := range out {
		known[c.name], known[text(own[i].GroupName)] = true, true
	}
	missing := map[string][]string{} // names by VPC
	for _, want := range wanted {
		s := want.Spec.(*spec.SecurityGroup)
		if !known[securityGroupName(s)] && !known[s.GroupName] {
			missing[s.VpcID.Text] = append(missing[s.VpcID.Text], s.GroupName)
		}
	}
	for vpc, names := range missing {
		found, err := securityGroupsCalled(ctx, r.session, vpc, names)
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
	tags := pairs(group.Tags)
	s := securityGroupSpec(group)
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: liveResource(spec.SecurityGroupKind, s, plan.Attrs{"id": text(group.GroupId), "arn": text(group.SecurityGroupArn)}, tags, unmanaged(group)),
		id:       text(group.GroupId), name: securityGroupName(s),
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

// createSecurityGroup returns the id of the group of that name, new or not.
func createSecurityGroup(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	s := want.Spec.(*spec.SecurityGroup)
	made, err := a.ec2().CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		GroupName:   &s.GroupName,
		Description: &s.Description,
		VpcId:       optional(s.VpcID.Text),
		TagSpecifications: []types.TagSpecification{{
			ResourceType: types.ResourceTypeSecurityGroup, Tags: pairList[types.Tag](tags),
		}},
	})
	if err == nil {
		return text(made.GroupId), nil
	}
	if !is(err, "InvalidGroup.Duplicate") {
		return "", err
	}
	return untilFound(ctx, a.poll, func() (string, error) {
		found, err := securityGroupsCalled(ctx, a, s.VpcID.Text, []string{s.GroupName})
		if err != nil || len(found) == 0 {
			return "", errors.Join(err, plan.ErrNotFound)
		}
		return text(found[0].GroupId), nil
	})
}
