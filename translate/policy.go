package translate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// policyDocument reads an IAM policy from a compose file. A key that it does
// not support is an error: without its Condition, for example, a policy would
// allow more than was meant.
func policyDocument(document map[string]any) (spec.Policy, error) {
	var out spec.Policy
	for _, key := range sortedKeys(document) {
		switch key {
		case "Version":
			out.Version = fmt.Sprint(document[key])
		case "Id":
		case "Statement":
			for i, item := range listOf(document[key]) {
				statement, err := policyStatement(item, i)
				if err != nil {
					return spec.Policy{}, err
				}
				out.Statement = append(out.Statement, statement)
			}
		default:
			return spec.Policy{}, fmt.Errorf("%s is not supported in a policy", key)
		}
	}
	if len(out.Statement) == 0 {
		return spec.Policy{}, errors.New("no Statement")
	}
	return out, nil
}

func policyStatement(item any, index int) (spec.Statement, error) {
	fields, ok := item.(map[string]any)
	if !ok {
		return spec.Statement{}, fmt.Errorf("statement %d must be a mapping", index+1)
	}
	// statements are known by their Sid when they are compared
	out := spec.Statement{Sid: "Statement" + strconv.Itoa(index+1)}
	for _, key := range sortedKeys(fields) {
		value := fields[key]
		if key != "Condition" && slices.ContainsFunc(listOf(value), isNested) {
			return spec.Statement{}, fmt.Errorf("%s of statement %d must be a text or a list of texts", key, index+1)
		}
		switch key {
		case "Sid":
			out.Sid = fmt.Sprint(value)
		case "Effect":
			out.Effect = fmt.Sprint(value)
		case "Action":
			out.Action = scalarsOf(value)
		case "Resource":
			out.Resource = literalsOf(value)
		case "Condition":
			condition, err := policyCondition(value)
			if err != nil {
				return spec.Statement{}, err
			}
			out.Condition = condition
		default:
			return spec.Statement{}, fmt.Errorf("%s is not supported in a statement", key)
		}
	}
	if out.Effect != "Allow" && out.Effect != "Deny" || len(out.Action) == 0 || len(out.Resource) == 0 {
		return spec.Statement{}, fmt.Errorf("statement %d needs Effect Allow or Deny, Action and Resource", index+1)
	}
	return out, nil
}

func policyCondition(value any) (map[string]map[string][]plan.Value, error) {
	operators, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("the value of Condition must be a mapping")
	}
	out := map[string]map[string][]plan.Value{}
	for operator, keys := range operators {
		fields, ok := keys.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("the operator %s of Condition must be a mapping", operator)
		}
		out[operator] = map[string][]plan.Value{}
		for key, values := range fields {
			out[operator][key] = literalsOf(values)
		}
	}
	return out, nil
}

// listOf makes one value a list of one, as IAM does.
func listOf(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	return []any{value}
}

// isNested says whether a value is no scalar.
func isNested(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return true
	default:
		return value == nil
	}
}

func scalarsOf(value any) []string {
	var out []string
	for _, item := range listOf(value) {
		out = append(out, fmt.Sprint(item))
	}
	return out
}

func literalsOf(value any) []plan.Value {
	var out []plan.Value
	for _, text := range scalarsOf(value) {
		out = append(out, plan.Literal(text))
	}
	return out
}
