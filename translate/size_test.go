package translate

import (
	"fmt"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// TestEverySizeHoldsItselfAndNoMore asks for each pair of the table, and for one
// MiB and one CPU unit more.
func TestEverySizeHoldsItselfAndNoMore(t *testing.T) {
	for i, row := range fargateSizes {
		for j, memory := range row.memory {
			exact := size{row.cpu, memory}
			if got, ok := exact.smallest(); !ok || got != exact {
				t.Errorf("%s: %s, %t", exact, got, ok)
			}
			more, wantOK := nextMemory(i, j)
			if got, ok := (size{row.cpu, memory + 1}).smallest(); ok != wantOK || got != more {
				t.Errorf("a MiB more than %s: %s, %t, want %s", exact, got, ok, more)
			}
			more, wantOK = nextCPU(i, memory)
			if got, ok := (size{row.cpu + 1, memory}).smallest(); ok != wantOK || got != more {
				t.Errorf("a CPU unit more than %s: %s, %t, want %s", exact, got, ok, more)
			}
		}
	}
}

// nextMemory is the size after the j-th of row i: the next of the row, or the
// first of a later row that has more.
func nextMemory(i, j int) (size, bool) {
	row := fargateSizes[i]
	if j+1 < len(row.memory) {
		return size{row.cpu, row.memory[j+1]}, true
	}
	return nextCPU(i, row.memory[j]+1)
}

// nextCPU is the smallest size after row i that has the memory.
func nextCPU(i, memory int) (size, bool) {
	for _, row := range fargateSizes[i+1:] {
		for _, m := range row.memory {
			if m >= memory {
				return size{row.cpu, m}, true
			}
		}
	}
	return size{}, false
}

// TestTheTableIsThatOfAWS counts and sums the pairs of fargate-sizes.json, so
// that no slip of a finger goes unseen.
func TestTheTableIsThatOfAWS(t *testing.T) {
	var got string
	for _, row := range fargateSizes {
		sum := 0
		for _, memory := range row.memory {
			sum += memory
		}
		got += fmt.Sprintf("%d: %d to %d, %d pairs, sum %d\n", row.cpu, row.memory[0], row.memory[len(row.memory)-1], len(row.memory), sum)
	}
	want := `256: 512 to 2048, 3 pairs, sum 3584
512: 1024 to 4096, 4 pairs, sum 10240
1024: 2048 to 8192, 7 pairs, sum 35840
2048: 4096 to 16384, 13 pairs, sum 133120
4096: 8192 to 30720, 23 pairs, sum 447488
8192: 16384 to 61440, 12 pairs, sum 466944
16384: 32768 to 122880, 12 pairs, sum 933888
32768: 61440 to 249856, 3 pairs, sum 434176
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestCPUIsExact(t *testing.T) {
	for _, c := range []struct {
		cpus                float32
		container, ofTenSum int // CPU units
	}{
		{0.1, 102, 1024},
		{0.3, 307, 3072},
		{0.25, 256, 2560},
		{0.5, 512, 5120},
		{1.5, 1536, 15360},
		{16, 16384, 163840},
		{0.0625, 64, 640},
		{0.001, 1, 11},
		{0, 0, 0},
		{-1, 0, 0},
	} {
		m := millionths(c.cpus)
		if units(m) != c.container || ceilUnits(10*m) != c.ofTenSum {
			t.Errorf("%v: %d units, ten times %d; want %d and %d", c.cpus, units(m), ceilUnits(10*m), c.container, c.ofTenSum)
		}
	}
}

func TestMemoryIsRoundedUp(t *testing.T) {
	for bytes, want := range map[types.UnitBytes]int{
		0: 0, 1: 1, 1 << 20: 1, 1<<20 + 1: 2, 700 << 20: 700, 500_000_000: 477, -1: 0, -1 << 30: 0,
	} {
		if got := ceilMiB(bytes); got != want {
			t.Errorf("%d bytes: %d MiB, want %d", bytes, got, want)
		}
	}
}

func TestSizesAreWrittenAsPeopleDo(t *testing.T) {
	for _, c := range []struct {
		size size
		want string
	}{
		{size{256, 512}, "0.25 vCPU and 512 MiB"},
		{size{1024, 2048}, "1 vCPU and 2 GiB"},
		{size{2048, 1536}, "2 vCPU and 1536 MiB"},
		{largest(), "32 vCPU and 244 GiB"},
	} {
		if got := c.size.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
