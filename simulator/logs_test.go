package simulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestTheLifeOfALogGroup(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	name := aws.String("/compose2fargate/shop")
	create := &cloudwatchlogs.CreateLogGroupInput{LogGroupName: name, Tags: map[string]string{"project": "shop"}}
	must(w.logs.CreateLogGroup(ctx, create))(t)
	if _, err := w.logs.CreateLogGroup(ctx, create); code(err) != "ResourceAlreadyExistsException" {
		t.Error(err)
	}
	describe := func() types.LogGroup {
		out := must(w.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: name}))(t)
		return out.LogGroups[0]
	}
	golden(t, "log-group", describe())

	must(w.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: name, RetentionInDays: aws.Int32(30)}))(t)
	if g := describe(); *g.RetentionInDays != 30 {
		t.Error(*g.RetentionInDays)
	}
	_, err := w.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: name, RetentionInDays: aws.Int32(31)})
	if code(err) != "InvalidParameterException" {
		t.Error(err)
	}
	must(w.logs.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: name}))(t)
	if g := describe(); g.RetentionInDays != nil {
		t.Error("want no retention")
	}

	arn := describe().LogGroupArn
	must(w.logs.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a": "1"}}))(t)
	must(w.logs.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"project"}}))(t)
	tags := must(w.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: arn}))(t).Tags
	if diff := cmp.Diff(map[string]string{"a": "1"}, tags); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := w.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: describe().Arn}); code(err) != "InvalidParameterException" {
		t.Error("an ARN that ends in :*:", err)
	}

	must(w.logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: name}))(t)
	if _, err := w.logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: name}); code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
}

func TestCreateLogGroupRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for _, c := range []struct {
		name string
		in   cloudwatchlogs.CreateLogGroupInput
	}{
		{"a name with a space", cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("my group")}},
		{"a tag of AWS's", cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("x"), Tags: map[string]string{"aws:x": "1"}}},
		{"a key that is no ARN", cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("x"), KmsKeyId: aws.String("alias/x")}},
	} {
		if _, err := w.logs.CreateLogGroup(t.Context(), &c.in); code(err) != "InvalidParameterException" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAProtectedLogGroupStays(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	must(w.logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String("/kept"), DeletionProtectionEnabled: aws.Bool(true),
	}))(t)
	_, err := w.logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("/kept")})
	if code(err) != "ValidationException" {
		t.Error(err)
	}
}
