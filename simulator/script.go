package simulator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Script tells how containers fare and what metrics show, so that a failure can be
// rehearsed. Without a line for it a container runs well: that of a service for
// ever, that of RunTask for a look or two, and one that others wait for to end, ends
// with 0.
type Script struct {
	Containers []Scripted `yaml:"containers"` // the first that fits a container decides
	Metrics    []Measured `yaml:"metrics"`    // the first that fits a metric at a time decides
	Alarms     []Alarmed  `yaml:"alarms"`     // those that go off during deployments
}

// Alarmed is an alarm of CloudWatch that goes off while a service is deployed whose
// deployments it may fail. Service and Alarm are patterns with * and ?; an empty one fits all.
// Such an alarm need not be in the account.
type Alarmed struct {
	Service string `yaml:"service"` // a service by its name
	Alarm   string `yaml:"alarm"`   // by its name
	After   int    `yaml:"after"`   // describe reads of the deployment until it does
}

// problem is what is wrong with a line, "" for nothing.
func (l Alarmed) problem() string {
	switch {
	case l.Alarm == "" && l.Service == "":
		return "it names neither a service nor an alarm"
	case l.After < 0:
		return "after must not be negative"
	}
	return ""
}

// goesOff tells whether a script lets an alarm go off by now in a deployment of a service.
func (a *Account) goesOff(alarm string, s *Service, row *Deployment) bool {
	return a.Script != nil && slices.ContainsFunc(a.Script.Alarms, func(l Alarmed) bool {
		return fits(l.Alarm, alarm) && fits(l.Service, *s.ServiceName) && row.Reads > l.After
	})
}

// Measured is what a metric of CloudWatch shows for some time: what alarms and
// scaling policies go by. Without a line for it a metric has no data.
type Measured struct {
	Service string   `yaml:"service"` // pattern: the services whose metric it is; empty for all, and for metrics of no service
	Metric  string   `yaml:"metric"`  // CPUUtilization, MemoryUtilization, RequestCountPerTarget or the name of one's own
	Value   *float64 `yaml:"value"`   // what it shows
	Load    *float64 `yaml:"load"`    // in place of value: what one task alone would show; n tasks show an nth of it
	After   Duration `yaml:"after"`   // since the service was made
	For     Duration `yaml:"for"`     // 0: for ever
}

// problem is what is wrong with a line, "" for nothing.
func (m Measured) problem() string {
	switch {
	case m.Metric == "":
		return "it names no metric"
	case (m.Value == nil) == (m.Load == nil):
		return "it needs either value or load"
	case !isNumber(m.Value) || !isNumber(m.Load):
		return "value and load are numbers, such as 80 or 0.5"
	}
	return ""
}

func isNumber(f *float64) bool { return f == nil || !math.IsNaN(*f) && !math.IsInf(*f, 0) }

// Scripted is how some containers fare. Service, Container and Image are patterns
// with * and ?; an empty one fits all.
type Scripted struct {
	Service   string `yaml:"service"`   // a service by its name; of RunTask the family of the task definition
	Container string `yaml:"container"` // a container by its name
	Image     string `yaml:"image"`     // a container by its image

	Times int `yaml:"times"` // how many tasks fare so; those after them run well; 0: all

	Starts int      `yaml:"starts"` // describe reads more than others that a service takes to start: a slow pull
	Takes  Duration `yaml:"takes"`  // how long until its health check passes, or until it ends where others wait for that
	Seeds  Duration `yaml:"seeds"`  // how long the first start on an empty EFS volume takes; killed in it, it leaves half of it
	Exit   *int32   `yaml:"exit"`   // it ends with this code
	After  int      `yaml:"after"`  // describe reads until it ends, for Exit; 0: it ends at its start
	Log    []string `yaml:"log"`    // what it says
}

// mostStarts is how many looks more a start may take: each is waited for.
const mostStarts = 1000

const longestSpan = 366 * 24 * time.Hour

// Duration is a span of time in a script: 90s, 5m.
type Duration time.Duration

// UnmarshalYAML reads what time.ParseDuration does.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := time.ParseDuration(node.Value)
	if err != nil || parsed < 0 || parsed > longestSpan {
		return fmt.Errorf("%q is no span of time such as 90s or 5m, of a year at most", node.Value)
	}
	*d = Duration(parsed)
	return nil
}

// seconds rounds up.
func (d Duration) seconds() int32 { return int32((time.Duration(d) + time.Second - 1) / time.Second) }

