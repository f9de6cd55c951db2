package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// possessing is a world with a running task of all that can be taken from it.
type possessing struct {
	*world
	group, mountGroup, fileSystem, secret string
	targets, points                       []string
}

func possess(t *testing.T) possessing {
	t.Helper()
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.parameter("/shop/key")
	p := possessing{world: w, secret: w.secret("shop")}
	w.allow("*")
	ctx := t.Context()
	must(w.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("task"), AssumeRolePolicyDocument: aws.String(trust)}))(t)
	p.permit("s3:GetObject", "elasticfilesystem:*")
	network := w.network()
	p.group, p.mountGroup = p.opened("web", tcp(8080, "0.0.0.0/0"), tcp(9, "0.0.0.0/0")), p.opened("mount", tcp(2049, "0.0.0.0/0"))
	network.AwsvpcConfiguration.SecurityGroups = []string{p.group}
	p.mount(network.AwsvpcConfiguration.Subnets)

	td := definition("web")
	td.TaskRoleArn = aws.String("arn:aws:iam::123456789012:role/task")
	td.Volumes = []types.Volume{{Name: aws.String("data"), EfsVolumeConfiguration: &types.EFSVolumeConfiguration{
		FileSystemId: &p.fileSystem, TransitEncryption: types.EFSTransitEncryptionEnabled,
		AuthorizationConfig: &types.EFSAuthorizationConfig{AccessPointId: &p.points[0], Iam: types.EFSAuthorizationConfigIAMEnabled},
	}}}
	td.ContainerDefinitions[0].Secrets = []types.Secret{
		{Name: aws.String("KEY"), ValueFrom: aws.String("/shop/key")}, {Name: aws.String("SECRET"), ValueFrom: &p.secret},
	}
	w.register(td)
	in := w.service("web")
	in.NetworkConfiguration = network
	must(w.ecs.CreateService(ctx, in))(t)
	w.Pass(time.Hour)
	if s := w.describe("web"); s.RunningCount != 1 {
		t.Fatalf("the task does not run: %s", text(s.Events))
	}
	return p
}

func (p possessing) again(t *testing.T) possessing {
	p.world = p.world.again(t)
	return p
}

// opened makes a security group with rules.
func (p possessing) opened(name string, rules ...ec2types.IpPermission) string {
	p.t.Helper()
	group := must(p.ec2.CreateSecurityGroup(p.t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &name, Description: &name}))(p.t).GroupId
	must(p.ec2.AuthorizeSecurityGroupIngress(p.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group, IpPermissions: rules}))(p.t)
	return *group
}

// permit lets the task role do this and nothing else.
func (p possessing) permit(actions ...string) {
	p.t.Helper()
	p.say("task", "own", `"Effect":"Allow","Action":["`+strings.Join(actions, `","`)+`"],"Resource":"*"`)
}

// say puts a policy of one statement on a role.
func (p possessing) say(role, name, statement string) {
	p.t.Helper()
	must(p.iam.PutRolePolicy(p.t.Context(), &iam.PutRolePolicyInput{
		RoleName: &role, PolicyName: &name, PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{` + statement + `}]}`),
	}))(p.t)
}

// guard puts a policy of one statement on the file system.
func (p possessing) guard(statement string) {
	p.t.Helper()
	must(p.efs.PutFileSystemPolicy(p.t.Context(), &efs.PutFileSystemPolicyInput{FileSystemId: &p.fileSystem, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Principal":{"AWS":"*"},"Resource":"*",` + statement + `}]}`,
	)}))(p.t)
}

// mount makes a file system with a mount target in each subnet and two access points.
func (p *possessing) mount(subnets []string) {
	p.t.Helper()
	ctx := p.t.Context()
	p.fileSystem = *must(p.efs.CreateFileSystem(ctx, &efs.CreateFileSystemInput{CreationToken: aws.String("data")}))(p.t).FileSystemId
	p.Pass(time.Hour)
	for _, subnet := range subnets {
		m := must(p.efs.CreateMountTarget(ctx, &efs.CreateMountTargetInput{
			FileSystemId: &p.fileSystem, SubnetId: &subnet, SecurityGroups: []string{p.mountGroup},
		}))(p.t)
		p.targets = append(p.targets, *m.MountTargetId)
	}
	for _, token := range []string{"one", "two"} {
		m := must(p.efs.CreateAccessPoint(ctx, &efs.CreateAccessPointInput{
			FileSystemId: &p.fileSystem, ClientToken: &token, RootDirectory: &efstypes.RootDirectory{Path: aws.String("/" + token)},
		}))(p.t)
		p.points = append(p.points, *m.AccessPointId)
	}
	p.Pass(time.Hour)
}

