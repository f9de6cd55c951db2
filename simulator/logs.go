package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

type logsState struct {
	LogGroups  Table[types.LogGroup] `state:"logs.log-groups"`  // by name
	LogStreams Table[LogStream]      `state:"logs.log-streams"` // by "group:stream"; without those of containers whose tasks are known
}

func logsOperations() []operation {
	return []operation{
		write(createLogGroup),
		write(deleteLogGroup),
		read(describeLogGroups),
		write(putRetentionPolicy),
		write(deleteRetentionPolicy),
		write(logsTagResource),
		write(logsUntagResource),
		read(logsListTags),
		write(createLogStream),
		write(deleteLogStream),
		write(putLogEvents),
		read(describeLogStreams),
		read(getLogEvents),
		read(filterLogEvents),
	}
}

var logGroupName = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

// retentionDays are the retention times that exist (PutRetentionPolicy).
var retentionDays = []int32{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

func logsInvalid(format string, args ...any) error {
	return &types.InvalidParameterException{Message: ptr(fmt.Sprintf(format, args...))}
}

// logGroup finds a group for reading.
func (a *Account) logGroup(name *string) (*types.LogGroup, error) {
	if g := a.LogGroups.Get(str(name)); g != nil {
		return g, nil
	}
	return nil, noSuchLogGroup()
}

func noSuchLogGroup() error {
	return &types.ResourceNotFoundException{Message: ptr("The specified log group does not exist.")}
}

func createLogGroup(a *Account, in *cloudwatchlogs.CreateLogGroupInput) (*cloudwatchlogs.CreateLogGroupOutput, error) {
	name := str(in.LogGroupName)
	switch {
	case !logGroupName.MatchString(name):
		return nil, logsInvalid("1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: "+
			`Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`, name)
	case strings.HasPrefix(name, "aws/"):
		return nil, logsInvalid("Log groups starting with 'aws/' are reserved")
	case a.LogGroups.Get(name) != nil:
		return nil, &types.ResourceAlreadyExistsException{Message: ptr("The specified log group already exists")}
	case in.KmsKeyId != nil && arnService(*in.KmsKeyId) != "kms":
		return nil, logsInvalid("The specified KMS key id is not a key ARN: %s", *in.KmsKeyId)
	}
	if problem := tagProblem(nil, in.Tags); problem != "" {
		return nil, logsInvalid("%s", problem)
	}
	a.putLogGroup(name, types.LogGroup{
		KmsKeyId: in.KmsKeyId, LogGroupClass: in.LogGroupClass, DeletionProtectionEnabled: orElse(in.DeletionProtectionEnabled, false),
	}, in.Tags)
	return &cloudwatchlogs.CreateLogGroupOutput{}, nil
}

// putLogGroup stores a new group. Its Arn ends in :*, its LogGroupArn does not.
func (a *Account) putLogGroup(name string, g types.LogGroup, tags map[string]string) {
	arn := a.logGroupARN(name)
	g.LogGroupName, g.LogGroupArn, g.Arn = &name, &arn, ptr(arn+":*")
	g.CreationTime = ptr(a.now().UnixMilli())
	g.MetricFilterCount, g.StoredBytes = ptr(int32(0)), ptr(int64(0))
	if g.LogGroupClass == "" {
		g.LogGroupClass = types.LogGroupClassStandard
	}
	a.LogGroups.Put(name, g)
	a.bear(arn, tags)
}

func (a *Account) logGroupARN(name string) string { return a.arn("logs", "log-group:"+name) }

func deleteLogGroup(a *Account, in *cloudwatchlogs.DeleteLogGroupInput) (*cloudwatchlogs.DeleteLogGroupOutput, error) {
	g, err := a.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if val(g.DeletionProtectionEnabled) {
		return nil, &types.ValidationException{Message: ptr("The log group has deletion protection enabled.")}
	}
	for key := range a.streams.Of(*g.LogGroupName) {
		a.LogStreams.Delete(key)
	}
	a.Tags.Delete(*g.LogGroupArn)
	a.LogGroups.Delete(*g.LogGroupName)
	return &cloudwatchlogs.DeleteLogGroupOutput{}, nil
}

func describeLogGroups(
	a *Account, in *cloudwatchlogs.DescribeLogGroupsInput,
) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	if in.LogGroupNamePrefix != nil && in.LogGroupNamePattern != nil {
		return nil, logsInvalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	var all []types.LogGroup
	for name, g := range a.LogGroups.All() {
		if strings.HasPrefix(name, str(in.LogGroupNamePrefix)) && strings.Contains(name, str(in.LogGroupNamePattern)) &&
			(len(in.LogGroupIdentifiers) == 0 || slices.Contains(in.LogGroupIdentifiers, name) ||
				slices.Contains(in.LogGroupIdentifiers, *g.LogGroupArn)) {
			all = append(all, *g)
		}
	}
	groups, next, err := logsPage(a, all, func(g types.LogGroup) string { return *g.LogGroupName }, in.NextToken, in.Limit)
	return &cloudwatchlogs.DescribeLogGroupsOutput{LogGroups: groups, NextToken: next}, err
}

// logsPage is page with the errors of CloudWatch Logs, of at most 50 items (API
// reference, DescribeLogGroups and DescribeLogStreams, limit).
func logsPage[T any](a *Account, items []T, place func(T) string, token *string, size *int32) ([]T, *string, error) {
	if size != nil && (*size < 1 || *size > 50) {
		return nil, nil, logsInvalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: "+
			"Member must have value between 1 and 50", *size)
	}
	items, next, err := page(a, items, place, token, size, 50)
	if err != nil {
		return nil, nil, logsInvalid("The specified nextToken is invalid.")
	}
	return items, next, nil
}

