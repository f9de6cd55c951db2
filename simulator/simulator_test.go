package simulator_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestAnUnknownOperationIsNamed(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	_, err := w.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("me")})
	if code(err) != "NotSimulated" || !strings.Contains(err.Error(), "IAM CreateUser") {
		t.Error(err)
	}
}

func TestTheSDKStillValidatesInputs(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	if _, err := w.ecs.CreateService(t.Context(), &ecs.CreateServiceInput{}); err == nil {
		t.Error("want the SDK's validation error")
	}
	if calls := w.Calls(); len(calls) != 0 {
		t.Error(calls)
	}
}

func TestACancelledContextEndsTheCall(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestCallsAreRecordedInOrder(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.ResetCalls()
	w.create("web")
	w.describe("web")
	_, _ = w.ecs.DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: aws.String("shop")})
	var got []string
	for _, c := range w.Calls() {
		got = append(got, c.String())
	}
	want := []string{
		"ecs.RegisterTaskDefinition web",
		"ec2.DescribeSubnets",
		"ecs.CreateService web",
		"ecs.DescribeServices shop",
		"ecs.DeleteCluster shop => ClusterContainsServicesException",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAccountRegionAndPartitionAreSettings(t *testing.T) {
	for _, c := range []struct {
		name    string
		options simulator.Options
		want    string
	}{
		{"a plain account", simulator.Options{}, "arn:aws:ecs:us-east-1:123456789012:cluster/shop"},
		{"another account and region", simulator.Options{Account: "111122223333", Region: "eu-west-1"}, "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"},
		{"a region in China", simulator.Options{Region: "cn-north-1"}, "arn:aws-cn:ecs:cn-north-1:123456789012:cluster/shop"},
		{"GovCloud", simulator.Options{Region: "us-gov-west-1"}, "arn:aws-us-gov:ecs:us-gov-west-1:123456789012:cluster/shop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.options)
			got := must(w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("shop")}))(t)
			if *got.Cluster.ClusterArn != c.want {
				t.Error(*got.Cluster.ClusterArn)
			}
		})
	}
}

func TestCallerIdentityAndQuotas(t *testing.T) {
	w := newWorld(t, simulator.Options{VCPUQuota: 20})
	me := must(sts.NewFromConfig(w.Config()).GetCallerIdentity(t.Context(), nil))(t)
	if *me.Account != "123456789012" || *me.Arn != "arn:aws:iam::123456789012:user/simulator" {
		t.Error(*me.Account, *me.Arn)
	}
	quotas := servicequotas.NewFromConfig(w.Config())
	q := must(quotas.GetServiceQuota(t.Context(), &servicequotas.GetServiceQuotaInput{
		ServiceCode: aws.String("fargate"), QuotaCode: aws.String("L-3032A538"),
	}))(t)
	if *q.Quota.Value != 20 {
		t.Error(*q.Quota.Value)
	}
	if _, err := quotas.ListServiceQuotas(t.Context(), &servicequotas.ListServiceQuotasInput{ServiceCode: aws.String("fargat")}); code(err) != "NoSuchResourceException" {
		t.Error("a service that does not exist:", err)
	}
	_, err := quotas.GetServiceQuota(t.Context(), &servicequotas.GetServiceQuotaInput{
		ServiceCode: aws.String("fargate"), QuotaCode: aws.String("L-00000000"),
	})
	if code(err) != "NoSuchResourceException" {
		t.Error(err)
	}
}

func TestTheSameCallsGiveTheSameAnswers(t *testing.T) {
	var answers []string
	for range 2 {
		w := newWorld(t, simulator.Options{})
		w.prepare()
		w.create("web")
		answers = append(answers, string(simulator.AppendJSON(nil, w.settle("web"))))
	}
	if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
		t.Error(diff)
	}
}

func TestIdsDoNotDependOnTheOrderOfCalls(t *testing.T) {
	ids := func(names ...string) []string {
		w := newWorld(t, simulator.Options{})
		w.prepare()
		var ids []string
		for _, name := range names {
			ids = append(ids, name+" "+*w.create(name).Deployments[0].Id)
		}
		slices.Sort(ids)
		return ids
	}
	if diff := cmp.Diff(ids("a", "b"), ids("b", "a")); diff != "" {
		t.Error(diff)
	}
}

func TestAnswersShareNoMemoryWithTheAccount(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web").NetworkConfiguration.AwsvpcConfiguration.Subnets[0] = "changed"
	if slices.Contains(w.describe("web").NetworkConfiguration.AwsvpcConfiguration.Subnets, "changed") {
		t.Error("a change of an answer changed the account")
	}
}

func TestMutateChangesTheAccountBehindTheTool(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	w.Mutate(func(a *simulator.Account) {
		a.Services.Edit("shop/web").DesiredCount = 3
	})
	if got := w.describe("web").DesiredCount; got != 3 {
		t.Error(got)
	}
}

func TestListsComeBackInAnotherOrder(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	in := definition("web")
	in.ContainerDefinitions[0].Command = []string{"one", "two", "three"}
	for _, name := range []string{"A", "B", "C"} {
		in.ContainerDefinitions[0].Environment = append(in.ContainerDefinitions[0].Environment, keyValue(name, name))
	}
	environment := func(out *ecs.RegisterTaskDefinitionOutput) (names string) {
		for _, e := range out.TaskDefinition.ContainerDefinitions[0].Environment {
			names += *e.Name
		}
		return names
	}
	out := must(w.ecs.RegisterTaskDefinition(t.Context(), in))(t)
	if got := environment(out); got != "CBA" {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"one", "two", "three"}, out.TaskDefinition.ContainerDefinitions[0].Command); diff != "" {
		t.Error(diff)
	}
	w.Shuffle(7)
	orders := map[string]bool{}
	for range 50 {
		orders[environment(must(w.ecs.RegisterTaskDefinition(t.Context(), in))(t))] = true
	}
	if len(orders) < 5 {
		t.Errorf("only %d orders", len(orders))
	}
}

func TestWithoutAFileTheAccountIsInMemory(t *testing.T) {
	s, err := simulator.New(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := newClients(t, s)
	w.prepare()
	w.create("web")
	w.settle("web")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatSomebodyTookAwayIsTold(t *testing.T) {
	for _, c := range []struct {
		name string
		take func(a *simulator.Account)
		want string // part of the newest event
	}{
		{"the task definition", func(a *simulator.Account) { a.TaskDefinitions.Delete("web:1") }, "task-definition/web:1 does not exist"},
		{"the role", func(a *simulator.Account) { a.Roles.Delete("execution") }, "unable to assume the role"},
		{"the log group", func(a *simulator.Account) { a.LogGroups.Delete("/shop") }, "log group does not exist"},
		{"the subnets", func(a *simulator.Account) {
			for id := range a.Subnets.All() {
				a.Subnets.Delete(id)
			}
		}, "CannotPullContainerError"},
		{"the route to the internet", func(a *simulator.Account) {
			for id := range a.RouteTables.All() {
				a.RouteTables.Edit(id).Routes = nil
			}
		}, "CannotPullContainerError"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{})
			w.prepare()
			w.create("web")
			w.settle("web")
			w.Mutate(func(a *simulator.Account) {
				c.take(a)
				a.Services.Edit("shop/web").DesiredCount = 2
			})
			if got := *w.describe("web").Events[0].Message; !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			_, _ = w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
				Cluster: aws.String("shop"), Service: aws.String("web"), ForceNewDeployment: true,
			})
			w.settle("web")
		})
	}
}
