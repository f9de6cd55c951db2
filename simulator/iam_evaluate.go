package simulator

import (
	"encoding/json"
	"slices"
	"strings"
)

// question is what policies are asked: may this action be done to this resource?
// The context has the condition keys of the request; nil means that they are not
// known, and then every condition is taken as met.
type question struct {
	action, resource string
	context          map[string][]string
}

// verdict is the answer of policies. A deny beats every allow (IAM User Guide,
// "Policy evaluation logic").
type verdict int

const (
	silent verdict = iota // no statement says anything: an implicit deny
	allowed
	denied
)

func (v verdict) and(other verdict) verdict { return max(v, other) }

// evaluate is what the statements that the filter passes say.
func (p policy) evaluate(q question, passes func(statement) bool) verdict {
	v := silent
	for _, s := range p.Statement {
		if !s.covers(q.action, q.resource) || !passes(s) || !s.met(q.context) {
			continue
		}
		if s.Effect == "Deny" {
			return denied
		}
		v = allowed
	}
	return v
}

func anyStatement(statement) bool { return true }

// names tells whether a statement of a resource's policy is about that principal;
// "" is a client without an identity, for whom only * is meant.
func (s statement) names(principal string) bool {
	if string(s.Principal) == `"*"` {
		return true
	}
	var byKind map[string]json.RawMessage
	if json.Unmarshal(s.Principal, &byKind) != nil {
		return false
	}
	who := texts(byKind["AWS"])
	return slices.Contains(who, "*") || principal != "" && slices.ContainsFunc(who, func(p string) bool {
		return p == principal || p == accountOf(principal) || p == strings.Join(strings.Split(principal, ":")[:5], ":")+":root"
	})
}

// accountOf is the account in an ARN.
func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// met tells whether every operator of a statement's condition holds, for each of
// its keys.
func (s statement) met(context map[string][]string) bool {
	if context == nil {
		return true
	}
	for operator, keys := range s.Condition {
		for key, want := range keys {
			if !conditionHolds(operator, have(context, key), conditionValues(want)) {
				return false
			}
		}
	}
	return true
}

// have are the values of a condition key. Names of keys have no case (IAM User
// Guide, "Condition element"); the part after a slash is a tag key and has one.
func have(context map[string][]string, key string) []string {
	for known, values := range context {
		if sameKey(known, key) {
			return values
		}
	}
	return nil
}

func sameKey(x, y string) bool {
	xName, xTag, _ := strings.Cut(x, "/")
	yName, yTag, _ := strings.Cut(y, "/")
	return strings.EqualFold(xName, yName) && xTag == yTag
}

// conditionValues are the values of a condition as text: a text, a boolean, a
// number, or a list of them.
func conditionValues(data json.RawMessage) []string {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		list = []json.RawMessage{data}
	}
	values := make([]string, len(list))
	for i, item := range list {
		if json.Unmarshal(item, &values[i]) != nil {
			values[i] = string(item)
		}
	}
	return values
}

// operators compare one value of the request with one of the policy (IAM User
// Guide, "IAM JSON policy elements: Condition operators").
var operators = map[string]func(have, want string) bool{
	"StringEquals":           func(have, want string) bool { return have == want },
	"StringEqualsIgnoreCase": strings.EqualFold,
	"StringLike":             func(have, want string) bool { return glob(want, have) },
	"ArnEquals":              arnLike,
	"ArnLike":                arnLike,
	"Bool":                   strings.EqualFold,
}

// arnLike matches each of the six parts of an ARN by itself, as IAM does.
func arnLike(have, want string) bool {
	h, w := strings.SplitN(have, ":", 6), strings.SplitN(want, ":", 6)
	if len(h) != len(w) {
		return false
	}
	for i := range h {
		if !glob(w[i], h[i]) {
			return false
		}
	}
	return true
}

// conditionHolds applies an operator with its prefix and suffix. Operators that are not
// known here hold, so that no allow is lost on them.
func conditionHolds(operator string, have, want []string) bool {
	operator, every := strings.CutPrefix(operator, "ForAllValues:")
	operator = strings.TrimPrefix(operator, "ForAnyValue:")
	operator, optional := strings.CutSuffix(operator, "IfExists")
	if operator == "Null" {
		return (len(have) == 0) == (len(want) > 0 && want[0] == "true")
	}
	name, negated := positive(operator)
	matches := operators[name]
	switch {
	case matches == nil:
		return true
	case len(have) == 0: // an absent key matches nothing, thus meets what is negated
		return optional || every || negated
	}
	one := func(value string) bool {
		return negated != slices.ContainsFunc(want, func(w string) bool { return matches(value, w) })
	}
	if every || negated {
		return !slices.ContainsFunc(have, func(value string) bool { return !one(value) })
	}
	return slices.ContainsFunc(have, one)
}

// positive is the operator without its Not: StringNotLike is StringLike, negated.
func positive(operator string) (name string, negated bool) {
	for _, kind := range []string{"String", "Arn"} {
		if rest, not := strings.CutPrefix(operator, kind+"Not"); not {
			return kind + rest, true
		}
	}
	return operator, false
}
