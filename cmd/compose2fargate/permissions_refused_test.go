package main

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// neighbour is a stack of which there are two in an account, the name of one beginning like that of
// the other one.
const neighbour = `
name: NAME
x-fargate: {domain: NAME.example.com}
services:
  web:
    image: example/web:1
    ports: ["80:80"]
    volumes: ["data:/data"]
    environment: {DB_PASSWORD: first-hunter22, API_KEY: "a{{b}}-second-hunter22"}
    configs: [{source: motd, target: /etc/motd}]
configs: {motd: {content: hello}}
volumes: {data: {}}
`

const (
	callerBoundary = "arn:aws:iam::123456789012:policy/boundary"
	allOfAWS       = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	trustsTasks    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	anyPolicy      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
)

// neighbourhood has the projects a and a-b, and the policy of apply for a.
func neighbourhood(t *testing.T) (e *embedded, apply resource.Policy) {
	t.Helper()
	e = embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 1000})
	e.fake.Mutate(func(a *simulator.Account) { a.PutHostedZone("example.com") })
	for _, name := range []string{"a-b", "a"} {
		rewrite(t, e.file, []byte(strings.ReplaceAll(neighbour, "NAME", name)))
		e.mustApply(plan.Scope{})
	}
	return e, e.permissions().Apply()
}

// theirs are the ARNs of what a-b has, by the part between the region and the name.
func (e *embedded) theirs(kind string) string {
	e.tb.Helper()
	found := ""
	e.fake.Mutate(func(a *simulator.Account) {
		for arn, tagged := range a.Tags.All() {
			if strings.Contains(arn, kind) && tagged.Tags[plan.TagProject] == "a-b" {
				found = arn
			}
		}
	})
	if found == "" {
		e.tb.Fatalf("a-b has no %s", kind)
	}
	return found
}

func idOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// TestAPolicyReachesNoOtherProject tries, as the role that applies a, what would harm a-b.
func TestAPolicyReachesNoOtherProject(t *testing.T) {
	t.Parallel()
	e, policy := neighbourhood(t)
	cfg := e.fake.Config()
	group, balancer, target := e.theirs(":security-group/"), e.theirs(":loadbalancer/app/"), e.theirs(":targetgroup/")
	system, namespace, secret := e.theirs(":file-system/"), e.theirs(":namespace/"), e.theirs(":secret:")
	role, parameter := "a-b-execution-eu-west-1", strings.SplitN(e.theirs(":parameter/"), ":parameter", 2)[1]
	zone := ""
	e.fake.Mutate(func(a *simulator.Account) {
		for id := range a.HostedZones.All() {
			zone = id
		}
	})
	e.as(policy)
	steal := []elbtypes.Tag{{Key: aws.String(plan.TagProject), Value: aws.String("a")}}
	tries := map[string]func(context.Context) error{
		"stop a service": func(ctx context.Context) error {
			_, err := ecs.NewFromConfig(cfg).UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: aws.String("a-b"), Service: aws.String("web"), DesiredCount: aws.Int32(0)})
			return err
		},
		"register a revision that says that it is theirs": func(ctx context.Context) error {
			_, err := ecs.NewFromConfig(cfg).RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
				Family: aws.String("a-b-web"), ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("web"), Image: aws.String("example/evil")}},
				Tags: []ecstypes.Tag{{Key: aws.String(plan.TagProject), Value: aws.String("a-b")}},
			})
			return err
		},
		"pass their role": func(ctx context.Context) error {
			_, err := ecs.NewFromConfig(cfg).RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
				Family: aws.String("a-web"), ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("web"), Image: aws.String("example/evil")}},
				Tags:        []ecstypes.Tag{{Key: aws.String(plan.TagProject), Value: aws.String("a")}},
				TaskRoleArn: aws.String("arn:aws:iam::123456789012:role/compose2fargate/a-b/" + role),
			})
			return err
		},
		"delete the load balancer": func(ctx context.Context) error {
			_, err := elb.NewFromConfig(cfg).DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &balancer})
			return err
		},
		"take the load balancer over": func(ctx context.Context) error {
			_, err := elb.NewFromConfig(cfg).AddTags(ctx, &elb.AddTagsInput{ResourceArns: []string{balancer}, Tags: steal})
			return err
		},
		"listen on the load balancer": func(ctx context.Context) error {
			_, err := elb.NewFromConfig(cfg).CreateListener(ctx, &elb.CreateListenerInput{
				LoadBalancerArn: &balancer, Port: aws.Int32(81), Protocol: elbtypes.ProtocolEnumHttp, Tags: steal,
				DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &target}},
			})
			return err
		},
		"open the security group": func(ctx context.Context) error {
			_, err := ec2.NewFromConfig(cfg).AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
				GroupId: aws.String(idOf(group)), IpProtocol: aws.String("-1"), CidrIp: aws.String("0.0.0.0/0"),
			})
			return err
		},
		"take the security group over": func(ctx context.Context) error {
			_, err := ec2.NewFromConfig(cfg).CreateTags(ctx, &ec2.CreateTagsInput{
				Resources: []string{idOf(group)}, Tags: []ec2types.Tag{{Key: aws.String(plan.TagProject), Value: aws.String("a")}},
			})
			return err
		},
		"delete the file system": func(ctx context.Context) error {
			_, err := efs.NewFromConfig(cfg).DeleteFileSystem(ctx, &efs.DeleteFileSystemInput{FileSystemId: aws.String(idOf(system))})
			return err
		},
		"delete the namespace": func(ctx context.Context) error {
			_, err := servicediscovery.NewFromConfig(cfg).DeleteNamespace(ctx, &servicediscovery.DeleteNamespaceInput{Id: aws.String(idOf(namespace))})
			return err
		},
		"delete the log group": func(ctx context.Context) error {
			_, err := cloudwatchlogs.NewFromConfig(cfg).DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("/compose2fargate/a-b")})
			return err
		},
		"delete the repository": func(ctx context.Context) error {
			_, err := ecr.NewFromConfig(cfg).DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: aws.String("a-b/web"), Force: true})
			return err
		},
		"delete a parameter": func(ctx context.Context) error {
			_, err := ssm.NewFromConfig(cfg).DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: &parameter})
			return err
		},
		"delete a secret": func(ctx context.Context) error {
			_, err := secretsmanager.NewFromConfig(cfg).DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &secret})
			return err
		},
		"give their role more": func(ctx context.Context) error {
			_, err := iam.NewFromConfig(cfg).PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &role, PolicyName: aws.String("more"), PolicyDocument: aws.String(anyPolicy)})
			return err
		},
		"make a role outside of the path": func(ctx context.Context) error {
			_, err := iam.NewFromConfig(cfg).CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("a-admin"), AssumeRolePolicyDocument: aws.String(trustsTasks)})
			return err
		},
		"make a role in their path": func(ctx context.Context) error {
			_, err := iam.NewFromConfig(cfg).CreateRole(ctx, &iam.CreateRoleInput{
				RoleName: aws.String("a-admin"), Path: aws.String("/compose2fargate/a-b/"), AssumeRolePolicyDocument: aws.String(trustsTasks),
			})
			return err
		},
		"make a role for another service": func(ctx context.Context) error {
			_, err := iam.NewFromConfig(cfg).CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("backup.amazonaws.com")})
			return err
		},
		"point their name elsewhere": func(ctx context.Context) error {
			_, err := route53.NewFromConfig(cfg).ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
				HostedZoneId: &zone, ChangeBatch: &route53types.ChangeBatch{Changes: []route53types.Change{{
					Action: route53types.ChangeActionUpsert, ResourceRecordSet: &route53types.ResourceRecordSet{
						Name: aws.String("www.a-b.example.com"), Type: route53types.RRTypeA, TTL: aws.Int64(60),
						ResourceRecords: []route53types.ResourceRecord{{Value: aws.String("203.0.113.1")}},
					},
				}}},
			})
			return err
		},
		"read their secret": func(ctx context.Context) error {
			_, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &secret})
			return err
		},
		"read their parameter": func(ctx context.Context) error {
			_, err := ssm.NewFromConfig(cfg).GetParameter(ctx, &ssm.GetParameterInput{Name: &parameter, WithDecryption: aws.Bool(true)})
			return err
		},
	}
	for _, name := range slices.Sorted(maps.Keys(tries)) {
		if err := tries[name](t.Context()); !isDenied(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The same calls are none of the policy's making: without it they are let through.
	e.as()
	for _, name := range slices.Sorted(maps.Keys(tries)) {
		if err := tries[name](t.Context()); isDenied(err) {
			t.Errorf("without a policy, %s: %v", name, err)
		}
	}
}

func isDenied(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains([]string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}, api.ErrorCode())
}

// TestNoSecretIsReadWhateverElseIsAllowed gives the role everything besides: the policy
// forbids to read secrets, but for the credentials of registries.
func TestNoSecretIsReadWhateverElseIsAllowed(t *testing.T) {
	t.Parallel()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{})
	api := secretsmanager.NewFromConfig(e.fake.Config())
	arns := map[string]string{}
	for _, name := range []string{"registry", "database"} {
		made, err := api.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String(`{"username":"u","password":"p"}`)})
		if err != nil {
			t.Fatal(err)
		}
		arns[name] = *made.ARN
	}
	write(t, e.file, "name: shop\nservices:\n  web: {image: \"registry.example.com/web:1\", x-fargate: {copy: true, pull_credentials: \""+arns["registry"]+"\"}}\n")
	p := e.permissions()
	for _, c := range []struct {
		name    string
		role    simulator.Caller
		allowed []string
	}{
		{"plan", simulator.Caller{Policies: []string{p.Plan().JSON()}}, nil},
		{"plan and everything", simulator.Caller{Policies: []string{p.Plan().JSON(), allOfAWS}}, nil},
		{"apply", simulator.Caller{Policies: []string{p.Apply().JSON()}}, []string{"registry"}},
		{"apply and everything", simulator.Caller{Policies: []string{p.Apply().JSON(), allOfAWS}}, []string{"registry"}},
	} {
		if err := e.fake.As(c.role); err != nil {
			t.Fatal(err)
		}
		for name, arn := range arns {
			_, err := api.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &arn})
			if isDenied(err) == slices.Contains(c.allowed, name) {
				t.Errorf("%s reads the secret %s: %v", c.name, name, err)
			}
		}
	}
}

