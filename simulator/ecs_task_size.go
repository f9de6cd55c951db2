package simulator

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// fargateMemory is the memory in MiB that goes with each cpu on Linux, as lists
// of ranges (ECS Developer Guide, "Amazon ECS task definition differences for
// Fargate", read 2026-10-09). 32 vCPU has three sizes only.
var fargateMemory = map[int][]memoryRange{
	256:   {{512, 512, 1}, {1024, 2048, 1024}},
	512:   {{1024, 4096, 1024}},
	1024:  {{2048, 8192, 1024}},
	2048:  {{4096, 16384, 1024}},
	4096:  {{8192, 30720, 1024}},
	8192:  {{16384, 61440, 4096}},
	16384: {{32768, 122880, 8192}},
	32768: {{61440, 122880, 61440}, {249856, 249856, 1}},
}

type memoryRange struct{ from, to, step int }

func (r memoryRange) contains(m int) bool { return m >= r.from && m <= r.to && (m-r.from)%r.step == 0 }

// cpuText and memoryText are the spellings that ECS takes: "256", ".25 vCPU",
// "512", "0.5 GB".
var (
	cpuText    = regexp.MustCompile(`(?i)^\s*(\d*\.?\d+)\s*(vcpu)?\s*$`)
	memoryText = regexp.MustCompile(`(?i)^\s*(\d*\.?\d+)\s*(gb)?\s*$`)
)

// taskSize is the task's CPU units and MiB. It refuses what is no Fargate size.
func taskSize(in *ecs.RegisterTaskDefinitionInput) (cpu, memory int, err error) {
	switch {
	case str(in.Cpu) == "":
		return 0, 0, clientError("Fargate requires that 'cpu' be defined at the task level.")
	case str(in.Memory) == "":
		return 0, 0, clientError("Fargate requires that 'memory' be defined at the task level.")
	}
	cpu, ok := parseSize(cpuText, *in.Cpu)
	if !ok {
		return 0, 0, clientError("Invalid 'cpu' setting for task. "+
			"For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.: %q", *in.Cpu)
	}
	memory, ok = parseSize(memoryText, *in.Memory)
	if !ok {
		return 0, 0, clientError("Invalid 'memory' setting for task: %q", *in.Memory)
	}
	if !slices.ContainsFunc(fargateMemory[cpu], func(r memoryRange) bool { return r.contains(memory) }) {
		return 0, 0, clientError("No Fargate configuration exists for given values: %d CPU, %d memory. "+
			"See the Amazon ECS documentation for the valid values.", cpu, memory)
	}
	return cpu, memory, nil
}

// parseSize reads a number, 1024 times as much with a unit.
func parseSize(form *regexp.Regexp, text string) (int, bool) {
	match := form.FindStringSubmatch(text)
	if match == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(match[1], 64)
	if match[2] != "" {
		n *= 1024
	}
	return int(n), err == nil && n == math.Trunc(n)
}

// checkContainerSizes keeps the containers within the task.
func checkContainerSizes(in *ecs.RegisterTaskDefinitionInput) error {
	cpu, memory, err := taskSize(in)
	if err != nil {
		return err
	}
	cpus, memories := 0, 0
	for _, c := range in.ContainerDefinitions {
		hard, soft := int(val(c.Memory)), int(val(c.MemoryReservation))
		switch {
		case c.Memory != nil && hard < 6, c.MemoryReservation != nil && soft < 6:
			return containerError(c, "Memory of a container must be at least 6 MiB.")
		case c.Memory != nil && soft >= hard:
			return containerError(c, "The 'memory' setting must be greater than the 'memoryReservation' setting.")
		case hard > memory, soft > memory:
			return containerError(c, fmt.Sprintf("The container's memory must not exceed the task's memory of %d MiB.", memory))
		case c.Cpu < 0, int(c.Cpu) > cpu:
			return containerError(c, fmt.Sprintf("The 'cpu' setting must not exceed the task's %d CPU units.", cpu))
		}
		cpus += int(c.Cpu)
		if c.MemoryReservation != nil {
			memories += soft
		} else {
			memories += hard
		}
	}
	if cpus > cpu {
		return clientError("The sum of the containers' cpu (%d) exceeds the task's cpu (%d).", cpus, cpu)
	}
	if memories > memory {
		return clientError("The sum of the containers' memory (%d MiB) exceeds the task's memory (%d MiB).", memories, memory)
	}
	return nil
}

// isECR tells whether an image is in a private ECR registry, which needs an
// execution role to pull from.
func isECR(image string) bool {
	host, _, _ := strings.Cut(image, "/")
	return strings.Contains(host, ".dkr.ecr.") || strings.Contains(host, ".dkr-ecr.")
}
