package simulator

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ECS starts tasks more and more seldom that never come to run (ECS Developer Guide,
// "Amazon ECS service throttle logic": up to 27 minutes apart; not those that "stop
// after reaching RUNNING state"). How the time grows is documented nowhere; here it
// doubles after the third.
const (
	patientFor   = 3
	longestPause = 27 * 60
)

// throttle counts a task of a service that failed.
func (a *Account) throttle(s *Service, failure *startFailure) {
	if failure.Code != types.TaskStopCodeTaskFailedToStart {
		s.Futile, s.Pause = 0, 0
		return
	}
	s.Futile++
	if over := s.Futile - patientFor; over > 0 {
		s.Pause = min(1<<min(over, 10), longestPause/stepOfDeployment) - 1
	}
	if s.Futile == patientFor+1 {
		a.event(s, "is unable to consistently start tasks successfully.")
	}
}

// advanceInTime is advance where nobody looks: the clock waits while ECS throttles the
// service, who looks need not.
func (a *Account) advanceInTime(key string) {
	if s := a.Services.Get(key); s.Pause > 0 && *s.Status == "ACTIVE" {
		a.Services.Edit(key).Pause--
		return
	}
	a.advance(key)
}
