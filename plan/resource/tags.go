package resource

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// pairs reads the tags or attributes of any service: structs with a Key and a Value.
func pairs[T any](list []T) map[string]string {
	out := make(map[string]string, len(list))
	for _, pair := range list {
		v := reflect.ValueOf(pair)
		out[text(v.FieldByName("Key").Interface().(*string))] = text(v.FieldByName("Value").Interface().(*string))
	}
	return out
}

// pairList is the inverse of pairs, sorted by key.
func pairList[T any](pairs map[string]string) []T {
	out := make([]T, len(pairs))
	for i, key := range sortedKeys(pairs) {
		v := reflect.ValueOf(&out[i]).Elem()
		v.FieldByName("Key").Set(reflect.ValueOf(&key))
		v.FieldByName("Value").Set(reflect.ValueOf(pointer(pairs[key])))
	}
	return out
}

// allTags are the user's tags in a desired spec, and ours.
func (o owner) allTags(want *plan.Resource, user []spec.Tag, applied plan.Applied) map[string]string {
	tags := spec.TagMap(user)
	maps.Copy(tags, o.ownTags(want, applied))
	return tags
}

func (o owner) ownTags(want *plan.Resource, applied plan.Applied) map[string]string {
	own := plan.OwnTags(o.project, want.Address, applied)
	own[plan.TagRelease] = cmp.Or(want.Tags[plan.TagRelease], own[plan.TagRelease]) // see plan.Settle
	for key, value := range want.Tags {
		if own[key] == "" {
			own[key] = value
		}
	}
	return own
}

// owner is the project for which resources are made.
type owner struct{ project string }

// retag says which tags to set and to remove so that live, with the user's tags
// from, has ours and the user's tags to.
type retag struct {
	set    map[string]string
	remove []string
}

func (o owner) retag(live, want *plan.Resource, from, to []spec.Tag, applied plan.Applied) retag {
	var r retag
	have, goal := spec.TagMap(from), spec.TagMap(to)
	for _, key := range slices.Sorted(maps.Keys(have)) {
		if _, keep := goal[key]; !keep {
			r.remove = append(r.remove, key)
		}
	}
	r.set = o.ownTags(want, applied)
	for key, value := range r.set {
		if live.Tags[key] == value {
			delete(r.set, key)
		}
	}
	for key, value := range goal {
		if now, ok := have[key]; !ok || now != value {
			r.set[key] = value
		}
	}
	return r
}

// apply makes the calls that are needed for the resource at these attributes.
func (r retag) apply(
	ctx context.Context, a *session, at plan.Attrs,
	tag func(context.Context, *session, plan.Attrs, map[string]string) error, untag func(context.Context, *session, plan.Attrs, []string) error,
) error {
	if len(r.remove) > 0 {
		if err := untag(ctx, a, at, r.remove); err != nil {
			return err
		}
	}
	if len(r.set) == 0 {
		return nil
	}
	return tag(ctx, a, at, r.set)
}

// managedTags are the tags of from whose keys to has. An existing resource that is
// found while creating one was not planned for, so its other tags are left alone.
func managedTags(from, to []spec.Tag) []spec.Tag {
	goal := spec.TagMap(to)
	return slices.DeleteFunc(slices.Clone(from), func(t spec.Tag) bool {
		_, ok := goal[t.Key]
		return !ok
	})
}
