package simulator

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The tags by which something made twice is told from something else.
const (
	projectTag  = "compose2fargate:project"
	resourceTag = "compose2fargate:resource"
	specTag     = "compose2fargate:spec"
)

// sameness is what two objects share that are the same thing made twice, nothing
// for objects of which there may be many: tasks, and revisions of task definitions.
// The hash in the spec tag tells a replacement from what it replaces.
func sameness(arn string, t *Tagged) []string {
	kind := arnType(arn)
	if kind == "ecs:task" || kind == "ecs:task-definition" {
		return nil
	}
	if same := t.sameness(kind); same != "" {
		return []string{same}
	}
	return nil
}

// sameness is kind, resource, project and hash; empty for what is nobody's.
func (t *Tagged) sameness(kind string) string {
	if t == nil || t.Tags[projectTag] == "" || t.Tags[resourceTag] == "" {
		return ""
	}
	return strings.Join([]string{kind, t.Tags[resourceTag], "of " + t.Tags[projectTag], specHash(t.Tags[specTag])}, " ")
}

// specHash is the hash in a spec tag: 1:HASH, 1:pending:HASH or 1:pending:HASH:force.
func specHash(tag string) string {
	parts := strings.Split(tag, ":")
	if len(parts) > 2 && parts[1] == "pending" {
		return parts[2]
	}
	return parts[len(parts)-1]
}

// doubles are the objects changed in this call of which there is another one.
func (a *Account) doubles() []Finding {
	var list []Finding
	twice := func(same string) {
		list = append(list, Finding{What: same[:strings.LastIndex(same, " ")], Twice: true})
	}
	for _, arn := range a.Tags.changes() {
		tags := a.Tags.Get(arn)
		if tags == nil {
			continue
		}
		for _, same := range sameness(arn, tags) {
			if a.same.Count(same) > 1 {
				twice(same)
			}
		}
	}
	for _, key := range a.TaskDefinitions.changes() {
		if same := a.sameRevision(a.TaskDefinitions.Get(key)); same != "" {
			twice(same)
		}
	}
	return list
}

// sameRevision is the sameness of a new revision that says what the latest active
// one of its family did, empty where there is none such.
func (a *Account) sameRevision(td *types.TaskDefinition) string {
	if td == nil || td.Status != types.TaskDefinitionStatusActive {
		return ""
	}
	var before *types.TaskDefinition
	for _, other := range a.families.Of(*td.Family) {
		if other.Status == types.TaskDefinitionStatusActive && other.Revision < td.Revision && (before == nil || other.Revision > before.Revision) {
			before = other
		}
	}
	if before == nil || !same(content(before), content(td)) {
		return ""
	}
	mine, others := a.Tags.Get(*td.TaskDefinitionArn), a.Tags.Get(*before.TaskDefinitionArn)
	if same := mine.sameness("ecs:task-definition"); same == others.sameness("ecs:task-definition") {
		return same
	}
	return ""
}

// content is a revision without what tells it from others of its family.
func content(td *types.TaskDefinition) types.TaskDefinition {
	c := *td
	c.TaskDefinitionArn, c.Revision, c.RegisteredAt, c.RegisteredBy = nil, 0, nil, nil
	return c
}
