package spec

import "github.com/compose2fargate/compose2fargate/plan"

// ScalableTargetKind is the kind of scalable-target/SERVICE.
const ScalableTargetKind = "scalable-target"

// ScalableTarget lets Application Auto Scaling decide how many tasks an ECS service has,
// between two bounds. Attrs: arn, resource-id.
type ScalableTarget struct {
	ResourceID  plan.Value `json:"resourceId"` // service/CLUSTER/SERVICE
	MinCapacity int        `json:"minCapacity"`
	MaxCapacity int        `json:"maxCapacity"`
	Tags        []Tag      `json:"tags,omitempty"`
}

// Bounds are what a scheduled action sets of a scalable target; nil: it leaves that.
type Bounds struct {
	MinCapacity *int `json:"minCapacity,omitempty"`
	MaxCapacity *int `json:"maxCapacity,omitempty"`
}

func scalableTargetRules() plan.Rules {
	return plan.Rules{
		Kind:      ScalableTargetKind,
		New:       func() any { return &ScalableTarget{} },
		Normalize: func(s any) { sortBy(s.(*ScalableTarget).Tags, func(t Tag) string { return t.Key }) },
		Attrs:     []string{"arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		Owner:     itself,
		Immutable: []string{"resourceId"},
		Replace:   plan.DeleteFirst,
		Optional:  []string{"tags.*"},
		Brief:     []string{"minCapacity", "maxCapacity"},
		Take:      takeBounds,
	}
}

// takeBounds leaves the bounds to the scheduled actions that have set them: each "sets the
// MinCapacity and MaxCapacity to what is specified by the scheduled action" (Application Auto
// Scaling User Guide, "How scheduled scaling works"). The payload of the desired target is
// what they set.
func takeBounds(live, want *plan.Resource, _ bool) any {
	out, now := *want.Spec.(*ScalableTarget), live.Spec.(*ScalableTarget)
	scheduled, _ := want.Payload.([]Bounds)
	for _, b := range scheduled {
		if b.MinCapacity != nil && *b.MinCapacity == now.MinCapacity {
			out.MinCapacity = now.MinCapacity
		}
		if b.MaxCapacity != nil && *b.MaxCapacity == now.MaxCapacity {
			out.MaxCapacity = now.MaxCapacity
		}
	}
	if out.MinCapacity > out.MaxCapacity { // they come from two states
		return want.Spec
	}
	return &out
}

// Asleep says whether a service of a live stack may have no tasks at the moment.
func Asleep(live *plan.Stack, service plan.Address) bool {
	r := live.Find(plan.Address{Kind: ScalableTargetKind, Name: service.Name})
	return r != nil && r.Spec.(*ScalableTarget).MaxCapacity == 0
}
