package resource

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestLogsOfAServiceComeInOrderAndFromAllPages(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.mustApply(w.stack(w.shop("web", "web2")...))
	var lines []string
	var last time.Time
	err := w.account().Logs(t.Context(), "/compose2fargate/shop", "web/", time.Time{}, false, func(e Event) error {
		if e.Time.Before(last) {
			t.Errorf("%v comes after %v", e.Time, last)
		}
		last = e.Time
		lines = append(lines, e.Message)
		if !strings.HasPrefix(e.Stream, "web/web/") {
			t.Errorf("a line of %s", e.Stream)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"web: starting nginx:1", "web: ready"}, lines); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	stop := errors.New("no paper")
	err = w.account().Logs(t.Context(), "/compose2fargate/shop", "web/", time.Time{}, true, func(Event) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("it ends with %v", err)
	}
	err = w.account().Logs(t.Context(), "/none", "web/", time.Time{}, true, nil)
	const want = "read the logs of web/ in /none: FilterLogEvents: The specified log group does not exist (ResourceNotFoundException)"
	if err == nil || err.Error() != want {
		t.Errorf("it says %v", err)
	}
}

// growing is a log group that gets a line with each call; every other one comes
// late.
type growing struct {
	calls int
	since []int64
}

func (g *growing) FilterLogEvents(
	_ context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options),
) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	g.calls++
	g.since = append(g.since, *in.StartTime)
	out := &cloudwatchlogs.FilterLogEventsOutput{}
	for i := range g.calls {
		at := int64(i) * 60_000
		if i%2 == 1 {
			at -= 65_000 // before the one that was there already
		}
		if at >= *in.StartTime {
			out.Events = append(out.Events, types.FilteredLogEvent{
				EventId: aws.String(fmt.Sprint(i)), Timestamp: &at, Message: aws.String(fmt.Sprint("line ", i)),
			})
		}
	}
	return out, nil
}

func TestLinesThatComeLateAreNotLostAndNoneComesTwice(t *testing.T) {
	g := &growing{}
	var lines []string
	reader := logReader{api: g, group: "g", seen: map[string]time.Time{}, line: func(e Event) error {
		lines = append(lines, e.Message)
		return nil
	}}
	since := time.UnixMilli(-100_000)
	for range 5 {
		if err := reader.read(t.Context(), since); err != nil {
			t.Fatal(err)
		}
		since = reader.next(since)
	}
	if diff := cmp.Diff([]string{"line 0", "line 1", "line 2", "line 3", "line 4"}, lines); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(reader.seen) > 2 {
		t.Errorf("it remembers %v", reader.seen)
	}
}

func TestFollowingEndsWithTheContext(t *testing.T) {
	w, _ := running(t, simulator.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := w.account().Logs(ctx, "/compose2fargate/shop", "web/", time.Time{}, true, func(Event) error {
		if n++; n == 2 {
			cancel()
		}
		return nil
	})
	if err != nil || n != 2 {
		t.Errorf("%d lines, %v", n, err)
	}
}
