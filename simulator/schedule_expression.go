package simulator

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Expressions of Application Auto Scaling and EventBridge Scheduler (EventBridge
// Scheduler User Guide, "Schedule types").
var (
	atExpression   = regexp.MustCompile(`^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$`)
	rateExpression = regexp.MustCompile(`^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$`)
	cronExpression = regexp.MustCompile(`^cron\((.*)\)$`)
)

// cronFields are the six fields of a cron expression and what each may hold.
var cronFields = []*regexp.Regexp{
	cronField(`[0-5]?\d`, ""),
	cronField(`[01]?\d|2[0-3]`, ""),
	cronField(`0?[1-9]|[12]\d|3[01]`, `|\?|L|LW|(?:0?[1-9]|[12]\d|3[01])W`),
	cronField(`0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC`, ""),
	cronField(`[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT`, `|\?|L|[1-7]L|(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5]`),
	cronField(`19[7-9]\d|2[01]\d\d`, ""),
}

func cronField(value, special string) *regexp.Regexp {
	item := `(?:\*|(?:` + value + `)(?:-(?:` + value + `))?)(?:/\d+)?`
	return regexp.MustCompile(`(?i)^(?:` + item + `(?:,` + item + `)*` + special + `)$`)
}

// validSchedule tells whether an expression is one of the three kinds.
func validSchedule(expression string) bool {
	if m := atExpression.FindStringSubmatch(expression); m != nil {
		_, err := time.Parse("2006-01-02T15:04:05", m[1])
		return err == nil
	}
	if m := rateExpression.FindStringSubmatch(expression); m != nil {
		return rate(m[1], m[2]) > 0
	}
	m := cronExpression.FindStringSubmatch(expression)
	return m != nil && validCron(strings.Fields(m[1]))
}

// validCron wants six fields, one of the days a question mark: "You can't use *
// in both the Day-of-month and Day-of-week fields. If you use it in one, you must
// use ? in the other."
func validCron(fields []string) bool {
	if len(fields) != len(cronFields) {
		return false
	}
	for i, field := range fields {
		if !cronFields[i].MatchString(field) {
			return false
		}
	}
	return (fields[2] == "?") != (fields[4] == "?")
}

// validZone tells whether a time zone exists, as far as this machine knows zones.
func validZone(name string) bool {
	if _, err := time.LoadLocation("Europe/London"); err != nil {
		return true
	}
	_, err := time.LoadLocation(name)
	return err == nil && name != "" && name != "Local"
}

// timetable is an expression with all that decides when it is due.
type timetable struct {
	expression string
	zone       *string    // nil: UTC
	start, end *time.Time // nil: at once, and for ever
	base       time.Time  // what a rate counts from
}

// after is the first time later than that one at which it is due; the zero time
// when there is none.
func (t timetable) after(moment time.Time) time.Time {
	zone, err := time.LoadLocation(*orElse(t.zone, "UTC"))
	if err != nil { // this machine does not know the zone
		zone = time.UTC
	}
	if t.start != nil && t.start.After(moment) {
		moment = t.start.Add(-time.Second)
	}
	var next time.Time
	if m := atExpression.FindStringSubmatch(t.expression); m != nil {
		next, _ = time.ParseInLocation("2006-01-02T15:04:05", m[1], zone)
		if !next.After(moment) {
			return time.Time{}
		}
	} else if m := rateExpression.FindStringSubmatch(t.expression); m != nil {
		next = t.rateAfter(moment, m[1], m[2])
	} else if m := cronExpression.FindStringSubmatch(t.expression); m != nil {
		next = cronAfter(strings.Fields(strings.ToUpper(m[1])), moment.In(zone))
	}
	if t.end != nil && next.After(*t.end) {
		return time.Time{}
	}
	return next.UTC()
}

// longestRate is more than anybody waits for, and little enough to count with. AWS
// documents no limit.
const longestRate = 100 * 365 * day

// rate is how often a rate is due; 0 for one that is too long.
func rate(value, unit string) time.Duration {
	one := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": day}[unit]
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n > int64(longestRate/one) {
		return 0
	}
	return time.Duration(n) * one
}

// rateAfter counts in spans of time: a day is 24 hours, whatever the clocks of the
// zone do (EventBridge Scheduler User Guide, "Daylight savings time").
func (t timetable) rateAfter(moment time.Time, value, unit string) time.Time {
	every := rate(value, unit)
	next := t.base
	if t.start != nil {
		next = *t.start
	}
	if passed := moment.Sub(next); passed >= 0 {
		next = next.Add((passed/every + 1) * every)
	}
	return next
}

// cronAfter is the first time later than that one that the fields of a cron
// expression name, in the zone of moment.
func cronAfter(fields []string, moment time.Time) time.Time {
	minutes, hours := cronSet(fields[0], 0, 59, nil), cronSet(fields[1], 0, 23, nil)
	months, years := cronSet(fields[3], 1, 12, monthNames), cronSet(fields[5], 1970, 2199, nil)
	year, month, day := moment.Date()
	for d := date(year, month, day); d.Year() <= 2199; d = d.AddDate(0, 0, 1) {
		switch {
		case !slices.Contains(years, d.Year()):
			d = date(d.Year(), time.December, 31)
			continue
		case !slices.Contains(months, int(d.Month())):
			d = date(d.Year(), d.Month()+1, 0)
			continue
		case !cronDay(fields[2], fields[4], d):
			continue
		}
		for _, h := range hours {
			for _, m := range minutes {
				// "When the time shifts forward in the spring, if a cron expression falls on a
				// non-existent date and time, your schedule invocation is skipped" (EventBridge
				// Scheduler User Guide, "Daylight savings time"); in fall it happens once.
				at := time.Date(d.Year(), d.Month(), d.Day(), h, m, 0, 0, moment.Location())
				if at.After(moment) && at.Hour() == h && at.Minute() == m {
					return at
				}
			}
		}
	}
	return time.Time{}
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

var (
	monthNames = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	dayNames   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"} // 1 is Sunday
)

// cronSet are the values that a field names, in order. A name stands for its place
// from low on.
func cronSet(field string, low, high int, names []string) []int {
	chosen := map[int]bool{}
	for item := range strings.SplitSeq(field, ",") {
		span, step, stepped := strings.Cut(item, "/")
		first, last, ranged := strings.Cut(span, "-")
		from, to := cronValue(first, low, names), cronValue(last, low, names)
		switch {
		case first == "*":
			from, to = low, high
		case !ranged && stepped: // 5/15: from 5 on
			to = high
		case !ranged:
			to = from
		}
		every, _ := strconv.Atoi(step)
		for n := from; n <= to || ranged && to < from && n <= to+high-low+1; n += max(every, 1) {
			chosen[low+(n-low)%(high-low+1)] = true // FRI-MON goes round
		}
	}
	var list []int
	for n := low; n <= high; n++ {
		if chosen[n] {
			list = append(list, n)
		}
	}
	return list
}

func cronValue(text string, low int, names []string) int {
	if at := slices.Index(names, text); at >= 0 {
		return low + at
	}
	n, _ := strconv.Atoi(text)
	return n
}

// cronDay tells whether the fields of days, one of which is a question mark, name
// that date.
func cronDay(ofMonth, ofWeek string, d time.Time) bool {
	last := date(d.Year(), d.Month()+1, 0).Day()
	weekday := int(d.Weekday()) + 1
	switch {
	case ofMonth == "L":
		return d.Day() == last
	case ofMonth == "LW":
		return d.Day() == nearestWeekday(d, last)
	case strings.HasSuffix(ofMonth, "W"):
		n, _ := strconv.Atoi(strings.TrimSuffix(ofMonth, "W"))
		return n <= last && d.Day() == nearestWeekday(d, n)
	case ofMonth != "?":
		return slices.Contains(cronSet(ofMonth, 1, 31, nil), d.Day())
	case ofWeek == "L":
		return weekday == 7
	case strings.HasSuffix(ofWeek, "L"):
		return weekday == cronValue(strings.TrimSuffix(ofWeek, "L"), 1, dayNames) && d.Day()+7 > last
	case strings.Contains(ofWeek, "#"):
		day, n, _ := strings.Cut(ofWeek, "#")
		return weekday == cronValue(day, 1, dayNames) && (d.Day()+6)/7 == cronValue(n, 1, nil)
	}
	return slices.Contains(cronSet(ofWeek, 1, 7, dayNames), weekday)
}

// nearestWeekday is the day of the month from Monday to Friday that is nearest to
// that one, within the month.
func nearestWeekday(d time.Time, day int) int {
	last := date(d.Year(), d.Month()+1, 0).Day()
	switch date(d.Year(), d.Month(), day).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == last {
			return day - 2
		}
		return day + 1
	}
	return day
}

// onClock is a time on the clock of the account, rounded up, 0 for none.
func onClock(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	at := t.Unix() - epoch.Unix() // a time.Duration ends after 292 years
	if t.Nanosecond() > 0 {
		at++
	}
	return at
}

// fires makes the mover of things that are due at a time that they know. fire must
// give its thing another time, or take it away.
func fires[T any](t *Table[T], at func(*T) int64, fire func(key string)) mover {
	index := newIndex(t, func(_ string, row *T) []string {
		if at(row) <= 0 {
			return nil
		}
		return []string{moment(at(row))}
	}).ordered()
	return mover{
		next: func() int64 { return firstMoment(index) },
		move: func() { fire(index.Keys(moment(firstMoment(index)))[0]) },
	}
}

// firstMoment is the earliest time by which a row is found, negative when there is
// none.
func firstMoment[T any](index *Index[T]) int64 {
	at, err := strconv.ParseInt(index.First(), 10, 64)
	if err != nil {
		return -1
	}
	return at
}
