package xfargate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// size reads a size, which the schema leaves open to be a number or a text.
func (d decoder) size(m map[string]any, path diag.Path, key string, parse func(any) (int, error)) int {
	value, ok := m[key]
	if !ok {
		return 0
	}
	n, err := parse(value)
	if err != nil {
		d.errorf(path.Key(key), "", "%s", err)
	}
	return n
}

// fargateCPUs are the CPU units that a task can have; see fargate-cpu-memory in
// the ECS developer guide.
var fargateCPUs = []int{256, 512, 1024, 2048, 4096, 8192, 16384, 32768}

// cpuUnits reads .25, "0.25 vCPU" and 256 alike.
func cpuUnits(value any) (int, error) {
	text := strings.ToLower(strings.TrimSpace(fmt.Sprint(value)))
	number, hasUnit := strings.CutSuffix(strings.TrimSuffix(text, "s"), "vcpu")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil {
		return 0, fmt.Errorf("%s is not an amount of CPU: write .5, \".5 vCPU\" or 512", compose.Shown(value))
	}
	if hasUnit || n <= 32 {
		n *= 1024
	}
	if units := int(n); float64(units) == n && slices.Contains(fargateCPUs, units) {
		return units, nil
	}
	return 0, fmt.Errorf("a task cannot have %s CPU, only .25, .5, 1, 2, 4, 8, 16 or 32 vCPU", compose.Shown(value))
}

// mebibytes reads 1024, "1024MiB" and "1gb" alike; units are powers of two, as
// everywhere in compose.
func mebibytes(value any) (int, error) {
	text := strings.TrimSpace(fmt.Sprint(value))
	if n, err := strconv.Atoi(text); err == nil {
		return memoryBounds(n, value)
	}
	var bytes types.UnitBytes
	if err := bytes.DecodeMapstructure(text); err != nil {
		return 0, fmt.Errorf("%s is not an amount of memory: write 1gb, 512MiB or 1024", compose.Shown(value))
	}
	return memoryBounds(int(math.Ceil(float64(bytes)/(1<<20))), value)
}

func memoryBounds(n int, value any) (int, error) {
	if n < 512 || n > 244*1024 {
		return 0, fmt.Errorf("a task cannot have %s memory, only 512 MiB to 244 GiB", compose.Shown(value))
	}
	return n, nil
}
