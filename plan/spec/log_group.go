package spec

import "github.com/compose2fargate/compose2fargate/plan"

// LogGroupKind is the kind of log-group/PROJECT.
const LogGroupKind = "log-group"

// LogGroup is a CloudWatch log group. Attrs: name, arn (in the form for
// tagging), and streams (the ARN ending in :*, in the form for policies).
type LogGroup struct {
	LogGroupName    string `json:"logGroupName"`
	RetentionInDays int    `json:"retentionInDays,omitempty"` // 0: never expire
	Tags            []Tag  `json:"tags,omitempty"`
}

func logGroupRules() plan.Rules {
	return plan.Rules{
		Kind:      LogGroupKind,
		New:       func() any { return &LogGroup{} },
		Normalize: func(s any) { sortBy(s.(*LogGroup).Tags, func(t Tag) string { return t.Key }) },
		Attrs:     []string{"name", "arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"logGroupName"},
		Brief:     []string{"retentionInDays"},
		Owner:     shared,
		Optional:  []string{"tags.*"},
		Data:      true,
	}
}