// revoke takes an ingress rule away.
func (p possessing) revoke(group string, port int32) error {
	_, err := p.ec2.RevokeSecurityGroupIngress(p.t.Context(), &ec2.RevokeSecurityGroupIngressInput{
		GroupId: &group, IpPermissions: []ec2types.IpPermission{tcp(port, "0.0.0.0/0")},
	})
	return err
}

// replace lets others in, and then not any more what was let in at port 8080.
func (p possessing) replace(rule ec2types.IpPermission) error {
	p.t.Helper()
	must(p.ec2.AuthorizeSecurityGroupIngress(p.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &p.group, IpPermissions: []ec2types.IpPermission{rule},
	}))(p.t)
	return p.revoke(p.group, 8080)
}

// taking is what somebody does to a world with a running task.
type taking[W any] struct {
	name string
	want string // in the findings; empty: the witness sees nothing
	take func(W) error
}

type witnessed[W any] interface {
	again(*testing.T) W
	Witness() []simulator.Finding
	ResetWitness()
}

// watch tries each in a world of its own that is as the one begun.
func watch[W witnessed[W]](t *testing.T, begun W, cases []taking[W]) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := begun.again(t)
			if findings := w.Witness(); len(findings) > 0 {
				t.Fatal("before:", findings)
			}
			if err := c.take(w); err != nil {
				t.Fatal(err)
			}
			var seen []string
			for _, f := range w.Witness() {
				seen = append(seen, f.String())
			}
			said := strings.Join(seen, "\n")
			if c.want == "" && said != "" || !strings.Contains(said, c.want) {
				t.Errorf("the witness saw %q, want %q", said, c.want)
			}
			w.ResetWitness()
			if len(w.Witness()) > 0 {
				t.Error("the witness did not forget")
			}
		})
	}
}

func TestTheWitnessSeesWhatIsTakenFromARunningTask(t *testing.T) {
	watch(t, possess(t), []taking[possessing]{
		{"access point", "the mount of fs-", func(p possessing) error {
			_, err := p.efs.DeleteAccessPoint(p.t.Context(), &efs.DeleteAccessPointInput{AccessPointId: &p.points[0]})
			return err
		}},
		{"access point of nobody", "", func(p possessing) error {
			_, err := p.efs.DeleteAccessPoint(p.t.Context(), &efs.DeleteAccessPointInput{AccessPointId: &p.points[1]})
			return err
		}},
		{"mount target", "the mount of fs-", func(p possessing) error {
			for _, id := range p.targets {
				if _, err := p.efs.DeleteMountTarget(p.t.Context(), &efs.DeleteMountTargetInput{MountTargetId: &id}); err != nil {
					return err
				}
			}
			return nil
		}},
		{"narrower file system policy", "the right to elasticfilesystem:ClientMount by the policy of fs-", func(p possessing) error {
			p.guard(`"Effect":"Deny","Action":"elasticfilesystem:ClientMount"`)
			return nil
		}},
		{"file system policy that lets the task in", "", func(p possessing) error {
			p.guard(`"Effect":"Allow","Action":"elasticfilesystem:ClientMount"`)
			_, err := p.efs.DeleteFileSystemPolicy(p.t.Context(), &efs.DeleteFileSystemPolicyInput{FileSystemId: &p.fileSystem})
			return err
		}},
		{"parameter", "the secret /shop/key", func(p possessing) error {
			_, err := p.ssm.DeleteParameters(p.t.Context(), &ssm.DeleteParametersInput{Names: []string{"/shop/key"}})
			return err
		}},
		{"secret", "the secret arn:aws:secretsmanager:", func(p possessing) error {
			_, err := p.secrets.DeleteSecret(p.t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &p.secret})
			return err
		}},
		{"log group", "the log group /shop", func(p possessing) error {
			_, err := p.logs.DeleteLogGroup(p.t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("/shop")})
			return err
		}},
		{"statement", "the right to s3:GetObject on *", func(p possessing) error { p.permit("elasticfilesystem:*"); return nil }},
		{"wider policy", "", func(p possessing) error { p.permit("elasticfilesystem:*", "s3:GetObject", "s3:PutObject"); return nil }},
		{"role policy", "the right to s3:GetObject on *", func(p possessing) error {
			_, err := p.iam.DeleteRolePolicy(p.t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String("task"), PolicyName: aws.String("own")})
			return err
		}},
		{"security group rule", "the way in by tcp 8080-8080 from 0.0.0.0/0", func(p possessing) error { return p.revoke(p.group, 8080) }},
		{"rule of a port that the task has not", "", func(p possessing) error { return p.revoke(p.group, 9) }},
		{"rule of the mount target", "the mount of fs-", func(p possessing) error { return p.revoke(p.mountGroup, 2049) }},
		{"parameter of a service that stopped", "", func(p possessing) error {
			p.update(&ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(0)})
			p.describe("web")
			_, err := p.ssm.DeleteParameter(p.t.Context(), &ssm.DeleteParameterInput{Name: aws.String("/shop/key")})
			return err
		}},
	})
}

