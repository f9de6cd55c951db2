package simulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestServiceLinkedRoles(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	in := &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("ecs.amazonaws.com")}
	role := must(w.iam.CreateServiceLinkedRole(ctx, in))(t).Role
	if *role.Arn != "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS" {
		t.Error(*role.Arn)
	}
	if _, err := w.iam.CreateServiceLinkedRole(ctx, in); code(err) != "InvalidInput" {
		t.Error("a second time:", err)
	}
	for _, refused := range []*iam.CreateServiceLinkedRoleInput{
		{AWSServiceName: aws.String("none.amazonaws.com")},
		{AWSServiceName: aws.String("ecr.amazonaws.com"), CustomSuffix: aws.String("x")},
	} {
		if _, err := w.iam.CreateServiceLinkedRole(ctx, refused); code(err) != "InvalidInput" {
			t.Errorf("%s: %v", text(refused), err)
		}
	}
	if _, err := w.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: role.RoleName}); code(err) != "UnmodifiableEntity" {
		t.Error("it is deleted:", err)
	}
	if _, err := w.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: role.RoleName, PolicyName: aws.String("x"), PolicyDocument: aws.String(`{}`),
	}); code(err) != "UnmodifiableEntity" {
		t.Error("it is changed:", err)
	}
}
