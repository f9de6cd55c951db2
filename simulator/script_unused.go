package simulator

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Unused says which lines of the script do nothing in the account as it is: those that
// fit none of its containers or metrics, and those about what the containers that they
// fit do not have. It is empty for a script of which every line counts. Ask when the
// services are there.
func (s *Simulator) Unused() ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.account.Script == nil {
		return nil, nil
	}
	var list []string
	err := s.locked(func() error {
		list = s.account.unused()
		return nil
	})
	return list, err
}

func (a *Account) unused() []string {
	var list []string
	all := a.parts()
	for i := range a.Script.Containers {
		line := &a.Script.Containers[i]
		fitting := slices.DeleteFunc(slices.Clone(all), func(p part) bool { return a.fitting(p.owner, p.container) != line })
		if problem := line.futile(fitting); problem != "" {
			list = append(list, fmt.Sprintf("containers[%d] of the script %s", i, problem))
		}
	}
	for i, line := range a.Script.Metrics {
		if !a.isWatched(line) {
			list = append(list, fmt.Sprintf("metrics[%d] of the script: no alarm and no scaling policy goes by %s of such a service", i, line.Metric))
		}
	}
	for i, line := range a.Script.Alarms {
		if !a.isHeeded(line) {
			list = append(list, fmt.Sprintf("alarms[%d] of the script: no such alarm fails deployments of such a service", i))
		}
	}
	return list
}

// isHeeded tells whether a deployment of a service may fail by an alarm that the line fits.
func (a *Account) isHeeded(line Alarmed) bool {
	for _, s := range a.Services.All() {
		alarms := s.DeploymentConfiguration.Alarms
		if *s.Status == "ACTIVE" && fits(line.Service, *s.ServiceName) && alarms != nil && alarms.Enable &&
			slices.ContainsFunc(alarms.AlarmNames, func(name string) bool { return fits(line.Alarm, name) }) {
			return true
		}
	}
	return false
}

// part is a container of a service, or of a family that RunTask may start.
type part struct {
	owner     string
	of        *types.TaskDefinition
	container types.ContainerDefinition
}

func (a *Account) parts() []part {
	var list []part
	add := func(owner string, td *types.TaskDefinition) {
		for _, c := range td.ContainerDefinitions {
			list = append(list, part{owner, td, c})
		}
	}
	for _, s := range a.Services.All() {
		if *s.Status == "ACTIVE" {
			add(*s.ServiceName, a.definition(*s.TaskDefinition))
		}
	}
	for _, td := range a.TaskDefinitions.All() {
		if td.Status == types.TaskDefinitionStatusActive {
			add(*td.Family, td)
		}
	}
	return list
}

// futile is why a line does nothing for the containers that it fits, "" where it does.
func (c *Scripted) futile(fitting []part) string {
	none := func(has func(part) bool) bool { return !slices.ContainsFunc(fitting, has) }
	switch {
	case len(fitting) == 0:
		return "fits no container, or a line before it fits them all"
	case c.Takes > 0 && none(part.isAwaited):
		return "says takes, but its containers have no health check, and none waits for their end"
	case c.Seeds > 0 && none(func(p part) bool { return writtenVolume(p.of, p.container) != "" }):
		return "says seeds, but its containers have no EFS volume to write to"
	}
	return ""
}

// isAwaited tells whether it matters how long a container takes.
func (p part) isAwaited() bool {
	return p.container.HealthCheck != nil || slices.ContainsFunc(waitedFor(p.of, *p.container.Name), func(d types.ContainerCondition) bool {
		return d != types.ContainerConditionStart
	})
}

// isWatched tells whether an alarm goes by the metric, of a service that the line fits.
func (a *Account) isWatched(line Measured) bool {
	for _, alarm := range a.Alarms.All() {
		if line.fits(&alarm.MetricAlarm, a.watched(&alarm.MetricAlarm)) {
			return true
		}
	}
	return false
}
