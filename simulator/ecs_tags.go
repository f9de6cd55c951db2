package simulator

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// taggable refuses ARNs that are of no ECS object.
func (a *Account) taggable(arn *string) error {
	switch {
	case arnService(str(arn)) != "ecs":
		return invalidParameter("The ARN %q is invalid: an Amazon ECS resource is expected.", str(arn))
	case a.Tags.Get(*arn) == nil:
		return &types.ResourceNotFoundException{Message: ptr("The specified resource is not found: " + *arn)}
	}
	return nil
}

func ecsTagResource(a *Account, in *ecs.TagResourceInput) (*ecs.TagResourceOutput, error) {
	if err := a.taggable(in.ResourceArn); err != nil {
		return nil, err
	}
	tags, err := ecsCheckTags(a.tagsOf(*in.ResourceArn), in.Tags)
	if err != nil {
		return nil, err
	}
	a.tag(*in.ResourceArn, tags)
	return &ecs.TagResourceOutput{}, nil
}

func ecsUntagResource(a *Account, in *ecs.UntagResourceInput) (*ecs.UntagResourceOutput, error) {
	if err := a.taggable(in.ResourceArn); err != nil {
		return nil, err
	}
	a.untag(*in.ResourceArn, in.TagKeys)
	return &ecs.UntagResourceOutput{}, nil
}

func ecsListTags(a *Account, in *ecs.ListTagsForResourceInput) (*ecs.ListTagsForResourceOutput, error) {
	if err := a.taggable(in.ResourceArn); err != nil {
		return nil, err
	}
	return &ecs.ListTagsForResourceOutput{Tags: ecsTags(a.tagsOf(*in.ResourceArn))}, nil
}
