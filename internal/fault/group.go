package fault

import "sync"

// Group runs functions at once. The zero Group has no limit.
type Group struct {
	running sync.WaitGroup
	slots   chan struct{} // nil: no limit
	first   sync.Once
	failed  *Error
}

// NewGroup is a group of which at most limit functions, 1 or more, run at the same time.
func NewGroup(limit int) *Group { return &Group{slots: make(chan struct{}, limit)} }

// Go runs f, as soon as there is a place.
func (g *Group) Go(f func()) {
	if g.slots != nil {
		g.slots <- struct{}{}
	}
	g.running.Go(func() {
		defer func() {
			if g.slots != nil {
				<-g.slots
			}
		}()
		if err := caught(f); err != nil {
			g.first.Do(func() { g.failed = err })
		}
	})
}

func caught(f func()) (failed *Error) {
	defer func() {
		if value := recover(); value != nil {
			failed = of(value)
		}
	}()
	f()
	return nil
}

// Wait returns when all functions are over. Where one of them panicked, it panics with
// the first Error, since a Catch works in the goroutine alone that defers it.
func (g *Group) Wait() {
	g.running.Wait()
	if g.failed != nil {
		panic(g.failed)
	}
}
