package simulator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestTheClockMovesWithEveryCall(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	before := w.Now()
	for range 5 {
		must(w.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{}))(t)
	}
	if passed := w.Now().Sub(before); passed != 5*time.Second {
		t.Errorf("%s passed in 5 calls", passed)
	}
}

// TestWhatTakesTimeIsDoneWhenItsTimeIsOver asks about nothing while it is made.
func TestWhatTakesTimeIsDoneWhenItsTimeIsOver(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.Pass(10 * time.Minute)
	w.Mutate(func(a *simulator.Account) {
		s := a.Services.Get("shop/web")
		if state := s.Deployments[0].RolloutState; state != types.DeploymentRolloutStateCompleted || s.RunningCount != 1 {
			t.Errorf("the deployment is %s with %d tasks", state, s.RunningCount)
		}
	})
	w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(0)})
	must(w.ecs.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), Force: aws.Bool(true)}))(t)
	w.Pass(10 * time.Minute)
	w.Mutate(func(a *simulator.Account) {
		if status := *a.Services.Get("shop/web").Status; status != "INACTIVE" {
			t.Error("the service is", status)
		}
	})
}

// TestTimePassesWithCallsOfOtherKinds is of a process that died while a mount
// target was deleted, and of one after it that never looks at mount targets.
func TestTimePassesWithCallsOfOtherKinds(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	ctx := t.Context()
	fs := must(w.efs.CreateFileSystem(ctx, &efs.CreateFileSystemInput{CreationToken: aws.String("data")}))(t)
	w.Pass(time.Hour)
	target := must(w.efs.CreateMountTarget(ctx, &efs.CreateMountTargetInput{
		FileSystemId: fs.FileSystemId, SubnetId: aws.String(w.network().AwsvpcConfiguration.Subnets[0]),
	}))(t)
	w.Pass(time.Hour)
	must(w.efs.DeleteMountTarget(ctx, &efs.DeleteMountTargetInput{MountTargetId: target.MountTargetId}))(t)

	again := newWorld(t, options)
	for range 200 {
		must(again.ecs.ListClusters(ctx, &ecs.ListClustersInput{}))(t)
	}
	if _, err := again.efs.DeleteFileSystem(ctx, &efs.DeleteFileSystemInput{FileSystemId: fs.FileSystemId}); err != nil {
		t.Error(err)
	}
}

func TestTimePassesBetweenTwoProcesses(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	fs := must(w.efs.CreateFileSystem(t.Context(), &efs.CreateFileSystemInput{CreationToken: aws.String("data")}))(t)
	before := w.Now()

	again := newWorld(t, options)
	again.Pass(24 * time.Hour)
	if passed := again.Now().Sub(before); passed < 24*time.Hour {
		t.Errorf("%s passed, want a day", passed)
	}
	again.Mutate(func(a *simulator.Account) {
		if state := a.FileSystems.Get(*fs.FileSystemId).LifeCycleState; state != efstypes.LifeCycleStateAvailable {
			t.Error("the file system is", state)
		}
	})
	if later := newWorld(t, options).Now(); later.Before(again.Now().Add(-time.Minute)) {
		t.Errorf("time went back to %s", later)
	}
}

// TestAnInterruptEndsThePassOfTime, and what happened until then is kept.
func TestAnInterruptEndsThePassOfTime(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	must(w.efs.CreateFileSystem(t.Context(), &efs.CreateFileSystemInput{CreationToken: aws.String("data")}))(t)
	before := w.Now()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Simulator.Pass(ctx, 24*time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if passed := newWorld(t, options).Now().Sub(before); passed > time.Minute {
		t.Errorf("%s passed all the same", passed)
	}
	w.Pass(-time.Hour)
	if now := w.Now(); now.Before(before) {
		t.Errorf("time went back from %s to %s", before, now)
	}
}

// TestALookStartsTheTimeAnew is of somebody who looks all the time: the steps are
// those of the looks.
func TestALookStartsTheTimeAnew(t *testing.T) {
	w := newWorld(t, simulator.Options{Progress: 20})
	w.prepare()
	w.create("web")
	for look := range 19 {
		if state := w.describe("web").Deployments[0].RolloutState; state != types.DeploymentRolloutStateInProgress {
			t.Fatalf("after look %d the deployment is %s", look+1, state)
		}
	}
}
