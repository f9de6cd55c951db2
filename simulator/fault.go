package simulator

import (
	"fmt"
	"net"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Fault is something that goes wrong with calls. The zero value makes the next
// call, whichever it is, end in an internal error.
type Fault struct {
	Service   string // "ecs"; empty means any service
	Operation string // "CreateService"; empty means any operation
	Mutating  bool   // only operations that change the account
	At        int    // the first matching call that fails, counted from 1; 0 means 1
	Times     int    // how many matching calls in a row fail; 0 means 1, negative means all

	// Err is what the caller gets; nil means an internal error, or a timeout
	// when the answer is lost. The SDK retries the kinds that it always retries.
	Err error

	// AnswerLost performs the call and loses its answer.
	AnswerLost bool

	// Do is run when the fault strikes, after the call was performed if its
	// answer is lost. It must not call the simulator. Crash tests exit here.
	Do func()
}

// fault is a Fault and how many matching calls it has seen.
type fault struct {
	Fault
	seen int
}

// Fail adds a fault. Several faults count independently; the first that strikes
// decides. It panics where no operation of [Operations] fits, whose calls could fail.
func (s *Simulator) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.canFail(f) {
		panic(fmt.Sprintf("simulator: no operation fits the fault of service %q, operation %q: write them as Operations has them, like ecs and CreateService", f.Service, f.Operation))
	}
	s.faults = append(s.faults, &fault{Fault: f})
}

func (s *Simulator) canFail(f Fault) bool {
	for _, o := range s.operation {
		if (&fault{Fault: f}).matches(Call{Service: o.service, Operation: o.name, Writes: o.writes}) {
			return true
		}
	}
	return false
}

// ClearFaults removes all faults.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Throttled is the error of a throttled call, for Fault.Err.
func Throttled() error {
	return &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded", Fault: smithy.FaultClient}
}

// Denied is the error of a call without permission, for Fault.Err.
func Denied() error {
	return &smithy.GenericAPIError{
		Code: "AccessDeniedException", Message: "User is not authorized to perform this operation", Fault: smithy.FaultClient,
	}
}

// Timeout is a lost connection, for Fault.Err. The SDK retries it.
func Timeout() error {
	return &smithyhttp.RequestSendError{Err: &net.OpError{Op: "read", Net: "tcp", Err: errTimeout{}}}
}

type errTimeout struct{}

func (errTimeout) Error() string   { return "i/o timeout" }
func (errTimeout) Timeout() bool   { return true }
func (errTimeout) Temporary() bool { return true }

// trip counts the call against all faults and returns the one that strikes.
func (s *Simulator) trip(c Call) *fault {
	var struck *fault
	for _, f := range s.faults {
		if f.matches(c) && f.strikes() && struck == nil {
			struck = f
		}
	}
	return struck
}

func (f *fault) matches(c Call) bool {
	return (f.Service == "" || f.Service == c.Service) &&
		(f.Operation == "" || f.Operation == c.Operation) &&
		(!f.Mutating || c.Writes)
}

func (f *fault) strikes() bool {
	f.seen++
	first, times := max(f.At, 1), f.Times
	if times == 0 {
		times = 1
	}
	return f.seen >= first && (times < 0 || f.seen < first+times)
}

func (f *fault) fail() error {
	if f.Do != nil {
		f.Do()
	}
	switch {
	case f.Err != nil:
		return f.Err
	case f.AnswerLost:
		return Timeout()
	}
	return &smithy.GenericAPIError{Code: "InternalFailure", Message: "internal error", Fault: smithy.FaultServer}
}
