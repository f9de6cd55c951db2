package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkFirstPlan runs `plan` as a process of its own on stacks of which nothing
// exists yet. compose-go/op is its CPU time as a multiple of that of a process which
// loads the file with compose-go and does nothing else, to stay below 5; MB/op is the
// most memory that it held, to stay below 200 for 1,000 services.
func BenchmarkFirstPlan(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			directory := b.TempDir()
			write(b, filepath.Join(directory, "compose.yaml"), lifelike(n))
			write(b, filepath.Join(directory, "secret.txt"), "a long and secret value")
			var whole, bare time.Duration
			var most int
			for range b.N {
				loaded, _ := spent(b, directory, "compose-go", "compose.yaml")
				planned, memory := spent(b, directory, "compose2fargate", "plan", "--simulate", "--simulator-state", filepath.Join(b.TempDir(), "state"))
				whole, bare, most = whole+planned, bare+loaded, max(most, memory)
			}
			b.ReportMetric(whole.Seconds()/bare.Seconds(), "compose-go/op")
			b.ReportMetric(float64(most)/1000, "MB/op")
		})
	}
}

// spent runs a command of TestMain, and returns its CPU time and the most memory that
// it held, in KiB.
func spent(b *testing.B, directory string, name string, args ...string) (cpu time.Duration, memory int) {
	b.Helper()
	binary, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	command := exec.Command(binary)
	command.Args, command.Dir, command.Env = append([]string{name}, args...), directory, append(os.Environ(), "AWS_REGION="+caseRegion)
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	over, end := context.WithCancel(b.Context())
	peak := make(chan int)
	go func() { peak <- peakOf(over, command.Process.Pid) }()
	err = command.Wait()
	end()
	if memory = <-peak; err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	return command.ProcessState.UserTime() + command.ProcessState.SystemTime(), memory
}

// peakOf looks at a process until it is over. What getrusage(2) tells of a child
// counts what its parent held when it was started.
func peakOf(over context.Context, pid int) (most int) {
	for over.Err() == nil {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // it may be over
		var kib int
		if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
			fmt.Sscan(rest, &kib) //nolint:errcheck // 0 for what is no number
		}
		most = max(most, kib)
		time.Sleep(5 * time.Millisecond)
	}
	return most
}
