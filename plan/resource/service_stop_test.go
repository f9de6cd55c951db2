package resource

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go/middleware"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// lingering shows tasks as STOPPING in so many looks at them: ECS lists none of a
// service any more, and a container still writes.
func (w *world) lingering(looks *int) *Services {
	cfg := w.sim.Config()
	cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Lingering", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleInitialize(ctx, in)
			described, ok := out.Result.(*ecs.DescribeTasksOutput)
			if !ok || *looks == 0 {
				return out, metadata, err
			}
			*looks--
			for i := range described.Tasks {
				described.Tasks[i].LastStatus = aws.String("STOPPING")
			}
			return out, metadata, err
		}), middleware.Before)
	})
	return New(cfg, "shop").WithPoll(time.Microsecond).Kind(spec.ServiceKind).Services()
}

func TestAServiceIsGoneWhenItsTasksAre(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live, _ := w.web(want, func(*spec.Service) {})
	looks := 3
	if err := w.lingering(&looks).Delete(t.Context(), live); err != nil || looks != 0 {
		t.Errorf("it ended with %d tasks that stop, %v", looks, err)
	}
}

func TestAStoppedServiceHasNoTaskAndHasToBeStarted(t *testing.T) {
	w, want := running(t, simulator.Options{})
	live, again := w.web(want, func(*spec.Service) {})
	looks := 3
	services := w.lingering(&looks)
	stopped, err := services.Stop(t.Context(), live, again)
	if err != nil || looks != 0 {
		t.Fatalf("it ended with %d tasks that stop, %v", looks, err)
	}
	now, err := services.Read(t.Context(), stopped)
	if err != nil {
		t.Fatal(err)
	}
	applied := plan.ParseApplied(now.Tags[plan.TagSpec])
	if s := now.Spec.(*spec.Service); s.DesiredCount != 0 || now.Attrs["running"] != "0" || !applied.Pending || !applied.Force {
		t.Errorf("%d tasks wanted, %s run, %+v", s.DesiredCount, now.Attrs["running"], applied)
	}
	attrs, err := services.Start(t.Context(), stopped, again)
	if err != nil {
		t.Fatal(err)
	}
	if rollout, err := w.rollout(services, attrs); err != nil || rollout.State != plan.RolledOut {
		t.Errorf("%+v, %v", rollout, err)
	}
}
