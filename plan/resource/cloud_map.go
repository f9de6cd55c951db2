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

// cloudMapTime bounds the waiting for an operation of Cloud Map. Those on
// namespaces with a hosted zone take about a minute.
const cloudMapTime = 5 * time.Minute

// cloudMapDone waits for the operation that a call began, or the same one that was
// under way already, and returns the ids of its targets. began is the error of the call.
func cloudMapDone(ctx context.Context, a *session, id *string, began error) (targets map[string]string, err error) {
	if duplicate, ok := errors.AsType[*types.DuplicateRequest](began); ok && duplicate.DuplicateOperationId != nil {
		id, began = duplicate.DuplicateOperationId, nil
	}
	if began != nil {
		return nil, began
	}
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
	if err != nil {
		return nil, absent(err, "ResourceNotFound")
	}
	return pairs(got.Tags), nil
}

func tagCloudMap(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
	return onlyError(a.cloudMap().TagResource(ctx, &servicediscovery.TagResourceInput{ResourceARN: pointer(at["arn"]), Tags: pairList[types.Tag](tags)}))
}

func untagCloudMap(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
	return onlyError(a.cloudMap().UntagResource(ctx, &servicediscovery.UntagResourceInput{ResourceARN: pointer(at["arn"]), TagKeys: keys}))
}
