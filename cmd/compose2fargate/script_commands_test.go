package main

import (
	"context"
	"errors"
	"os/exec"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// scaleBehindOurBack is the script command `scale STATE CLUSTER SERVICE COUNT`:
// somebody changes a simulated service by hand.
func scaleBehindOurBack(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: scale STATE CLUSTER SERVICE COUNT")
	}
	count, err := strconv.Atoi(args[3])
	ts.Check(err)
	fake, err := simulator.New(simulator.Options{StateFile: ts.MkAbs(args[0])})
	ts.Check(err)
	_, err = ecs.NewFromConfig(fake.Config()).UpdateService(context.Background(), &ecs.UpdateServiceInput{
		Cluster: aws.String(args[1]), Service: aws.String(args[2]), DesiredCount: aws.Int32(int32(count)),
	})
	ts.Check(err)
	ts.Check(fake.Close())
}

// registerBehindOurBack is the script command `target STATE CLUSTER SERVICE MIN MAX`:
// somebody else scales a simulated service between bounds, or a scheduled action of ours
// has changed them.
func registerBehindOurBack(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 5 {
		ts.Fatalf("usage: target STATE CLUSTER SERVICE MIN MAX")
	}
	low, lowErr := strconv.Atoi(args[3])
	high, highErr := strconv.Atoi(args[4])
	ts.Check(errors.Join(lowErr, highErr))
	fake, err := simulator.New(simulator.Options{StateFile: ts.MkAbs(args[0])})
	ts.Check(err)
	_, err = scaling.NewFromConfig(fake.Config()).RegisterScalableTarget(context.Background(), &scaling.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
		ResourceId: aws.String("service/" + args[1] + "/" + args[2]), MinCapacity: aws.Int32(int32(low)), MaxCapacity: aws.Int32(int32(high)),
	})
	ts.Check(err)
	ts.Check(fake.Close())
}

// makeLogGroup is the script command `log-group STATE NAME`: somebody made a
// simulated log group, which nobody tagged.
func makeLogGroup(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: log-group STATE NAME")
	}
	fake, err := simulator.New(simulator.Options{StateFile: ts.MkAbs(args[0])})
	ts.Check(err)
	_, err = cloudwatchlogs.NewFromConfig(fake.Config()).CreateLogGroup(context.Background(), &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String(args[1]),
	})
	ts.Check(err)
	ts.Check(fake.Close())
}

// exitWith is the script command `code N COMMAND ARG…`: the command must exit
// with just that code. Its output is for stdout and stderr as after exec.
func exitWith(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("run: %v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
