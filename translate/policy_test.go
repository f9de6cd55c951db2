package translate

import "testing"

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
