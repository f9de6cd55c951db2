package simulator

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/aws/smithy-go"
)

// Call is one call that reached the simulator. A call that the SDK retried is
// recorded once per attempt.
type Call struct {
	Service   string // the name in services(): "ecs", "ec2", "elbv2", "servicediscovery", "tagging"
	Operation string // "CreateService"
	Resource  string // the ARN or name in the input, as far as it is plain; may be empty
	Err       string // the error code of the answer; empty on success
	Writes    bool   // whether the operation changes the account
}

// String is the call on one line: "ecs.CreateService web".
func (c Call) String() string {
	text := c.Service + "." + c.Operation
	if c.Resource != "" {
		text += " " + c.Resource
	}
	if c.Err != "" {
		text += " => " + c.Err
	}
	return text
}

// Calls is every call since the start or [Simulator.ResetCalls], in order.
func (s *Simulator) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// ResetCalls empties the record of calls.
func (s *Simulator) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

// call answers one attempt at an operation.
func (s *Simulator) call(serviceID, name string, input any) (output any, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	op, known := s.operation[serviceID+"."+name]
	if !known {
		return nil, notSimulated(serviceID, name)
	}
	spent := stopwatch()
	record := Call{Service: op.service, Operation: name, Resource: resourceOf(input), Writes: op.writes}
	defer func() {
		record.Err = errorCode(err)
		s.spent += spent()
		s.calls = append(s.calls, record)
	}()

	fault := s.trip(record)
	if fault != nil && !fault.AnswerLost {
		return nil, fault.fail()
	}
	output, err = s.perform(op, input)
	if fault != nil {
		return nil, fault.fail()
	}
	return output, err
}

// perform runs the operation on the current state and puts its effects on disk.
// A refused call changes nothing; time passes with every call.
func (s *Simulator) perform(op operation, input any) (output any, err error) {
	failed := s.locked(func() error {
		if err = s.authorize(s.account, op, input); err != nil {
			s.account.tick()
			return s.commit()
		}
		var before testimony
		if op.writes {
			before = s.account.testify(input)
		}
		output, err = op.answer(s.account, clone(input))
		if op.writes && err == nil {
			s.testify(op, input, before)
		}
		s.account.tick()
		return s.commit()
	})
	if failed != nil {
		return nil, fmt.Errorf("simulator: %w", failed)
	}
	if err != nil {
		return nil, err
	}
	return s.present(output), nil
}

// testify records what the call did that AWS lets happen and nobody should do.
func (s *Simulator) testify(op operation, input any, before testimony) {
	for _, f := range append(before.findings(), s.account.doubles()...) {
		f.Call = Call{Service: op.service, Operation: op.name, Resource: resourceOf(input), Writes: true}
		s.findings = append(s.findings, f)
	}
}

func notSimulated(serviceID, name string) error {
	return &smithy.GenericAPIError{
		Code:    "NotSimulated",
		Message: fmt.Sprintf("the simulator does not know the operation %s %s", serviceID, name),
		Fault:   smithy.FaultClient,
	}
}

func errorCode(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return "Error"
}

// resourceFields name the object of a call, the most telling first.
var resourceFields = []string{
	"ServiceName", "Service", "ServiceDeploymentArn", "Family", "TaskDefinition", "Task",
	"ClusterName", "RoleName", "LogGroupName", "GroupId", "GroupName",
	"ResourceArn", "ResourceARN", "PolicyArn", "Cluster", "QuotaCode",
	"RuleArn", "ListenerArn", "TargetGroupArn", "LoadBalancerArn", "Name", "Names", "ResourceArns",
	"CertificateArn", "DomainName", "HostedZoneId", "ServiceId", "OperationId", "Id",
	"Services", "Clusters", "Tasks", "Resources", "ServiceDeploymentArns", "ServiceRevisionArns",
}

func resourceOf(input any) string {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return ""
	}
	for _, name := range resourceFields {
		field := v.FieldByName(name)
		if !field.IsValid() {
			continue
		}
		switch named := field.Interface().(type) {
		case *string:
			if named != nil {
				return *named
			}
		case []string:
			if len(named) == 1 {
				return named[0]
			}
		}
	}
	return ""
}

// Spent is the processor time that the simulator itself took for its calls so far,
// without the SDK above it.
func (s *Simulator) Spent() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spent
}
