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
	sim.Pass(10 * time.Minute)
	sim.Mutate(func(a *simulator.Account) {
		fmt.Println(a.FileSystems.Get(*made.FileSystemId).LifeCycleState)
	})
	fmt.Println(len(sim.Witness()), "findings")
	// Output:
	// creating
	// available
	// 0 findings
}
