package simulator

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// updateTaskProtection keeps tasks of services from being stopped by deployments
// (ECS Developer Guide, "Protect your Amazon ECS tasks from being terminated by
// scale-in events").
func updateTaskProtection(a *Account, in *ecs.UpdateTaskProtectionInput) (*ecs.UpdateTaskProtectionOutput, error) {
	cluster, err := a.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	minutes := orElse(in.ExpiresInMinutes, 120)
	switch {
	case len(in.Tasks) == 0 || len(in.Tasks) > 10:
		return nil, invalidParameter("Tasks length should be between 1 and 10.")
	case *minutes < 1 || *minutes > 2880:
		return nil, invalidParameter("expiresInMinutes should be between 1 and 2880.")
	}
	out := &ecs.UpdateTaskProtectionOutput{ProtectedTasks: []types.ProtectedTask{}, Failures: []types.Failure{}}
	for _, name := range in.Tasks {
		key := *cluster.ClusterName + "/" + shortName(name, "task")
		t := a.Tasks.Get(key)
		switch {
		case t == nil || *t.LastStatus == "STOPPED":
			out.Failures = append(out.Failures, missing(name))
		case t.Service == "":
			out.Failures = append(out.Failures, types.Failure{Arn: t.TaskArn, Reason: ptr("TASK_NOT_VALID")})
		default:
			t = a.Tasks.Edit(key)
			t.Guarded, t.Until = in.ProtectionEnabled, 0
			protected := types.ProtectedTask{TaskArn: t.TaskArn, ProtectionEnabled: in.ProtectionEnabled}
			if in.ProtectionEnabled {
				end := a.now().Add(time.Duration(*minutes) * time.Minute)
				protected.ExpirationDate, t.Until = &end, onClock(end)
			}
			out.ProtectedTasks = append(out.ProtectedTasks, protected)
		}
	}
	return out, nil
}

// guarded tells whether one of the tasks is protected.
func (a *Account) guarded(keys []string) bool { return len(a.unguarded(keys)) < len(keys) }

// unguarded are those of the tasks that a deployment may stop.
func (a *Account) unguarded(keys []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		t := a.Tasks.Get(key)
		return t.Guarded && a.moment() < t.Until
	})
}
