package translate

import (
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// restartAttempt bounds how long, in seconds, a container must have run to be
// restarted (ContainerRestartPolicy of the API reference).
var restartAttempt = xfargate.Bounds{Min: 60, Max: 1800}

// restartPolicy restarts a container in its task. The first container of a task
// needs none: when it ends the task ends, and ECS starts another one.
func restartPolicy(b *base, k *task, s container) *spec.RestartPolicy {
	condition := restarts(s)
	switch {
	case condition == types.RestartPolicyNo, k.awaitsEnd(s.Name):
		return nil
	case s.Name == k.name() && condition != types.RestartPolicyOnFailure:
		return nil
	}
	out := &spec.RestartPolicy{Enabled: true}
	if condition == types.RestartPolicyOnFailure {
		out.IgnoredExitCodes = []int{0}
	}
	if s.Deploy != nil && s.Deploy.RestartPolicy != nil && s.Deploy.RestartPolicy.Window != nil && *s.Deploy.RestartPolicy.Window > 0 {
		out.RestartAttemptPeriod = seconds(b, s.Deploy.RestartPolicy.Window, restartAttempt, s.at("deploy", "restart_policy", "window"))
	}
	return out
}

// awaitsEnd says whether a member of the task waits for another one to have
// ended.
func (k *task) awaitsEnd(service string) bool {
	for _, m := range k.members {
		if d, ok := m.DependsOn[service]; ok && d.Condition == types.ServiceConditionCompletedSuccessfully {
			return true
		}
	}
	return false
}
