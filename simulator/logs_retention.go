package simulator

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// retain sets for how many days a group has its events; nil: for ever.
func (a *Account) retain(group string, days *int32) {
	a.LogGroups.Edit(group).RetentionInDays = days
	for _, key := range a.streams.Keys(group) {
		a.dateStream(group, a.LogStreams.Edit(key))
	}
}

// retained leaves out events that are older than their group retains. AWS may show
// them for up to 72 hours more (API reference, PutRetentionPolicy).
func (a *Account) retained(group string, lines []logLine) []logLine {
	g := a.LogGroups.Get(group)
	if g == nil || g.RetentionInDays == nil {
		return lines
	}
	oldest := a.now().Add(-time.Duration(*g.RetentionInDays) * day).UnixMilli()
	return within(lines, &oldest, nil)
}

// dateStream notes when the last event of a stream is older than its group retains.
func (a *Account) dateStream(group string, s *LogStream) {
	s.Ends = 0
	g := a.LogGroups.Get(group)
	if g == nil || g.RetentionInDays == nil || len(s.Events) == 0 {
		return
	}
	last := time.UnixMilli(*s.Events[len(s.Events)-1].Timestamp)
	s.Ends = max(onClock(last.Add(time.Duration(*g.RetentionInDays)*day)), 1)
}

// expireStream removes the events of a stream that are all older than its group
// retains, and a stream with them that nobody made by a call.
func (a *Account) expireStream(key string) {
	if a.LogStreams.Get(key).Left {
		a.LogStreams.Delete(key)
		return
	}
	s := a.LogStreams.Edit(key)
	s.Events, s.Ends = nil, 0
}

// keepLines keeps what the containers of a task said, which is then forgotten.
func (a *Account) keepLines(t *Task) {
	for i, c := range a.definition(*t.TaskDefinitionArn).ContainerDefinitions {
		group := groupOfContainer(c)
		if a.LogGroups.Get(group) == nil {
			continue
		}
		lines := a.retained(group, a.linesOfContainer(t, i, c))
		if len(lines) == 0 {
			continue
		}
		slices.SortStableFunc(lines, func(x, y logLine) int { return cmp.Compare(x.at, y.at) })
		s := LogStream{Left: true, LogStream: types.LogStream{LogStreamName: &lines[0].stream, CreationTime: &lines[0].at}}
		for _, l := range lines {
			s.Events = append(s.Events, types.InputLogEvent{Timestamp: &l.at, Message: &l.message})
		}
		a.dateStream(group, &s)
		a.LogStreams.Put(streamKey(&group, s.LogStreamName), s)
	}
}
