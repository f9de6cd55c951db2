package simulator

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

type ssmState struct {
	Parameters Table[types.ParameterMetadata] `state:"ssm.parameters"` // by name; without their values
}

func (a *Account) parameters() *Table[types.ParameterMetadata] {
	return &stateOf[ssmState](a).Parameters
}

func ssmService() service {
	return service{id: ssm.ServiceID, name: "ssm", operations: ssmOperations(), tables: func() any { return new(ssmState) }}
}

// ssmOperations are those of Parameter Store. No value is kept on disk.
func ssmOperations() []operation {
	return append(ssmReads(), []operation{
		write(putParameter),
		read(describeParameters),
		write(deleteParameter),
		write(deleteParameters),
		write(ssmAddTags),
		write(ssmRemoveTags),
		read(ssmListTags),
	}...)
}

// parameterName is what Parameter Store takes (API reference, PutParameter, Name).
var parameterName = regexp.MustCompile(`^(/?[a-zA-Z0-9_.-]+)+$`)

func ssmInvalid(format string, args ...any) error {
	return apiError("ValidationException", format, args...)
}

func (a *Account) parameterARN(name string) string {
	return a.arn("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
}

func putParameter(a *Account, in *ssm.PutParameterInput) (*ssm.PutParameterOutput, error) {
	tags, twice := tagMap(in.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	old := a.parameters().Get(*in.Name)
	if err := a.checkParameter(in, old, tags, twice); err != nil {
		return nil, err
	}
	next := a.nextParameter(in, old)
	a.keep(*next.ARN, *in.Value)
	a.keep(versionKey(*next.ARN, next.Version), *in.Value)
	a.parameters().Put(*in.Name, next)
	if old == nil {
		a.bear(*next.ARN, tags)
	}
	return &ssm.PutParameterOutput{Tier: next.Tier, Version: next.Version}, nil
}

// nextParameter is the parameter after a call: one that is overwritten keeps its
// type and tier unless they are given.
func (a *Account) nextParameter(in *ssm.PutParameterInput, old *types.ParameterMetadata) types.ParameterMetadata {
	next := types.ParameterMetadata{
		ARN: ptr(a.parameterARN(*in.Name)), Name: in.Name, Type: cmp.Or(in.Type, val(old).Type), KeyId: in.KeyId,
		Description: in.Description, Tier: tierOf(in, old), Version: val(old).Version + 1, DataType: orElse(in.DataType, "text"),
		LastModifiedDate: a.now(), LastModifiedUser: ptr(a.callerARN()), AllowedPattern: in.AllowedPattern,
	}
	if next.Type == types.ParameterTypeSecureString {
		next.KeyId = orElse(in.KeyId, "alias/aws/ssm")
	}
	return next
}

// tierOf is the tier of a parameter: Intelligent-Tiering chooses the advanced one
// for what the standard one cannot hold, "You can't revert an advanced parameter to
// a standard parameter" (Systems Manager User Guide, "Managing parameter tiers").
func tierOf(in *ssm.PutParameterInput, old *types.ParameterMetadata) types.ParameterTier {
	advanced := in.Tier == types.ParameterTierAdvanced || val(old).Tier == types.ParameterTierAdvanced ||
		in.Tier == types.ParameterTierIntelligentTiering && len(*in.Value) > standardSize
	if advanced {
		return types.ParameterTierAdvanced
	}
	return types.ParameterTierStandard
}

// A standard parameter holds 4 KiB, an advanced one 8 (Parameter Store quotas).
const (
	standardSize = 4 << 10
	advancedSize = 8 << 10
)

// mostLevels is how deep a name may be (API reference, PutParameter, Name).
const mostLevels = 15

func (a *Account) checkParameter(in *ssm.PutParameterInput, old *types.ParameterMetadata, tags map[string]string, twice string) error {
	name := *in.Name
	limit := standardSize
	if tierOf(in, old) == types.ParameterTierAdvanced {
		limit = advancedSize
	}
	bare := strings.ToLower(strings.TrimPrefix(name, "/"))
	switch {
	case !parameterName.MatchString(name) || len(name) > 1011:
		return ssmInvalid("Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of "+
			"sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_: %q", name)
	case strings.Contains(name, "/") && !strings.HasPrefix(name, "/"):
		return ssmInvalid("Parameter name must be a fully qualified name: %q", name)
	case strings.HasPrefix(bare, "aws") || strings.HasPrefix(bare, "ssm"):
		return apiError("AccessDeniedException", "No access to reserved parameter name: %s.", name)
	case strings.Count(strings.TrimPrefix(name, "/"), "/")+1 > mostLevels:
		return &types.HierarchyLevelLimitExceededException{Message: ptr(fmt.Sprintf("The hierarchy of a parameter can have at most %d levels.", mostLevels))}
	case str(in.Value) == "":
		return ssmInvalid("1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.")
	case len(*in.Value) > limit:
		return ssmInvalid("The parameter value is %d bytes, the limit of its tier is %d.", len(*in.Value), limit)
	case in.Type == "" && old == nil:
		return ssmInvalid("A parameter type is required when you create a parameter.")
	case in.Type != "" && !slices.Contains(in.Type.Values(), in.Type):
		return &types.UnsupportedParameterType{Message: ptr("The parameter type is not supported: " + string(in.Type))}
	case old != nil && !val(in.Overwrite):
		return &types.ParameterAlreadyExists{Message: ptr("The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")}
	case val(old).Tier == types.ParameterTierAdvanced && in.Tier == types.ParameterTierStandard:
		return ssmInvalid("This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.")
	case val(in.Overwrite) && len(in.Tags) > 0:
		return ssmInvalid("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag.")
	case twice != "":
		return ssmInvalid("The tag key %s is given twice.", twice)
	}
	if problem := tagProblem(nil, tags); problem != "" {
		return ssmInvalid("%s", problem)
	}
	return checkPattern(in)
}

// checkPattern wants the value to match the pattern that comes with it (API
// reference, PutParameter, AllowedPattern).
func checkPattern(in *ssm.PutParameterInput) error {
	if str(in.AllowedPattern) == "" {
		return nil
	}
	pattern, err := regexp.Compile(*in.AllowedPattern)
	if err != nil {
		return &types.InvalidAllowedPatternException{Message: ptr("The allowed pattern is not a valid regular expression: " + *in.AllowedPattern)}
	}
	if !pattern.MatchString(*in.Value) {
		return &types.ParameterPatternMismatchException{Message: ptr("Parameter value, cannot be validated against allowedPattern: " + *in.AllowedPattern)}
	}
	return nil
}

func describeParameters(a *Account, in *ssm.DescribeParametersInput) (*ssm.DescribeParametersOutput, error) {
	if len(in.Filters) > 0 {
		return nil, ssmInvalid("The simulator knows ParameterFilters only.")
	}
	var all []types.ParameterMetadata
	for _, p := range a.parameters().All() {
		matches, err := a.matchesAll(p, in.ParameterFilters)
		if err != nil {
			return nil, err
		}
		if matches {
			all = append(all, *p)
		}
	}
	list, next, err := page(a, all, func(p types.ParameterMetadata) string { return *p.Name }, in.NextToken, in.MaxResults, 10)
	if err != nil {
		return nil, &types.InvalidNextToken{Message: ptr("The specified token is not valid.")}
	}
	return &ssm.DescribeParametersOutput{Parameters: list, NextToken: next}, nil
}

func deleteParameter(a *Account, in *ssm.DeleteParameterInput) (*ssm.DeleteParameterOutput, error) {
	if !a.dropParameter(*in.Name) {
		return nil, &types.ParameterNotFound{Message: ptr("The parameter couldn't be found. Verify the name and try again.")}
	}
	return &ssm.DeleteParameterOutput{}, nil
}

func deleteParameters(a *Account, in *ssm.DeleteParametersInput) (*ssm.DeleteParametersOutput, error) {
	if len(in.Names) > 10 {
		return nil, ssmInvalid("At most 10 parameters are deleted in a call.")
	}
	var out ssm.DeleteParametersOutput
	for _, name := range in.Names {
		if a.dropParameter(name) {
			out.DeletedParameters = append(out.DeletedParameters, name)
		} else {
			out.InvalidParameters = append(out.InvalidParameters, name)
		}
	}
	return &out, nil
}

func (a *Account) dropParameter(name string) bool {
	if a.parameters().Get(name) == nil {
		return false
	}
	a.parameters().Delete(name)
	a.Tags.Delete(a.parameterARN(name))
	return true
}

// taggedParameter is the ARN of the parameter that a tagging call names: by its
// name, not its ARN (API reference, AddTagsToResource, ResourceId).
func (a *Account) taggedParameter(kind types.ResourceTypeForTagging, id *string) (string, error) {
	if kind != types.ResourceTypeForTaggingParameter {
		return "", &types.InvalidResourceType{Message: ptr("The simulator knows parameters only.")}
	}
	if a.parameters().Get(str(id)) == nil {
		return "", &types.InvalidResourceId{Message: ptr("The resource ID is not valid: " + str(id))}
	}
	return a.parameterARN(*id), nil
}

func ssmAddTags(a *Account, in *ssm.AddTagsToResourceInput) (*ssm.AddTagsToResourceOutput, error) {
	arn, err := a.taggedParameter(in.ResourceType, in.ResourceId)
	if err != nil {
		return nil, err
	}
	tags, twice := tagMap(in.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	if problem := tagProblem(a.tagsOf(arn), tags); problem != "" || twice != "" {
		return nil, ssmInvalid("%s %s", problem, twice)
	}
	a.tag(arn, tags)
	return &ssm.AddTagsToResourceOutput{}, nil
}

func ssmRemoveTags(a *Account, in *ssm.RemoveTagsFromResourceInput) (*ssm.RemoveTagsFromResourceOutput, error) {
	arn, err := a.taggedParameter(in.ResourceType, in.ResourceId)
	if err != nil {
		return nil, err
	}
	a.untag(arn, in.TagKeys)
	return &ssm.RemoveTagsFromResourceOutput{}, nil
}

func ssmListTags(a *Account, in *ssm.ListTagsForResourceInput) (*ssm.ListTagsForResourceOutput, error) {
	arn, err := a.taggedParameter(in.ResourceType, in.ResourceId)
	if err != nil {
		return nil, err
	}
	tags := tagList(a.tagsOf(arn), func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
	return &ssm.ListTagsForResourceOutput{TagList: tags}, nil
}
