package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// groupKey is where compose files name security groups.
const groupKey = "an external network or x-fargate.ingress.allow"

// foundGroups are security groups of others, in every VPC, by the names that
// were asked for. A name is an id, the name of a group or its Name tag.
type foundGroups struct {
	project string
	asked   []string // sorted
	byName  map[string][]types.SecurityGroup
}

func (a *Account) findGroups(ctx context.Context, _ plan.Facts, needs plan.Lookups, out *found) error {
	asked := slices.Compact(slices.Sorted(slices.Values(needs.SecurityGroups)))
	if len(asked) == 0 {
		return nil
	}
	all, err := a.groupsCalled(ctx, asked)
	if err != nil {
		return fmt.Errorf("look for the security groups of external networks and ingress.allow: %w", brief(err))
	}
	out.groups = foundGroups{project: a.project, asked: asked, byName: map[string][]types.SecurityGroup{}}
	for _, name := range asked {
		found := slices.DeleteFunc(slices.Clone(all), func(g types.SecurityGroup) bool {
			return text(g.GroupId) != name && text(g.GroupName) != name && nameTag(g.Tags) != name
		})
		out.groups.byName[name] = found // none: the translation reports it with its position
	}
	return nil
}

// groupsCalled may return more than was asked for: filters know wildcards, which
// may be in names.
func (a *Account) groupsCalled(ctx context.Context, asked []string) ([]types.SecurityGroup, error) {
	isID := func(name string) bool { return strings.HasPrefix(name, "sg-") } // which no name of a group begins with
	var all []types.SecurityGroup
	if ids := slices.DeleteFunc(slices.Clone(asked), func(name string) bool { return !isID(name) }); len(ids) > 0 {
		byID, err := describeSecurityGroups(ctx, a.session, filter("group-id", ids...))
		if err != nil {
			return nil, err
		}
		all = append(all, byID...)
	}
	names := slices.DeleteFunc(slices.Clone(asked), isID)
	if len(names) == 0 {
		return all, nil
	}
	byName, err := securityGroupsCalled(ctx, a.session, "", names)
	if err != nil {
		return nil, err
	}
	byTag, err := describeSecurityGroups(ctx, a.session, filter("tag:Name", names...))
	if err != nil {
		return nil, err
	}
	for _, group := range slices.Concat(byName, byTag) {
		if !slices.ContainsFunc(all, func(g types.SecurityGroup) bool { return text(g.GroupId) == text(group.GroupId) }) {
			all = append(all, group)
		}
	}
	return all, nil
}

// vpc is the only VPC that has all of the groups, "" for none or several.
func (f foundGroups) vpc() string {
	var common []string
	for i, name := range f.asked {
		vpcs := vpcsOf(f.byName[name])
		if i == 0 {
			common = vpcs
		}
		common = slices.DeleteFunc(common, func(id string) bool { return !slices.Contains(vpcs, id) })
	}
	if len(common) != 1 {
		return ""
	}
	return common[0]
}

func vpcsOf(groups []types.SecurityGroup) []string {
	return slices.Compact(slices.Sorted(slices.Values(each(groups, func(g types.SecurityGroup) string { return text(g.VpcId) }))))
}

// in returns the ids of the groups in a VPC by the names that were asked for, nil
// for none.
func (f foundGroups) in(vpc string) (map[string]string, error) {
	if len(f.asked) == 0 {
		return nil, nil
	}
	ids := map[string]string{}
	var wrong []error
	for _, name := range f.asked {
		if len(f.byName[name]) == 0 {
			continue
		}
		group, err := f.pick(name, vpc)
		wrong = append(wrong, err)
		ids[name] = text(group.GroupId)
	}
	return ids, errors.Join(wrong...)
}

// pick takes the group of this id or name before those with the Name tag: the
// name of a group is unique in its VPC.
func (f foundGroups) pick(name, vpc string) (types.SecurityGroup, error) {
	var exact, tagged []types.SecurityGroup
	for _, group := range f.byName[name] {
		switch {
		case text(group.VpcId) != vpc:
		case text(group.GroupId) == name || text(group.GroupName) == name:
			exact = append(exact, group)
		default:
			tagged = append(tagged, group)
		}
	}
	found := append(exact, tagged...)
	switch {
	case len(found) == 0:
		return types.SecurityGroup{}, misnamed(groupKey, "names %q, a security group of %s, and the stack is in %s: name one of this VPC, or set x-fargate.vpc",
			name, and(vpcsOf(f.byName[name])), vpc)
	case len(exact) == 0 && len(tagged) > 1:
		ids := slices.Sorted(slices.Values(each(tagged, func(g types.SecurityGroup) string { return text(g.GroupId) })))
		return types.SecurityGroup{}, misnamed(groupKey, "names %q, which is the Name tag of %s: write the id of one", name, and(ids))
	}
	tags := pairs(found[0].Tags)
	if tags[plan.TagProject] == f.project {
		return types.SecurityGroup{}, misnamed(groupKey, "names %q, a security group that this project made itself", name)
	}
	return found[0], nil
}
