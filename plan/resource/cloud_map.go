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

// cloudMapDone waits for an operation and returns the ids of what it was about.
func cloudMapDone(ctx context.Context, api *servicediscovery.Client, poll time.Duration, id *string) (map[string]string, error) {
	deadline := time.Now().Add(cloudMapTime)
	for {
		got, err := api.GetOperation(ctx, &servicediscovery.GetOperationInput{OperationId: id})
		switch {
		case err != nil && !is(err, "OperationNotFound"):
			return nil, err
		case err == nil && got.Operation.Status == types.OperationStatusSuccess:
			return got.Operation.Targets, nil
		case err == nil && got.Operation.Status == types.OperationStatusFail:
			return nil, fmt.Errorf("an operation of Cloud Map failed: %s (%s)",
				strings.TrimSuffix(text(got.Operation.ErrorMessage), "."), text(got.Operation.ErrorCode))
		case time.Now().After(deadline):
			return nil, fmt.Errorf("operation %s of Cloud Map did not finish within %s", text(id), cloudMapTime)
		}
		if err := wait(ctx, poll); err != nil {
			return nil, err
		}
	}
}

// cloudMapTags returns plan.ErrNotFound where what had them is gone.
func cloudMapTags(ctx context.Context, api *servicediscovery.Client, arn string) (map[string]string, error) {
	got, err := api.ListTagsForResource(ctx, &servicediscovery.ListTagsForResourceInput{ResourceARN: &arn})
	if is(err, "ResourceNotFound") {
		return nil, plan.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return pairs(got.Tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value }), nil
}

func cloudMapTagList(tags map[string]string) []types.Tag {
	return list(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func retagCloudMap(ctx context.Context, api *servicediscovery.Client, arn string, tags retag) error {
	if len(tags.remove) > 0 {
		_, err := api.UntagResource(ctx, &servicediscovery.UntagResourceInput{ResourceARN: &arn, TagKeys: tags.remove})
		if err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	_, err := api.TagResource(ctx, &servicediscovery.TagResourceInput{ResourceARN: &arn, Tags: cloudMapTagList(tags.set)})
	return err
}
