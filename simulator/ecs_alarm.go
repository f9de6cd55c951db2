package simulator

import (
	"slices"

	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Alarms of CloudWatch that fail a deployment (ECS Developer Guide, "How CloudWatch alarms
// detect Amazon ECS deployment failures"). Names that no alarm has are taken: nothing in
// the API reference says that ECS looks for them.

// newMonitor watches the alarms of a deployment that begins, unless one of them is off
// already: "If an alarm is in the ALARM state at the beginning of a deployment, Amazon ECS
// will not monitor alarms for the duration of that deployment".
func (a *Account) newMonitor(s *Service) *types.ServiceDeploymentAlarms {
	m := &types.ServiceDeploymentAlarms{
		AlarmNames: []string{}, TriggeredAlarmNames: []string{}, Status: types.ServiceDeploymentRollbackMonitorsStatusDisabled,
	}
	if c := s.DeploymentConfiguration.Alarms; c != nil && c.Enable {
		m.AlarmNames = slices.Clone(c.AlarmNames)
		if !slices.ContainsFunc(m.AlarmNames, a.isOff) {
			m.Status = types.ServiceDeploymentRollbackMonitorsStatusMonitoring
		}
	}
	return m
}

// isOff tells whether there is an alarm of that name in state ALARM.
func (a *Account) isOff(name string) bool {
	alarm := a.Alarms.Get(name)
	return alarm != nil && alarm.StateValue == cwtypes.StateValueAlarm
}

func (d *Deployment) watchesAlarms() bool {
	return d.Alarms != nil && d.Alarms.Status == types.ServiceDeploymentRollbackMonitorsStatusMonitoring
}

// heedAlarms fails a deployment whose tasks run when one of its alarms goes off: one of the
// account, or one of which a script says so.
func (a *Account) heedAlarms(key string, s *Service, row *Deployment) (failed bool) {
	if !row.watchesAlarms() || row.RollingBack || a.running(key, s) == 0 {
		return false
	}
	for _, name := range row.Alarms.AlarmNames {
		if a.isOff(name) || a.goesOff(name, s, row) {
			row.Alarms.TriggeredAlarmNames = append(row.Alarms.TriggeredAlarmNames, name)
		}
	}
	if len(row.Alarms.TriggeredAlarmNames) == 0 {
		return false
	}
	row.Alarms.Status = types.ServiceDeploymentRollbackMonitorsStatusTriggered
	a.fail(key, s, row, deploymentFailure{
		monitor: "ECS deployment alarms", what: "alarm detected", because: "the alarm " + row.Alarms.TriggeredAlarmNames[0] + " was detected",
		rollback: s.DeploymentConfiguration.Alarms.Rollback,
	})
	return true
}

// bakeLooks is how many looks alarms are watched when the tasks of a deployment run. ECS
// computes that time from the alarms and says nothing of how.
const bakeLooks = 2

// bakes tells whether alarms are still watched although all tasks run.
func (row *Deployment) bakes() bool {
	if !row.watchesAlarms() || row.RollingBack || row.Baked >= bakeLooks {
		return false
	}
	row.Baked++
	return true
}
