package simulator

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// kind is what the Describe operations must know of one kind of EC2 object.
type kind[T any] struct {
	notFound string // the error code for an unknown id
	noun     string // how the message calls the id
	filters  map[string]func(*T) []string
	aliases  map[string]string     // other names of filters
	tags     func(*T, []types.Tag) // puts the tags into a copy; nil for kinds without
}

// described picks the rows with these ids, all when there are none, that match
// every filter, with their tags.
func described[T any](a *Account, table *Table[T], ids []string, filters []types.Filter, k kind[T]) ([]T, error) {
	for _, id := range ids {
		if table.Get(id) == nil {
			return nil, ec2Error(k.notFound, "The %s '%s' does not exist", k.noun, id)
		}
	}
	rows := table.All()
	if len(ids) > 0 {
		rows = table.some(slices.Compact(slices.Sorted(slices.Values(ids))))
	}
	var found []T
	for id, row := range rows {
		tags := a.tagsOf(a.ec2ARN(id))
		match, err := k.matches(row, tags, filters)
		if err != nil {
			return nil, err
		}
		if match {
			row := *row
			k.tags(&row, ec2Tags(tags))
			found = append(found, row)
		}
	}
	return found, nil
}

// matches tells whether the row passes every filter. Filters that AWS or this
// simulator does not know are an error, never ignored.
func (k kind[T]) matches(row *T, tags map[string]string, filters []types.Filter) (bool, error) {
	for _, f := range filters {
		values, err := k.values(row, tags, str(f.Name))
		if err != nil {
			return false, err
		}
		if !slices.ContainsFunc(values, func(v string) bool { return globAny(f.Values, v) }) {
			return false, nil
		}
	}
	return true, nil
}

func (k kind[T]) values(row *T, tags map[string]string, filter string) ([]string, error) {
	if key, isTag := strings.CutPrefix(filter, "tag:"); isTag {
		if value, tagged := tags[key]; tagged {
			return []string{value}, nil
		}
		return nil, nil
	}
	if filter == "tag-key" {
		return slices.Sorted(maps.Keys(tags)), nil
	}
	if name, alias := k.aliases[filter]; alias {
		filter = name
	}
	get := k.filters[filter]
	if get == nil {
		return nil, ec2Error("InvalidParameterValue", "The filter '%s' is invalid", filter)
	}
	return get(row), nil
}

func one(p *string) []string {
	if p == nil {
		return nil
	}
	return []string{*p}
}

// ec2Page is page with EC2's error and size. Unlike others, EC2 answers
// everything when no size is asked for.
func ec2Page[T any](a *Account, items []T, place func(T) string, token *string, size *int32) ([]T, *string, error) {
	if size != nil && (*size < 5 || *size > 1000) {
		return nil, nil, ec2Error("InvalidParameterValue",
			"Value ( %d ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.", *size)
	}
	items, next, err := page(a, items, place, token, size, max(len(items), 1))
	if err != nil {
		return nil, nil, ec2Error("InvalidNextToken", "The token '%s' is invalid", str(token))
	}
	return items, next, nil
}
