package translate

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// TestPublicStacksBecomeWhatECSTakes runs over the stacks of the folder that
// CORPUS names: each becomes a stack that ECS takes, or is refused at a place in
// its files. Those that Load refuses take part as far as they load.
func TestPublicStacksBecomeWhatECSTakes(t *testing.T) {
	dir := os.Getenv("CORPUS")
	if dir == "" {
		t.Skip("CORPUS is not set")
	}
	manifest, err := os.Open(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	counts := map[string]int{}
	for lines := bufio.NewScanner(manifest); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) < 8 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		t.Run(fields[0]+"/"+fields[2], func(t *testing.T) {
			root := filepath.Join(dir, strings.ReplaceAll(fields[0], "/", "__"))
			p, loaded := Load(t.Context(), Options{Dir: root, Files: strings.Split(fields[2], ",")})
			if p == nil {
				counts["does not load"]++
				return
			}
			stack, ds := p.Stack(knownFacts)
			checkPlaces(t, ds)
			switch {
			case stack == nil:
				counts["refused"]++
			case loaded.HasErrors():
				counts["refused by Load alone"]++
			default:
				counts["becomes a stack"]++
			}
			if stack == nil {
				return
			}
			checkStack(t, stack)
			for _, r := range stack.Resources {
				if d, ok := r.Spec.(*spec.TaskDefinition); ok {
					checkDefinition(t, d)
				}
			}
		})
	}
	t.Logf("%v", counts)
}

func checkPlaces(t *testing.T, ds diag.List) {
	t.Helper()
	for _, d := range ds {
		if d.Pos.Line == 0 || strings.Contains(d.Help, "mistake of compose2fargate") {
			t.Errorf("%s", d)
		}
	}
}

func checkStack(t *testing.T, s *plan.Stack) {
	t.Helper()
	for _, r := range s.Resources {
		if r.Source.IsZero() {
			t.Errorf("%s has no source", r.Address)
		}
		if service, ok := r.Spec.(*spec.Service); ok && len(service.NetworkConfiguration.SecurityGroups) == 0 {
			t.Errorf("%s has no security group", r.Address)
		}
	}
}

var ecsNames = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// checkDefinition knows what RegisterTaskDefinition refuses.
func checkDefinition(t *testing.T, d *spec.TaskDefinition) {
	t.Helper()
	memory, cpu, essential := 0, 0, 0
	for _, c := range d.ContainerDefinitions {
		memory, cpu = memory+max(c.Memory, c.MemoryReservation), cpu+c.Cpu
		if c.Essential {
			essential++
		}
		if !ecsNames.MatchString(c.Name) || c.Image == "" {
			t.Errorf("%s: container %q with image %q", d.Family, c.Name, c.Image)
		}
		for _, dependency := range c.DependsOn {
			if !slices.ContainsFunc(d.ContainerDefinitions, func(o spec.Container) bool { return o.Name == dependency.ContainerName }) {
				t.Errorf("%s: %s depends on %s", d.Family, c.Name, dependency.ContainerName)
			}
		}
	}
	wantCPU, _ := strconv.Atoi(d.Cpu)
	wantMemory, _ := strconv.Atoi(d.Memory)
	if got, ok := (size{wantCPU, wantMemory}).smallest(); !ok || got != (size{wantCPU, wantMemory}) || cpu > wantCPU || memory > wantMemory {
		t.Errorf("%s: %s and %s for containers of %d and %d", d.Family, d.Cpu, d.Memory, cpu, memory)
	}
	if essential == 0 || len(d.ContainerDefinitions) > maxContainers || !ecsNames.MatchString(d.Family) {
		t.Errorf("%s: %d containers, %d essential", d.Family, len(d.ContainerDefinitions), essential)
	}
}
