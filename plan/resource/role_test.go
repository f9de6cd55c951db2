package resource

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// manyRoles is a stack of nothing but roles, one of them in another path.
func (w *world) manyRoles(n int) *plan.Stack {
	var roles []*plan.Resource
	for i := range n {
		s := w.role(fmt.Sprintf("shop-%d", i))
		s.Description = fmt.Sprint("role ", i)
		s.PermissionsBoundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
		if i == 0 {
			s.Path = "/"
		}
		roles = append(roles, &plan.Resource{Address: address(fmt.Sprintf("role/r%d.task", i)), Spec: s})
	}
	return w.stack(roles...)
}

func TestManyRolesAreReadOneByOne(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.manyRoles(40)
	w.mustApply(want)
	w.sim.ResetCalls()
	live := w.read(want)
	for _, call := range w.sim.Calls() {
		if call.Operation == "GetAccountAuthorizationDetails" {
			t.Error("it reads all of IAM")
		}
	}
	for _, r := range want.Resources {
		got := live.Find(r.Address)
		w.same(got, r.Spec)
		w.settled(got, r)
		if len(got.Unmanaged) > 0 {
			t.Errorf("%s: unmanaged %v", r.Address, got.Unmanaged)
		}
	}
}

func TestADescriptionLeavesTheLongestSessionAlone(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.one("role/execution", w.role("shop-execution"))
	kind := w.account().Kind(spec.RoleKind)
	if _, err := kind.Create(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	client := iam.NewFromConfig(w.sim.Config())
	_, err := client.UpdateRole(t.Context(), &iam.UpdateRoleInput{
		RoleName: aws.String("shop-execution"), Description: aws.String("by hand"), MaxSessionDuration: aws.Int32(7200),
	})
	if err != nil {
		t.Fatal(err)
	}
	live, err := kind.Read(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if len(live.Unmanaged) != 1 || live.Unmanaged[0] != "maxSessionDuration" {
		t.Errorf("unmanaged %v", live.Unmanaged)
	}
	if _, err := kind.Update(t.Context(), live, want, false); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("shop-execution")})
	if err != nil {
		t.Fatal(err)
	}
	if d := aws.ToInt32(got.Role.MaxSessionDuration); d != 7200 || aws.ToString(got.Role.Description) != "pulls images" {
		t.Errorf("%d seconds, %q", d, aws.ToString(got.Role.Description))
	}
}

func TestADeletedRoleTakesPoliciesOfOthersAlong(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	want := w.one("role/execution", w.role("shop-execution"))
	kind := w.account().Kind(spec.RoleKind)
	if _, err := kind.Create(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	live, err := kind.Read(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	_, err = iam.NewFromConfig(w.sim.Config()).AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{
		RoleName: aws.String("shop-execution"), PolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := kind.Delete(t.Context(), live); err != nil {
		t.Error(err)
	}
}
