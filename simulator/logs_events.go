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
			l := val(c.LogConfiguration)
			if l.LogDriver == ecstypes.LogDriverAwslogs && l.Options["awslogs-group"] == group {
				said := a.scriptedLines(t, c, l.Options["awslogs-stream-prefix"]+"/"+*c.Name+"/"+lastPart(*t.TaskArn))
				lines = append(append(lines, containerLines(t, t.Containers[i], l.Options["awslogs-stream-prefix"])...), said...)
			}
		}
	}
	slices.SortStableFunc(lines, func(x, y logLine) int { return cmp.Compare(x.at, y.at) })
	return lines
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
			s = &types.LogStream{
				LogStreamName: &l.stream, Arn: ptr(a.logGroupARN(group) + ":log-stream:" + l.stream),
				CreationTime: &l.at, FirstEventTimestamp: &l.at,
			}
			byName[l.stream] = s
		}
		s.LastEventTimestamp, s.LastIngestionTime = &l.at, &l.at
	}
	var all []types.LogStream
	for _, name := range sortedKeys(byName) {
		all = append(all, *byName[name])
	}
	if in.OrderBy == types.OrderByLastEventTime {
		slices.SortStableFunc(all, func(x, y types.LogStream) int {
			return cmp.Compare(val(x.LastEventTimestamp), val(y.LastEventTimestamp))
		})
	}
	if val(in.Descending) {
		slices.Reverse(all)
	}
	streams, next, err := logsPage(a, all, in.NextToken, in.Limit)
	return &cloudwatchlogs.DescribeLogStreamsOutput{LogStreams: streams, NextToken: next}, err
}

// within cuts lines to a time range: from inclusive, to exclusive.
func within(lines []logLine, from, to *int64) []logLine {
	return slices.DeleteFunc(lines, func(l logLine) bool {
		return from != nil && l.at < *from || to != nil && l.at >= *to
	})
}

// getLogEvents pages forward only. Its forward token never becomes nil: at the
// end it is the one that was sent, as documented.
func getLogEvents(a *Account, in *cloudwatchlogs.GetLogEventsInput) (*cloudwatchlogs.GetLogEventsOutput, error) {
	group, err := a.groupOf(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	lines := slices.DeleteFunc(a.logLines(group), func(l logLine) bool { return l.stream != str(in.LogStreamName) })
	if len(lines) == 0 && a.LogStreams.Get(streamKey(&group, in.LogStreamName)) == nil {
		return nil, &types.ResourceNotFoundException{Message: ptr("The specified log stream does not exist.")}
	}
	lines = within(lines, in.StartTime, in.EndTime)
	start, err := parseToken(in.NextToken)
	if err != nil || start > len(lines) {
		return nil, logsInvalid("The specified nextToken is invalid.")
	}
	shown, next, _ := page(a, lines, in.NextToken, in.Limit, 10000)
	out := &cloudwatchlogs.GetLogEventsOutput{
		NextForwardToken:  orElse(next, pageToken(start+len(shown))),
		NextBackwardToken: ptr(pageToken(0)), Events: []types.OutputLogEvent{},
	}
	for _, l := range shown {
		out.Events = append(out.Events, types.OutputLogEvent{Message: &l.message, Timestamp: &l.at, IngestionTime: &l.at})
	}
	return out, nil
}

// filterLogEvents takes filter patterns as plain words that must all occur.
func filterLogEvents(
	a *Account, in *cloudwatchlogs.FilterLogEventsInput,
) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	group, err := a.groupOf(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	var all []types.FilteredLogEvent
	for i, l := range within(a.logLines(group), in.StartTime, in.EndTime) {
		if !strings.HasPrefix(l.stream, str(in.LogStreamNamePrefix)) ||
			len(in.LogStreamNames) > 0 && !slices.Contains(in.LogStreamNames, l.stream) ||
			!hasWords(l.message, str(in.FilterPattern)) {
			continue
		}
		all = append(all, types.FilteredLogEvent{
			LogStreamName: &l.stream, Message: &l.message, Timestamp: &l.at, IngestionTime: &l.at,
			EventId: ptr(digest("event", l.stream, fmt.Sprint(i))[:56]),
		})
	}
	events, next, err := page(a, all, in.NextToken, in.Limit, 10000)
	if err != nil {
		return nil, logsInvalid("The specified nextToken is invalid.")
	}
	return &cloudwatchlogs.FilterLogEventsOutput{Events: filled(events), NextToken: next}, nil
}

func hasWords(message, pattern string) bool {
	for _, word := range strings.Fields(strings.ReplaceAll(pattern, `"`, "")) {
		if !strings.Contains(message, word) {
			return false
		}
	}
	return true
}
