package spec

import (
	"encoding/json"
	"reflect"
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
)

// With is the role with everything that the role before lets its users do: both the
// tasks that run and those that replace them may have it.
func (r *Role) With(before *Role) *Role {
	both := *plan.Map(r, func(v plan.Value) plan.Value { return v }).(*Role)
	both.AssumeRolePolicyDocument = both.AssumeRolePolicyDocument.with(before.AssumeRolePolicyDocument)
	both.ManagedPolicyArns = append(both.ManagedPolicyArns, before.ManagedPolicyArns...)
	for _, policy := range before.InlinePolicies {
		i := slices.IndexFunc(both.InlinePolicies, func(p InlinePolicy) bool { return p.PolicyName == policy.PolicyName })
		if i < 0 {
			both.InlinePolicies = append(both.InlinePolicies, policy)
			continue
		}
		both.InlinePolicies[i].PolicyDocument = both.InlinePolicies[i].PolicyDocument.with(policy.PolicyDocument)
	}
	if before.PermissionsBoundary == "" {
		both.PermissionsBoundary = ""
	}
	both.normalize()
	return &both
}

// MaxInlinePolicies is how many characters, without white space, the inline policies of a
// role have together (IAM quotas).
const MaxInlinePolicies = 10_240

func (r *Role) inlineSize() int {
	n := 0
	for _, policy := range r.InlinePolicies {
		text, err := json.Marshal(textual(&policy.PolicyDocument))
		if err != nil {
			return 0
		}
		n += len(text)
	}
	return n
}

// with allows what either policy allows, and denies only what both deny.
func (p Policy) with(before Policy) Policy {
	out := Policy{Version: p.Version}
	for _, s := range p.Statement {
		if s.Effect != "Deny" || before.has(s) {
			out.Statement = append(out.Statement, s)
		}
	}
	for _, s := range before.Statement {
		if s.Effect != "Deny" && !out.has(s) {
			out.allow(s)
		}
	}
	return out
}

// has says whether a statement is there, whatever it is called.
func (p Policy) has(s Statement) bool {
	return slices.ContainsFunc(p.Statement, func(o Statement) bool { return o.says(s) && sameTexts(o.Resource, s.Resource) })
}

// allow adds a statement: to one that allows the same on other resources, or under
// another Sid, of which each is there once.
func (p *Policy) allow(s Statement) {
	for i, o := range p.Statement {
		if len(o.Resource) > 0 && len(s.Resource) > 0 && o.says(s) {
			p.Statement[i].Resource = valueSet(append(slices.Clone(o.Resource), others(s.Resource, o.Resource)...))
			return
		}
	}
	for s.Sid != "" && slices.ContainsFunc(p.Statement, func(o Statement) bool { return o.Sid == s.Sid }) {
		s.Sid += "Before"
	}
	p.Statement = append(p.Statement, s)
}

// says whether two statements are the same but for their Sids and resources.
func (s Statement) says(o Statement) bool {
	s.Sid, o.Sid, s.Resource, o.Resource = "", "", nil, nil
	return reflect.DeepEqual(textual(&s), textual(&o))
}

// others are the values that are not known already.
func others(values, known []plan.Value) []plan.Value {
	return slices.DeleteFunc(slices.Clone(values), func(v plan.Value) bool {
		return slices.ContainsFunc(known, func(w plan.Value) bool { return v.String() == w.String() })
	})
}

func sameTexts(a, b []plan.Value) bool {
	return slices.EqualFunc(a, b, func(v, w plan.Value) bool { return v.String() == w.String() })
}

// textual is a spec in which a value that was read equals one that is computed.
func textual[T any](s *T) *T {
	return plan.Map(s, func(v plan.Value) plan.Value { return plan.Literal(v.String()) }).(*T)
}
