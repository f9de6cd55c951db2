package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// registerTaskDefinition makes a new revision every time, as ECS does. Numbers
// are never used again.
func registerTaskDefinition(
	a *Account, in *ecs.RegisterTaskDefinitionInput,
) (*ecs.RegisterTaskDefinitionOutput, error) {
	tags, err := ecsCheckTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := checkTaskDefinition(in); err != nil {
		return nil, err
	}
	if err := a.checkTaskRoles(in); err != nil {
		return nil, err
	}
	td := newTaskDefinition(in)
	td.Revision = int32(a.number("task-definition", *in.Family)) //nolint:gosec // counted from 1
	key := taskDefinitionKey(*in.Family, td.Revision)
	arn := a.arn("ecs", "task-definition/"+key)
	td.TaskDefinitionArn, td.RegisteredAt, td.RegisteredBy = &arn, a.now(), ptr(a.callerARN())
	a.TaskDefinitions.Put(key, td)
	a.bear(arn, tags)
	return &ecs.RegisterTaskDefinitionOutput{TaskDefinition: &td, Tags: ecsTags(tags)}, nil
}

func taskDefinitionKey(family string, revision int32) string {
	return fmt.Sprintf("%s:%d", family, revision)
}

// taskDefinition finds a task definition by ARN, family:revision, or family
// alone, which is its latest active revision. It is nil when there is none.
func (a *Account) taskDefinition(name string) *types.TaskDefinition {
	name = shortName(name, "task-definition")
	if strings.Contains(name, ":") {
		return a.TaskDefinitions.Get(name)
	}
	var latest *types.TaskDefinition
	for _, td := range a.families.Of(name) {
		if td.Status == types.TaskDefinitionStatusActive && (latest == nil || td.Revision > latest.Revision) {
			latest = td
		}
	}
	return latest
}

// definition is the revision with that ARN, an empty one when somebody took it
// away behind its service's back.
func (a *Account) definition(arn string) *types.TaskDefinition {
	if td := a.TaskDefinitions.Get(shortName(arn, "task-definition")); td != nil {
		return td
	}
	return &types.TaskDefinition{TaskDefinitionArn: &arn}
}

func describeTaskDefinition(
	a *Account, in *ecs.DescribeTaskDefinitionInput,
) (*ecs.DescribeTaskDefinitionOutput, error) {
	td := a.taskDefinition(str(in.TaskDefinition))
	if td == nil {
		return nil, clientError("Unable to describe task definition.")
	}
	out := &ecs.DescribeTaskDefinitionOutput{TaskDefinition: td, Tags: []types.Tag{}}
	if slices.Contains(in.Include, types.TaskDefinitionFieldTags) {
		out.Tags = ecsTags(a.tagsOf(*td.TaskDefinitionArn))
	}
	return out, nil
}

// placeOfDefinition orders ARNs by family and revision number.
func placeOfDefinition(arn string) string {
	family, revision, _ := strings.Cut(shortName(arn, "task-definition"), ":")
	return fmt.Sprintf("%s %10s", family, revision)
}

func listTaskDefinitions(a *Account, in *ecs.ListTaskDefinitionsInput) (*ecs.ListTaskDefinitionsOutput, error) {
	status := cmp.Or(in.Status, types.TaskDefinitionStatusActive)
	var all []string
	rows := a.TaskDefinitions.All()
	if in.FamilyPrefix != nil {
		rows = a.families.Of(*in.FamilyPrefix)
	}
	for _, td := range rows {
		if td.Status == status {
			all = append(all, *td.TaskDefinitionArn)
		}
	}
	order := placeOfDefinition
	if in.Sort == types.SortOrderDesc {
		order = backwards(order)
	}
	arns, next, err := ecsPage(a, all, order, in.NextToken, in.MaxResults, 100)
	return &ecs.ListTaskDefinitionsOutput{TaskDefinitionArns: arns, NextToken: next}, err
}

