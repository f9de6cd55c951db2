package resource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func ecsTags(tags map[string]string) []types.Tag {
	return list(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func ecsTagMap(tags []types.Tag) map[string]string {
	return pairs(tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
}

func retagECS(ctx context.Context, api *ecs.Client, arn string, tags retag) error {
	if len(tags.remove) > 0 {
		_, err := api.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: &arn, TagKeys: tags.remove})
		if err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	_, err := api.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: &arn, Tags: ecsTags(tags.set)})
	return err
}
