package spec

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
)

// ListenerRuleKind is the kind of listener-rule/SERVICE.PORT, by container port;
// what does not fit into one rule is in listener-rule/SERVICE.PORT.2 and so on.
const ListenerRuleKind = "listener-rule"

// ListenerRule sends what its conditions match to a target group. Attrs: arn.
type ListenerRule struct {
	ListenerArn plan.Value `json:"listenerArn"`
	// Priority is unique on a listener, 1 to 50,000, the lowest first. It is
	// chosen around the rules of others on a listener that exists.
	Priority int          `json:"priority"`
	Hosts    []string     `json:"hosts,omitempty"`   // a set of host names, * and ? allowed
	Paths    []string     `json:"paths,omitempty"`   // a set of path patterns
	Sources  []string     `json:"sources,omitempty"` // a set of blocks of addresses that requests may come from; none: any
	Actions  []RuleAction `json:"actions"`           // one
	Tags     []Tag        `json:"tags,omitempty"`
}

func listenerRuleRules() plan.Rules {
	return plan.Rules{
		Kind: ListenerRuleKind,
		New:  func() any { return &ListenerRule{} },
		Normalize: func(s any) {
			r := s.(*ListenerRule)
			r.Hosts, r.Paths, r.Sources = set(r.Hosts), set(r.Paths), set(r.Sources)
			sortBy(r.Tags, func(t Tag) string { return t.Key })
		},
		Attrs:     []string{"arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"listenerArn"},
		Brief:     []string{"hosts", "paths", "sources", "actions"},
		Owner:     beforePort,
		Optional:  []string{"tags.*"},
		Routes:    &plan.RouteRules{Leads: true, Supersedes: sameVisitors},
		Extends:   extendsRule,
		Decided:   []plan.Decision{{Release: 3, Path: "sources", Only: limitedByHand, Stays: true}},
		Replace:   plan.Beside, // the new one is on another listener
	}
}

// limitedByHand says whether somebody else limited who may use a rule, at which earlier
// releases did not look.
func limitedByHand(_ plan.Target, _, want *plan.Resource, _ plan.Change) bool {
	return want.Spec.(*ListenerRule).Sources == nil
}

// extendsRule says whether a change forwards requests to another target group,
// or creates a rule.
func extendsRule(live, want any) bool {
	from, _ := live.(*ListenerRule)
	to := want.(*ListenerRule)
	// A rule that was left over comes before another one again.
	return from == nil || from.Priority != to.Priority || leadsElsewhere(from.Actions, to.Actions)
}

// sameVisitors says whether two rules of a listener match the same requests, in
// which case the first one gets all of them.
func sameVisitors(live, want any) bool {
	a, b := live.(*ListenerRule), want.(*ListenerRule)
	return a.ListenerArn.Text != "" && a.ListenerArn.Text == b.ListenerArn.Text &&
		slices.Equal(a.Hosts, b.Hosts) && slices.Equal(a.Paths, b.Paths) && slices.Equal(a.Sources, b.Sources)
}
