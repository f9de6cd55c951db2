package simulator_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestEveryOperationHasAPermission(t *testing.T) {
	known := simulator.Operations()
	for _, operation := range known {
		if !simulator.HasPermission(operation) {
			t.Errorf("%s has no row in permitted", operation)
		}
	}
	for _, operation := range simulator.Permissions() {
		if !slices.Contains(known, operation) {
			t.Errorf("permitted has a row for %s, which is not simulated", operation)
		}
	}
}

// linkedRoles lets AWS make the roles that its services need.
const linkedRoles = `{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*"}`

const deployer = "arn:aws:iam::123456789012:role/deploy"

// as is an account whose caller has these statements.
func as(t *testing.T, statements ...string) *world {
	t.Helper()
	return newWorld(t, simulator.Options{Caller: simulator.Caller{
		ARN: deployer, Policies: []string{`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`},
	}})
}

// message is the text of a refusal.
func message(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return ""
}

func TestACallOutsideThePolicyIsRefused(t *testing.T) {
	w := as(t, linkedRoles, `{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:us-east-1:123456789012:cluster/shop"}`,
		`{"Effect":"Deny","Action":"ecs:DeleteCluster","Resource":"*"}`)
	ctx := t.Context()
	must(w.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("shop")}))(t)
	must(sts.NewFromConfig(w.Config()).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))(t)
	for _, c := range []struct {
		call func() error
		want string
	}{
		{func() error {
			_, err := w.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("other")})
			return err
		}, "AccessDeniedException: User: " + deployer + " is not authorized to perform: ecs:CreateCluster on resource: " +
			"arn:aws:ecs:us-east-1:123456789012:cluster/other because no identity-based policy allows the ecs:CreateCluster action"},
		{func() error {
			_, err := w.ecs.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String("shop")})
			return err
		}, "AccessDeniedException: User: " + deployer + " is not authorized to perform: ecs:DeleteCluster on resource: " +
			"arn:aws:ecs:us-east-1:123456789012:cluster/shop with an explicit deny in an identity-based policy"},
		{func() error {
			_, err := w.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("execution")})
			return err
		}, "AccessDenied: User: " + deployer + " is not authorized to perform: iam:GetRole on resource: " +
			"arn:aws:iam::123456789012:role/execution because no identity-based policy allows the iam:GetRole action"},
		{func() error { _, err := w.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{}); return err },
			"UnauthorizedOperation: You are not authorized to perform this operation. User: " + deployer +
				" is not authorized to perform: ec2:DescribeVpcs on resource: * because no identity-based policy allows the ec2:DescribeVpcs action"},
	} {
		if got := message(c.call()); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestConditionsOnTags(t *testing.T) {
	w := as(t, linkedRoles,
		`{"Effect":"Allow","Action":["ecs:CreateCluster","ecs:TagResource"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/project":"shop"}}}`,
		`{"Effect":"Allow","Action":"ecs:DeleteCluster","Resource":"*","Condition":{"StringLike":{"aws:ResourceTag/project":["sh*"]}}}`)
	ctx := t.Context()
	must(w.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("shop"), Tags: ecsTags("project", "shop")}))(t)
	for _, tags := range []string{"other", ""} {
		in := &ecs.CreateClusterInput{ClusterName: aws.String("other")}
		if tags != "" {
			in.Tags = ecsTags("project", tags)
		}
		if _, err := w.ecs.CreateCluster(ctx, in); code(err) != "AccessDeniedException" {
			t.Errorf("tag %q: %v", tags, err)
		}
	}
	must(w.ecs.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String("shop")}))(t)
	w.Mutate(func(a *simulator.Account) {
		a.Tags.Put("arn:aws:ecs:us-east-1:123456789012:cluster/x", simulator.Tagged{})
	})
	if _, err := w.ecs.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String("x")}); code(err) != "AccessDeniedException" {
		t.Error("a cluster of others:", err)
	}
}

func TestTagsAndRolesNeedPermissionsToo(t *testing.T) {
	allow := `{"Effect":"Allow","Action":["iam:Create*","iam:Attach*","iam:PutRolePolicy","logs:*","ecs:CreateCluster","ecs:RegisterTaskDefinition"],"Resource":"*"}`
	w := as(t, allow, `{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}`)
	w.prepare()
	_, err := w.ecs.RegisterTaskDefinition(t.Context(), definition("web"))
	if got := message(err); !strings.Contains(got, "iam:PassRole on resource: "+executionRole) {
		t.Error("a role is passed to a service that may not have it:", err)
	}
	tagged := &ecs.CreateClusterInput{ClusterName: aws.String("x"), Tags: ecsTags("a", "1")}
	if _, err := w.ecs.CreateCluster(t.Context(), tagged); !strings.Contains(message(err), "ecs:TagResource") {
		t.Error("tags at birth:", err)
	}
}

