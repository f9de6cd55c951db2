package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
)

// BenchmarkFirstPlan runs `plan` as a process of its own on stacks of which nothing
// exists yet. compose-go/op is its CPU time as a multiple of what loading the file
// with compose-go alone takes, to stay below 5; MB/op is the most memory that it
// held, to stay below 200 for 1,000 services. Linux counts Maxrss in KiB (getrusage(2)).
func BenchmarkFirstPlan(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "compose2fargate")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			directory := b.TempDir()
			write(b, filepath.Join(directory, "compose.yaml"), lifelike(n))
			write(b, filepath.Join(directory, "secret.txt"), "a long and secret value")
			bare := bareLoad(b, filepath.Join(directory, "compose.yaml"))
			var cpu time.Duration
			var most int64
			for range b.N {
				command := exec.Command(binary, "plan", "--simulate", "--simulator-state", filepath.Join(b.TempDir(), "state.json"))
				command.Dir, command.Env = directory, append(os.Environ(), "AWS_REGION="+caseRegion)
				if out, err := command.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%.2000s", err, out)
				}
				cpu += command.ProcessState.UserTime() + command.ProcessState.SystemTime()
				most = max(most, command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
			}
			b.ReportMetric(cpu.Seconds()/float64(b.N)/bare.Seconds(), "compose-go/op")
			b.ReportMetric(float64(most)/1000, "MB/op")
		})
	}
}

// bareLoad is how long compose-go takes to load the file, at its best.
func bareLoad(b *testing.B, file string) time.Duration {
	b.Helper()
	best := time.Duration(math.MaxInt64)
	for range 3 {
		began := time.Now()
		options, err := cli.NewProjectOptions([]string{file})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := options.LoadProject(b.Context()); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(began))
	}
	return best
}
