package translate

import (
	"regexp"
	"strings"
	"time"

	"github.com/compose2fargate/compose2fargate/diag"
)

// The forms of expressions for scheduled actions (Application Auto Scaling User Guide,
// "Schedule recurring scaling actions using cron expressions" and "Create scheduled
// actions").
var (
	atExpression   = regexp.MustCompile(`^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$`)
	rateExpression = regexp.MustCompile(`^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$`)
	cronExpression = regexp.MustCompile(`^cron\((.*)\)$`)
)

// checkExpression reports an expression or a time zone that AWS would refuse.
func (s *scalings) checkExpression(path diag.Path, expression, timezone string) bool {
	if wrong, help := expressionProblem(expression); wrong != "" {
		s.errorf(path.Key("expression"), help, "%s", wrong)
		return false
	}
	if timezone != "" && !knownZone(timezone) {
		s.errorf(path.Key("timezone"), "write it as Europe/Berlin", "there is no time zone %q", timezone)
		return false
	}
	return true
}

// expressionProblem is "" where there is none.
func expressionProblem(expression string) (wrong, help string) {
	if m := atExpression.FindStringSubmatch(expression); m != nil {
		if _, err := time.Parse("2006-01-02T15:04:05", m[1]); err != nil {
			return "there is no such time", "write at(2026-12-24T18:00:00)"
		}
		return "", ""
	}
	if m := rateExpression.FindStringSubmatch(expression); m != nil {
		if (m[1] == "1") != (m[3] == "") {
			return "1 has a unit in the singular, and others one in the plural", "write rate(1 day) or rate(2 days)"
		}
		return "", ""
	}
	m := cronExpression.FindStringSubmatch(expression)
	if m == nil {
		return "must be cron(…), rate(…) or at(…)", "write cron(0 8 ? * MON-FRI *), rate(1 day) or at(2026-12-24T18:00:00)"
	}
	fields := strings.Fields(m[1])
	switch {
	case len(fields) != 6:
		return "a cron expression of AWS has six fields: minutes, hours, day of month, month, day of week, year", "write cron(0 8 ? * MON-FRI *)"
	case (fields[2] == "?") == (fields[4] == "?"):
		return "one of day of month and day of week has to be a question mark", "write cron(0 8 ? * MON-FRI *) or cron(0 8 1 * ? *)"
	}
	for i, field := range fields {
		if !cronFields[i].MatchString(field) {
			return "a cron expression cannot have " + field + " as its " + cronNames[i], "write cron(0 8 ? * MON-FRI *)"
		}
	}
	return "", ""
}

var cronNames = []string{"minutes", "hours", "day of month", "month", "day of week", "year"}

// cronFields are what each field may hold.
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

// knownZone says whether a time zone exists, as far as this machine knows zones.
func knownZone(name string) bool {
	if _, err := time.LoadLocation("Europe/London"); err != nil {
		return true
	}
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local"
}
