package apply

import (
	"sync"
	"time"

	"github.com/compose2fargate/compose2fargate/plan"
)

// Events hears what an apply is doing. Its methods are called one at a time,
// for each step Start first and Done last.
type Events interface {
	Start(step plan.Step)
	// Note hears each new line on the deployment that is waited for. How it failed
	// is in the error that Done gets.
	Note(step plan.Step, text string)
	Done(step plan.Step, took time.Duration, err error)
}

// oneByOne hands on events from several goroutines one at a time; a nil Events
// hears nothing.
type oneByOne struct {
	mu sync.Mutex
	to Events
}

func (e *oneByOne) Start(step plan.Step) {
	e.tell(func() { e.to.Start(step) })
}

func (e *oneByOne) Note(step plan.Step, text string) {
	e.tell(func() { e.to.Note(step, text) })
}

func (e *oneByOne) Done(step plan.Step, took time.Duration, err error) {
	e.tell(func() { e.to.Done(step, took, err) })
}

func (e *oneByOne) tell(event func()) {
	if e.to == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	event()
}
