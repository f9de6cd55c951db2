package spec

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
)

// allows is a policy of the user with one statement.
func allows(effect string, resource string, actions ...string) InlinePolicy {
	return InlinePolicy{UserPolicy + "1", Policy{Statement: []Statement{{Effect: effect, Action: actions, Resource: []plan.Value{plan.Literal(resource)}}}}}
}

func TestWhatARoleGains(t *testing.T) {
	const bucket = "arn:aws:s3:::shop/*"
	conditional := allows("Allow", "*", "*")
	conditional.PolicyDocument.Statement[0].Condition = map[string]map[string][]plan.Value{"Bool": {"aws:SecureTransport": {plan.Literal("true")}}}
	own := InlinePolicy{"execution", allows("Allow", "*", "ecr:GetAuthorizationToken").PolicyDocument}
	for name, test := range map[string]struct {
		live *Role
		want Role
		says []string
	}{
		"everything":                {nil, Role{InlinePolicies: []InlinePolicy{allows("Allow", "*", "*")}}, []string{"may do everything"}},
		"everything on a condition": {nil, Role{InlinePolicies: []InlinePolicy{conditional}}, []string{"may * on *, on a condition"}},
		"all of a service":          {nil, Role{InlinePolicies: []InlinePolicy{allows("Allow", "*", "s3:*")}}, []string{"may s3:* on *"}},
		"one action":                {nil, Role{InlinePolicies: []InlinePolicy{allows("Allow", bucket, "s3:GetObject")}}, []string{"may s3:GetObject on " + bucket}},
		"one action more":           {&Role{InlinePolicies: []InlinePolicy{allows("Allow", bucket, "s3:GetObject")}}, Role{InlinePolicies: []InlinePolicy{allows("Allow", bucket, "s3:GetObject", "s3:PutObject")}}, []string{"may s3:PutObject on " + bucket}},
		"what it had":               {&Role{InlinePolicies: []InlinePolicy{allows("Allow", bucket, "s3:GetObject")}}, Role{InlinePolicies: []InlinePolicy{allows("Allow", bucket, "s3:GetObject")}}, nil},
		"less":                      {&Role{InlinePolicies: []InlinePolicy{allows("Allow", "*", "*")}}, Role{}, nil},
		"a wider resource":          {&Role{InlinePolicies: []InlinePolicy{allows("Allow", bucket, "s3:GetObject")}}, Role{InlinePolicies: []InlinePolicy{allows("Allow", "*", "s3:GetObject")}}, []string{"may s3:GetObject on *"}},
		"a denial that goes":        {&Role{InlinePolicies: []InlinePolicy{allows("Deny", bucket, "s3:DeleteObject")}}, Role{}, []string{"is no longer denied s3:DeleteObject on " + bucket}},
		"a policy of AWS":           {nil, Role{ManagedPolicyArns: []string{"arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/service-role/Reads"}}, []string{"may do everything (AdministratorAccess)", "has policy Reads"}},
		"one of the same name":      {nil, Role{ManagedPolicyArns: []string{"arn:aws:iam::123456789012:policy/AdministratorAccess"}}, []string{"has policy AdministratorAccess"}},
		"the most dangerous first":  {nil, Role{ManagedPolicyArns: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, InlinePolicies: []InlinePolicy{allows("Allow", "*", "*")}}, []string{"may do everything", "has policy ReadOnlyAccess"}},
		"a boundary that goes":      {&Role{PermissionsBoundary: "arn:aws:iam::123456789012:policy/limits"}, Role{}, []string{"is no longer bounded by limits"}},
		"another boundary":          {&Role{PermissionsBoundary: "arn:aws:iam::123456789012:policy/limits"}, Role{PermissionsBoundary: "arn:aws:iam::123456789012:policy/wide"}, []string{"is bounded by wide instead of limits"}},
		"a boundary from the start": {nil, Role{PermissionsBoundary: "arn:aws:iam::123456789012:policy/limits"}, nil},
		"what this tool needs":      {nil, Role{InlinePolicies: []InlinePolicy{own}}, nil},
	} {
		var live any
		if test.live != nil {
			live = test.live
		}
		if diff := cmp.Diff(test.says, roleEffects(live, &test.want, nil, false).Gains); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
