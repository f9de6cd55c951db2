package spec

import (
	"maps"
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
