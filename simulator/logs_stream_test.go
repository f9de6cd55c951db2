package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func event(at time.Duration, message string) types.InputLogEvent {
	return types.InputLogEvent{Timestamp: aws.Int64(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(at).UnixMilli()), Message: &message}
}

func TestTheLifeOfALogStream(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	ctx, group, stream := t.Context(), aws.String("/shop"), aws.String("mine")
	make := &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}
	must(w.logs.CreateLogStream(ctx, make))(t)
	if _, err := w.logs.CreateLogStream(ctx, make); code(err) != "ResourceAlreadyExistsException" {
		t.Error(err)
	}
	streams := must(w.logs.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group}))(t).LogStreams
	if len(streams) != 1 || *streams[0].LogStreamName != "mine" {
		t.Error("an empty stream:", text(streams))
	}
	must(w.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: group, LogStreamName: stream, LogEvents: []types.InputLogEvent{event(0, "one"), event(time.Second, "two")},
	}))(t)
	got := must(w.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream}))(t).Events
	if len(got) != 2 || *got[1].Message != "two" {
		t.Error(text(got))
	}
	drop := &cloudwatchlogs.DeleteLogStreamInput{LogGroupName: group, LogStreamName: stream}
	must(w.logs.DeleteLogStream(ctx, drop))(t)
	if _, err := w.logs.DeleteLogStream(ctx, drop); code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
}

func TestLogEventsAreReadBothWays(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	ctx, group, stream := t.Context(), aws.String("/shop"), aws.String("mine")
	must(w.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}))(t)
	must(w.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: group, LogStreamName: stream, LogEvents: []types.InputLogEvent{event(0, "one"), event(time.Second, "two"), event(2*time.Second, "three")},
	}))(t)
	read := func(token *string, head bool) (messages string, out *cloudwatchlogs.GetLogEventsOutput) {
		t.Helper()
		out = must(w.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: group, LogStreamName: stream, NextToken: token, StartFromHead: &head, Limit: aws.Int32(2),
		}))(t)
		for _, e := range out.Events {
			messages += *e.Message + " "
		}
		return messages, out
	}
	latest, at := read(nil, false)
	before, first := read(at.NextBackwardToken, false)
	none, end := read(at.NextForwardToken, true)
	if latest != "two three " || before != "one " || none != "" || *end.NextForwardToken != *at.NextForwardToken {
		t.Errorf("latest %q, before %q, after %q", latest, before, none)
	}
	if none, start := read(first.NextBackwardToken, false); none != "" || *start.NextBackwardToken != *first.NextBackwardToken {
		t.Errorf("before the first: %q", none)
	}
	if earliest, _ := read(nil, true); earliest != "one two " {
		t.Errorf("earliest %q", earliest)
	}
	for token, want := range map[string]string{"junk": "InvalidParameterException", "f/" + strings.Repeat("9", 56) + "/s": "InvalidParameterException"} {
		if _, err := w.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream, NextToken: &token}); code(err) != want {
			t.Error(token, err)
		}
	}
}

func TestLogEventsAreFiltered(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	ctx, group, stream := t.Context(), aws.String("/shop"), aws.String("mine")
	must(w.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}))(t)
	must(w.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: group, LogStreamName: stream, LogEvents: []types.InputLogEvent{event(0, "ERROR disk is full"), event(1, "ERROR full disk"), event(2, "WARN slow")},
	}))(t)
	for pattern, want := range map[string]int{
		"": 3, "ERROR": 2, "disk full": 2, `"is full"`: 1, "error": 0, `ERROR -"is full"`: 1, "?slow ?none": 1, "?none": 0,
	} {
		in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: &pattern}
		if got := must(w.logs.FilterLogEvents(ctx, in))(t).Events; len(got) != want {
			t.Errorf("%s: %s", pattern, text(got))
		}
	}
	both := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, LogStreamNamePrefix: stream, LogStreamNames: []string{"mine"}}
	if _, err := w.logs.FilterLogEvents(ctx, both); code(err) != "InvalidParameterException" {
		t.Error("names and a prefix:", err)
	}
	if _, err := w.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(51)}); code(err) != "InvalidParameterException" {
		t.Error("51 groups:", err)
	}
}

func TestLogEventsAreRefused(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	ctx, group := t.Context(), aws.String("/shop")
	if _, err := w.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: aws.String("a:b")}); code(err) != "InvalidParameterException" {
		t.Error("a colon:", err)
	}
	if _, err := w.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("/none"), LogStreamName: aws.String("a")}); code(err) != "ResourceNotFoundException" {
		t.Error("no such group:", err)
	}
	must(w.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: aws.String("a")}))(t)
	for what, events := range map[string][]types.InputLogEvent{
		"the wrong order": {event(time.Second, "two"), event(0, "one")},
		"two days":        {event(0, "one"), event(25*time.Hour, "two")},
		"too much":        {event(0, strings.Repeat("x", 1<<20))},
	} {
		_, err := w.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: aws.String("a"), LogEvents: events})
		if code(err) != "InvalidParameterException" {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := w.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: group, LogStreamName: aws.String("b"), LogEvents: []types.InputLogEvent{event(0, "one")},
	})
	if code(err) != "ResourceNotFoundException" {
		t.Error("no such stream:", err)
	}
}
