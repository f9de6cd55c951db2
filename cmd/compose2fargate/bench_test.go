package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// describeServicesRate is how many reads of services AWS grants a second once the
// burst is spent (ECS API reference, request throttling: service read, 20/s).
const describeServicesRate = 20

// generate writes a compose file of n services without secrets.
func generate(tb testing.TB, n int) string {
	tb.Helper()
	var out bytes.Buffer
	fmt.Fprintln(&out, "name: generated\nservices:")
	for i := range n {
		fmt.Fprintf(&out, "  service-%d:\n    image: nginx:1.29\n    command: [serve, \"--id=%d\"]\n    environment:\n      LEVEL: info\n      NUMBER: \"%d\"\n", i, i, i)
	}
	file := filepath.Join(tb.TempDir(), "compose.yaml")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

// deployed is an account in which n generated services run.
func deployed(tb testing.TB, n int) *embedded {
	tb.Helper()
	e := embed(tb, generate(tb, n), simulator.Options{VCPUQuota: 10000, Progress: 1})
	if err := e.apply(plan.Scope{}); err != nil {
		tb.Fatal(err)
	}
	e.fake.ResetCalls()
	return e
}

// TestAPlanOfManyUnchangedServicesIsCheap counts AWS calls.
func TestAPlanOfManyUnchangedServicesIsCheap(t *testing.T) {
	services := 100
	if sample.Full() {
		services = 1000
	}
	e := deployed(t, services)
	_, p, _ := e.plan(plan.Scope{})
	if p.Changed() {
		t.Errorf("the plan wants %+v", p.Summary)
	}
	if calls, most := len(e.fake.Calls()), services/10+50; calls > most {
		t.Errorf("%d AWS calls, want at most %d", calls, most)
	}
}

// BenchmarkPlan plans n services that are as they should be. calls/op are AWS
// calls; of-api-limit is the time of the whole process, the file read included,
// as a share of the time in which AWS would grant these calls.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := deployed(b, n)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				e.plan(plan.Scope{})
			}
			calls := float64(len(e.fake.Calls())) / float64(b.N)
			seconds := b.Elapsed().Seconds() / float64(b.N)
			b.ReportMetric(calls, "calls/op")
			b.ReportMetric(seconds*1e6/float64(n), "µs/service")
			b.ReportMetric(seconds/(calls/describeServicesRate), "of-api-limit")
		})
	}
}

// loadBare is a command that loads a compose file with compose-go, and nothing else.
func loadBare() {
	options, err := cli.NewProjectOptions(os.Args[1:])
	if err == nil {
		_, err = options.LoadProject(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
