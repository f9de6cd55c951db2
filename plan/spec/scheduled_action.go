package spec

import "github.com/compose2fargate/compose2fargate/plan"

// ScheduledActionKind is the kind of scheduled-action/SERVICE.NAME.
const ScheduledActionKind = "scheduled-action"

// ScheduledAction sets the bounds of a scalable target at certain times. It cannot be
// tagged: it belongs to its target. Attrs: arn, id (the resource id of its target and its
// name).
type ScheduledAction struct {
	ScheduledActionName  string     `json:"scheduledActionName"` // SERVICE.NAME
	ResourceID           plan.Value `json:"resourceId"`
	Schedule             string     `json:"schedule"` // at(…), rate(…) or cron(…)
	Timezone             string     `json:"timezone"`
	ScalableTargetAction Bounds     `json:"scalableTargetAction"`
	Tags                 []Tag      `json:"tags,omitempty"` // always empty: every spec has the field
}

func scheduledActionRules() plan.Rules {
	return plan.Rules{
		Kind: ScheduledActionKind,
		New:  func() any { return &ScheduledAction{} },
		// "If omitted, the default is UTC" (API reference, PutScheduledAction, Timezone).
		Normalize: func(s any) { fill(&s.(*ScheduledAction).Timezone, "UTC") },
		Keys:      map[string][]string{"tags": {"key"}},
		Owner:     beforeDot,
		Immutable: []string{"scheduledActionName", "resourceId"},
		Replace:   plan.DeleteFirst,
		Brief:     []string{"schedule", "timezone", "scalableTargetAction"},
		// It is gone with its target.
		Needs: map[string]string{ScalableTargetKind: ServiceKind},
	}
}
