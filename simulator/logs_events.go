package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// logLine is an invented line of a container.
type logLine struct {
	stream  string
	at      int64 // milliseconds
	message string
}

// logLines are the lines in a group: what containers that started say, made up
// from the tasks when they are asked for.
func (a *Account) logLines(group string) []logLine {
	lines := a.putLines(group)
	for _, t := range a.Tasks.All() {
		for i, c := range a.definition(*t.TaskDefinitionArn).ContainerDefinitions {
			if groupOfContainer(c) == group {
				lines = append(lines, a.linesOfContainer(t, i, c)...)
			}
		}
	}
	slices.SortStableFunc(lines, func(x, y logLine) int { return cmp.Compare(x.at, y.at) })
	return a.retained(group, lines)
}

// groupOfContainer is the log group of a container, "" for another log driver.
func groupOfContainer(c ecstypes.ContainerDefinition) string {
	if l := val(c.LogConfiguration); l.LogDriver == ecstypes.LogDriverAwslogs {
		return l.Options["awslogs-group"]
	}
	return ""
}

// linesOfContainer are the lines of the i-th container of a task.
func (a *Account) linesOfContainer(t *Task, i int, c ecstypes.ContainerDefinition) []logLine {
	prefix := c.LogConfiguration.Options["awslogs-stream-prefix"]
	said := a.scriptedLines(t, c, prefix+"/"+*c.Name+"/"+lastPart(*t.TaskArn))
	return append(containerLines(t, t.Containers[i], prefix), said...)
}

// containerLines is a line when the container started and one when it failed. A
// stream is PREFIX/CONTAINER/TASK (ECS Developer Guide, awslogs).
func containerLines(t *Task, c ecstypes.Container, prefix string) []logLine {
	if t.StartedAt == nil && c.ExitCode == nil {
		return nil // it never ran
	}
	stream := prefix + "/" + *c.Name + "/" + lastPart(*t.TaskArn)
	at := t.CreatedAt.UnixMilli()
	lines := []logLine{{stream, at, fmt.Sprintf("%s: starting %s", *c.Name, *c.Image)}}
	if t.StartedAt != nil {
		lines = append(lines, logLine{stream, t.StartedAt.UnixMilli(), *c.Name + ": ready"})
	}
	if code := val(c.ExitCode); code != 0 && t.StopCode == ecstypes.TaskStopCodeEssentialContainerExited {
		lines = append(lines, logLine{stream, t.StoppedAt.UnixMilli(), fmt.Sprintf("%s: error: exiting with code %d", *c.Name, code)})
	}
	return lines
}

// groupOf is the group that a call names by name or by ARN.
func (a *Account) groupOf(name, identifier *string) (string, error) {
	group := cmp.Or(str(name), str(identifier))
	if _, resource := arnParts(group); resource != "" {
		group = strings.TrimSuffix(strings.TrimPrefix(resource, "log-group:"), ":*")
	}
	if _, err := a.logGroup(&group); err != nil {
		return "", err
	}
	return group, nil
}

func describeLogStreams(
	a *Account, in *cloudwatchlogs.DescribeLogStreamsInput,
) (*cloudwatchlogs.DescribeLogStreamsOutput, error) {
	group, err := a.groupOf(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	byName := map[string]*types.LogStream{}
	for _, s := range a.streams.Of(group) {
		if strings.HasPrefix(*s.LogStreamName, str(in.LogStreamNamePrefix)) {
			byName[*s.LogStreamName] = ptr(s.LogStream)
		}
	}
	for _, l := range a.logLines(group) {
		if !strings.HasPrefix(l.stream, str(in.LogStreamNamePrefix)) {
			continue
		}
		s := byName[l.stream]
		if s == nil {
			s = &types.LogStream{LogStreamName: &l.stream, CreationTime: &l.at}
			byName[l.stream] = s
		}
		s.Arn, s.FirstEventTimestamp = orElse(s.Arn, a.logGroupARN(group)+":log-stream:"+l.stream), orElse(s.FirstEventTimestamp, l.at)
		s.LastEventTimestamp, s.LastIngestionTime = &l.at, &l.at
	}
	var all []types.LogStream
	for _, s := range byName {
		all = append(all, *s)
	}
	order := func(s types.LogStream) string { return *s.LogStreamName }
	if in.OrderBy == types.OrderByLastEventTime {
		order = func(s types.LogStream) string { return moment(val(s.LastEventTimestamp)) + *s.LogStreamName }
	}
	if val(in.Descending) {
		order = backwards(order)
	}
	streams, next, err := logsPage(a, all, order, in.NextToken, in.Limit)
	return &cloudwatchlogs.DescribeLogStreamsOutput{LogStreams: streams, NextToken: next}, err
}

// within cuts lines to a time range: from inclusive, to exclusive.
func within(lines []logLine, from, to *int64) []logLine {
	return slices.DeleteFunc(lines, func(l logLine) bool {
		return from != nil && l.at < *from || to != nil && l.at >= *to
	})
}
