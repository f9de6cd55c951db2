package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// findPublished finds the ports of the project that load balancers lead to, its
// services, and the links that these made in volumes. The tagging API says which target groups and services are its own; where it
// lags behind, a port is taken for one that is not published yet.
func (a *Account) findPublished(ctx context.Context, _ plan.Facts, needs plan.Lookups, out *found) error {
	if !needs.Published {
		return nil
	}
	tagged, err := a.tagged(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{} // of ports, by the ARN of their target group
	given := map[string]string{} // kinds
	linked := map[string]string{}
	for _, resource := range tagged {
		address, err := plan.ParseAddress(resource.tags[plan.TagResource])
		switch {
		case err != nil:
		case address.Kind == spec.ServiceKind:
			out.services = append(out.services, address.Name)
			if links := resource.tags[plan.TagLinks]; links != "" {
				linked[address.Name] = links
			}
		case address.Kind == spec.TargetGroupKind && strings.Contains(resource.arn, ":targetgroup/"):
			names[resource.arn] = address.Name
			if resource.tags[plan.TagKind] != "" {
				given[address.Name] = resource.tags[plan.TagKind]
			}
		}
	}
	slices.Sort(out.services)
	out.services = slices.Compact(out.services)
	if len(linked) > 0 {
		out.linked = linked
	}
	out.published, err = a.published(ctx, names)
	for _, port := range sortedKeys(given) {
		if out.published[port] == given[port] { // of another one that is live no more
			out.given = append(out.given, port)
		}
	}
	return err
}

// published are the kinds of those target groups that load balancers lead to.
func (a *Account) published(ctx context.Context, names map[string]string) (map[string]string, error) {
	arns := sortedKeys(names)
	groups, err := elbByARN(arns, func(arns []string) ([]types.TargetGroup, error) {
		return describeTargetGroups(ctx, a.session, elb.DescribeTargetGroupsInput{TargetGroupArns: arns})
	})
	if err != nil {
		return nil, fmt.Errorf("read the target groups of the project: %w", brief(err))
	}
	var out map[string]string
	for _, group := range groups {
		if len(group.LoadBalancerArns) == 0 {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[names[text(group.TargetGroupArn)]] = publishedKind(group.Protocol)
	}
	return out, nil
}

// publishedKind is what x-fargate calls the protocol of a target group.
func publishedKind(protocol types.ProtocolEnum) string {
	switch protocol {
	case types.ProtocolEnumHttp, types.ProtocolEnumHttps:
		return "http"
	case types.ProtocolEnumUdp:
		return "udp"
	default:
		return "tcp"
	}
}
