package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"
)

// elbState is the load balancers. Everything but a target has its ARN as key.
type elbState struct {
	LoadBalancers Table[LoadBalancer] `state:"elb.load-balancers"`
	TargetGroups  Table[TargetGroup]  `state:"elb.target-groups"`
	Listeners     Table[Listener]     `state:"elb.listeners"`
	ListenerRules Table[ListenerRule] `state:"elb.rules"`
	Targets       Table[Target]       `state:"elb.targets"` // see targetKey
	Leftovers     Table[Leftover]     `state:"elb.leftovers"`
}

func elbOperations() []operation {
	return []operation{
		write(createLoadBalancer),
		read(describeLoadBalancers),
		write(deleteLoadBalancer),
		write(setSecurityGroups),
		write(setSubnets),
		write(setIPAddressType),
		read(describeLoadBalancerAttributes),
		write(modifyLoadBalancerAttributes),
		write(createTargetGroup),
		read(describeTargetGroups),
		write(modifyTargetGroup),
		write(deleteTargetGroup),
		read(describeTargetGroupAttributes),
		write(modifyTargetGroupAttributes),
		write(registerTargets),
		write(deregisterTargets),
		read(describeTargetHealth),
		write(createListener),
		read(describeListeners),
		write(modifyListener),
		write(deleteListener),
		read(describeListenerAttributes),
		write(modifyListenerAttributes),
		read(describeListenerCertificates),
		write(addListenerCertificates),
		write(removeListenerCertificates),
		read(describeSSLPolicies),
		write(createRule),
		read(describeRules),
		write(modifyRule),
		write(setRulePriorities),
		write(deleteRule),
		write(addTags),
		write(removeTags),
		read(describeElbTags),
	}
}

// elbError is an error that the SDK has no type for. ValidationError, the most
// frequent one, is among them.
func elbError(code, format string, args ...any) error {
	return &smithy.GenericAPIError{Code: code, Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

func elbInvalid(format string, args ...any) error {
	return elbError("ValidationError", format, args...)
}

func elbMisconfigured(format string, args ...any) error {
	return &types.InvalidConfigurationRequestException{Message: ptr(fmt.Sprintf(format, args...))}
}

// elbName is what load balancers and target groups may be called (API reference,
// CreateLoadBalancer and CreateTargetGroup).
var elbName = regexp.MustCompile(`^[a-zA-Z0-9-]*$`)

func checkElbName(noun, name string) error {
	switch {
	case name == "":
		return elbInvalid("%s name must not be empty", noun)
	case len(name) > 32:
		return elbInvalid("%s name '%s' cannot be longer than '32' characters", noun, name)
	case !elbName.MatchString(name):
		return elbInvalid("%s name '%s' can only contain characters that are alphanumeric characters or hyphens(-)", noun, name)
	case strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-"):
		return elbInvalid("%s name '%s' cannot begin or end with '-'", noun, name)
	}
	return nil
}

// elbPage is page with the errors of Elastic Load Balancing (API reference,
// PageSize: 1 to 400).
func elbPage[T any](a *Account, items []T, place func(T) string, marker *string, size *int32) ([]T, *string, error) {
	if size != nil && (*size < 1 || *size > 400) {
		return nil, nil, elbInvalid("Page size '%d' must be between 1 and 400", *size)
	}
	items, next, err := page(a, items, place, marker, size, 400)
	if err != nil {
		return nil, nil, elbInvalid("Invalid marker '%s'", str(marker))
	}
	return filled(items), next, nil
}

func elbTags(tags map[string]string) []types.Tag {
	return tagList(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

// elbCheckTags refuses what Elastic Load Balancing refuses in tags that are added
// to those an object has.
func elbCheckTags(have map[string]string, add []types.Tag) (map[string]string, error) {
	tags, twice := tagMap(add, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	if twice != "" {
		return nil, &types.DuplicateTagKeysException{Message: ptr("Tag keys must be unique: " + twice)}
	}
	problem := tagProblem(have, tags)
	switch {
	case problem == "":
		return tags, nil
	case len(have)+len(tags) > mostTags:
		return nil, &types.TooManyTagsException{Message: &problem}
	}
	return nil, elbInvalid("%s", problem)
}

// elbExists tells whether the object is there, as an error of its kind.
func (a *Account) elbExists(arn string) error {
	_, resource := arnParts(arn)
	kind, _, _ := strings.Cut(resource, "/")
	switch kind {
	case "loadbalancer":
		_, err := a.loadBalancer(&arn)
		return err
	case "targetgroup":
		_, err := a.targetGroup(&arn)
		return err
	case "listener":
		_, err := a.listener(&arn)
		return err
	case "listener-rule":
		_, err := a.rule(&arn)
		return err
	}
	return elbInvalid("'%s' is not a valid ARN of a load balancer, target group, listener or rule", arn)
}

// checkTagged wants at most 20 known objects. DescribeTags documents the limit;
// that it is also one of AddTags and RemoveTags is a guess.
func (a *Account) checkTagged(arns []string) error {
	if len(arns) == 0 || len(arns) > 20 {
		return elbInvalid("The number of resources must be between 1 and 20, but is %d", len(arns))
	}
	for _, arn := range arns {
		if err := a.elbExists(arn); err != nil {
			return err
		}
	}
	return nil
}

func addTags(a *Account, in *elb.AddTagsInput) (*elb.AddTagsOutput, error) {
	if err := a.checkTagged(in.ResourceArns); err != nil {
		return nil, err
	}
	for _, arn := range in.ResourceArns {
		if _, err := elbCheckTags(a.tagsOf(arn), in.Tags); err != nil {
			return nil, err
		}
	}
	for _, arn := range in.ResourceArns {
		tags, _ := elbCheckTags(a.tagsOf(arn), in.Tags)
		a.tag(arn, tags)
	}
	return &elb.AddTagsOutput{}, nil
}

func removeTags(a *Account, in *elb.RemoveTagsInput) (*elb.RemoveTagsOutput, error) {
	if err := a.checkTagged(in.ResourceArns); err != nil {
		return nil, err
	}
	for _, arn := range in.ResourceArns {
		a.untag(arn, in.TagKeys)
	}
	return &elb.RemoveTagsOutput{}, nil
}

func describeElbTags(a *Account, in *elb.DescribeTagsInput) (*elb.DescribeTagsOutput, error) {
	if err := a.checkTagged(in.ResourceArns); err != nil {
		return nil, err
	}
	out := &elb.DescribeTagsOutput{}
	for _, arn := range in.ResourceArns {
		out.TagDescriptions = append(out.TagDescriptions, types.TagDescription{ResourceArn: &arn, Tags: elbTags(a.tagsOf(arn))})
	}
	return out, nil
}

// elbPick is the rows that a Describe operation asks for by ARN, all that keep
// lets through when it asks for none.
func elbPick[T any](table *Table[T], arns []string, missing error, keep func(*T) bool) ([]*T, error) {
	for _, arn := range arns {
		if table.Get(arn) == nil {
			return nil, missing
		}
	}
	var rows []*T
	for _, arn := range slices.Compact(slices.Sorted(slices.Values(arns))) {
		rows = append(rows, table.Get(arn))
	}
	if len(arns) > 0 {
		return rows, nil
	}
	for _, row := range table.All() {
		if keep(row) {
			rows = append(rows, row)
		}
	}
	return rows, nil
}
