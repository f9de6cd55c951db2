package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// ServiceStatus is how a service of the project is doing.
type ServiceStatus struct {
	Address        plan.Address `json:"address"`
	Running        int          `json:"running"` // tasks
	Desired        int          `json:"desired"`
	Pending        int          `json:"pending"`
	TaskDefinition string       `json:"taskDefinition"` // ARN of the revision
	Deployment     string       `json:"deployment"`     // rollout state of the latest one, in lower case
	// Unfinished: an apply of it began and did not come to its end.
	Unfinished bool `json:"unfinished"`
	// Asleep: a scheduled action lets it have no tasks now; see spec.Asleep.
	Asleep bool `json:"asleep,omitempty"`
}

// Status looks at the services of the project, by address.
func (a *Account) Status(ctx context.Context) ([]ServiceStatus, error) {
	services, err := a.liveServices(ctx)
	if err != nil {
		return nil, fmt.Errorf("read services: %w", brief(err))
	}
	var out []ServiceStatus
	for _, c := range assignAddresses(a.project, nil, each(services, serviceCandidate)) {
		i := slices.IndexFunc(services, func(s types.Service) bool { return text(s.ServiceArn) == c.Attrs["arn"] })
		out = append(out, status(c.Resource, services[i]))
	}
	slices.SortFunc(out, func(a, b ServiceStatus) int { return a.Address.Compare(b.Address) })
	return out, nil
}

func status(r *plan.Resource, service types.Service) ServiceStatus {
	s := ServiceStatus{
		Address:        r.Address,
		Running:        int(service.RunningCount),
		Desired:        r.Spec.(*spec.Service).DesiredCount,
		Pending:        int(service.PendingCount),
		TaskDefinition: r.Attrs["task-definition"],
		Unfinished:     plan.ParseApplied(r.Tags[plan.TagSpec]).Pending,
	}
	if primary := primaryDeployment(service); primary != nil {
		s.Deployment = strings.ToLower(strings.ReplaceAll(string(primary.RolloutState), "_", " "))
	}
	return s
}
