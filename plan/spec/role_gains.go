package spec

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// UserPolicy begins the names of inline policies that compose files ask for. The others are
// those of this tool, which its documentation names.
const UserPolicy = "policy-"

// roleEffects says what the program behind a role may do that it could not before.
func roleEffects(live, want any, _ []plan.Change, _ bool) plan.Effects {
	from, _ := live.(*Role)
	to, _ := want.(*Role)
	if to == nil {
		return plan.Effects{}
	}
	if from == nil {
		from = &Role{PermissionsBoundary: to.PermissionsBoundary}
	}
	gains := append(gainedGrants(from, to), gainedManaged(from, to)...)
	slices.SortStableFunc(gains, func(a, b gain) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.text, b.text)) })
	var out plan.Effects
	for _, g := range gains {
		if !slices.Contains(out.Gains, g.text) {
			out.Gains = append(out.Gains, g.text)
		}
	}
	if was, is := from.PermissionsBoundary, to.PermissionsBoundary; was != is && was != "" {
		text := "is no longer bounded by " + afterSlash(was)
		if is != "" {
			text = "is bounded by " + afterSlash(is) + " instead of " + afterSlash(was)
		}
		out.Gains = append([]string{text}, out.Gains...)
	}
	return out
}

// gain is a right that is new, the most dangerous of the lowest rank.
type gain struct {
	rank int
	text string
}

// The ranks of gains.
const (
	everything  = iota // whatever the account lets anybody do
	manyActions        // all actions of a service, or of an unknown number
	anyResource        // on whatever there is
	narrow
)

// gainedGrants are what statements of the user allow now, and what they deny no more.
func gainedGrants(from, to *Role) []gain {
	had, have := grantsOf(from), grantsOf(to)
	var out []gain
	for _, p := range to.InlinePolicies {
		if !strings.HasPrefix(p.PolicyName, UserPolicy) {
			continue
		}
		for _, s := range p.PolicyDocument.Statement {
			if actions := newActions(s, had); s.Effect == "Allow" && len(actions) > 0 {
				out = append(out, gainOf("may ", s, actions))
			}
		}
	}
	for _, p := range from.InlinePolicies {
		for _, s := range p.PolicyDocument.Statement {
			if actions := newActions(s, have); s.Effect == "Deny" && len(actions) > 0 {
				out = append(out, gainOf("is no longer denied ", s, actions))
			}
		}
	}
	return out
}

// grantsOf are the actions of a role on each resource, one by one, as text.
func grantsOf(r *Role) map[string]bool {
	out := map[string]bool{}
	for _, p := range r.InlinePolicies {
		for _, s := range p.PolicyDocument.Statement {
			for _, action := range s.Action {
				for _, resource := range s.Resource {
					out[grant(s, action, resource)] = true
				}
			}
		}
	}
	return out
}

func grant(s Statement, action string, resource plan.Value) string {
	condition, _ := json.Marshal(s.Condition) // texts and refs
	return strings.Join([]string{s.Effect, action, resource.String(), string(condition)}, "\x00")
}

// newActions are those of a statement that are not among grants for each of its resources.
func newActions(s Statement, grants map[string]bool) []string {
	var out []string
	for _, action := range s.Action {
		if slices.ContainsFunc(s.Resource, func(resource plan.Value) bool { return !grants[grant(s, action, resource)] }) {
			out = append(out, action)
		}
	}
	return out
}

func gainOf(verb string, s Statement, actions []string) gain {
	var resources []string
	for _, resource := range s.Resource {
		resources = append(resources, resource.String())
	}
	all := slices.Contains(actions, "*") && slices.Contains(resources, "*")
	g := gain{narrow, verb + strings.Join(plan.FirstOf(actions), ", ") + " on " + strings.Join(plan.FirstOf(resources), ", ")}
	switch {
	case all && verb == "may " && len(s.Condition) == 0:
		return gain{everything, "may do everything"}
	case all:
		g.rank = everything
	case slices.ContainsFunc(actions, func(action string) bool { return strings.Contains(action, "*") }):
		g.rank = manyActions
	case slices.Contains(resources, "*"):
		g.rank = anyResource
	}
	if len(s.Condition) > 0 {
		g.text += ", on a condition"
	}
	return g
}

// managed are policies of AWS that allow more than their name says, or about all there is
// (AWS managed policy reference).
var managed = map[string]gain{
	"AdministratorAccess": {everything, "may do everything (AdministratorAccess)"},
	"PowerUserAccess":     {everything, "may do everything but manage users and roles (PowerUserAccess)"},
	"IAMFullAccess":       {everything, "may give itself every right (IAMFullAccess)"},
}

func gainedManaged(from, to *Role) []gain {
	var out []gain
	for _, arn := range to.ManagedPolicyArns {
		if slices.Contains(from.ManagedPolicyArns, arn) {
			continue
		}
		name := afterSlash(arn)
		g, ok := managed[name]
		if !ok || !strings.Contains(arn, ":iam::aws:") {
			g = gain{narrow, "has policy " + name}
			if strings.HasSuffix(name, "FullAccess") {
				g.rank = manyActions
			}
		}
		out = append(out, g)
	}
	return out
}

func afterSlash(text string) string { return text[strings.LastIndexByte(text, '/')+1:] }
