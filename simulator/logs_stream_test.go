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
