package simulator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// parameterMatches tells whether a parameter passes a filter of DescribeParameters
// or GetParametersByPath (API reference, ParameterStringFilter).
func (a *Account) parameterMatches(p *types.ParameterMetadata, f types.ParameterStringFilter) (bool, error) {
	if len(f.Values) > 50 {
		return false, ssmInvalid("A filter has at most 50 values.")
	}
	if str(f.Key) == "Path" {
		return underPath(*p.Name, f)
	}
	have, known := a.filterValue(p, str(f.Key))
	if !known {
		return false, &types.InvalidFilterKey{Message: ptr(fmt.Sprintf("The simulator does not know the filter %s.", str(f.Key)))}
	}
	if len(f.Values) == 0 {
		return have != "", nil
	}
	var matches func(value string) bool
	switch option := str(orElse(f.Option, "Equals")); option {
	case "Equals":
		matches = func(value string) bool { return have == value }
	case "BeginsWith":
		matches = func(value string) bool { return strings.HasPrefix(have, value) }
	case "Contains":
		matches = func(value string) bool { return strings.Contains(have, value) }
	default:
		return false, &types.InvalidFilterOption{Message: ptr("The filter option is not valid: " + option)}
	}
	return slices.ContainsFunc(f.Values, matches), nil
}

// matchesAll tells whether a parameter passes every filter.
func (a *Account) matchesAll(p *types.ParameterMetadata, filters []types.ParameterStringFilter) (bool, error) {
	for _, f := range filters {
		if matches, err := a.parameterMatches(p, f); err != nil || !matches {
			return false, err
		}
	}
	return true, nil
}

// filterValue is what a filter looks at.
func (a *Account) filterValue(p *types.ParameterMetadata, key string) (value string, known bool) {
	if tag, isTag := strings.CutPrefix(key, "tag:"); isTag {
		return a.tagsOf(*p.ARN)[tag], true
	}
	switch key {
	case "Name":
		return *p.Name, true
	case "Type":
		return string(p.Type), true
	case "KeyId":
		return str(p.KeyId), true
	case "Tier":
		return string(p.Tier), true
	case "DataType":
		return str(p.DataType), true
	}
	return "", false
}

func underPath(name string, f types.ParameterStringFilter) (bool, error) {
	option := str(orElse(f.Option, "OneLevel"))
	if option != "OneLevel" && option != "Recursive" {
		return false, &types.InvalidFilterOption{Message: ptr("The filter option is not valid: " + option)}
	}
	return slices.ContainsFunc(f.Values, func(v string) bool {
		below, under := strings.CutPrefix(name, strings.TrimSuffix(v, "/")+"/")
		return under && (option == "Recursive" || !strings.Contains(below, "/"))
	}), nil
}
