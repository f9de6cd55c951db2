package translate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// staggered is how many minutes a service begins before those that depend on it, and ends
// after them.
const staggered = 5

const minutesOfDay = 24 * 60

// hoursOf are those of a task, nil where it runs all the time.
func (s *scalings) hoursOf(k *task) *xfargate.Hours {
	h := s.X.Service(k.name()).Hours
	if h == nil {
		h = s.X.Hours
	}
	if h == nil || h.Always || k.main.GetScale() == 0 || s.isRun(k) {
		return nil
	}
	return h
}

// keepHours lets tasks run at certain hours alone: at the others there may be none. A
// service that is not scaled has just as many tasks as the files say then.
func (s *scalings) keepHours(k *task) {
	h := s.hoursOf(k)
	if h == nil || !s.checkHours(k, h) {
		return
	}
	x := s.of[k]
	if x == nil {
		n := k.main.GetScale()
		x = &scaling{Scaling: xfargate.Scaling{Path: h.Path, Max: n}, min: n}
		s.of[k] = x
	}
	if len(x.Schedules) > 0 {
		s.errorf(x.Path.Key("schedules"), "write the hours as schedules that set min and max to 0 and back, and hours: always", "cannot be combined with x-fargate.hours")
		return
	}
	early := staggered * s.wavesAbove(k)
	if h.End-h.Start+2*early >= minutesOfDay {
		s.errorf(h.Path, "begin later or end earlier", "that leaves no time in which nothing runs: %q begins %d minutes before the services that depend on it, and ends as much after them", k.name(), early)
		return
	}
	none := 0
	x.Schedules = []xfargate.ScalingSchedule{
		{Name: "sleep", Path: h.Path, Expression: weekly(h.Days, h.End+early), Timezone: h.Zone, Min: &none, Max: &none},
		{Name: "wake", Path: h.Path, Expression: weekly(h.Days, h.Start-early), Timezone: h.Zone, Min: &x.min, Max: &x.Max},
	}
}

// checkHours reports hours in a time zone that there is not, once.
func (s *scalings) checkHours(k *task, h *xfargate.Hours) bool {
	if knownZone(h.Zone) {
		return true
	}
	if path := compose.Dotted(h.Path); !slices.Contains(s.unknownZones, path) {
		s.unknownZones = append(s.unknownZones, path)
		s.errorf(h.Path, "write it as Europe/Berlin", "there is no time zone %q", h.Zone)
	}
	return false
}

// refuseSidecarHours: a sidecar runs as long as its task.
func (s *scalings) refuseSidecarHours(k *task) {
	for _, m := range k.members[1:] {
		if h := s.X.Services[m.Name].Hours; h != nil {
			s.errorf(h.Path, fmt.Sprintf("write it in service %q", k.name()), "a sidecar runs as long as the task of %q", k.name())
		}
	}
}

// wavesAbove is the longest chain of tasks that depend on one and keep hours.
func (s *scalings) wavesAbove(k *task) int {
	most := 0
	for _, other := range s.tasks {
		if other != k && s.hoursOf(other) != nil && slices.Contains(waitsFor(s.base, other), k.name()) {
			most = max(most, 1+s.wavesAbove(other))
		}
	}
	return most
}

// weekly is a cron expression for days and minutes of them, which may be of the day before
// or after.
func weekly(days []bool, minutes int) string {
	shift := 0
	for ; minutes < 0; minutes += minutesOfDay {
		shift--
	}
	for ; minutes >= minutesOfDay; minutes -= minutesOfDay {
		shift++
	}
	on := make([]bool, 7)
	for day := range on {
		on[day] = days[(day-shift+7)%7]
	}
	return fmt.Sprintf("cron(%d %d ? * %s *)", minutes%60, minutes/60, daysOfWeek(on))
}

// daysOfWeek writes days, of which Sunday is the first, as cron expressions of AWS have them.
func daysOfWeek(on []bool) string {
	names := []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	if !slices.Contains(on, false) {
		return "*"
	}
	var out []string
	for from := 0; from < len(on); from++ {
		to := from
		for to < len(on) && on[to] {
			to++
		}
		if to-from > 2 {
			out = append(out, names[from]+"-"+names[to-1])
		} else {
			out = append(out, names[from:to]...)
		}
		from = to
	}
	return strings.Join(out, ",")
}

// sayHours tells once for all services when they run.
func (s *scalings) sayHours() {
	var names []string
	for _, k := range s.tasks {
		if s.hoursOf(k) != nil {
			names = append(names, k.name())
		}
	}
	if len(names) > 0 {
		s.notef(diag.Path{"services"}, "", "tasks of %s run at the hours of x-fargate.hours alone: those that others depend on begin %d minutes earlier and end %[2]d minutes later", compose.Quoted(names), staggered)
	}
}
