package simulator_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// world is a simulated account and clients for it.
type world struct {
	*simulator.Simulator
	t       *testing.T
	ecs     *ecs.Client
	ec2     *ec2.Client
	iam     *iam.Client
	logs    *cloudwatchlogs.Client
	tagging *resourcegroupstaggingapi.Client
	ecr     *ecr.Client
	efs     *efs.Client
	ssm     *ssm.Client
	secrets *secretsmanager.Client
	options simulator.Options
}

// Pass lets time go by.
func (w *world) Pass(d time.Duration) {
	w.t.Helper()
	if err := w.Simulator.Pass(w.t.Context(), d); err != nil {
		w.t.Fatal(err)
	}
}

// newWorld keeps its state in a file unless told where, so that every test
// checks in the end that every change reached the disk.
func newWorld(t *testing.T, options simulator.Options) *world {
	t.Helper()
	if options.StateFile == "" {
		options.StateFile = filepath.Join(t.TempDir(), "simulator.json")
	}
	s, err := simulator.New(options)
	if err != nil {
		t.Fatal(err)
	}
	w := newClients(t, s)
	w.options = options
	t.Cleanup(func() {
		checkOnDisk(t, w)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// again is a world of its own that is as this one is now. Nobody looks at its file
// in the end: that takes longer than what is done in it.
func (w *world) again(t *testing.T) *world {
	t.Helper()
	options := w.options
	options.StateFile = filepath.Join(t.TempDir(), "simulator.json")
	for _, part := range []string{"", ".journal"} {
		if data, err := os.ReadFile(w.options.StateFile + part); err == nil {
			if err := os.WriteFile(options.StateFile+part, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	w = newClients(t, must(simulator.New(options))(t))
	w.options = options
	return w
}

func newClients(t *testing.T, s *simulator.Simulator) *world {
	cfg := s.Config()
	return &world{
		Simulator: s, t: t, ecs: ecs.NewFromConfig(cfg), ec2: ec2.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg),
		logs: cloudwatchlogs.NewFromConfig(cfg), tagging: resourcegroupstaggingapi.NewFromConfig(cfg),
		ecr: ecr.NewFromConfig(cfg), efs: efs.NewFromConfig(cfg), ssm: ssm.NewFromConfig(cfg), secrets: secretsmanager.NewFromConfig(cfg),
	}
}

// must fails the test on an error and returns the value of a call.
func must[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// code is the error code of a failed call, "" on success.
func code(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return err.Error()
}

const (
	trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	executionRole   = "arn:aws:iam::123456789012:role/execution"
	executionPolicy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
)

// prepare makes what a service needs: cluster "shop", role "execution", log
// group "/shop".
func (w *world) prepare() {
	w.t.Helper()
	ctx := w.t.Context()
	must(w.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{
		ClusterName: aws.String("shop"), CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
	}))(w.t)
	must(w.iam.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("execution"), AssumeRolePolicyDocument: aws.String(trust),
	}))(w.t)
	must(w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
		RoleName: aws.String("execution"), PolicyArn: aws.String(executionPolicy),
	}))(w.t)
	must(w.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/shop")}))(w.t)
}

// definition is a small valid task definition.
func definition(family string) *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family), Cpu: aws.String("256"), Memory: aws.String("512"),
		NetworkMode: types.NetworkModeAwsvpc, RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ExecutionRoleArn: aws.String(executionRole),
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("web"), Image: aws.String("nginx:1.27"),
			PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(8080), Name: aws.String("tcp-8080")}},
			LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{
				"awslogs-group": "/shop", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web",
			}},
		}},
	}
}

// service is a small valid service that runs the latest revision of its family.
func (w *world) service(name string) *ecs.CreateServiceInput {
	return &ecs.CreateServiceInput{
		ServiceName: aws.String(name), Cluster: aws.String("shop"), TaskDefinition: aws.String(name), DesiredCount: aws.Int32(1),
		CapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE"), Weight: 1}},
		NetworkConfiguration:     w.network(),
		DeploymentConfiguration: &types.DeploymentConfiguration{
			DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: true},
		},
	}
}

