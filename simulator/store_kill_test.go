package simulator_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// helperFile names the state file for a process that makes clusters until it is
// killed.
const helperFile = "SIMULATOR_TEST_FILE"

// TestNothingAnsweredIsLostToAKill lets two processes work on one file and kills
// both, again and again, mostly while they write: whatever was answered is there.
func TestNothingAnsweredIsLostToAKill(t *testing.T) {
	if file := os.Getenv(helperFile); file != "" {
		makeClusters(t, file)
	}
	options := inFile(t)
	random := rand.New(rand.NewPCG(1, 2))
	var answered []string
	for round := range 3 {
		first, second := startHelper(t, options.StateFile, fmt.Sprint(round, "a")), startHelper(t, options.StateFile, fmt.Sprint(round, "b"))
		<-first.began
		<-second.began
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
		answered = append(append(answered, first.kill()...), second.kill()...)
		w := newWorld(t, options)
		var there []string
		w.Mutate(func(a *simulator.Account) {
			for name := range a.Clusters.All() {
				there = append(there, name)
			}
		})
		for _, name := range answered {
			if !slices.Contains(there, name) {
				t.Fatalf("round %d: %s was answered and is not there", round, name)
			}
		}
	}
	t.Logf("%d clusters were answered", len(answered))
	if len(answered) == 0 {
		t.Error("no helper came to make anything")
	}
}

// helper is a process that makes clusters.
type helper struct {
	began <-chan struct{} // closed once it was answered, or ended
	kill  func() []string // tells what it was answered
}

func startHelper(t *testing.T, file, prefix string) helper {
	t.Helper()
	process := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNothingAnsweredIsLostToAKill$")
	process.Env = append(os.Environ(), helperFile+"="+file, "PREFIX="+prefix)
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	lines, began := make(chan []string), make(chan struct{})
	go func() {
		begin := sync.OnceFunc(func() { close(began) })
		var names []string
		for s := bufio.NewScanner(out); s.Scan(); {
			if name, whole := strings.CutSuffix(s.Text(), "."); whole {
				names = append(names, name)
				begin()
			}
		}
		begin()
		lines <- names
	}()
	return helper{began, func() []string {
		_ = process.Process.Kill()
		names := <-lines
		_ = process.Wait()
		return names
	}}
}

// makeClusters makes clusters, and large rows in between, so that the journal is
// folded now and then; it says the name of each that was answered.
func makeClusters(t *testing.T, file string) {
	w := newWorld(t, simulator.Options{StateFile: file})
	for i := range 100_000 {
		name := fmt.Sprint("c", os.Getenv("PREFIX"), "-", i)
		must(w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: &name, Tags: ecsTags("large", strings.Repeat("x", 250))}))(t)
		fmt.Println(name + ".")
		if i%50 == 0 {
			must(w.logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name}))(t)
		}
	}
}
