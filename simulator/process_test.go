package simulator_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestWriter is no test but a process of its own for the tests below: it makes
// clusters until there are enough, and says so after each.
func TestWriter(t *testing.T) {
	path, name := os.Getenv("SIMULATOR_STATE"), os.Getenv("SIMULATOR_NAME")
	if path == "" {
		t.Skip("only as a child process")
	}
	w := newWorld(t, simulator.Options{StateFile: path})
	for i := range 50 {
		must(w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String(fmt.Sprintf("%s-%02d", name, i))}))(t)
		fmt.Printf("made %s-%02d\n", name, i)
	}
}

func writer(t *testing.T, path, name string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriter$") //nolint:gosec // ourselves
	cmd.Env = append(os.Environ(), "SIMULATOR_STATE="+path, "SIMULATOR_NAME="+name)
	return cmd
}

func TestProcessesShareOneFile(t *testing.T) {
	path := inFile(t).StateFile
	one, two := writer(t, path, "one"), writer(t, path, "two")
	var said [2]bytes.Buffer
	for i, cmd := range []*exec.Cmd{one, two} {
		cmd.Stdout, cmd.Stderr = &said[i], &said[i]
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for i, cmd := range []*exec.Cmd{one, two} {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v:\n%s", err, &said[i])
		}
	}
	if n := len(clusters(t, path)); n != 100 {
		t.Errorf("%d clusters, want 100", n)
	}
}

func TestKillingAProcessLosesNothing(t *testing.T) {
	path := inFile(t).StateFile
	cmd := writer(t, path, "one")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := ""
	for deadline := time.Now().Add(time.Minute); last != "one-20" && time.Now().Before(deadline); {
		if _, err := fmt.Fscanf(out, "made %s\n", &last); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if have := clusters(t, path); !slices.Contains(have, "arn:aws:ecs:us-east-1:123456789012:cluster/one-20") {
		t.Errorf("one-20 was answered and is lost: %v", have)
	}
}

func clusters(t *testing.T, path string) []string {
	t.Helper()
	w := newWorld(t, simulator.Options{StateFile: path})
	return must(w.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{MaxResults: aws.Int32(100)}))(t).ClusterArns
}
