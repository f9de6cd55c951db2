package translate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// TestPoliciesWithUnknownPartsAreRefused: a policy must never let in more than
// its author meant.
func TestPoliciesWithUnknownPartsAreRefused(t *testing.T) {
	statement := func(change func(map[string]any)) map[string]any {
		s := map[string]any{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
		change(s)
		return map[string]any{"Statement": []any{s}}
	}
	for name, document := range map[string]map[string]any{
		"no statement":   {"Version": "2012-10-17"},
		"unknown key":    {"Statements": []any{}},
		"no mapping":     {"Statement": "Allow"},
		"NotAction":      statement(func(s map[string]any) { s["NotAction"] = "s3:*" }),
		"NotResource":    statement(func(s map[string]any) { s["NotResource"] = "*" }),
		"no effect":      statement(func(s map[string]any) { delete(s, "Effect") }),
		"another effect": statement(func(s map[string]any) { s["Effect"] = "allow" }),
		"no action":      statement(func(s map[string]any) { delete(s, "Action") }),
		"no resource":    statement(func(s map[string]any) { delete(s, "Resource") }),
		"condition":      statement(func(s map[string]any) { s["Condition"] = "x" }),
		"operator":       statement(func(s map[string]any) { s["Condition"] = map[string]any{"Bool": true} }),
	} {
		if got, err := policyDocument(document); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := policyDocument(statement(func(map[string]any) {})); err != nil {
		t.Error(err)
	}
}

// TestOurPoliciesNameNoMoreThanTheFiles gives the guard what checks of names let through, if
// they ever do: it looks at what a policy says, whoever wrote it.
func TestOurPoliciesNameNoMoreThanTheFiles(t *testing.T) {
	const account = "eu-central-1:111122223333:"
	for resource, refused := range map[string]bool{
		"arn:aws:ssm:" + account + "parameter/*":                                  true,
		"arn:aws:ssm:" + account + "parameter/shop/pass?":                         true,
		"arn:aws:ssm:" + account + "parameter/shop/${aws:username}":               true,
		"arn:aws:secretsmanager:" + account + "secret:*-??????":                   true,
		"arn:aws:kms:" + account + "key/*":                                        true,
		"arn:aws:logs:" + account + "log-group:/shop/*:*":                         true,
		"arn:aws:logs:" + account + "log-group:/shop/logs:*":                      false,
		"arn:aws:ssm:" + account + "parameter/compose2fargate/shop/api.TOKEN/*":   false,
		"arn:aws:secretsmanager:" + account + "secret:theirs-??????":              false,
		"arn:aws:ssm:" + account + "parameter/${ref:facts/account.name}":          false,
		"arn:aws:ssm:" + account + "parameter/compose2fargate/*/api.TOKEN/abcdef": true,
	} {
		for name, checked := range map[string]bool{"ours": true, spec.UserPolicy + "1": false} {
			b := newBase(projectOf(t, map[string]string{"compose.yaml": "services: {web: {image: nginx}}\n"}), knownFacts)
			b.refuseWild(diag.Path{"services", "web"}, spec.InlinePolicy{PolicyName: name, PolicyDocument: spec.Policy{
				Statement: []spec.Statement{{Effect: "Allow", Action: []string{"x:Get"}, Resource: []plan.Value{plan.Literal(resource)}}},
			}})
			if b.ds.HasErrors() != (refused && checked) {
				t.Errorf("policy %s on %s: %s", name, resource, printed(b.ds))
			}
		}
	}
}

// TestPoliciesAreAsManyAsARoleHolds: the first one too many has the error, and nothing
// compares thousands with each other.
func TestPoliciesAreAsManyAsARoleHolds(t *testing.T) {
	for _, test := range []struct {
		managed int
		want    string
	}{
		{mostManaged, ""},
		{mostManaged + 1, "IAM attaches at most 25 managed policies"},
		{200, "IAM attaches at most 25 managed policies"},
		{201, "a role holds no more than 200 policies"},
		{5_000, "a role holds no more than 200 policies"},
	} {
		var list []string
		for i := range test.managed {
			list = append(list, fmt.Sprintf("arn:aws:iam::aws:policy/P%d", i))
		}
		text := "services:\n  a:\n    image: nginx:1.29\n    x-fargate:\n      policies: [" + strings.Join(list, ", ") + "]\n"
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, ds := Load(t.Context(), Options{Dir: dir})
		if p != nil {
			_, more := p.Stack(plan.Facts{})
			ds = append(ds, more...)
		}
		said := printed(ds)
		if test.want == "" && strings.Contains(said, "policies") || strings.Count(said, "polic") == 0 != (test.want == "") || !strings.Contains(said, test.want) {
			t.Errorf("%d: %s", test.managed, said)
		}
	}
}