func putRetentionPolicy(
	a *Account, in *cloudwatchlogs.PutRetentionPolicyInput,
) (*cloudwatchlogs.PutRetentionPolicyOutput, error) {
	if !slices.Contains(retentionDays, val(in.RetentionInDays)) {
		return nil, logsInvalid("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: "+
			"Member must satisfy enum value set: %v", val(in.RetentionInDays), retentionDays)
	}
	if _, err := a.logGroup(in.LogGroupName); err != nil {
		return nil, err
	}
	a.retain(*in.LogGroupName, in.RetentionInDays)
	return &cloudwatchlogs.PutRetentionPolicyOutput{}, nil
}

func deleteRetentionPolicy(
	a *Account, in *cloudwatchlogs.DeleteRetentionPolicyInput,
) (*cloudwatchlogs.DeleteRetentionPolicyOutput, error) {
	if _, err := a.logGroup(in.LogGroupName); err != nil {
		return nil, err
	}
	a.retain(*in.LogGroupName, nil)
	return &cloudwatchlogs.DeleteRetentionPolicyOutput{}, nil
}

// taggedLogGroup checks an ARN in a tagging call: of a group, without :* at its
// end (API reference, TagResource).
func (a *Account) taggedLogGroup(arn *string) error {
	if arnService(str(arn)) != "logs" || strings.HasSuffix(*arn, ":*") {
		return logsInvalid("The ARN %s is not valid", str(arn))
	}
	if a.Tags.Get(*arn) == nil {
		return &types.ResourceNotFoundException{Message: ptr("The specified resource does not exist.")}
	}
	return nil
}

func logsTagResource(a *Account, in *cloudwatchlogs.TagResourceInput) (*cloudwatchlogs.TagResourceOutput, error) {
	if err := a.taggedLogGroup(in.ResourceArn); err != nil {
		return nil, err
	}
	if problem := tagProblem(a.tagsOf(*in.ResourceArn), in.Tags); problem != "" {
		return nil, logsInvalid("%s", problem)
	}
	a.tag(*in.ResourceArn, in.Tags)
	return &cloudwatchlogs.TagResourceOutput{}, nil
}

func logsUntagResource(a *Account, in *cloudwatchlogs.UntagResourceInput) (*cloudwatchlogs.UntagResourceOutput, error) {
	if err := a.taggedLogGroup(in.ResourceArn); err != nil {
		return nil, err
	}
	a.untag(*in.ResourceArn, in.TagKeys)
	return &cloudwatchlogs.UntagResourceOutput{}, nil
}

func logsListTags(
	a *Account, in *cloudwatchlogs.ListTagsForResourceInput,
) (*cloudwatchlogs.ListTagsForResourceOutput, error) {
	if err := a.taggedLogGroup(in.ResourceArn); err != nil {
		return nil, err
	}
	return &cloudwatchlogs.ListTagsForResourceOutput{Tags: a.tagsOf(*in.ResourceArn)}, nil
}
