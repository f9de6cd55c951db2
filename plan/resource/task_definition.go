package resource

import (
	"context"
	"errors"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// taskDefinitionKind defines ECS task definitions.
var taskDefinitionKind = methods{
	row: row{
		kind: spec.TaskDefinitionKind, noun: "task definition",
		after:  []string{spec.ServiceKind},
		reads:  []string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"},
		writes: []string{"ecs:DeregisterTaskDefinition", "ecs:RegisterTaskDefinition", "ecs:TagResource", "ecs:UntagResource"},
	},
	of: func(a *session) operations { return taskDefinitions{a} },
}

// taskDefinitions is the kind of revisions of task definitions.
type taskDefinitions struct{ *session }

// describe reads a revision by its ARN, or the latest ACTIVE one of a family. A
// revision that is INACTIVE is found by its ARN: services may go on with it.
func (k taskDefinitions) describe(ctx context.Context, name string) (*plan.Resource, error) {
	got, err := k.ecs().DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &name, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if is(err, "Client") && says(err, "unable to describe task definition") {
		return nil, plan.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	if got.TaskDefinition.Status == types.TaskDefinitionStatusDeleteInProgress {
		return nil, plan.ErrNotFound
	}
	tags := pairs(got.Tags)
	s := taskDefinitionSpec(*got.TaskDefinition)
	s.Tags = spec.Tags(tags)
	attrs := taskDefinitionAttrs(*got.TaskDefinition)
	return liveResource(spec.TaskDefinitionKind, s, attrs, tags, unmanaged(*got.TaskDefinition)), nil
}

func taskDefinitionAttrs(t types.TaskDefinition) plan.Attrs {
	return plan.Attrs{
		"arn":      text(t.TaskDefinitionArn),
		"family":   text(t.Family),
		"revision": strconv.Itoa(int(t.Revision)),
	}
}

// Read reads the revision that a live r is, or the latest of the family that a
// desired r names.
func (k taskDefinitions) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	name := r.Attrs["arn"]
	if name == "" {
		name = r.Spec.(*spec.TaskDefinition).Family
	}
	live, err := k.describe(ctx, name)
	if err != nil {
		return nil, err
	}
	live.Address = r.Address
	return live, nil
}

// Create registers a revision, unless the latest one is already what it would
// register. The call has no idempotency token, so Create checks before every
// attempt.
func (k taskDefinitions) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	for attempt := 1; ; attempt++ {
		live, err := k.latest(ctx, want)
		if err == nil {
			return live.Attrs, nil
		}
		if !errors.Is(err, plan.ErrNotFound) {
			return nil, err
		}
		var attrs plan.Attrs
		err = k.roleChanges.retryOn(ctx, k.poll, roleIsNew, func() error {
			attrs, err = k.register(ctx, want)
			return err
		})
		again := unsure(err) || says(err, "too many concurrent attempts")
		if !again || attempt == registerAttempts {
			return attrs, err
		}
		if err := wait(ctx, k.poll); err != nil {
			return nil, err
		}
	}
}

const registerAttempts = 5

// latest returns the latest revision if it matches want.
func (k taskDefinitions) latest(ctx context.Context, want *plan.Resource) (*plan.Resource, error) {
	live, err := k.describe(ctx, want.Spec.(*spec.TaskDefinition).Family)
	if err != nil {
		return nil, err
	}
	live.Address = want.Address
	owner, _ := live.Owner(k.project)
	applied := plan.ParseApplied(live.Tags[plan.TagSpec])
	if owner != plan.Ours || applied != (plan.Applied{Hash: want.Hash}) || !sameTree(live.Spec, want.Spec) {
		return nil, plan.ErrNotFound
	}
	return live, nil
}

// sameTree compares two specs of task definitions in their canonical form.
func sameTree(live, want any) bool {
	rules := rules[spec.TaskDefinitionKind]
	left, leftErr := rules.Tree(normal(spec.TaskDefinitionKind, live))
	right, rightErr := rules.Tree(normal(spec.TaskDefinitionKind, want))
	return leftErr == nil && rightErr == nil && reflect.DeepEqual(left, right)
}

func (k taskDefinitions) register(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	input := registerInput(want.Spec.(*spec.TaskDefinition))
	input.Tags = pairList[types.Tag](k.allTags(want, want.Spec.(*spec.TaskDefinition).Tags, plan.Applied{Hash: want.Hash}))
	made, err := k.ecs().RegisterTaskDefinition(ctx, input, once)
	if err != nil {
		return nil, err
	}
	return taskDefinitionAttrs(*made.TaskDefinition), nil
}

// Update sets tags, which is all that can change in a revision; for anything
// else it registers another one.
func (k taskDefinitions) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	to := want.Spec.(*spec.TaskDefinition)
	if live.Spec == nil {
		return live.Attrs, nil // not read because it is what is wanted
	}
	from := *live.Spec.(*spec.TaskDefinition)
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	from.Tags = to.Tags
	if !sameTree(&from, to) {
		return k.Create(ctx, want)
	}
	return live.Attrs, retagECS(ctx, k.session, live.Attrs["arn"], tags)
}

// Delete deregisters the revision. Tasks and services go on with it (API
// reference, DeregisterTaskDefinition).
func (k taskDefinitions) Delete(ctx context.Context, live *plan.Resource) error {
	arn := live.Attrs["arn"]
	_, err := k.ecs().DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &arn})
	if !is(err, "Client", "InvalidParameter") {
		return err
	}
	now, lookErr := k.ecs().DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
	if is(lookErr, "Client") || lookErr == nil && now.TaskDefinition.Status != types.TaskDefinitionStatusActive {
		return nil
	}
	return err
}
