package translate

import (
	"strings"

	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// boundsWith are the bounds that a schedule leads to, where they fit each other least. What it
// does not set is as it was: of the file, or of the schedule by that has set it last. An action
// that would put the minimum above the maximum fails, and the next one may, too: a service
// that is put to sleep with a maximum of 0 is never woken by a minimum alone.
func (x *scaling) boundsWith(schedule xfargate.ScalingSchedule) (low, high int, by string) {
	low, high = x.min, x.Max
	if schedule.Min != nil {
		low = *schedule.Min
	}
	if schedule.Max != nil {
		high = *schedule.Max
	}
	if low > high || (schedule.Min == nil) == (schedule.Max == nil) {
		return low, high, ""
	}
	for _, other := range x.Schedules {
		switch {
		case schedule.Max == nil && other.Max != nil && *other.Max < high:
			high, by = *other.Max, other.Name
		case schedule.Min == nil && other.Min != nil && *other.Min > low:
			low, by = *other.Min, other.Name
		}
	}
	return low, high, by
}

// sayForGood warns of bounds that recurring schedules move and nothing moves back.
func (s *scalings) sayForGood(x *scaling) {
	s.sayMovedForGood(x, "min", x.min, func(c xfargate.ScalingSchedule) *int { return c.Min })
	s.sayMovedForGood(x, "max", x.Max, func(c xfargate.ScalingSchedule) *int { return c.Max })
}

func (s *scalings) sayMovedForGood(x *scaling, key string, base int, of func(xfargate.ScalingSchedule) *int) {
	var moved *xfargate.ScalingSchedule
	for i, schedule := range x.Schedules {
		to := of(schedule)
		switch {
		case to == nil:
		case strings.HasPrefix(schedule.Expression, "at("), moved != nil && *of(*moved) != *to: // it is meant, or moved to and fro
			return
		default:
			moved = &x.Schedules[i]
		}
	}
	if moved != nil && *of(*moved) != base {
		s.warnf(moved.Path.Key(key), "add a schedule that sets it back",
			"%s is %d from the first time on and stays that: no schedule sets it to %d again", key, *of(*moved), base)
	}
}
