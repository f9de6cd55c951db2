package resource

import "sync"

// movedRules remembers the rules that this process moved out of the way of
// another one. Until its own step such a rule is read as it was before, so that
// the move is not mistaken for a change by somebody else: what an apply does to
// one rule must not make its plan for another one stale.
type movedRules struct {
	changing sync.Mutex // held while priorities are exchanged

	mu  sync.Mutex
	was map[string]move
}

type move struct{ from, to int }

// before is the priority that a rule had before it was moved out of the way.
func (m *movedRules) before(arn string, now int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if moved, ok := m.was[arn]; ok && moved.to == now {
		return moved.from
	}
	return now
}

func (m *movedRules) note(arn string, from, to int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.was == nil {
		m.was = map[string]move{}
	}
	if earlier, ok := m.was[arn]; ok && earlier.to == from {
		from = earlier.from
	}
	m.was[arn] = move{from, to}
}

func (m *movedRules) forget(arn string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.was, arn)
}
