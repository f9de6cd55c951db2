package spec

import (
	"maps"
	"slices"
	"sync"

	"github.com/compose2fargate/compose2fargate/plan"
)

// allKinds makes the rules of every kind. A new kind is one line here.
var allKinds = sync.OnceValue(func() plan.Kinds {
	kinds := plan.Kinds{}
	for _, rules := range []plan.Rules{
		accessPointRules(),
		alarmRules(),
		certificateRules(),
		clusterRules(),
		discoveryServiceRules(),
		fileSystemRules(),
		imageRules(),
		listenerRules(),
		listenerRuleRules(),
		loadBalancerRules(),
		logGroupRules(),
		mountTargetRules(),
		namespaceRules(),
		parameterRules(),
		recordRules(),
		repositoryRules(),
		roleRules(),
		scalableTargetRules(),
		scalingPolicyRules(),
		scheduledActionRules(),
		secretRules(),
		securityGroupRules(),
		serviceRules(),
		targetGroupRules(),
		taskDefinitionRules(),
	} {
		kinds[rules.Kind] = rules
	}
	return kinds
})

// Kinds returns the rules of every kind. They are made once and shared: callers
// must not change them.
func Kinds() plan.Kinds { return allKinds() }

// Owned returns the live stack as an apply of p should see it: without the tags
// and attributes that somebody else set, that is, those that p leaves alone
// although they are not wanted.
func Owned(live, want *plan.Stack, p *plan.Plan) (*plan.Stack, error) {
	resources := make([]*plan.Resource, len(live.Resources))
	for i, r := range live.Resources {
		resources[i] = r
		wanted := want.Find(r.Address)
		if r.Spec == nil || wanted == nil {
			continue
		}
		owned := *r
		owned.Spec = plan.Map(r.Spec, func(v plan.Value) plan.Value { return v })
		tags, keep := tagsOf(owned.Spec), TagMap(*tagsOf(wanted.Spec))
		*tags = slices.DeleteFunc(*tags, func(tag Tag) bool {
			_, isWanted := keep[tag.Key]
			return !isWanted && !removes(p.Find(r.Address), "tags", tag.Key)
		})
		keepAttributes := attributesOf(wanted.Spec)
		maps.DeleteFunc(attributesOf(owned.Spec), func(key, _ string) bool {
			_, isWanted := keepAttributes[key]
			return !isWanted && !removes(p.Find(r.Address), "attributes", key)
		})
		resources[i] = &owned
	}
	return plan.LiveStack(Kinds(), live.Target, resources)
}
