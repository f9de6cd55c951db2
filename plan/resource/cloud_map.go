package resource

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// submitted is the operation that a call began, or the same one that was under
// way already.
func submitted(operation *string, err error) (*string, error) {
	var duplicate *types.DuplicateRequest
	if errors.As(err, &duplicate) && duplicate.DuplicateOperationId != nil {
		return duplicate.DuplicateOperationId, nil
	}
	return operation, err
}

// cloudMapTime bounds the waiting for an operation of Cloud Map. Those on
// namespaces with a hosted zone take about a minute.
const cloudMapTime = 5 * time.Minute

// cloudMapDone waits for an operation and returns the ids of its targets.
func cloudMapDone(ctx context.Context, a *session, id *string) (targets map[string]string, err error) {
	err = waitFor(ctx, a.poll, cloudMapTime, func() error {
		got, err := a.cloudMap().GetOperation(ctx, &servicediscovery.GetOperationInput{OperationId: id})
		if err != nil && !is(err, "OperationNotFound") {
			return err
		}
		if err == nil && got.Operation.Status == types.OperationStatusFail {
			return fmt.Errorf("an operation of Cloud Map failed: %s (%s)",
				strings.TrimSuffix(text(got.Operation.ErrorMessage), "."), text(got.Operation.ErrorCode))
		}
		if err != nil || got.Operation.Status != types.OperationStatusSuccess {
			return pending{fmt.Errorf("operation %s of Cloud Map did not finish within %s", text(id), cloudMapTime)}
		}
		targets = got.Operation.Targets
		return nil
	})
	return targets, err
}

// cloudMapTags returns plan.ErrNotFound if the tagged resource is gone.
func cloudMapTags(ctx context.Context, a *session, arn string) (map[string]string, error) {
	got, err := a.cloudMap().ListTagsForResource(ctx, &servicediscovery.ListTagsForResourceInput{ResourceARN: &arn})
	if is(err, "ResourceNotFound") {
		return nil, plan.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return pairs(got.Tags), nil
}

func tagCloudMap(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
	return onlyError(a.cloudMap().TagResource(ctx, &servicediscovery.TagResourceInput{ResourceARN: pointer(at["arn"]), Tags: pairList[types.Tag](tags)}))
}

func untagCloudMap(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
	return onlyError(a.cloudMap().UntagResource(ctx, &servicediscovery.UntagResourceInput{ResourceARN: pointer(at["arn"]), TagKeys: keys}))
}
