package resource_test

import (
	"context"
	"fmt"
	"time"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

func Example() {
	ctx := context.Background()
	fake, err := simulator.New(simulator.Options{})
	if err != nil {
		panic(err)
	}
	account := resource.New(fake.Config(), "shop").WithPoll(time.Millisecond)
	facts, err := account.Facts(ctx, plan.Lookups{})
	if err != nil {
		panic(err)
	}
	target := plan.Target{Partition: facts.Partition, Account: facts.Account, Region: facts.Region, Project: "shop"}
	want, err := plan.NewStack(spec.Kinds(), target, []*plan.Resource{{
		Address: plan.Address{Kind: spec.LogGroupKind, Name: "shop"},
		Spec:    &spec.LogGroup{LogGroupName: "/compose2fargate/shop", RetentionInDays: 30},
	}})
	if err != nil {
		panic(err)
	}
	if _, err := account.Kind(spec.LogGroupKind).Create(ctx, want.Resources[0]); err != nil {
		panic(err)
	}
	live, err := account.Read(ctx, spec.Kinds(), want)
	if err != nil {
		panic(err)
	}
	for _, r := range live.Resources {
		fmt.Println(r.Address, r.Attrs["arn"])
	}
	// Output: log-group/shop arn:aws:logs:us-east-1:123456789012:log-group:/compose2fargate/shop
}
