package spec

import (
	"reflect"

	"github.com/compose2fargate/compose2fargate/plan"
)

// RoleKind is the kind of role/execution and role/SERVICE.execution or .task.
const RoleKind = "role"

// Role is an IAM role with its policies. Attrs: arn, name.
type Role struct {
	RoleName                 string   `json:"roleName"`
	Path                     string   `json:"path"`
	Description              string   `json:"description,omitempty"`
	AssumeRolePolicyDocument Policy   `json:"assumeRolePolicyDocument"`
	PermissionsBoundary      string   `json:"permissionsBoundary,omitempty"` // ARN
	ManagedPolicyArns        []string `json:"managedPolicyArns,omitempty"`   // a set
	// InlinePolicies are all inline policies of the role; others are removed.
	InlinePolicies []InlinePolicy `json:"inlinePolicies,omitempty"`
	Tags           []Tag          `json:"tags,omitempty"`
}

// InlinePolicy is a policy that lives and dies with its role.
type InlinePolicy struct {
	PolicyName     string `json:"policyName"`
	PolicyDocument Policy `json:"policyDocument"`
}

// Policy is an IAM policy document. IAM takes a string for a list of one; in the
// normal form all are lists, and lists whose order means nothing are sorted.
type Policy struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// Statement of a policy. Statements are known by their Sid, which all of ours
// have.
type Statement struct {
	Sid       string                             `json:"Sid,omitempty"`
	Effect    string                             `json:"Effect"`
	Principal map[string][]string                `json:"Principal,omitempty"` // "*" alone is {"*": ["*"]}
	Action    []string                           `json:"Action"`
	Resource  []plan.Value                       `json:"Resource,omitempty"`
	Condition map[string]map[string][]plan.Value `json:"Condition,omitempty"`
}

func roleRules() plan.Rules {
	return plan.Rules{
		Kind:      RoleKind,
		Serves:    true,
		New:       func() any { return &Role{} },
		Normalize: func(s any) { s.(*Role).normalize() },
		Attrs:     []string{"arn"},
		Keys: map[string][]string{
			"tags":           {"key"},
			"inlinePolicies": {"policyName"},
		},
		// IAM has no call that changes either (IAM API reference, UpdateRole).
		Immutable: []string{"roleName", "path"},
		Brief:     []string{"managedPolicyArns", "inlinePolicies"},
		Owner:     beforeDot,
		Optional:  []string{"tags.*"},
		Decided:   decidedOfRole,
		Effects:   roleEffects,
		Extends: func(live, want any) bool {
			from, _ := live.(*Role)
			return from != nil && !reflect.DeepEqual(textual(want.(*Role).With(from)), textual(want.(*Role)))
		},
		With: func(live, want any) any {
			both := want.(*Role).With(live.(*Role))
			both.Tags = live.(*Role).Tags
			return both
		},
		Fits: func(s any) bool { return s.(*Role).inlineSize() <= MaxInlinePolicies },
	}
}

func (r *Role) normalize() {
	fill(&r.Path, "/")
	r.ManagedPolicyArns = set(r.ManagedPolicyArns)
	r.AssumeRolePolicyDocument.normalize()
	for i := range r.InlinePolicies {
		r.InlinePolicies[i].PolicyDocument.normalize()
	}
	sortBy(r.InlinePolicies, func(p InlinePolicy) string { return p.PolicyName })
	sortBy(r.Tags, func(t Tag) string { return t.Key })
}

func (p *Policy) normalize() {
	// The policy language version; IAM's own default is the one of 2008.
	fill(&p.Version, "2012-10-17")
	for i := range p.Statement {
		p.Statement[i].normalize()
	}
	sortBy(p.Statement, func(s Statement) string { return s.Sid })
}

func (s *Statement) normalize() {
	s.Action = set(s.Action)
	s.Resource = valueSet(s.Resource)
	for name, list := range s.Principal {
		s.Principal[name] = set(list)
	}
	for _, keys := range s.Condition {
		for key, list := range keys {
			keys[key] = valueSet(list)
		}
	}
}
