package resource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/compose2fargate/compose2fargate/plan"
)

func ecsTags(tags map[string]string) []types.Tag {
	return list(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func ecsTagMap(tags []types.Tag) map[string]string {
	return pairs(tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
}

func tagECS(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
	_, err := a.ecs().TagResource(ctx, &ecs.TagResourceInput{ResourceArn: pointer(at["arn"]), Tags: ecsTags(tags)})
	return err
}

func untagECS(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
	_, err := a.ecs().UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: pointer(at["arn"]), TagKeys: keys})
	return err
}

func retagECS(ctx context.Context, a *session, arn string, tags retag) error {
	at := plan.Attrs{"arn": arn}
	if len(tags.remove) > 0 {
		if err := untagECS(ctx, a, at, tags.remove); err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	return tagECS(ctx, a, at, tags.set)
}
