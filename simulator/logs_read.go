package simulator

import (
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
	lines = within(lines, in.StartTime, in.EndTime)
	from, to, err := a.eventRange(in, len(lines))
	if err != nil {
		return nil, err
	}
	out := &cloudwatchlogs.GetLogEventsOutput{
		NextForwardToken: ptr(eventToken("f", to)), NextBackwardToken: ptr(eventToken("b", from)), Events: []types.OutputLogEvent{},
	}
	for _, l := range lines[from:to] {
		out.Events = append(out.Events, types.OutputLogEvent{Message: &l.message, Timestamp: &l.at, IngestionTime: &l.at})
	}
	return out, nil
}

// eventRange is which of so many events a call is answered with.
func (a *Account) eventRange(in *cloudwatchlogs.GetLogEventsInput, total int) (from, to int, err error) {
	n := int(val(orElse(in.Limit, mostEvents)))
	if n < 1 || n > mostEvents {
		return 0, 0, logsInvalid("The limit must be between 1 and %d.", mostEvents)
	}
	if a.PageSize > 0 {
		n = min(n, a.PageSize)
	}
	direction, at := "b", total
	if val(in.StartFromHead) {
		direction, at = "f", 0
	}
	if str(in.NextToken) != "" {
		m := eventTokens.FindStringSubmatch(*in.NextToken)
		if m == nil {
			return 0, 0, logsInvalid("The specified nextToken is invalid.")
		}
		direction = m[1]
		if at, err = strconv.Atoi(m[2]); err != nil || at > total {
			return 0, 0, logsInvalid("The specified nextToken is invalid.")
		}
	}
	if direction == "b" {
		return max(at-n, 0), at, nil
	}
	return at, min(at+n, total), nil
}

var eventTokens = regexp.MustCompile(`^([fb])/(\d{56})/s$`)

// eventToken looks like those of AWS, but holds a place.
func eventToken(direction string, at int) string { return fmt.Sprintf("%s/%056d/s", direction, at) }

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
	var all []types.FilteredLogEvent
	for i, l := range within(a.logLines(group), in.StartTime, in.EndTime) {
		if !strings.HasPrefix(l.stream, str(in.LogStreamNamePrefix)) ||
			len(in.LogStreamNames) > 0 && !slices.Contains(in.LogStreamNames, l.stream) ||
			!matchesPattern(l.message, str(in.FilterPattern)) {
			continue
		}
		all = append(all, types.FilteredLogEvent{
			LogStreamName: &l.stream, Message: &l.message, Timestamp: &l.at, IngestionTime: &l.at,
			EventId: ptr(digest("event", l.stream, fmt.Sprint(i))[:56]),
		})
	}
	events, next, err := page(a, all, in.NextToken, in.Limit, mostEvents)
	if err != nil {
		return nil, logsInvalid("The specified nextToken is invalid.")
	}
	return &cloudwatchlogs.FilterLogEventsOutput{Events: filled(events), NextToken: next}, nil
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