// ParseScript reads a script in YAML or JSON. Unknown keys are an error, as they
// are mostly known ones misspelt.
func ParseScript(data []byte) (*Script, error) {
	decoder, s := yaml.NewDecoder(bytes.NewReader(data)), &Script{}
	decoder.KnownFields(true)
	if err := decoder.Decode(s); err != nil && !errors.Is(err, io.EOF) {
		return nil, scriptError(err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("a script is one YAML document: what follows --- would not be read")
	}
	for i, c := range s.Containers {
		if problem := c.problem(); problem != "" {
			return nil, fmt.Errorf("containers[%d] of the script: %s", i, problem)
		}
	}
	for i, m := range s.Metrics {
		if problem := m.problem(); problem != "" {
			return nil, fmt.Errorf("metrics[%d] of the script: %s", i, problem)
		}
	}
	for i, l := range s.Alarms {
		if problem := l.problem(); problem != "" {
			return nil, fmt.Errorf("alarms[%d] of the script: %s", i, problem)
		}
	}
	return s, nil
}

// scriptError says in the words of a script what yaml says in those of Go.
func scriptError(err error) error {
	var list *yaml.LoadErrors
	if !errors.As(err, &list) {
		return fmt.Errorf("read the script: %w", err)
	}
	var problems []string
	for _, e := range list.Errors {
		problem := e.Message
		if key, of, ok := strings.Cut(problem, " not found in type simulator."); ok {
			problem = fmt.Sprintf("unknown key %q; known are %s", strings.TrimPrefix(key, "field "), scriptKeys(of))
		} else if value, into, ok := strings.Cut(strings.TrimPrefix(problem, "cannot construct "), " into "); ok {
			problem = fmt.Sprintf("%s where %s belongs", foundValue(value), cmp.Or(valueNames[into], "something else"))
		}
		problems = append(problems, fmt.Sprintf("line %d of the script: %s", e.Mark.Line, problem))
	}
	return errors.New(strings.Join(problems, "; "))
}

// valueNames are the types of a script's values, as yaml's errors have them, in words.
var valueNames = map[string]string{
	"int": "a whole number", "int32": "a whole number", "float64": "a number", "string": "a text", "[]string": `a list such as ["one line"]`,
	"simulator.Script":     "a mapping with containers, metrics and alarms",
	"simulator.Alarmed":    "a mapping such as {service: web, alarm: errors}",
	"[]simulator.Alarmed":  "a list of mappings such as {service: web, alarm: errors}",
	"simulator.Scripted":   "a mapping such as {service: web, exit: 1}",
	"[]simulator.Scripted": "a list of mappings such as {service: web, exit: 1}",
	"simulator.Measured":   "a mapping such as {metric: CPUUtilization, value: 80}",
	"[]simulator.Measured": "a list of mappings such as {metric: CPUUtilization, value: 80}",
}

// foundValue is a value in yaml's words in ours: !!int `3` is 3.
func foundValue(value string) string {
	switch tag, text, scalar := strings.Cut(value, " "); {
	case scalar:
		return strings.ReplaceAll(text, "`", `"`)
	case tag == "!!seq":
		return "a list"
	}
	return "a mapping"
}

// scriptKeys are the keys of the struct of this name, sorted.
func scriptKeys(name string) string {
	var keys []string
	for _, part := range []reflect.Type{reflect.TypeFor[Script](), reflect.TypeFor[Scripted](), reflect.TypeFor[Measured](), reflect.TypeFor[Alarmed]()} {
		for i := range part.NumField() {
			if part.Name() == name {
				keys = append(keys, part.Field(i).Tag.Get("yaml"))
			}
		}
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

// problem is what is wrong with a line, "" for nothing.
func (c Scripted) problem() string {
	switch {
	case c.Times < 0 || c.Starts < 0 || c.After < 0:
		return "times, starts and after must not be negative"
	case c.Exit != nil && (*c.Exit < 0 || *c.Exit > 255):
		return fmt.Sprintf("exit must be between 0 and 255, not %d", *c.Exit)
	case c.Starts > mostStarts:
		return fmt.Sprintf("starts must be at most %d looks, not %d", mostStarts, c.Starts)
	case c.After > 0 && c.Exit == nil:
		return "after is for exit, which is not there"
	case c.Starts == 0 && c.Takes == 0 && c.Seeds == 0 && c.Exit == nil && len(c.Log) == 0:
		return "it says nothing of starts, takes, seeds, exit or log"
	}
	return ""
}

// scripted is the line for a container of the next task of an owner, a service or a
// family; nil where none fits, or where as many tasks fared so as were to.
func (a *Account) scripted(owner string, c types.ContainerDefinition) *Scripted {
	line := a.fitting(owner, c)
	if line == nil || line.Times > 0 && a.fared(line, owner) >= line.Times {
		return nil
	}
	return line
}

// lineOf is the line for a container of a task that there is. One with times is for
// the tasks that were counted.
func (a *Account) lineOf(t *Task, c types.ContainerDefinition) *Scripted {
	line := a.fitting(a.ownerOf(t), c)
	if line == nil || line.Times == 0 || slices.Contains(t.Fared, line.key()) {
		return line
	}
	return a.scripted(a.ownerOf(t), c)
}

// fitting is the first line that fits a container.
func (a *Account) fitting(owner string, c types.ContainerDefinition) *Scripted {
	if a.Script == nil {
		return nil
	}
	for i := range a.Script.Containers {
		line := &a.Script.Containers[i]
		if fits(line.Service, owner) && fits(line.Container, *c.Name) && fits(line.Image, *c.Image) {
			return line
		}
	}
	return nil
}

func fits(pattern, name string) bool { return pattern == "" || glob(pattern, name) }

// key is what the tasks of a line are counted under: what it says, so that a line keeps
// its count when others come and go.
func (c *Scripted) key() string { return digest(string(appendJSON(nil, c)))[:16] }

// fared is how many tasks of an owner fared as a line says.
func (a *Account) fared(line *Scripted, owner string) int {
	return val(a.Counters.Get("script " + line.key() + " " + owner))
}

// fares counts a task under a line that is for so many only.
func (a *Account) fares(t *Task, line *Scripted) {
	if line == nil || line.Times == 0 || slices.Contains(t.Fared, line.key()) {
		return
	}
	t.Fared = append(t.Fared, line.key())
	a.number("script", line.key()+" "+a.ownerOf(t))
}
