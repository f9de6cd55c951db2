package simulator

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Tagged is the tags of one object, which may have none. Every service keeps
// its tags here, so that the tagging API knows them all.
type Tagged struct {
	Tags   map[string]string
	Seen   int64             // when GetResources sees Tags, on the clock
	Before map[string]string // what it sees until then
}

// bear registers a new object under its ARN, with its tags from birth.
func (a *Account) bear(arn string, tags map[string]string) {
	a.Tags.Put(arn, Tagged{Tags: maps.Clone(tags), Seen: a.moment() + int64(a.TagDelay)})
}

// tagsOf returns the tags of the object, for reading.
func (a *Account) tagsOf(arn string) map[string]string {
	if t := a.Tags.Get(arn); t != nil {
		return t.Tags
	}
	return nil
}

// tag adds tags to an object that bear knows.
func (a *Account) tag(arn string, tags map[string]string) {
	t := a.editTags(arn)
	maps.Copy(t.Tags, tags)
}

// untag removes tags from an object that bear knows; absent keys are no error.
func (a *Account) untag(arn string, keys []string) {
	t := a.editTags(arn)
	for _, key := range keys {
		delete(t.Tags, key)
	}
}

func (a *Account) editTags(arn string) *Tagged {
	t := a.Tags.Edit(arn)
	if a.TagDelay > 0 {
		if t.Seen <= a.moment() {
			t.Before = maps.Clone(t.Tags)
		}
		t.Seen = a.moment() + int64(a.TagDelay)
	}
	if t.Tags == nil {
		t.Tags = map[string]string{}
	}
	return t
}

// indexed is what the tagging API's index has of an object, which lags behind.
func (a *Account) indexed(arn string) map[string]string {
	t := a.Tags.Get(arn)
	if t.Seen > a.moment() {
		return t.Before
	}
	return t.Tags
}

// mostTags is how many tags an object may carry, in every service here.
const mostTags = 50

// tagText is what ECS, IAM and CloudWatch Logs allow in tag keys and values
// (their API models); EC2 allows any character.
var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// tagProblem says what is wrong with adding tags to those an object has, in the
// words of no service in particular; empty when nothing is.
func tagProblem(have, add map[string]string) string {
	all := maps.Clone(add)
	maps.Copy(all, have)
	if len(all) > mostTags {
		return fmt.Sprintf("the resource would have %d tags, more than %d", len(all), mostTags)
	}
	for _, key := range slices.Sorted(maps.Keys(add)) {
		value := add[key]
		switch {
		case key == "":
			return "tag key must not be empty"
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return fmt.Sprintf("tag key %q must not begin with aws:", key)
		case utf8.RuneCountInString(key) > 128 || !tagText.MatchString(key):
			return fmt.Sprintf("tag key %q is not valid", key)
		case utf8.RuneCountInString(value) > 256 || !tagText.MatchString(value):
			return fmt.Sprintf("value %q of tag %q is not valid", value, key)
		}
	}
	return ""
}

// tagMap turns a service's list of tags into a map. It reports a key that comes
// twice, which every service refuses.
func tagMap[T any](list []T, split func(T) (key, value *string)) (tags map[string]string, twice string) {
	tags = make(map[string]string, len(list))
	for _, t := range list {
		key, value := split(t)
		if _, known := tags[str(key)]; known {
			twice = str(key)
		}
		tags[str(key)] = str(value)
	}
	return tags, twice
}

// tagList turns tags into a service's list of them, in the order of their keys.
// It is never nil.
func tagList[T any](tags map[string]string, join func(key, value *string) T) []T {
	list := make([]T, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		value := tags[key]
		list = append(list, join(&key, &value))
	}
	return list
}
