package simulator_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

const somePolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`

// role makes a role under a path.
func (w *world) role(name, path string) {
	w.t.Helper()
	must(w.iam.CreateRole(w.t.Context(), &iam.CreateRoleInput{
		RoleName: &name, Path: &path, AssumeRolePolicyDocument: aws.String(trust),
		PermissionsBoundary: aws.String("arn:aws:iam::123456789012:policy/boundary"),
		Tags:                []types.Tag{{Key: aws.String("project"), Value: aws.String("shop")}},
	}))(w.t)
}

func TestARoleWithItsPolicies(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	name := aws.String("web-execution")
	w.role(*name, "/compose2fargate/shop/")
	must(w.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("secrets"), PolicyDocument: aws.String(somePolicy)}))(t)
	must(w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(executionPolicy)}))(t)
	must(w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(executionPolicy)}))(t)

	golden(t, "role", must(w.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: name}))(t))
	golden(t, "role-authorization-details", must(w.iam.GetAccountAuthorizationDetails(ctx, &iam.GetAccountAuthorizationDetailsInput{
		Filter: []types.EntityType{types.EntityTypeRole},
	}))(t))

	document := must(w.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("secrets")}))(t).PolicyDocument
	if plain, _ := url.QueryUnescape(*document); plain != somePolicy || *document == somePolicy {
		t.Error("want the document URL-encoded:", *document)
	}
	del := &iam.DeleteRoleInput{RoleName: name}
	if _, err := w.iam.DeleteRole(ctx, del); code(err) != "DeleteConflict" {
		t.Error(err)
	}
	must(w.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(executionPolicy)}))(t)
	if _, err := w.iam.DeleteRole(ctx, del); code(err) != "DeleteConflict" {
		t.Error(err)
	}
	must(w.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("secrets")}))(t)
	must(w.iam.DeleteRole(ctx, del))(t)
	if _, err := w.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: name}); code(err) != "NoSuchEntity" {
		t.Error(err)
	}
}

func TestListRolesTellsNeitherTagsNorBoundary(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.role("a", "/compose2fargate/shop/")
	w.role("b", "/compose2fargate/shop/")
	w.role("c", "/")
	var got []string
	pages := iam.NewListRolesPaginator(w.iam, &iam.ListRolesInput{PathPrefix: aws.String("/compose2fargate/")})
	for pages.HasMorePages() {
		for _, r := range must(pages.NextPage(t.Context()))(t).Roles {
			got = append(got, fmt.Sprint(*r.RoleName, " ", r.Tags, " ", r.PermissionsBoundary))
		}
	}
	if diff := cmp.Diff([]string{"a [] <nil>", "b [] <nil>"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	tags := must(w.iam.ListRoleTags(t.Context(), &iam.ListRoleTagsInput{RoleName: aws.String("a")}))(t).Tags
	if len(tags) != 1 || *tags[0].Value != "shop" {
		t.Error(text(tags))
	}
}

func TestIAMRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.role("web", "/")
	ctx := t.Context()
	create := func(edit func(in *iam.CreateRoleInput)) error {
		in := &iam.CreateRoleInput{RoleName: aws.String("new"), AssumeRolePolicyDocument: aws.String(trust)}
		edit(in)
		_, err := w.iam.CreateRole(ctx, in)
		return err
	}
	put := func(document string) error {
		_, err := w.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
			RoleName: aws.String("web"), PolicyName: aws.String("p"), PolicyDocument: &document,
		})
		return err
	}
	attach := func(arn string) error {
		_, err := w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("web"), PolicyArn: &arn})
		return err
	}
	for _, c := range []struct {
		name string
		want string
		err  error
	}{
		{"a name that is taken in other letters", "EntityAlreadyExists", create(func(in *iam.CreateRoleInput) { in.RoleName = aws.String("WEB") })},
		{"a name of 65 letters", "ValidationError", create(func(in *iam.CreateRoleInput) { in.RoleName = aws.String(strings.Repeat("x", 65)) })},
		{"a path without slashes", "ValidationError", create(func(in *iam.CreateRoleInput) { in.Path = aws.String("shop") })},
		{"a trust policy that is no JSON", "MalformedPolicyDocument", create(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = aws.String("{") })},
		{"a trust policy without principal", "MalformedPolicyDocument", create(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = aws.String(somePolicy) })},
		{"a boundary that does not exist", "NoSuchEntity", create(func(in *iam.CreateRoleInput) { in.PermissionsBoundary = aws.String("arn:aws:iam::aws:policy/None") })},
		{"a session of a minute", "ValidationError", create(func(in *iam.CreateRoleInput) { in.MaxSessionDuration = aws.Int32(60) })},
		{"a policy with a principal", "MalformedPolicyDocument", put(trust)},
		{"a policy without resources", "MalformedPolicyDocument", put(`{"Statement":[{"Effect":"Allow","Action":"s3:*"}]}`)},
		{"an action without a service", "MalformedPolicyDocument", put(`{"Statement":[{"Effect":"Allow","Action":"GetObject","Resource":"*"}]}`)},
		{"a resource that is no ARN", "MalformedPolicyDocument", put(`{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}]}`)},
		{"a trust policy for something else", "MalformedPolicyDocument", create(func(in *iam.CreateRoleInput) {
			in.AssumeRolePolicyDocument = aws.String(strings.Replace(trust, "sts:AssumeRole", "s3:GetObject", 1))
		})},
		{"a trust policy for no service", "MalformedPolicyDocument", create(func(in *iam.CreateRoleInput) {
			in.AssumeRolePolicyDocument = aws.String(strings.Replace(trust, "ecs-tasks.amazonaws.com", "ecs", 1))
		})},
		{"a policy that is too long", "LimitExceeded", put(strings.Replace(somePolicy, "s3:GetObject", "s3:"+strings.Repeat("x", 10240), 1))},
		{"a managed policy that does not exist", "NoSuchEntity", attach("arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy")},
		{"a managed policy of another partition", "NoSuchEntity", attach("arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess")},
		{"a policy that is no ARN", "InvalidInput", attach("AmazonS3ReadOnlyAccess")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if code(c.err) != c.want {
				t.Errorf("got %v, want %s", c.err, c.want)
			}
		})
	}
}

func TestManagedPoliciesThatExist(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for _, name := range []string{
		"service-role/AmazonECSTaskExecutionRolePolicy", "AmazonS3ReadOnlyAccess", "AmazonSSMReadOnlyAccess",
		"CloudWatchAgentServerPolicy", "AmazonEC2ContainerRegistryReadOnly",
	} {
		must(w.iam.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/" + name)}))(t)
	}
}

func TestRolesAreChangedInPlace(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	name := aws.String("web")
	w.role(*name, "/")
	must(w.iam.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: name, Description: aws.String("web"), MaxSessionDuration: aws.Int32(7200)}))(t)
	must(w.iam.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: name}))(t)
	must(w.iam.TagRole(ctx, &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}}))(t)
	must(w.iam.UntagRole(ctx, &iam.UntagRoleInput{RoleName: name, TagKeys: []string{"project"}}))(t)
	r := must(w.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: name}))(t).Role
	if *r.Description != "web" || *r.MaxSessionDuration != 7200 || r.PermissionsBoundary != nil || len(r.Tags) != 1 || *r.Tags[0].Key != "a" {
		t.Error(text(r))
	}
}
