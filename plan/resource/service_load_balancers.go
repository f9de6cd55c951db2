package resource

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func serviceLoadBalancerSpec(b types.LoadBalancer) spec.ServiceLoadBalancer {
	return spec.ServiceLoadBalancer{
		TargetGroupArn: plan.Literal(text(b.TargetGroupArn)),
		ContainerName:  text(b.ContainerName),
		ContainerPort:  number(b.ContainerPort),
	}
}

// serviceLoadBalancers is never nil: ECS keeps what there is for nil, and removes
// it for none (UpdateService, field loadBalancers).
func serviceLoadBalancers(list []spec.ServiceLoadBalancer) []types.LoadBalancer {
	out := make([]types.LoadBalancer, 0, len(list))
	for _, b := range list {
		out = append(out, types.LoadBalancer{
			TargetGroupArn: pointer(b.TargetGroupArn.Text),
			ContainerName:  pointer(b.ContainerName),
			ContainerPort:  number32(b.ContainerPort),
		})
	}
	return out
}