func TestTheWitnessSeesWhatIsMadeTwice(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	group := func(name, resource, spec string) {
		must(w.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
			GroupName: &name, Description: &name, TagSpecifications: []ec2types.TagSpecification{{
				ResourceType: ec2types.ResourceTypeSecurityGroup, Tags: []ec2types.Tag{
					{Key: aws.String("compose2fargate:project"), Value: aws.String("shop")},
					{Key: aws.String("compose2fargate:resource"), Value: &resource},
					{Key: aws.String("compose2fargate:spec"), Value: &spec},
				},
			}},
		}))(t)
	}
	group("a", "security-group/web", "1:one")
	group("b", "security-group/web", "1:pending:two") // replaces it
	group("c", "security-group/other", "1:one")
	if findings := w.Witness(); len(findings) > 0 {
		t.Error(findings)
	}
	group("d", "security-group/web", "1:pending:one:force")
	const want = "ec2.CreateSecurityGroup d made a second ec2:security-group security-group/web of shop"
	if findings := w.Witness(); len(findings) != 1 || findings[0].String() != want {
		t.Errorf("got %v, want %s", findings, want)
	}
}

func TestTheWitnessSeesARevisionThatIsMadeTwice(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	register := func(spec, image string, project ...types.Tag) {
		in := definition("web")
		in.ContainerDefinitions[0].Image = &image
		in.Tags = append(ecsTags("compose2fargate:spec", spec), project...)
		w.register(in)
	}
	mine := append(ecsTags("compose2fargate:project", "shop"), ecsTags("compose2fargate:resource", "task-definition/web")...)
	register("1:one", "nginx:1")
	register("1:one", "nginx:1") // nobody's
	register("1:one", "nginx:1", mine...)
	register("1:two", "nginx:2", mine...)
	register("1:one", "nginx:1", mine...) // back to an older one
	register("1:one", "nginx:3", mine...) // says something else
	if findings := w.Witness(); len(findings) > 0 {
		t.Error(findings)
	}
	register("1:one", "nginx:3", mine...)
	const want = "ecs.RegisterTaskDefinition web made a second ecs:task-definition task-definition/web of shop"
	if findings := w.Witness(); len(findings) != 1 || findings[0].String() != want {
		t.Errorf("got %v, want %s", findings, want)
	}
	w.ResetWitness()
	must(w.ecs.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("web:7")}))(t)
	must(w.ecs.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("web:6")}))(t)
	register("1:one", "nginx:3", mine...)
	if findings := w.Witness(); len(findings) > 0 {
		t.Error("made again after the others were deregistered:", findings)
	}
}