// TestABoundaryBounds tries to make and free roles where the files set a boundary.
func TestABoundaryBounds(t *testing.T) {
	t.Parallel()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{})
	write(t, e.file, "name: shop\nx-fargate: {permissions_boundary: \""+callerBoundary+"\"}\nservices: {web: {image: \"example/web:1\"}}\n")
	e.mustApply(plan.Scope{})
	api := iam.NewFromConfig(e.fake.Config())
	role := func(boundary *string) error {
		_, err := api.CreateRole(t.Context(), &iam.CreateRoleInput{
			RoleName: aws.String("shop-more"), Path: aws.String("/compose2fargate/shop/"), AssumeRolePolicyDocument: aws.String(trustsTasks), PermissionsBoundary: boundary,
		})
		return err
	}
	if err := role(nil); err != nil { // one that somebody else made
		t.Fatal(err)
	}
	if _, err := api.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("shop-more")}); err != nil {
		t.Fatal(err)
	}
	e.as(e.permissions().Apply())
	if err := role(nil); !isDenied(err) {
		t.Errorf("a role without the boundary: %v", err)
	}
	if err := role(aws.String("arn:aws:iam::aws:policy/AdministratorAccess")); !isDenied(err) {
		t.Errorf("a role with another boundary: %v", err)
	}
	if err := role(aws.String(callerBoundary)); err != nil {
		t.Errorf("a role with the boundary: %v", err)
	}
	if _, err := api.PutRolePermissionsBoundary(t.Context(), &iam.PutRolePermissionsBoundaryInput{
		RoleName: aws.String("shop-more"), PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
	}); !isDenied(err) {
		t.Errorf("another boundary for a role: %v", err)
	}
	if err := e.fake.As(simulator.Caller{Policies: []string{e.permissions().Apply().JSON(), allOfAWS}}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.DeleteRolePermissionsBoundary(t.Context(), &iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String("shop-more")}); !isDenied(err) {
		t.Errorf("the boundary goes: %v", err)
	}
}

// TestGroupsAreMadeInTheVpcOfTheFilesAlone, where these name it by its id.
func TestGroupsAreMadeInTheVpcOfTheFilesAlone(t *testing.T) {
	t.Parallel()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{})
	o := others{t, e.fake}
	ours, theirs := o.network(simulator.Network{Name: "ours", Public: []string{"a"}}).Vpc, o.network(simulator.Network{Name: "theirs", Public: []string{"a"}}).Vpc
	write(t, e.file, "name: shop\nx-fargate: {vpc: "+ours+"}\nservices: {web: {image: \"example/web:1\"}}\n")
	e.as(e.permissions().Apply())
	for vpc, allowed := range map[string]bool{ours: true, theirs: false} {
		_, err := ec2.NewFromConfig(e.fake.Config()).CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
			GroupName: aws.String("shop"), Description: aws.String("shop"), VpcId: &vpc,
			TagSpecifications: []ec2types.TagSpecification{{
				ResourceType: ec2types.ResourceTypeSecurityGroup, Tags: []ec2types.Tag{{Key: aws.String(plan.TagProject), Value: aws.String("shop")}},
			}},
		})
		if isDenied(err) == allowed {
			t.Errorf("a group in %s: %v", vpc, err)
		}
	}
}

// TestAPolicyFitsIntoIAM holds the policies of an ordinary project against the quota, with
// a boundary too, and tries how a large one is split.
func TestAPolicyFitsIntoIAM(t *testing.T) {
	t.Parallel()
	e := embedCase(t, filepath.Join("..", "..", "testdata", "voting-app", "compose.yaml"), simulator.Options{})
	p := e.permissions()
	for _, boundary := range []string{"", callerBoundary} {
		p.Boundary = boundary
		if size := len(p.Apply().JSON()); size > resource.MostInPolicy || len(p.Apply().Parts()) != 1 {
			t.Errorf("with the boundary %q, the policy has %d characters in %d parts", boundary, size, len(p.Apply().Parts()))
		}
	}
	p.LoadBalancer, p.SharedCluster, p.Domain = "shared", "shared", "shop.example.com"
	large := p.Apply()
	var statements []resource.PolicyStatement
	for _, part := range large.Parts() {
		if size := len(part.JSON()); size > resource.MostInPolicy {
			t.Errorf("a part has %d characters", size)
		}
		statements = append(statements, part.Statement...)
	}
	if len(large.Parts()) != 2 || len(statements) != len(large.Statement) {
		t.Errorf("%d characters in %d parts with %d of %d statements", len(large.JSON()), len(large.Parts()), len(statements), len(large.Statement))
	}
}
