package simulator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// tagged is the objects that GetResources finds, without the front of the ARNs.
func (w *world) tagged(in *tagging.GetResourcesInput) string {
	w.t.Helper()
	var found []string
	pages := tagging.NewGetResourcesPaginator(w.tagging, in)
	for pages.HasMorePages() {
		for _, r := range must(pages.NextPage(w.t.Context()))(w.t).ResourceTagMappingList {
			parts := strings.SplitN(*r.ResourceARN, ":", 6)
			found = append(found, parts[2]+":"+parts[5])
		}
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

func TestGetResources(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	ctx := t.Context()
	must(w.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("shop"), Tags: ecsTags("project", "shop")}))(t)
	must(w.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("blog"), Tags: ecsTags("project", "blog")}))(t)
	must(w.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("untagged")}))(t)
	must(w.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/shop"), Tags: map[string]string{"project": "shop"}}))(t)
	must(w.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/gone"), Tags: map[string]string{"project": "shop"}}))(t)
	must(w.logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("/gone")}))(t)
	w.role("web", "/")
	must(w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("web"), PolicyArn: aws.String(executionPolicy)}))(t)
	td := definition("web")
	td.ExecutionRoleArn, td.Tags = aws.String("arn:aws:iam::123456789012:role/web"), ecsTags("project", "shop")
	w.register(td)

	key := func(values ...string) []types.TagFilter {
		return []types.TagFilter{{Key: aws.String("project"), Values: values}}
	}
	for _, c := range []struct {
		name string
		in   tagging.GetResourcesInput
		want string
	}{
		{"of a project, but not its roles", tagging.GetResourcesInput{TagFilters: key("shop")}, "ecs:cluster/shop ecs:task-definition/web:1 logs:log-group:/shop"},
		{"of any project", tagging.GetResourcesInput{TagFilters: key()}, "ecs:cluster/blog ecs:cluster/shop ecs:task-definition/web:1 logs:log-group:/shop"},
		{"of two kinds", tagging.GetResourcesInput{TagFilters: key("shop"), ResourceTypeFilters: []string{"ecs:cluster", "logs:log-group"}}, "ecs:cluster/shop logs:log-group:/shop"},
		{"of a service", tagging.GetResourcesInput{TagFilters: key("shop"), ResourceTypeFilters: []string{"logs"}}, "logs:log-group:/shop"},
		{"of no such project", tagging.GetResourcesInput{TagFilters: key("none")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, w.tagged(&c.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	_, err := w.tagging.GetResources(ctx, &tagging.GetResourcesInput{PaginationToken: aws.String("x")})
	if code(err) != "InvalidParameterException" {
		t.Error(err)
	}
}

func TestNewTagsSpreadSlowly(t *testing.T) {
	w := newWorld(t, simulator.Options{TagDelay: 60})
	arn := must(w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{Tags: ecsTags("spec", "1")}))(t).Cluster.ClusterArn
	seen := func() string {
		out := must(w.tagging.GetResources(t.Context(), &tagging.GetResourcesInput{}))(t)
		if len(out.ResourceTagMappingList) == 0 {
			return "-"
		}
		return *out.ResourceTagMappingList[0].Tags[0].Value
	}
	later := func() string {
		w.Pass(time.Minute)
		return seen()
	}
	got := seen() + later()
	must(w.ecs.TagResource(t.Context(), &ecs.TagResourceInput{ResourceArn: arn, Tags: ecsTags("spec", "2")}))(t)
	got += seen() + later()
	if want := "-112"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestECSTags(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	w.prepare()
	arn := w.create("web").ServiceArn
	must(w.ecs.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: arn, Tags: ecsTags("a", "1")}))(t)
	must(w.ecs.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: arn, Tags: ecsTags("b", "2")}))(t)
	must(w.ecs.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a", "none"}}))(t)
	tags := must(w.ecs.ListTagsForResource(ctx, &ecs.ListTagsForResourceInput{ResourceArn: arn}))(t).Tags
	if text(tags) != text(ecsTags("b", "2")) || text(w.describe("web").Tags) != text(tags) {
		t.Error(text(tags))
	}
	for _, c := range []struct {
		name, arn string
		tags      []ecstypes.Tag
		want      string
	}{
		{"an unknown resource", *arn + "x", ecsTags("a", "1"), "ResourceNotFoundException"},
		{"an ARN of another service", "arn:aws:logs:us-east-1:123456789012:log-group:/shop", ecsTags("a", "1"), "InvalidParameterException"},
		{"a key twice", *arn, append(ecsTags("a", "1"), ecsTags("a", "2")...), "InvalidParameterException"},
		{"a value with an odd character", *arn, ecsTags("a", "what?"), "InvalidParameterException"},
	} {
		_, err := w.ecs.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: &c.arn, Tags: c.tags})
		if code(err) != c.want {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}
