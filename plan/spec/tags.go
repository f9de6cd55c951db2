package spec

import (
	"reflect"
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Tag is a user's tag. Our own tags (plan.TagPrefix) are no part of a spec.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Tags turns a map into sorted tags and leaves out what is not the user's own.
func Tags(tags map[string]string) []Tag {
	var out []Tag
	for key, value := range tags {
		if plan.UserTag(key) {
			out = append(out, Tag{Key: key, Value: value})
		}
	}
	sortBy(out, func(t Tag) string { return t.Key })
	return out
}

// TagMap is the inverse of Tags.
func TagMap(tags []Tag) map[string]string {
	out := make(map[string]string, len(tags))
	for _, tag := range tags {
		out[tag.Key] = tag.Value
	}
	return out
}

func removes(p *plan.ResourcePlan, path ...string) bool {
	return p != nil && slices.ContainsFunc(p.Changes, func(c plan.Change) bool {
		return c.Op == plan.OpDelete && slices.Equal(c.Path, path)
	})
}

// attributesOf are those of load balancers and target groups.
func attributesOf(s any) map[string]string {
	switch s := s.(type) {
	case *LoadBalancer:
		return s.Attributes
	case *TargetGroup:
		return s.Attributes
	default:
		return nil
	}
}

// tagsOf is the field Tags, which the spec of every kind has.
func tagsOf(s any) *[]Tag {
	return reflect.ValueOf(s).Elem().FieldByName("Tags").Addr().Interface().(*[]Tag)
}