// listTaskDefinitionFamilies calls a family active while one revision is.
func listTaskDefinitionFamilies(
	a *Account, in *ecs.ListTaskDefinitionFamiliesInput,
) (*ecs.ListTaskDefinitionFamiliesOutput, error) {
	status := cmp.Or(in.Status, types.TaskDefinitionFamilyStatusAll)
	active := map[string]bool{}
	for _, td := range a.TaskDefinitions.All() {
		active[*td.Family] = active[*td.Family] || td.Status == types.TaskDefinitionStatusActive
	}
	var all []string
	for _, family := range sortedKeys(active) {
		fits := status == types.TaskDefinitionFamilyStatusAll || active[family] == (status == types.TaskDefinitionFamilyStatusActive)
		if fits && strings.HasPrefix(family, str(in.FamilyPrefix)) {
			all = append(all, family)
		}
	}
	families, next, err := ecsPage(a, all, itself, in.NextToken, in.MaxResults, 100)
	return &ecs.ListTaskDefinitionFamiliesOutput{Families: families, NextToken: next}, err
}

func deregisterTaskDefinition(
	a *Account, in *ecs.DeregisterTaskDefinitionInput,
) (*ecs.DeregisterTaskDefinitionOutput, error) {
	key := shortName(str(in.TaskDefinition), "task-definition")
	if !strings.Contains(key, ":") {
		return nil, invalidParameter("Revision is missing.")
	}
	td := a.TaskDefinitions.Edit(key)
	if td == nil || td.Status == types.TaskDefinitionStatusDeleteInProgress {
		return nil, clientError("The specified task definition does not exist.")
	}
	if td.Status == types.TaskDefinitionStatusActive {
		td.Status, td.DeregisteredAt = types.TaskDefinitionStatusInactive, a.now()
	}
	return &ecs.DeregisterTaskDefinitionOutput{TaskDefinition: td}, nil
}

// deleteTaskDefinitions removes inactive revisions. ECS keeps one that a service
// or task uses in DELETE_IN_PROGRESS; so do we.
func deleteTaskDefinitions(
	a *Account, in *ecs.DeleteTaskDefinitionsInput,
) (*ecs.DeleteTaskDefinitionsOutput, error) {
	if n := len(in.TaskDefinitions); n < 1 || n > 10 {
		return nil, invalidParameter("The number of task definitions must be between 1 and 10, not %d.", n)
	}
	out := &ecs.DeleteTaskDefinitionsOutput{TaskDefinitions: []types.TaskDefinition{}, Failures: []types.Failure{}}
	for _, name := range in.TaskDefinitions {
		key := shortName(name, "task-definition")
		td := a.TaskDefinitions.Get(key)
		switch {
		case td == nil:
			out.Failures = append(out.Failures, types.Failure{
				Arn: &name, Reason: ptr("The specified task definition does not exist. Specify a valid account, family, revision and try again."),
			})
		case td.Status == types.TaskDefinitionStatusActive:
			out.Failures = append(out.Failures, types.Failure{
				Arn: &name, Reason: ptr("The specified task definition is still in ACTIVE status. Please deregister the target and try again."),
			})
		default:
			out.TaskDefinitions = append(out.TaskDefinitions, a.discardTaskDefinition(key))
		}
	}
	return out, nil
}

func (a *Account) discardTaskDefinition(key string) types.TaskDefinition {
	td := a.TaskDefinitions.Edit(key)
	td.Status, td.DeleteRequestedAt = types.TaskDefinitionStatusDeleteInProgress, a.now()
	if !a.taskDefinitionUsed(*td.TaskDefinitionArn) {
		a.TaskDefinitions.Delete(key)
		a.Tags.Delete(*td.TaskDefinitionArn)
	}
	return *td
}

func (a *Account) taskDefinitionUsed(arn string) bool {
	return a.services.Has("definition "+arn) || a.tasks.Has("definition "+arn)
}
