package resource

import (
	"context"
	"slices"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// elbBatch is how many things Elastic Load Balancing describes in one call
// (DescribeLoadBalancers and DescribeTags say so; the others refuse more with
// "You cannot describe more than '20' target groups at a time").
const elbBatch = 20

// elbPage is the largest page of its lists.
const elbPage = 400

// elbGone are the error codes for resources that do not exist.
var elbGone = []string{"LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound", "RuleNotFound"}

// elbByName describes the resources with these names, whoever owns them. A call that
// names one that does not exist fails as a whole; then elbByName searches all of the
// region. describe returns everything for no names.
func elbByName[T any](names []string, describe func(names []string) ([]T, error), name func(T) *string) ([]T, error) {
	var out []T
	names = unique(names)
	for batch := range slices.Chunk(names, elbBatch) {
		found, err := describe(batch)
		if is(err, elbGone...) {
			return elbAmong(names, describe, name)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func elbAmong[T any](names []string, describe func(names []string) ([]T, error), name func(T) *string) ([]T, error) {
	all, err := describe(nil)
	return slices.DeleteFunc(all, func(item T) bool { return !slices.Contains(names, text(name(item))) }), err
}

// elbByARN describes those of the ARNs that exist. A call that names one that does
// not fails as a whole, and is halved until that one is found.
func elbByARN[T any](arns []string, describe func(arns []string) ([]T, error)) ([]T, error) {
	var out []T
	for batch := range slices.Chunk(unique(arns), elbBatch) {
		found, err := elbHalved(batch, describe)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func elbHalved[T any](arns []string, describe func(arns []string) ([]T, error)) ([]T, error) {
	found, err := describe(arns)
	switch {
	case !is(err, elbGone...):
		return found, err
	case len(arns) == 1:
		return nil, nil
	}
	half := len(arns) / 2
	first, err := elbHalved(arns[:half], describe)
	if err != nil {
		return nil, err
	}
	rest, err := elbHalved(arns[half:], describe)
	return append(first, rest...), err
}

// elbTagsOf reads the tags of resources by their ARN. Those that are gone have none.
func elbTagsOf(ctx context.Context, api *elb.Client, arns []string) (map[string]map[string]string, error) {
	found, err := elbByARN(arns, func(batch []string) ([]types.TagDescription, error) {
		got, err := api.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: batch})
		if err != nil {
			return nil, err
		}
		return got.TagDescriptions, nil
	})
	out := make(map[string]map[string]string, len(found))
	for _, d := range found {
		out[text(d.ResourceArn)] = pairs(d.Tags)
	}
	return out, err
}

func tagELB(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
	return onlyError(a.elb().AddTags(ctx, &elb.AddTagsInput{ResourceArns: []string{at["arn"]}, Tags: pairList[types.Tag](tags)}))
}

func untagELB(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
	return onlyError(a.elb().RemoveTags(ctx, &elb.RemoveTagsInput{ResourceArns: []string{at["arn"]}, TagKeys: keys}))
}

// elbOurs says whether the resource with this ARN still has the tags of live:
// rules and listeners may be on a load balancer of somebody else, and since
// then they may have been assigned to another address. A deleted resource is
// not ours.
func (o owner) elbOurs(ctx context.Context, api *elb.Client, live *plan.Resource) (bool, error) {
	arn := live.Attrs["arn"]
	tags, err := elbTagsOf(ctx, api, []string{arn})
	if err != nil {
		return false, err
	}
	now := *live
	now.Tags = tags[arn]
	now.Address.Name, _, _ = strings.Cut(live.Address.Name, plan.LeftBehind)
	owner, _ := now.Owner(o.project)
	return owner == plan.Ours, nil
}

// lastSegment is what follows the last slash of an ARN: the id that AWS gave.
func lastSegment(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// parentARN is the ARN of the load balancer of a listener, or of the listener of a
// rule: arn:…:listener/app/NAME/ID/LISTENER is on arn:…:loadbalancer/app/NAME/ID
// (service authorization reference, resource types of Elastic Load Balancing V2).
func parentARN(arn, kind, parent string) string {
	return strings.Replace(arn[:max(strings.LastIndexByte(arn, '/'), 0)], ":"+kind+"/", ":"+parent+"/", 1)
}
