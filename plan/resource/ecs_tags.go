package resource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

func tagECS(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
	return onlyError(a.ecs().TagResource(ctx, &ecs.TagResourceInput{ResourceArn: pointer(at["arn"]), Tags: pairList[types.Tag](tags)}))
}

func untagECS(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
	return onlyError(a.ecs().UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: pointer(at["arn"]), TagKeys: keys}))
}

func retagECS(ctx context.Context, a *session, arn string, tags retag) error {
	return tags.apply(ctx, a, plan.Attrs{"arn": arn}, tagECS, untagECS)
}
