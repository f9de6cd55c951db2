package simulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestANewDeploymentWantsNothingUntilItIsSeen(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.create("web")
	w.settle("web")
	updated := w.update(&ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
	if got := updated.Deployments[0].DesiredCount; got != 0 {
		t.Errorf("right after UpdateService the primary deployment wants %d", got)
	}
	if got := w.describe("web").Deployments[0].DesiredCount; got != 1 {
		t.Errorf("then it wants %d", got)
	}
}

func TestADeploymentOfNothingIsDoneAtOnce(t *testing.T) {
	w := newWorld(t, simulator.Options{Progress: 5})
	w.prepare()
	w.register(definition("web"))
	in := w.service("web")
	in.DesiredCount = aws.Int32(0)
	must(w.ecs.CreateService(t.Context(), in))(t)
	if s := w.describe("web"); s.Deployments[0].RolloutState != types.DeploymentRolloutStateCompleted {
		t.Error(text(s.Deployments))
	}
}

func TestNewMountsFailUntilTheNameResolves(t *testing.T) {
	w := newWorld(t, simulator.Options{MountDelay: 20})
	w.prepare()
	s := w.mountable()
	in := w.mounting(s)
	v := in.NetworkConfiguration.AwsvpcConfiguration
	v.Subnets = v.Subnets[:1]
	must(w.ecs.CreateService(t.Context(), in))(t)
	w.describe("web")
	if stopped := w.tasksOf(types.DesiredStatusStopped); len(stopped) == 0 {
		t.Error("the first mount did not fail")
	}
	w.Pass(20 * time.Second)
	for range 6 {
		w.describe("web")
	}
	if running := w.tasksOf(types.DesiredStatusRunning); len(running) != 1 {
		t.Error("later ones fail too")
	}
}

func TestLifecyclePoliciesExpireImages(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, name := t.Context(), aws.String("shop/web")
	must(w.ecr.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: name}))(t)
	must(w.ecr.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: name, LifecyclePolicyText: aws.String(
		`{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":2},"action":{"type":"expire"}}]}`)}))(t)
	for i := range 3 {
		must(w.ecr.PutImage(ctx, &ecr.PutImageInput{RepositoryName: name, ImageTag: aws.String(fmt.Sprint("v", i)), ImageManifest: aws.String(
			fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","annotations":{"n":"%d"}}`, i))}))(t)
	}
	var gone []string
	w.Mutate(func(a *simulator.Account) { gone = a.Expire() })
	left := must(w.ecr.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: name}))(t).ImageDetails
	if len(gone) != 1 || len(left) != 2 {
		t.Error(gone, text(left))
	}
	oldest := &ecr.DescribeImagesInput{RepositoryName: name, ImageIds: nil}
	for _, image := range must(w.ecr.DescribeImages(ctx, oldest))(t).ImageDetails {
		if image.ImageTags[0] == "v0" {
			t.Error("the oldest is left")
		}
	}
}

func TestServiceConnectCutsHTTPRequestsOff(t *testing.T) {
	for protocol, want := range map[types.ApplicationProtocol]time.Duration{"": 0, types.ApplicationProtocolHttp: 15 * time.Second} {
		w, _ := mesh(t, simulator.Options{})
		td := definition("web")
		td.ContainerDefinitions[0].PortMappings[0].AppProtocol = protocol
		w.register(td)
		in := w.service("web")
		in.ServiceConnectConfiguration = offered("web")
		must(w.ecs.CreateService(t.Context(), in))(t)
		w.Mutate(func(a *simulator.Account) {
			if got := a.RequestTimeout("web", 8080); got != want {
				t.Errorf("%q: %s, want %s", protocol, got, want)
			}
		})
	}
}

func TestACloudMapServiceThatIsMadeAgainHasItsOldID(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	api, ctx, namespace := servicediscovery.NewFromConfig(w.Config()), t.Context(), w.httpNamespace("shop")
	var ids []string
	for range 2 {
		made := must(api.CreateService(ctx, &servicediscovery.CreateServiceInput{Name: aws.String("db"), NamespaceId: &namespace}))(t).Service
		ids = append(ids, *made.Id)
		must(api.DeleteService(ctx, &servicediscovery.DeleteServiceInput{Id: made.Id}))(t)
	}
	if ids[0] != ids[1] {
		t.Error(ids)
	}
}

func TestEveryClientOfServiceConnectLeavesAnEntry(t *testing.T) {
	w, namespace := mesh(t, simulator.Options{})
	w.register(definition("job"))
	in := w.service("job")
	in.ServiceConnectConfiguration = &types.ServiceConnectConfiguration{Enabled: true, Namespace: aws.String("shop")}
	must(w.ecs.CreateService(t.Context(), in))(t)
	w.settle("job")
	entry := func() (found bool) {
		for _, s := range w.summaries(namespace) {
			found = found || strings.HasPrefix(*s.Name, "aws-ecs-sc.client.") && strings.HasSuffix(*s.Name, ".job")
		}
		return found
	}
	if !entry() {
		t.Error(text(w.summaries(namespace)))
	}
	w.remove("job")
	for range 10 {
		w.describe("job")
		if !entry() {
			return
		}
	}
	t.Error("it does not go after its service:", text(w.summaries(namespace)))
}
