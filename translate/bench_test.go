package translate

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"

	"github.com/compose2fargate/compose2fargate/plan"
)

// BenchmarkTranslate measures loading and translating against loading by
// compose-go alone; the ratio is to stay below 1.3.
func BenchmarkTranslate(b *testing.B) {
	for _, services := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(services), func(b *testing.B) { benchmark(b, services) })
	}
}

func benchmark(b *testing.B, services int) {
	dir := b.TempDir()
	file := filepath.Join(dir, "compose.yaml")
	if err := os.WriteFile(file, []byte(generated(services)), 0o644); err != nil {
		b.Fatal(err)
	}
	// the best of all runs, since the machine has other work too
	bare, whole := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		start := time.Now()
		bareLoad(b, file)
		loaded := time.Now()
		p, ds := Load(b.Context(), Options{Dir: dir})
		if ds.HasErrors() {
			b.Fatal(ds.Err())
		}
		if _, ds = p.Stack(plan.Facts{}); ds.HasErrors() {
			b.Fatal(ds.Err())
		}
		bare, whole = min(bare, loaded.Sub(start)), min(whole, time.Since(loaded))
	}
	b.ReportMetric(float64(whole)/float64(bare), "ratio")
	b.ReportMetric(bare.Seconds()*1000, "ms-bare")
	b.ReportMetric(whole.Seconds()*1000, "ms-whole")
}

func bareLoad(b *testing.B, file string) {
	b.Helper()
	options, err := cli.NewProjectOptions([]string{file})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := options.LoadProject(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// generated is a compose file of n services, each like those in real ones.
func generated(n int) string {
	var out strings.Builder
	out.WriteString("name: generated\nservices:\n")
	for i := range n {
		fmt.Fprintf(&out, `  service%d:
    image: registry.example.com/team/service%d:1.4.2
    command: ["serve", "--port", "8080"]
    environment:
      LOG_LEVEL: info
      UPSTREAM: http://service%d:8080
      REGION: eu-central-1
    ports: ["%d:8080"]
    expose: ["9090"]
    networks: [net%d]
    volumes: ["data%d:/var/lib/data"]
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8080/health"]
      interval: 10s
      timeout: 5s
    deploy:
      resources:
        limits: {cpus: "0.5", memory: 1G}
`, i, i, max(i-1, 0), 10000+i, i%20, i)
		if i > 0 {
			fmt.Fprintf(&out, "    depends_on: [service%d]\n", i/2)
		}
	}
	out.WriteString("networks:\n")
	for i := range min(n, 20) {
		fmt.Fprintf(&out, "  net%d:\n", i)
	}
	out.WriteString("volumes:\n")
	for i := range n {
		fmt.Fprintf(&out, "  data%d:\n", i)
	}
	return out.String()
}
