package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// mostPublished is how many services of a large stack are published: a load
// balancer has at most 50 listeners (ELB quotas), and a project a handful of load
// balancers.
const mostPublished = 40

// lifelike is a compose file of n services as real ones are: each has a name by
// which another one finds it, every third a secret, every tenth a volume, and
// every tenth is published.
func lifelike(n int) string {
	var out bytes.Buffer
	fmt.Fprintln(&out, "name: lifelike\nservices:")
	for i := range n {
		fmt.Fprintf(&out, "  service-%d:\n    image: example/web:1\n    expose: [\"8080\"]\n", i)
		fmt.Fprintf(&out, "    environment: {LEVEL: info, NEXT: \"http://service-%d:8080\"}\n", (i+1)%n)
		if i%3 == 0 {
			fmt.Fprintf(&out, "    secrets: [secret-%d]\n", i)
		}
		switch {
		case i%10 == 1:
			fmt.Fprintf(&out, "    volumes: [\"volume-%d:/data\"]\n", i)
		case i%10 == 2 && i/10 < mostPublished:
			fmt.Fprintf(&out, "    ports: [\"%d:22\"]\n", 20000+i)
		}
	}
	fmt.Fprintln(&out, "secrets:")
	for i := 0; i < n; i += 3 {
		fmt.Fprintf(&out, "  secret-%d: {file: secret.txt}\n", i)
	}
	fmt.Fprintln(&out, "volumes:")
	for i := 1; i < n; i += 10 {
		fmt.Fprintf(&out, "  volume-%d: {}\n", i)
	}
	return out.String()
}

// grown is what it took to bring up a stack.
type grown struct {
	services int
	whole    time.Duration // of the plan and the apply
	own      time.Duration // of it within the simulator
	calls    int
	order    int    // what the steps of the plan wait for, taken together
	bytes    int64  // of the state file
	memory   uint64 // that is in use in the end
}

// grow brings up n services in an account that is kept in a file.
func grow(tb testing.TB, n int) grown {
	tb.Helper()
	state := filepath.Join(tb.TempDir(), "simulator.json")
	e := embed(tb, filepath.Join(tb.TempDir(), "compose.yaml"), simulator.Options{StateFile: state, VCPUQuota: 10000})
	write(tb, e.file, lifelike(n))
	write(tb, filepath.Join(filepath.Dir(e.file), "secret.txt"), "a long and secret value")
	began := time.Now()
	session, p, st := e.plan(plan.Scope{})
	order := 0
	for _, step := range p.Steps {
		order += len(step.After)
	}
	if err := session.carryOut(tb.Context(), p, st, applyFlags{timeout: time.Hour}); err != nil {
		tb.Fatalf("%v\n%.2000s", err, e.talk.String())
	}
	g := grown{services: n, whole: time.Since(began), own: e.fake.Spent(), calls: len(e.fake.Calls()), order: order}
	if err := e.fake.Close(); err != nil {
		tb.Fatal(err)
	}
	info, err := os.Stat(state)
	if err != nil {
		tb.Fatal(err)
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	runtime.KeepAlive(e.fake)
	g.bytes, g.memory = info.Size(), m.HeapAlloc
	tb.Logf("%d services: %.1f s, of them the simulator %.1f s for %d calls; state %.1f MB, heap %.0f MB",
		n, g.whole.Seconds(), g.own.Seconds(), g.calls, float64(g.bytes)/1e6, float64(g.memory)/1e6)
	return g
}

// seldom lets the collector run seldom, since what it does on behalf of the whole
// process is charged to whoever asks for memory.
const seldom = 400

// exponent is how the larger value grew beside the number of services: 1 is
// linear, 2 quadratic.
func exponent(small, large grown, of func(grown) float64) float64 {
	return math.Log(of(large)/of(small)) / math.Log(float64(large.services)/float64(small.services))
}

// mostExponent is what counts as linear.
const mostExponent = 1.15

// enough is the time that 5,000 services take, on a machine that others use too.
const enough = 40 * time.Minute

// TestTheEmbeddedAccountGrowsLinearly brings up stacks of different sizes and
// looks at how the work and the state of the account grow between them.
func TestTheEmbeddedAccountGrowsLinearly(t *testing.T) {
	sizes := [2]int{20, 60}
	if sample.Full() {
		sizes = [2]int{100, 5000}
		if deadline, ok := t.Deadline(); ok && time.Until(deadline) < enough {
			sizes[1] = 1000
			t.Logf("go test ends before %s are over: %d services are the most", enough, sizes[1])
		}
	}
	small, large := grow(t, sizes[0]), grow(t, sizes[1])
	for what, of := range map[string]func(grown) float64{
		"calls": func(g grown) float64 { return float64(g.calls) },
		"order": func(g grown) float64 { return float64(g.order) },
		"state": func(g grown) float64 { return float64(g.bytes) },
		"work":  func(g grown) float64 { return g.own.Seconds() },
	} {
		x := exponent(small, large, of)
		t.Logf("%s grows with exponent %.2f", what, x)
		// Time says nothing where the stacks are small.
		if x > mostExponent && (what != "work" || sample.Full()) {
			t.Errorf("%s grows with exponent %.2f, want at most %.2f", what, x, mostExponent)
		}
	}
}

// BenchmarkApply brings up n services in an account in a file.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for range b.N {
				g := grow(b, n)
				b.ReportMetric(g.own.Seconds(), "simulator-s/op")
				b.ReportMetric(float64(g.calls), "calls/op")
				b.ReportMetric(float64(g.bytes)/1e6, "state-MB")
				b.ReportMetric(float64(g.memory)/1e6, "heap-MB")
			}
		})
	}
}
