package simulator

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// LogStream is a stream that somebody made by a call, with what was put into it, or
// that of a container whose task is forgotten. Those of other containers are made up
// when they are asked for.
type LogStream struct {
	types.LogStream
	Events []types.InputLogEvent // in order
	Left   bool                  // by a container
	Ends   int64                 // on the clock, when the last event is older than the group retains; 0: never
}

// streamName is what CreateLogStream takes (API reference, LogStreamName).
var streamName = regexp.MustCompile(`^[^:*]{1,512}$`)

func streamKey(group, stream *string) string { return str(group) + ":" + str(stream) }

func createLogStream(a *Account, in *cloudwatchlogs.CreateLogStreamInput) (*cloudwatchlogs.CreateLogStreamOutput, error) {
	if !streamName.MatchString(str(in.LogStreamName)) {
		return nil, logsInvalid("1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [^:*]*", str(in.LogStreamName))
	}
	g, err := a.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	key := streamKey(in.LogGroupName, in.LogStreamName)
	if a.LogStreams.Get(key) != nil {
		return nil, &types.ResourceAlreadyExistsException{Message: ptr("The specified log stream already exists")}
	}
	a.LogStreams.Put(key, LogStream{LogStream: types.LogStream{
		LogStreamName: in.LogStreamName, Arn: ptr(*g.LogGroupArn + ":log-stream:" + *in.LogStreamName), CreationTime: ptr(a.now().UnixMilli()),
	}})
	return &cloudwatchlogs.CreateLogStreamOutput{}, nil
}

func deleteLogStream(a *Account, in *cloudwatchlogs.DeleteLogStreamInput) (*cloudwatchlogs.DeleteLogStreamOutput, error) {
	if _, err := a.logGroup(in.LogGroupName); err != nil {
		return nil, err
	}
	key := streamKey(in.LogGroupName, in.LogStreamName)
	if a.LogStreams.Get(key) == nil {
		return nil, noSuchStream()
	}
	a.LogStreams.Delete(key)
	return &cloudwatchlogs.DeleteLogStreamOutput{}, nil
}

func noSuchStream() error {
	return &types.ResourceNotFoundException{Message: ptr("The specified log stream does not exist.")}
}

// putLogEvents has the limits of the API reference: order in time, 10,000 events
// and 1 MiB with 26 bytes for each, no more than 24 hours from first to last.
func putLogEvents(a *Account, in *cloudwatchlogs.PutLogEventsInput) (*cloudwatchlogs.PutLogEventsOutput, error) {
	if _, err := a.logGroup(in.LogGroupName); err != nil {
		return nil, err
	}
	s := a.LogStreams.Edit(streamKey(in.LogGroupName, in.LogStreamName))
	if s == nil {
		return nil, noSuchStream()
	}
	if err := checkLogEvents(in.LogEvents); err != nil {
		return nil, err
	}
	s.Events = append(s.Events, in.LogEvents...)
	slices.SortStableFunc(s.Events, func(x, y types.InputLogEvent) int { return cmp.Compare(*x.Timestamp, *y.Timestamp) })
	s.FirstEventTimestamp, s.LastEventTimestamp = s.Events[0].Timestamp, s.Events[len(s.Events)-1].Timestamp
	s.LastIngestionTime = ptr(a.now().UnixMilli())
	a.dateStream(*in.LogGroupName, s)
	return &cloudwatchlogs.PutLogEventsOutput{NextSequenceToken: ptr(digest(streamKey(in.LogGroupName, in.LogStreamName))[:56])}, nil
}

func checkLogEvents(events []types.InputLogEvent) error {
	size := 0
	for i, e := range events {
		size += len(str(e.Message)) + 26
		if i > 0 && *e.Timestamp < *events[i-1].Timestamp {
			return logsInvalid("Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	switch {
	case len(events) == 0 || len(events) > 10000:
		return logsInvalid("1 validation error detected: Value at 'logEvents' failed to satisfy constraint: " +
			"Member must have length between 1 and 10000")
	case size > 1<<20:
		return logsInvalid("Upload too large: %d bytes exceeds limit of 1048576", size)
	case *events[len(events)-1].Timestamp-*events[0].Timestamp > 24*60*60*1000:
		return logsInvalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return nil
}

// putLines are the lines that were put into streams of a group by calls.
func (a *Account) putLines(group string) []logLine {
	var lines []logLine
	for _, s := range a.streams.Of(group) {
		for _, e := range s.Events {
			lines = append(lines, logLine{*s.LogStreamName, *e.Timestamp, *e.Message})
		}
	}
	return lines
}
