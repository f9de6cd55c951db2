package simulator

import (
	"context"
	"errors"
	"fmt"
	"time"

	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

// The clock of an account is logical: each call moves it by a second, and
// [Simulator.Pass] by as much as one likes. What takes time in AWS moves on when
// somebody looks at it, and when its time is over, whether or not somebody looks.

// Due is when something in progress moves on by itself.
type Due struct {
	At    int64  // on the clock; 0: not known yet
	Phase string // what it was in when that was noted: a look may have moved it since
}

// mover is the things of one kind that take time.
type mover struct {
	next func() int64 // when the first of them moves, 0: it must be given a time, negative: none
	move func()       // gives the first a time, or moves it on where that is over
}

// How long AWS takes for a step is documented nowhere; these are the orders of
// magnitude that one sees. In seconds.
const (
	stepOfDeployment = 30 // a task is pulled and started in about a minute
	stepOfNetwork    = 45 // mount targets and load balancers take a minute or two
	stepOfDNS        = 30 // Route 53: "within 60 seconds" (GetChange)
	stepOfMap        = 15 // Cloud Map operations
	stepOfAlarm      = 60 // "CloudWatch evaluates alarms each minute" (CloudWatch User Guide, "Using alarms")
)

// moves makes the movers of an account. phase is what a row is in the middle of,
// "" when it rests; look moves it on by one step.
func moves[T any](a *Account, t *Table[T], step int64, due func(*T) *Due, phase func(*T) string, look func(key string)) mover {
	index := newIndex(t, func(_ string, row *T) []string {
		switch now, noted := phase(row), due(row); {
		case now == "":
			return nil
		case noted.Phase != now:
			return []string{moment(0)}
		default:
			return []string{moment(noted.At)}
		}
	}).ordered()
	return mover{next: func() int64 { return firstMoment(index) }, move: func() {
		at := firstMoment(index)
		key := index.Keys(moment(at))[0]
		if at > 0 {
			look(key)
		}
		if row := t.Get(key); row != nil && phase(row) != "" {
			*due(t.Edit(key)) = Due{At: max(a.moment(), at) + step, Phase: phase(row)}
		} else {
			t.unfile(key)
		}
	}}
}

// moment is a time on the clock as an index has it.
func moment(at int64) string { return fmt.Sprintf("%020d", at) }

// moment is the time of the current call on the clock.
func (a *Account) moment() int64 { return a.Clock + a.idle }

func (a *Account) movers() []mover {
	return append(a.forgetters(), []mover{
		moves(a, &a.Services, stepOfDeployment, func(s *Service) *Due { return &s.Due }, a.phaseOf, a.advanceInTime),
		moves(a, &a.Tasks, stepOfDeployment, func(t *Task) *Due { return &t.Due }, (*Task).phase, a.advanceTask),
		moves(a, &a.FileSystems, stepOfNetwork, func(f *FileSystem) *Due { return &f.Due },
			func(f *FileSystem) string {
				return when(f.LifeCycleState == efstypes.LifeCycleStateCreating, "creating %d", f.Looks)
			},
			func(id string) { a.lookAtFileSystem(id) }),
		moves(a, &a.MountTargets, stepOfNetwork, func(m *MountTarget) *Due { return &m.Due },
			func(m *MountTarget) string {
				return when(m.LifeCycleState != efstypes.LifeCycleStateAvailable, "%s %d", m.LifeCycleState, m.Looks)
			},
			func(id string) { a.lookAtMountTarget(id) }),
		moves(a, &a.LoadBalancers, stepOfNetwork, func(b *LoadBalancer) *Due { return &b.Due },
			func(b *LoadBalancer) string {
				return when(val(b.State).Code == elbtypes.LoadBalancerStateEnumProvisioning, "provisioning %d", b.Reads)
			},
			func(arn string) { a.advanceBalancer(a.LoadBalancers.Get(arn)) }),
		moves(a, &a.Leftovers, stepOfNetwork, func(l *Leftover) *Due { return &l.Due },
			func(l *Leftover) string { return fmt.Sprintf("left %d", l.Left) }, a.clearLeftover),
		moves(a, &a.Targets, stepOfNetwork, func(t *Target) *Due { return &t.Due },
			func(t *Target) string { return when(t.Draining, "draining %d", t.Reads) }, a.checkHealth),
		moves(a, &a.Certificates, stepOfDNS, func(c *Certificate) *Due { return &c.Due },
			func(c *Certificate) string {
				return when(c.Status == acmtypes.CertificateStatusPendingValidation, "pending %d", c.Reads)
			},
			a.advanceCertificate),
		moves(a, &a.Changes, stepOfDNS, func(c *Change) *Due { return &c.Due },
			func(c *Change) string {
				return when(c.Status == route53types.ChangeStatusPending, "pending %d", c.Reads)
			}, a.advanceChange),
		moves(a, &a.DiscoveryServices, stepOfMap, func(s *DiscoveryService) *Due { return &s.Due },
			func(s *DiscoveryService) string { return when(s.Leaving, "leaving %d", s.Looks) }, a.lookAtLeaving),
		moves(a, &a.ScheduleGroups, stepOfMap, func(g *ScheduleGroup) *Due { return &g.Due },
			func(g *ScheduleGroup) string {
				return when(g.State == schedulertypes.ScheduleGroupStateDeleting, "deleting")
			}, a.lookAtGroup),
		moves(a, &a.Alarms, stepOfAlarm, func(m *Alarm) *Due { return &m.Due },
			func(m *Alarm) string { return when(a.isMeasured(&m.MetricAlarm), "measured") }, a.evaluateAlarm),
		fires(&a.ScheduledActions, func(s *ScheduledAction) int64 { return s.Next }, a.takeScheduledAction),
		fires(&a.Schedules, func(s *Schedule) int64 { return s.Next }, a.invoke),
		moves(a, &a.DiscoveryOperations, stepOfMap, func(o *DiscoveryOperation) *Due { return &o.Due },
			func(o *DiscoveryOperation) string { return when(!o.finished(), "%s %d", o.Status, o.Reads) }, a.advanceOperation),
	}...)
}

// when is the text where something holds, "" otherwise.
func when(holds bool, format string, args ...any) string {
	if !holds {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// phase is what a service is in the middle of.
func (s *Service) phase() string {
	switch {
	case str(s.Status) == "DRAINING":
		return fmt.Sprintf("draining %d", s.Draining)
	case str(s.Status) != "ACTIVE" || len(s.Deployments) == 0:
		return ""
	case s.Deployments[0].RolloutState == ecstypes.DeploymentRolloutStateInProgress:
		return "rolling out " + *s.Deployments[0].Id
	case s.Deployments[0].RolloutState == ecstypes.DeploymentRolloutStateCompleted && s.RunningCount != s.DesiredCount:
		return "scaling"
	}
	return ""
}

// phaseOf is phase, and that a script lets the tasks end one day.
func (a *Account) phaseOf(s *Service) string {
	if phase := s.phase(); phase != "" || a.Script == nil || str(s.Status) != "ACTIVE" {
		return phase
	}
	return when(s.RunningCount > 0 && a.crashes(s), "running")
}

// phase is what a task that no service keeps is in the middle of.
func (t *Task) phase() string {
	return when(t.Service == "" && str(t.LastStatus) != "STOPPED", "%s %d", str(t.LastStatus), t.Reads)
}

// pass lets time go by, and moves on what is due meanwhile, in the order in which
// it is due. Cut short by the context, it has come as far as it had.
func (a *Account) pass(ctx context.Context, seconds int64) error {
	until := a.moment() + seconds
	for ctx.Err() == nil {
		m, at := a.earliest()
		if m == nil || at > until {
			a.idle = until - a.Clock
			return nil
		}
		a.idle = max(a.moment(), at) - a.Clock
		m.move()
		a.settle() // else each move files again what all moves before it handed out
	}
	return context.Cause(ctx)
}

// tick is the second that a call takes.
func (a *Account) tick() { _ = a.pass(context.Background(), 1) } // only a context ends it early

// earliest is the mover whose first thing moves before all others, and when.
func (a *Account) earliest() (m *mover, at int64) {
	for i := range a.moving {
		if next := a.moving[i].next(); next >= 0 && (m == nil || next < at) {
			m, at = &a.moving[i], next
		}
	}
	return m, at
}

// Now is the time in the account. It panics when the state file cannot be read.
func (s *Simulator) Now() (now time.Time) {
	s.look(func(a *Account) { now = *a.now() })
	return now
}

// Pass lets time go by in the account, as if nobody called for so long: what is
// being made, deleted, drained or spread moves on. Nothing happens in less than a
// second. An error is that the state file cannot be read or written, or that the
// context ended: then so much time has gone by as had passed, and is kept.
func (s *Simulator) Pass(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.locked(func() error {
		passed := s.account.pass(ctx, seconds(max(d, 0)))
		return errors.Join(passed, s.save())
	})
}
