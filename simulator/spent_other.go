//go:build !linux

package simulator

import "time"

// stopwatch tells, when it is asked, the time that passed.
func stopwatch() (spent func() time.Duration) {
	began := time.Now()
	return func() time.Duration { return time.Since(began) }
}
