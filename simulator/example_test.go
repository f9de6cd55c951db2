package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/smithy-go"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func ExampleNew() {
	sim, err := simulator.New(simulator.Options{Region: "eu-west-1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	client := ecs.NewFromConfig(sim.Config())
	cluster, err := client.CreateCluster(context.Background(), &ecs.CreateClusterInput{ClusterName: aws.String("shop")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*cluster.Cluster.ClusterArn)

	_, err = client.CreateService(context.Background(), &ecs.CreateServiceInput{
		Cluster: aws.String("shop"), ServiceName: aws.String("web"), TaskDefinition: aws.String("web"),
	})
	var refused *types.ClientException
	fmt.Println(errors.As(err, &refused), *refused.Message)

	for _, call := range sim.Calls() {
		fmt.Println(call)
	}
	// Output:
	// arn:aws:ecs:eu-west-1:123456789012:cluster/shop
	// true TaskDefinition not found.
	// ecs.CreateCluster shop
	// ecs.CreateService web => ClientException
}

// A caller may do what its policies allow, and nothing else.
func ExampleCaller() {
	sim, err := simulator.New(simulator.Options{Caller: simulator.Caller{
		ARN: "arn:aws:iam::123456789012:role/deploy",
		Policies: []string{`{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": "ecs:*Cluster*", "Resource": "arn:aws:ecs:*:*:cluster/shop"},
			{"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*"}]}`},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	client := ecs.NewFromConfig(sim.Config())
	for _, name := range []string{"shop", "bank"} {
		_, err := client.CreateCluster(context.Background(), &ecs.CreateClusterInput{ClusterName: &name})
		var refused smithy.APIError
		if errors.As(err, &refused) {
			fmt.Println(refused.ErrorMessage())
		}
	}
	// Output:
	// User: arn:aws:iam::123456789012:role/deploy is not authorized to perform: ecs:CreateCluster on resource: arn:aws:ecs:us-east-1:123456789012:cluster/bank because no identity-based policy allows the ecs:CreateCluster action
}

// A script lets the first two tasks of a service fail.
func ExampleParseScript() {
	script, err := simulator.ParseScript([]byte(`
containers:
  - service: web
    exit: 3
    times: 2
    log: ["no such table: users"]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := simulator.New(simulator.Options{Script: script}); err != nil {
		fmt.Println(err)
		return
	}
	_, err = simulator.ParseScript([]byte("containers: [{service: web, exit: 300}]"))
	fmt.Println(err)
	// Output:
	// containers[0] of the script: exit must be between 0 and 255, not 300
}

// A line for a service that is not there does nothing.
func ExampleSimulator_Unused() {
	script, err := simulator.ParseScript([]byte("containers: [{service: wep, exit: 1}]"))
	if err != nil {
		fmt.Println(err)
		return
	}
	sim, err := simulator.New(simulator.Options{Script: script})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sim.Unused())
	// Output:
	// [containers[0] of the script fits no container, or a line before it fits them all] <nil>
}

// What AWS takes time for is done once that time is over.
func ExampleSimulator_Pass() {
	sim, err := simulator.New(simulator.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	client, ctx := efs.NewFromConfig(sim.Config()), context.Background()
	made, err := client.CreateFileSystem(ctx, &efs.CreateFileSystemInput{CreationToken: aws.String("data")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(made.LifeCycleState)
	if err := sim.Pass(ctx, 10*time.Minute); err != nil {
		fmt.Println(err)
		return
	}
	sim.Mutate(func(a *simulator.Account) {
		fmt.Println(a.FileSystems.Get(*made.FileSystemId).LifeCycleState)
	})
	fmt.Println(len(sim.Witness()), "findings")
	// Output:
	// creating
	// available
	// 0 findings
}

// AWS lets a thing be made twice. The witness tells.
func ExampleSimulator_Witness() {
	sim, err := simulator.New(simulator.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	client, ctx := ecs.NewFromConfig(sim.Config()), context.Background()
	tags := []types.Tag{
		{Key: aws.String("compose2fargate:project"), Value: aws.String("shop")},
		{Key: aws.String("compose2fargate:resource"), Value: aws.String("cluster/shop")},
	}
	for _, name := range []string{"shop", "shop-again"} {
		if _, err := client.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: &name, Tags: tags}); err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, finding := range sim.Witness() {
		fmt.Println(finding)
	}
	// Output:
	// ecs.CreateCluster shop-again made a second ecs:cluster cluster/shop of shop
}
