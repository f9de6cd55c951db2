package simulator

import (
	"runtime"
	"syscall"
	"time"
)

// rusageThread asks for the times of the calling thread (getrusage(2),
// RUSAGE_THREAD).
const rusageThread = 1

// stopwatch tells, when it is asked, the processor time that passed on this
// thread: unlike the time on the wall it does not depend on who else uses the
// machine.
func stopwatch() (spent func() time.Duration) {
	runtime.LockOSThread()
	began := threadTime()
	return func() time.Duration {
		defer runtime.UnlockOSThread()
		return threadTime() - began
	}
}

func threadTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(rusageThread, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