// network is the default subnets with public addresses.
func (w *world) network() *types.NetworkConfiguration {
	w.t.Helper()
	var subnets []string
	for _, s := range must(w.ec2.DescribeSubnets(w.t.Context(), &ec2.DescribeSubnetsInput{}))(w.t).Subnets {
		subnets = append(subnets, *s.SubnetId)
	}
	return &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
		Subnets: subnets, AssignPublicIp: types.AssignPublicIpEnabled,
	}}
}

// register registers a revision and returns its ARN.
func (w *world) register(in *ecs.RegisterTaskDefinitionInput) string {
	w.t.Helper()
	return *must(w.ecs.RegisterTaskDefinition(w.t.Context(), in))(w.t).TaskDefinition.TaskDefinitionArn
}

// create registers the family of that name and makes the service.
func (w *world) create(name string) *types.Service {
	w.t.Helper()
	w.register(definition(name))
	return must(w.ecs.CreateService(w.t.Context(), w.service(name)))(w.t).Service
}

// describe is one describe read of a service in the cluster "shop".
func (w *world) describe(name string) types.Service {
	w.t.Helper()
	out := must(w.ecs.DescribeServices(w.t.Context(), &ecs.DescribeServicesInput{
		Cluster: aws.String("shop"), Services: []string{name}, Include: []types.ServiceField{types.ServiceFieldTags},
	}))(w.t)
	if len(out.Services) != 1 {
		w.t.Fatalf("service %s: %+v", name, out.Failures)
	}
	return out.Services[0]
}

// settle reads a service until its newest deployment has ended.
func (w *world) settle(name string) types.Service {
	w.t.Helper()
	for range 10 {
		if s := w.describe(name); s.Deployments[0].RolloutState != types.DeploymentRolloutStateInProgress {
			return s
		}
	}
	w.t.Fatalf("service %s did not settle", name)
	return types.Service{}
}

// update changes a service in the cluster "shop".
func (w *world) update(in *ecs.UpdateServiceInput) *types.Service {
	w.t.Helper()
	in.Cluster = aws.String("shop")
	return must(w.ecs.UpdateService(w.t.Context(), in))(w.t).Service
}

// text is an answer as JSON.
func text(answer any) string { return string(simulator.AppendJSON(nil, answer)) }

func keyValue(name, value string) types.KeyValuePair {
	return types.KeyValuePair{Name: &name, Value: &value}
}

// ecsTags is one tag.
func ecsTags(key, value string) []types.Tag { return []types.Tag{{Key: &key, Value: &value}} }

// tcp is a permission for one port and one range.
func tcp(port int32, cidr string) ec2types.IpPermission {
	return ec2types.IpPermission{
		IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []ec2types.IpRange{{CidrIp: &cidr}},
	}
}

// job runs the latest revision of the family "job" once.
func (w *world) job() *ecs.RunTaskInput {
	return &ecs.RunTaskInput{
		Cluster: aws.String("shop"), TaskDefinition: aws.String("job"), LaunchType: types.LaunchTypeFargate,
		NetworkConfiguration: w.network(), StartedBy: aws.String("test"),
	}
}

// parameter puts a SecureString.
func (w *world) parameter(name string) {
	w.t.Helper()
	must(w.ssm.PutParameter(w.t.Context(), &ssm.PutParameterInput{
		Name: &name, Value: aws.String("a value"), Type: ssmtypes.ParameterTypeSecureString,
	}))(w.t)
}

// secret makes a secret and returns its ARN.
func (w *world) secret(name string) string {
	w.t.Helper()
	return *must(w.secrets.CreateSecret(w.t.Context(), &secretsmanager.CreateSecretInput{
		Name: &name, SecretString: aws.String("a value"),
	}))(w.t).ARN
}

// allow lets the execution role do something with everything.
func (w *world) allow(action string) {
	w.t.Helper()
	must(w.iam.PutRolePolicy(w.t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("execution"), PolicyName: aws.String("allowed"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"*"}]}`),
	}))(w.t)
}
