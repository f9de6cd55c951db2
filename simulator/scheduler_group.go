package simulator

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

// mostScheduleGroups is the quota of an account (EventBridge Scheduler User Guide,
// "Managing a schedule group").
const mostScheduleGroups = 500

func (a *Account) groupARN(name string) *string {
	return ptr(a.arn("scheduler", "schedule-group/"+name))
}

// group finds a group; the default one is always there.
func (a *Account) group(name *string) (*ScheduleGroup, error) {
	if n := cmp.Or(str(name), "default"); n == "default" {
		return &ScheduleGroup{ScheduleGroupSummary: types.ScheduleGroupSummary{
			Name: &n, Arn: a.groupARN(n), State: types.ScheduleGroupStateActive, CreationDate: &epoch, LastModificationDate: &epoch,
		}}, nil
	}
	if g := a.ScheduleGroups.Get(str(name)); g != nil {
		return g, nil
	}
	return nil, schedulerNotFound("Schedule group %s does not exist.", str(name))
}

// activeGroup is one that takes schedules.
func (a *Account) activeGroup(name *string) error {
	g, err := a.group(name)
	if err == nil && g.State != types.ScheduleGroupStateActive {
		return &types.ConflictException{Message: ptr("Schedule group " + *name + " is being deleted.")}
	}
	return err
}

func createScheduleGroup(a *Account, in *scheduler.CreateScheduleGroupInput) (*scheduler.CreateScheduleGroupOutput, error) {
	name := str(in.Name)
	if !scheduleName.MatchString(name) {
		return nil, schedulerInvalid(`1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: `+
			`Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$`, name)
	}
	tags, twice := tagMap(in.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	if problem := tagProblem(nil, tags); problem != "" || twice != "" {
		return nil, schedulerInvalid("Invalid tags: %s %s", problem, twice)
	}
	if old, err := a.group(in.Name); err == nil {
		if str(in.ClientToken) != "" && old.Token == *in.ClientToken { // the call was repeated
			return &scheduler.CreateScheduleGroupOutput{ScheduleGroupArn: old.Arn}, nil
		}
		return nil, &types.ConflictException{Message: ptr("Schedule group " + name + " already exists.")}
	}
	if a.ScheduleGroups.Len() >= mostScheduleGroups {
		return nil, &types.ServiceQuotaExceededException{Message: ptr("The quota for schedule groups has been reached.")}
	}
	g := a.ScheduleGroups.Put(name, ScheduleGroup{Token: str(in.ClientToken), ScheduleGroupSummary: types.ScheduleGroupSummary{
		Name: &name, Arn: a.groupARN(name), State: types.ScheduleGroupStateActive, CreationDate: a.now(), LastModificationDate: a.now(),
	}})
	a.bear(*g.Arn, tags)
	return &scheduler.CreateScheduleGroupOutput{ScheduleGroupArn: g.Arn}, nil
}

// lookAtGroup ends a group that is being deleted: it is DELETING for one look.
func (a *Account) lookAtGroup(name string) {
	if a.ScheduleGroups.Get(name).State != types.ScheduleGroupStateDeleting {
		return
	}
	a.Tags.Delete(*a.groupARN(name))
	a.ScheduleGroups.Delete(name)
}

func getScheduleGroup(a *Account, in *scheduler.GetScheduleGroupInput) (*scheduler.GetScheduleGroupOutput, error) {
	g, err := a.group(in.Name)
	if err != nil {
		return nil, err
	}
	out := &scheduler.GetScheduleGroupOutput{
		Name: g.Name, Arn: g.Arn, State: g.State, CreationDate: g.CreationDate, LastModificationDate: g.LastModificationDate,
	}
	if a.ScheduleGroups.Get(*g.Name) != nil {
		a.lookAtGroup(*g.Name)
	}
	return out, nil
}

// deleteScheduleGroup deletes the schedules in it (API reference,
// DeleteScheduleGroup).
func deleteScheduleGroup(a *Account, in *scheduler.DeleteScheduleGroupInput) (*scheduler.DeleteScheduleGroupOutput, error) {
	name := str(in.Name)
	if name == "default" {
		return nil, schedulerInvalid("The default schedule group cannot be deleted.")
	}
	g := a.ScheduleGroups.Edit(name)
	if g == nil {
		return nil, schedulerNotFound("Schedule group %s does not exist.", name)
	}
	if g.State == types.ScheduleGroupStateDeleting {
		return nil, &types.ConflictException{Message: ptr("Schedule group " + name + " is being deleted.")}
	}
	g.State = types.ScheduleGroupStateDeleting
	for key := range a.schedules.Of(name) {
		a.Schedules.Delete(key)
	}
	return &scheduler.DeleteScheduleGroupOutput{}, nil
}

func listScheduleGroups(a *Account, in *scheduler.ListScheduleGroupsInput) (*scheduler.ListScheduleGroupsOutput, error) {
	fallback, _ := a.group(nil)
	groups := []types.ScheduleGroupSummary{fallback.ScheduleGroupSummary}
	for name, g := range a.ScheduleGroups.All() {
		groups = append(groups, g.ScheduleGroupSummary)
		a.lookAtGroup(name)
	}
	var all []types.ScheduleGroupSummary
	for _, g := range groups {
		if strings.HasPrefix(*g.Name, str(in.NamePrefix)) {
			all = append(all, g)
		}
	}
	list, next, err := page(a, all, func(g types.ScheduleGroupSummary) string { return *g.Name }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, schedulerInvalid("Invalid NextToken.")
	}
	return &scheduler.ListScheduleGroupsOutput{ScheduleGroups: filled(list), NextToken: next}, nil
}

// taggedGroup wants the ARN of a group: "You can only assign tags to schedule
// groups" (API reference, TagResource).
func (a *Account) taggedGroup(arn *string) error {
	if arnType(str(arn)) != "scheduler:schedule-group" {
		return schedulerInvalid("Only schedule groups have tags, not %s", str(arn))
	}
	if a.Tags.Get(*arn) == nil {
		return schedulerNotFound("Schedule group %s does not exist.", lastPart(*arn))
	}
	return nil
}

func schedulerTagResource(a *Account, in *scheduler.TagResourceInput) (*scheduler.TagResourceOutput, error) {
	if err := a.taggedGroup(in.ResourceArn); err != nil {
		return nil, err
	}
	tags, twice := tagMap(in.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	if problem := tagProblem(a.tagsOf(*in.ResourceArn), tags); problem != "" || twice != "" {
		return nil, schedulerInvalid("Invalid tags: %s %s", problem, twice)
	}
	a.tag(*in.ResourceArn, tags)
	return &scheduler.TagResourceOutput{}, nil
}

func schedulerUntagResource(a *Account, in *scheduler.UntagResourceInput) (*scheduler.UntagResourceOutput, error) {
	if err := a.taggedGroup(in.ResourceArn); err != nil {
		return nil, err
	}
	a.untag(*in.ResourceArn, in.TagKeys)
	return &scheduler.UntagResourceOutput{}, nil
}

func schedulerListTags(a *Account, in *scheduler.ListTagsForResourceInput) (*scheduler.ListTagsForResourceOutput, error) {
	if err := a.taggedGroup(in.ResourceArn); err != nil {
		return nil, err
	}
	return &scheduler.ListTagsForResourceOutput{
		Tags: tagList(a.tagsOf(*in.ResourceArn), func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} }),
	}, nil
}
