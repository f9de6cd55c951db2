package resource

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// logGroups is the kind of CloudWatch log groups.
type logGroups struct{ *session }

// named returns the log groups whose names accept takes, among those that begin
// with prefix, with their tags.
func (k logGroups) named(ctx context.Context, prefix string, accept func(name string) bool) ([]candidate, error) {
	var out []candidate
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(k.logs, &cloudwatchlogs.DescribeLogGroupsInput{
		LogGroupNamePrefix: &prefix,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, group := range page.LogGroups {
			if !accept(text(group.LogGroupName)) {
				continue
			}
			c, err := k.candidate(ctx, group)
			if errors.Is(err, plan.ErrNotFound) {
				continue // it went between the two calls
			}
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	return out, nil
}

func (k logGroups) candidate(ctx context.Context, group types.LogGroup) (candidate, error) {
	arn := logGroupARN(group)
	tags, err := k.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &arn})
	if is(err, "ResourceNotFound") {
		return candidate{}, plan.ErrNotFound
	}
	if err != nil {
		return candidate{}, err
	}
	s := logGroupSpec(group)
	s.Tags = spec.Tags(tags.Tags)
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.LogGroupKind},
			Spec:      normal(spec.LogGroupKind, s),
			Attrs:     plan.Attrs{"arn": arn, "name": s.LogGroupName},
			Tags:      tags.Tags,
			Unmanaged: unmanaged(group),
		},
		id: s.LogGroupName, name: s.LogGroupName,
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

func logGroupIdentity(r *plan.Resource) string {
	if name := r.Attrs["name"]; name != "" {
		return name
	}
	return r.Spec.(*spec.LogGroup).LogGroupName
}

func (k logGroups) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	name := logGroupIdentity(r)
	found, err := k.named(ctx, name, func(n string) bool { return n == name })
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, plan.ErrNotFound
	}
	live := found[0].Resource
	live.Address = r.Address
	return live, nil
}

func (k logGroups) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.LogGroup)
	applied := plan.Applied{Hash: want.Hash, Pending: s.RetentionInDays != 0}
	_, err := k.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: &s.LogGroupName, Tags: k.allTags(want, s.Tags, applied),
	})
	if err != nil && !is(err, "ResourceAlreadyExists") {
		return nil, err
	}
	live, err := appears(ctx, k.poll, func() (*plan.Resource, error) { return k.Read(ctx, want) })
	if err != nil {
		return nil, err
	}
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "log group "+s.LogGroupName)
	}
	from := live.Spec.(*spec.LogGroup)
	from.Tags = common(from.Tags, s.Tags)
	return k.Update(ctx, live, want, false)
}

func (k logGroups) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.LogGroup), want.Spec.(*spec.LogGroup)
	if from.RetentionInDays != to.RetentionInDays {
		if err := k.retain(ctx, to); err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, k.setTags(ctx, live.Attrs["arn"], tags)
}

func (k logGroups) retain(ctx context.Context, s *spec.LogGroup) error {
	if s.RetentionInDays == 0 {
		_, err := k.logs.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: &s.LogGroupName})
		return err
	}
	_, err := k.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: &s.LogGroupName, RetentionInDays: number32(s.RetentionInDays),
	})
	return err
}

func (k logGroups) setTags(ctx context.Context, arn string, tags retag) error {
	if len(tags.remove) > 0 {
		_, err := k.logs.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: &arn, TagKeys: tags.remove})
		if err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	_, err := k.logs.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: &arn, Tags: tags.set})
	return err
}

func (k logGroups) Delete(ctx context.Context, live *plan.Resource) error {
	name := logGroupIdentity(live)
	_, err := k.logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name})
	if is(err, "ResourceNotFound") {
		return nil
	}
	return err
}
