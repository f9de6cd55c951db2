package simulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestProtectedTasksRunOnBesideTheNewOnes(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("web"))
	in := w.service("web")
	in.DesiredCount = aws.Int32(2)
	must(w.ecs.CreateService(t.Context(), in))(t)
	w.settle("web")
	tasks := must(w.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), ServiceName: aws.String("web")}))(t).TaskArns
	protect := func(on bool) {
		out := must(w.ecs.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{
			Cluster: aws.String("shop"), Tasks: append(tasks, "gone"), ProtectionEnabled: on,
		}))(t)
		if len(out.ProtectedTasks) != 2 || out.ProtectedTasks[0].ProtectionEnabled != on || len(out.Failures) != 1 {
			t.Errorf("got %+v", out)
		}
	}
	protect(true)
	must(w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), ForceNewDeployment: true,
	}))(t)
	var s types.Service
	for range 10 {
		s = w.describe("web")
	}
	if s.RunningCount != 4 || s.Deployments[0].RolloutState != types.DeploymentRolloutStateInProgress {
		t.Errorf("%d tasks run, the deployment is %s", s.RunningCount, s.Deployments[0].RolloutState)
	}
	protect(false)
	w.settle("web")
	if s = w.describe("web"); s.RunningCount != 2 || len(s.Deployments) != 1 {
		t.Errorf("%d tasks run in %d deployments", s.RunningCount, len(s.Deployments))
	}
}
