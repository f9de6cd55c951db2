package resource

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// Event is one line of a task's output.
type Event struct {
	Time    time.Time
	Stream  string // PREFIX/CONTAINER/TASK
	Message string
}

// lateness is how late an event may become visible behind one of another task:
// containers send in batches of up to five seconds (awslogs driver).
const lateness = 30 * time.Second

// ServiceLogs is Logs of the tasks of a service of the project, sidecars by their
// own compose name included.
func (a *Account) ServiceLogs(
	ctx context.Context, service string, since time.Time, follow bool, line func(Event) error,
) error {
	return a.Logs(ctx, logGroupName(a.project), service+"/", since, follow, line)
}

// Logs calls line for each event since a time in the log streams that begin
// with streamPrefix, the oldest first. With follow it continues until ctx is
// done, which is not an error then, and passes late events to line when they
// arrive. An error of line ends it.
func (a *Account) Logs(
	ctx context.Context, group, streamPrefix string, since time.Time, follow bool, line func(Event) error,
) error {
	reader := logReader{api: a.logs(), group: group, prefix: streamPrefix, line: line, seen: map[string]time.Time{}}
	for {
		err := reader.read(ctx, since)
		switch {
		case follow && ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("read the logs of %s in %s: %w", streamPrefix, group, brief(err))
		case !follow:
			return nil
		}
		since = reader.next(since)
		if wait(ctx, a.poll) != nil {
			return nil
		}
	}
}

type logReader struct {
	api    cloudwatchlogs.FilterLogEventsAPIClient
	group  string
	prefix string
	line   func(Event) error
	seen   map[string]time.Time // ids of events that were passed on
	last   time.Time            // of the latest event
}

// read passes on what it has not seen. FilterLogEvents returns events in the
// order of their time across streams.
func (r *logReader) read(ctx context.Context, since time.Time) error {
	input := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &r.group, LogStreamNamePrefix: optional(r.prefix)}
	if !since.IsZero() {
		input.StartTime = pointer(since.UnixMilli())
	}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(r.api, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, event := range page.Events {
			if err := r.pass(event); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *logReader) pass(e types.FilteredLogEvent) error {
	id := text(e.EventId)
	if _, seen := r.seen[id]; seen {
		return nil
	}
	var at time.Time
	if e.Timestamp != nil {
		at = time.UnixMilli(*e.Timestamp)
	}
	r.seen[id] = at
	if at.After(r.last) {
		r.last = at
	}
	return r.line(Event{Time: at, Stream: text(e.LogStreamName), Message: text(e.Message)})
}

// next is the time from which to read again: some time before the latest event,
// because events can arrive late. Older events are forgotten.
func (r *logReader) next(since time.Time) time.Time {
	if from := r.last.Add(-lateness); from.After(since) {
		since = from
	}
	for id, at := range r.seen {
		if at.Before(since) {
			delete(r.seen, id)
		}
	}
	return since
}