func TestACallerOfNoPolicyIsRefused(t *testing.T) {
	for _, document := range []string{
		`{`, `{"Statement":[]}`,
		`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}`,
	} {
		if _, err := simulator.New(simulator.Options{Caller: simulator.Caller{Policies: []string{document}}}); err == nil {
			t.Errorf("%s is taken", document)
		}
	}
}

func TestConditionOperators(t *testing.T) {
	for condition, want := range map[string]bool{
		`{"StringEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"]}}`:              true,
		`{"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}}`:                         false,
		`{"StringNotLike":{"aws:RequestedRegion":"eu-*"}}`:                                true,
		`{"StringEqualsIgnoreCase":{"AWS:requestedregion":"US-EAST-1"}}`:                  true,
		`{"ArnLike":{"aws:PrincipalArn":"arn:*:iam::*:role/dep*"}}`:                       true,
		`{"ArnNotLike":{"aws:PrincipalArn":"arn:*:iam::*:role/dep*"}}`:                    false,
		`{"Bool":{"aws:SecureTransport":true}}`:                                           true,
		`{"Null":{"aws:RequestTag/project":"true"}}`:                                      true,
		`{"Null":{"aws:RequestTag/project":"false"}}`:                                     false,
		`{"StringEquals":{"aws:RequestTag/project":"shop"}}`:                              false,
		`{"StringEqualsIfExists":{"aws:RequestTag/project":"shop"}}`:                      true,
		`{"ForAllValues:StringEquals":{"aws:TagKeys":["project"]}}`:                       true,
		`{"ForAnyValue:StringEquals":{"aws:TagKeys":["project"]}}`:                        false,
		`{"StringEquals":{"aws:RequestedRegion":"us-east-1","aws:PrincipalAccount":"1"}}`: false,
	} {
		w := as(t, `{"Effect":"Allow","Action":"ecs:ListClusters","Resource":"*","Condition":`+condition+`}`)
		_, err := w.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{})
		if (err == nil) != want {
			t.Errorf("%s: %v", condition, err)
		}
	}
}

// TestAWSAsksForMoreThanTheCall takes away, one by one, what AWS asks for beside a call.
func TestAWSAsksForMoreThanTheCall(t *testing.T) {
	all := []string{
		"elasticfilesystem:CreateFileSystem", "elasticfilesystem:CreateMountTarget", "elasticfilesystem:TagResource", "iam:CreateServiceLinkedRole",
		"ec2:DescribeSubnets", "ec2:DescribeNetworkInterfaces", "ec2:CreateNetworkInterface",
	}
	for i := range append(all, "") {
		var left []string
		for j, action := range all {
			if i != j {
				left = append(left, action)
			}
		}
		w := as(t, `{"Effect":"Allow","Action":["`+strings.Join(left, `","`)+`"],"Resource":"*"}`)
		err := makeMountTarget(t, w)
		if i == len(all) {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if !strings.Contains(message(err), "perform: "+all[i]+" ") {
			t.Errorf("without %s: %v", all[i], err)
		}
	}
}

func makeMountTarget(t *testing.T, w *world) error {
	t.Helper()
	api := efs.NewFromConfig(w.Config())
	made, err := api.CreateFileSystem(t.Context(), &efs.CreateFileSystemInput{
		CreationToken: aws.String("data"), Tags: []efstypes.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	})
	if err != nil {
		return err
	}
	subnet := ""
	w.Mutate(func(a *simulator.Account) {
		made := a.FileSystems.Edit(*made.FileSystemId)
		made.LifeCycleState = efstypes.LifeCycleStateAvailable
		for id := range a.Subnets.All() {
			subnet = id
		}
	})
	_, err = api.CreateMountTarget(t.Context(), &efs.CreateMountTargetInput{FileSystemId: made.FileSystemId, SubnetId: &subnet})
	return err
}

func TestABoundaryIsACondition(t *testing.T) {
	const boundary = "arn:aws:iam::123456789012:policy/boundary"
	w := as(t, `{"Sid":"Bounded","Effect":"Allow","Action":["iam:CreateRole","iam:PutRolePolicy"],"Resource":"*",
		"Condition":{"StringEquals":{"iam:PermissionsBoundary":"`+boundary+`"}}}`)
	trust := aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
	if _, err := w.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("free"), AssumeRolePolicyDocument: trust}); code(err) != "AccessDenied" {
		t.Error("a role without the boundary:", err)
	}
	must(w.iam.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("bounded"), AssumeRolePolicyDocument: trust, PermissionsBoundary: aws.String(boundary),
	}))(t)
	must(w.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("bounded"), PolicyName: aws.String("p"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`),
	}))(t)
	want := []string{"iam:CreateRole [Bounded]", "iam:PutRolePolicy [Bounded]"}
	var got []string
	for _, g := range w.Grants() {
		got = append(got, fmt.Sprint(g.Action, " ", g.Sids))
	}
	if !slices.Equal(got, want) {
		t.Errorf("grants %v, want %v", got, want)
	}
	if err := w.As(simulator.Caller{ARN: deployer, Policies: []string{`{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("bounded")}); code(err) != "AccessDenied" {
		t.Error("another caller:", err)
	}
}
