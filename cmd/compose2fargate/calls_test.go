package main

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestAPlanOfUnchangedServicesIsCheap counts the AWS calls of a plan of n services
// as they should be, p of them published: by a port of their own, by a host, and
// without HTTP. Half of the others have a name by which the next one finds it.
func TestAPlanOfUnchangedServicesIsCheap(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ services, published int }{{20, 5}, {20, 0}, {100, 30}} {
		t.Run(fmt.Sprintf("%d services, %d published", size.services, size.published), func(t *testing.T) {
			e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 1000, Progress: 1})
			write(t, e.file, published(size.services, size.published))
			e.mustApply(plan.Scope{})
			e.fake.ResetCalls()
			e.settled("after apply")
			most := size.services/10 + 3*size.published + 60
			if calls := e.fake.Calls(); len(calls) > most {
				t.Errorf("%d AWS calls, want at most %d\n%s", len(calls), most, operations(calls))
			}
		})
	}
}

// published is a compose file of n services, p of them published.
func published(n, p int) string {
	var out bytes.Buffer
	fmt.Fprintln(&out, "name: generated\nservices:")
	for i := range n {
		fmt.Fprintf(&out, "  service-%d:\n    image: example/web:1\n    expose: [\"8080\"]\n", i)
		switch {
		case i >= p:
			fmt.Fprintf(&out, "    environment: {NEXT: \"http://service-%d:8080\"}\n", (i+1)%n)
		case i%3 == 0:
			fmt.Fprintf(&out, "    ports: [\"%d:8080\"]\n", 10000+i)
		case i%3 == 1:
			fmt.Fprintf(&out, "    ports: [\"80:8080\"]\n    x-fargate: {ingress: {\"8080\": {host: h%d.example.com}}}\n", i)
		default:
			fmt.Fprintf(&out, "    ports: [\"%d:22\"]\n", 20000+i)
		}
	}
	return out.String()
}

// operations counts calls, the most frequent first.
func operations(calls []simulator.Call) string {
	counts := map[string]int{}
	for _, call := range calls {
		counts[call.Service+"."+call.Operation]++
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return counts[b] - counts[a] })
	var out strings.Builder
	for _, name := range names {
		fmt.Fprintf(&out, "%4d %s\n", counts[name], name)
	}
	return out.String()
}
