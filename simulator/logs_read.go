package simulator

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// mostEvents is how many events an answer has at most (API reference, GetLogEvents
// and FilterLogEvents, limit).
const mostEvents = 10000

// getLogEvents shows the latest events unless it is to start from the head. Its
// tokens lead on and back from there. They are never nil: "If you have reached the
// end of the stream, it returns the same token you passed in" (API reference,
// GetLogEvents).
func getLogEvents(a *Account, in *cloudwatchlogs.GetLogEventsInput) (*cloudwatchlogs.GetLogEventsOutput, error) {
	group, err := a.groupOf(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	lines := slices.DeleteFunc(a.logLines(group), func(l logLine) bool { return l.stream != str(in.LogStreamName) })
	if len(lines) == 0 && a.LogStreams.Get(streamKey(&group, in.LogStreamName)) == nil {
		return nil, &types.ResourceNotFoundException{Message: ptr("The specified log stream does not exist.")}
	}
	events := numbered(within(lines, in.StartTime, in.EndTime))
	from, to, err := a.eventRange(in, events)
	if err != nil {
		return nil, err
	}
	out := &cloudwatchlogs.GetLogEventsOutput{
		NextForwardToken: ptr(eventToken("f", events[:to])), NextBackwardToken: ptr(eventToken("b", events[:from])), Events: []types.OutputLogEvent{},
	}
	for _, e := range events[from:to] {
		out.Events = append(out.Events, types.OutputLogEvent{Message: &e.message, Timestamp: &e.at, IngestionTime: &e.at})
	}
	return out, nil
}

// logEvent is a line with its number in its stream and millisecond.
type logEvent struct {
	logLine
	n int
}

func numbered(lines []logLine) []logEvent {
	var events []logEvent
	seen := map[string]int{}
	for _, l := range lines {
		key := moment(l.at) + l.stream
		events = append(events, logEvent{l, seen[key]})
		seen[key]++
	}
	return events
}

// inGroup is the place of an event in its group.
func (e logEvent) inGroup() string { return fmt.Sprintf("%s %s %06d", moment(e.at), e.stream, e.n) }

// inStream is the place of an event in its stream, or the one behind it, in digits.
func (e logEvent) inStream(behind int) string { return fmt.Sprintf("%020d%036d", e.at, e.n+behind) }

// eventRange is which of the events of a stream a call is answered with.
func (a *Account) eventRange(in *cloudwatchlogs.GetLogEventsInput, events []logEvent) (from, to int, err error) {
	n := int(val(orElse(in.Limit, mostEvents)))
	if n < 1 || n > mostEvents {
		return 0, 0, logsInvalid("The limit must be between 1 and %d.", mostEvents)
	}
	if a.PageSize > 0 {
		n = min(n, a.PageSize)
	}
	direction, at := "b", len(events)
	if val(in.StartFromHead) {
		direction, at = "f", 0
	}
	if str(in.NextToken) != "" {
		m := eventTokens.FindStringSubmatch(*in.NextToken)
		if m == nil {
			return 0, 0, logsInvalid("The specified nextToken is invalid.")
		}
		if _, err := strconv.ParseInt(m[2][:20], 10, 64); err != nil { // no time
			return 0, 0, logsInvalid("The specified nextToken is invalid.")
		}
		direction = m[1]
		at, _ = slices.BinarySearchFunc(events, m[2], func(e logEvent, place string) int { return cmp.Compare(e.inStream(0), place) })
	}
	if direction == "b" {
		return max(at-n, 0), at, nil
	}
	return at, min(at+n, len(events)), nil
}

var eventTokens = regexp.MustCompile(`^([fb])/(\d{56})/s$`)

// eventToken looks like those of AWS, but holds the place behind these events.
func eventToken(direction string, before []logEvent) string {
	place := fmt.Sprintf("%056d", 0)
	if len(before) > 0 {
		place = before[len(before)-1].inStream(1)
	}
	return direction + "/" + place + "/s"
}

// filterLogEvents knows the filter patterns of unstructured events.
func filterLogEvents(
	a *Account, in *cloudwatchlogs.FilterLogEventsInput,
) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	group, err := a.groupOf(in.LogGroupName, in.LogGroupIdentifier)
	switch {
	case err != nil:
		return nil, err
	case in.LogStreamNamePrefix != nil && len(in.LogStreamNames) > 0: // so the API reference, logStreamNamePrefix
		return nil, logsInvalid("LogStreamNamePrefix and LogStreamNames cannot both be specified.")
	case in.Limit != nil && (*in.Limit < 1 || *in.Limit > mostEvents):
		return nil, logsInvalid("The limit must be between 1 and %d.", mostEvents)
	}
	var all []logEvent
	for _, e := range numbered(within(a.logLines(group), in.StartTime, in.EndTime)) {
		if strings.HasPrefix(e.stream, str(in.LogStreamNamePrefix)) &&
			(len(in.LogStreamNames) == 0 || slices.Contains(in.LogStreamNames, e.stream)) &&
			matchesPattern(e.message, str(in.FilterPattern)) {
			all = append(all, e)
		}
	}
	events, next, err := page(a, all, logEvent.inGroup, in.NextToken, in.Limit, mostEvents)
	if err != nil {
		return nil, logsInvalid("The specified nextToken is invalid.")
	}
	out := &cloudwatchlogs.FilterLogEventsOutput{Events: []types.FilteredLogEvent{}, NextToken: next}
	for _, e := range events {
		out.Events = append(out.Events, types.FilteredLogEvent{
			LogStreamName: &e.stream, Message: &e.message, Timestamp: &e.at, IngestionTime: &e.at,
			EventId: ptr(digest("event", e.inGroup())[:56]),
		})
	}
	return out, nil
}

// patternTerm is a term of a filter pattern: a word or a phrase in quotes, with a
// sign that makes it optional or excludes it.
var patternTerm = regexp.MustCompile(`([?-]?)(?:"([^"]*)"|(\S+))`)

// matchesPattern wants all terms of a pattern, at least one of those with a question
// mark where there are only such, and none of those with a minus (CloudWatch Logs
// User Guide, "Filter pattern syntax").
func matchesPattern(message, pattern string) bool {
	wanted, optional, found := 0, 0, false
	for _, m := range patternTerm.FindAllStringSubmatch(pattern, -1) {
		occurs := strings.Contains(message, m[2]+m[3])
		switch m[1] {
		case "?":
			optional++
			found = found || occurs
		case "-":
			if occurs {
				return false
			}
		default:
			wanted++
			if !occurs {
				return false
			}
		}
	}
	return optional == 0 || wanted > 0 || found
}
