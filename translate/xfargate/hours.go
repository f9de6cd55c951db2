package xfargate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Hours are when tasks run.
type Hours struct {
	Path   diag.Path
	Always bool   // all the time
	Days   []bool // on which they begin, from Sunday on
	Start  int    // minutes of the day
	End    int    // minutes of the same day; more than those of a day: of the next one
	Zone   string
}

const minutesOfDay = 24 * 60

var (
	hoursForm = regexp.MustCompile(`^(?:([A-Za-z]{3}(?:[-,][A-Za-z]{3})*) +)?(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})(?: +(\S+))?$`)
	dayNames  = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
)

// hours reads hours, nil where there are none.
func (d decoder) hours(value any, path diag.Path) *Hours {
	text, ok := value.(string)
	if !ok {
		return nil
	}
	h, wrong := parseHours(text)
	if wrong != "" {
		d.errorf(path, `write "Mon-Fri 08:00-19:00 Europe/Berlin", or always`, "%s", wrong)
		return nil
	}
	h.Path = path
	return h
}

func parseHours(text string) (h *Hours, wrong string) {
	if text == "always" {
		return &Hours{Always: true}, ""
	}
	m := hoursForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return nil, "hours are days, a time from when to when, and a time zone"
	}
	h = &Hours{Zone: "UTC"}
	if m[6] != "" {
		h.Zone = m[6]
	}
	if h.Days, wrong = parseDays(m[1]); wrong != "" {
		return nil, wrong
	}
	var ok, okToo bool
	h.Start, ok = minutes(m[2], m[3])
	h.End, okToo = minutes(m[4], m[5])
	switch {
	case !ok || !okToo || h.Start == minutesOfDay:
		return nil, "a time is from 00:00 to 24:00"
	case h.Start == h.End, h.End-h.Start == minutesOfDay:
		return nil, "that leaves no time in which nothing runs"
	case h.End < h.Start:
		h.End += minutesOfDay
	}
	return h, ""
}

func minutes(hour, minute string) (int, bool) {
	h, _ := strconv.Atoi(hour) // the form has digits alone
	m, _ := strconv.Atoi(minute)
	n := h*60 + m
	return n, m < 60 && n <= minutesOfDay
}

// parseDays reads Mon-Fri, Sat-Mon and Mon,Wed,Fri; "" is every day.
func parseDays(text string) (days []bool, wrong string) {
	if text == "" {
		return slices.Repeat([]bool{true}, 7), ""
	}
	days = make([]bool, 7)
	for part := range strings.SplitSeq(strings.ToLower(text), ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, to := slices.Index(dayNames, first), slices.Index(dayNames, last)
		if from < 0 || to < 0 {
			return nil, fmt.Sprintf("%q is no day: Mon, Tue, Wed, Thu, Fri, Sat, Sun", part)
		}
		for day := from; ; day = (day + 1) % 7 {
			days[day] = true
			if day == to {
				break
			}
		}
	}
	return days, ""
}
