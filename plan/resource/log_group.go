package resource

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// logGroupKind defines CloudWatch log groups.
var logGroupKind = kind[spec.LogGroup]{
	row: row{
		kind: spec.LogGroupKind, noun: "log group", tagged: "logs:log-group",
		reads: []string{"logs:DescribeLogGroups", "logs:ListTagsForResource"},
		writes: []string{
			"logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy", "logs:PutRetentionPolicy",
			"logs:TagResource", "logs:UntagResource",
		},
	},
	id:   "name",
	name: func(s *spec.LogGroup) string { return s.LogGroupName },
	tags: func(s *spec.LogGroup) *[]spec.Tag { return &s.Tags },

	find:  findLogGroups,
	known: knownLogGroups,

	create: func(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
		_, err := a.logs().CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{
			LogGroupName: &want.Spec.(*spec.LogGroup).LogGroupName, Tags: tags,
		})
		return "", unless(err, "ResourceAlreadyExists")
	},
	partly: func(s *spec.LogGroup) bool { return s.RetentionInDays != 0 },
	update: updateLogGroup,
	tag: func(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
		return onlyError(a.logs().TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: pointer(at["arn"]), Tags: tags}))
	},
	untag: func(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
		return onlyError(a.logs().UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: pointer(at["arn"]), TagKeys: keys}))
	},

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.logs().DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: pointer(live.Attrs["name"])}))
	},
	gone: []string{"ResourceNotFound"},
}

// logGroupName is the name of a project's log group where nothing had to be cut.
func logGroupName(project string) string { return "/compose2fargate/" + project }

// knownLogGroups also returns the group with the deterministic name, because
// new tags may not have reached the tagging API yet.
func knownLogGroups(r *reading) []string {
	names := each(r.tagged.of("logs", "log-group:"), func(name string) string { return strings.TrimSuffix(name, ":*") })
	return append(names, logGroupName(r.project))
}

func findLogGroups(ctx context.Context, a *session, names []string) ([]candidate, error) {
	slices.Sort(names)
	var found []types.LogGroup
	for _, name := range names {
		groups, err := allPages(ctx,
			cloudwatchlogs.NewDescribeLogGroupsPaginator(a.logs(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name}),
			func(page *cloudwatchlogs.DescribeLogGroupsOutput) []types.LogGroup { return page.LogGroups })
		if err != nil {
			return nil, err
		}
		found = append(found, slices.DeleteFunc(groups, func(g types.LogGroup) bool { return text(g.LogGroupName) != name })...)
	}
	return readEach(ctx, found, with(a, logGroupCandidate), "ResourceNotFound")
}

func logGroupCandidate(ctx context.Context, a *session, group types.LogGroup) (candidate, error) {
	arn := logGroupARN(group)
	tags, err := a.logs().ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil {
		return candidate{}, err
	}
	s := logGroupSpec(group)
	s.Tags = spec.Tags(tags.Tags)
	return candidate{
		Resource: liveResource(spec.LogGroupKind, s, plan.Attrs{"arn": arn, "name": s.LogGroupName}, tags.Tags, unmanaged(group)),
		id:       s.LogGroupName, name: s.LogGroupName,
	}, nil
}

func logGroupSpec(group types.LogGroup) *spec.LogGroup {
	return &spec.LogGroup{LogGroupName: text(group.LogGroupName), RetentionInDays: number(group.RetentionInDays)}
}

// logGroupARN is the ARN without the trailing :* that only permissions on log
// streams take (DescribeLogGroups, fields arn and logGroupArn).
func logGroupARN(group types.LogGroup) string {
	if arn := text(group.LogGroupArn); arn != "" {
		return arn
	}
	return strings.TrimSuffix(text(group.Arn), ":*")
}

// updateLogGroup sets the retention, the only thing that can be changed.
func updateLogGroup(ctx context.Context, a *session, c change[spec.LogGroup]) error {
	switch {
	case c.from.RetentionInDays == c.to.RetentionInDays:
		return nil
	case c.to.RetentionInDays == 0:
		return onlyError(a.logs().DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: &c.to.LogGroupName}))
	default:
		return onlyError(a.logs().PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
			LogGroupName: &c.to.LogGroupName, RetentionInDays: number32(c.to.RetentionInDays),
		}))
	}
}
