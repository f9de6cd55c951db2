package simulator

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ec2Types is the resource type in an ARN by the prefix of an id.
var ec2Types = map[string]types.ResourceType{
	"vpc": types.ResourceTypeVpc, "subnet": types.ResourceTypeSubnet, "rtb": types.ResourceTypeRouteTable,
	"sg": types.ResourceTypeSecurityGroup, "sgr": types.ResourceTypeSecurityGroupRule,
	"vpce": types.ResourceTypeVpcEndpoint,
}

func ec2Type(id string) types.ResourceType {
	prefix, _, _ := strings.Cut(id, "-")
	return ec2Types[prefix]
}

func (a *Account) ec2ARN(id string) string { return a.arn("ec2", string(ec2Type(id))+"/"+id) }

func ec2Tags(tags map[string]string) []types.Tag {
	return tagList(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

// ec2NewTags is the tags for new objects of one type in tag specifications.
func ec2NewTags(specs []types.TagSpecification, kind types.ResourceType) (map[string]string, error) {
	var list []types.Tag
	for _, spec := range specs {
		if spec.ResourceType != kind {
			return nil, ec2Error("InvalidParameterValue",
				"'%s' is not a valid taggable resource type for this operation.", spec.ResourceType)
		}
		list = append(list, spec.Tags...)
	}
	return ec2CheckTags(nil, list)
}

// ec2CheckTags refuses what EC2 refuses in tags (EC2 User Guide, "Tag
// restrictions"): unlike other services it takes any character.
func ec2CheckTags(have map[string]string, list []types.Tag) (map[string]string, error) {
	tags, twice := tagMap(list, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	if twice != "" {
		return nil, ec2Error("InvalidParameterValue", "Duplicate tag key '%s' specified.", twice)
	}
	total := len(have)
	for key, value := range tags {
		if _, known := have[key]; !known {
			total++
		}
		switch {
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return nil, ec2Error("InvalidParameterValue",
				"Value ( %s ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use", key)
		case key == "" || utf8.RuneCountInString(key) > 127:
			return nil, ec2Error("InvalidParameterValue", "Tag key exceeds the maximum length of 127 characters")
		case utf8.RuneCountInString(value) > 256:
			return nil, ec2Error("InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters")
		}
	}
	if total > mostTags {
		return nil, ec2Error("TagLimitExceeded", "More than %d tags specified", mostTags)
	}
	return tags, nil
}

// ec2Known refuses ids that are of no object.
func (a *Account) ec2Known(ids []string) error {
	for _, id := range ids {
		if a.Tags.Get(a.ec2ARN(id)) == nil {
			return ec2Error("InvalidID", "The ID '%s' is not valid", id)
		}
	}
	return nil
}

func createTags(a *Account, in *ec2.CreateTagsInput) (*ec2.CreateTagsOutput, error) {
	if err := a.ec2Known(in.Resources); err != nil {
		return nil, err
	}
	for _, id := range in.Resources {
		if _, err := ec2CheckTags(a.tagsOf(a.ec2ARN(id)), in.Tags); err != nil {
			return nil, err
		}
	}
	tags, err := ec2CheckTags(nil, in.Tags)
	for _, id := range in.Resources {
		a.tag(a.ec2ARN(id), tags)
	}
	return &ec2.CreateTagsOutput{}, err
}

// deleteTags removes a tag given by its key alone whatever its value, and all
// tags when none is given.
func deleteTags(a *Account, in *ec2.DeleteTagsInput) (*ec2.DeleteTagsOutput, error) {
	if err := a.ec2Known(in.Resources); err != nil {
		return nil, err
	}
	for _, id := range in.Resources {
		arn := a.ec2ARN(id)
		have := a.tagsOf(arn)
		var keys []string
		for _, t := range in.Tags {
			if t.Value == nil || *t.Value == have[str(t.Key)] {
				keys = append(keys, str(t.Key))
			}
		}
		if len(in.Tags) == 0 {
			for key := range have {
				keys = append(keys, key)
			}
		}
		a.untag(arn, keys)
	}
	return &ec2.DeleteTagsOutput{}, nil
}

func describeTags(a *Account, in *ec2.DescribeTagsInput) (*ec2.DescribeTagsOutput, error) {
	var all []types.TagDescription
	for arn, tagged := range a.Tags.All() {
		if arnService(arn) != "ec2" {
			continue
		}
		id := arn[strings.LastIndex(arn, "/")+1:]
		for _, t := range ec2Tags(tagged.Tags) {
			row := types.TagDescription{Key: t.Key, Value: t.Value, ResourceId: &id, ResourceType: ec2Type(id)}
			match, err := tagKind.matches(&row, map[string]string{*t.Key: *t.Value}, in.Filters)
			if err != nil {
				return nil, err
			}
			if match {
				all = append(all, row)
			}
		}
	}
	tags, next, err := ec2Page(a, all, func(t types.TagDescription) string { return *t.ResourceId + " " + *t.Key }, in.NextToken, in.MaxResults)
	return &ec2.DescribeTagsOutput{Tags: tags, NextToken: next}, err
}

var tagKind = kind[types.TagDescription]{
	filters: map[string]func(*types.TagDescription) []string{
		"key":           func(t *types.TagDescription) []string { return one(t.Key) },
		"value":         func(t *types.TagDescription) []string { return one(t.Value) },
		"resource-id":   func(t *types.TagDescription) []string { return one(t.ResourceId) },
		"resource-type": func(t *types.TagDescription) []string { return []string{fmt.Sprint(t.ResourceType)} },
	},
}
