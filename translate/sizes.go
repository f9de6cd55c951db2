package translate

// fargateRow is the memory that tasks of one amount of CPU can have.
type fargateRow struct {
	cpu    int   // CPU units
	memory []int // MiB
}

// fargateSizes are the task sizes that Fargate has on Linux, on x86 and ARM
// alike: ECS Developer Guide, "Amazon ECS task definition differences for
// Fargate", tables of 2026-07 to 2026-10. The row of 32 vCPU stands there and in
// no SDK comment yet.
var fargateSizes = []fargateRow{
	{256, []int{512, 1024, 2048}},
	{512, steps(1024, 4096, 1024)},
	{1024, steps(2048, 8192, 1024)},
	{2048, steps(4096, 16384, 1024)},
	{4096, steps(8192, 30720, 1024)},
	{8192, steps(16384, 61440, 4096)},
	{16384, steps(32768, 122880, 8192)},
	{32768, []int{61440, 122880, 249856}},
}

func steps(from, to, step int) []int {
	var out []int
	for n := from; n <= to; n += step {
		out = append(out, n)
	}
	return out
}

// largest is the biggest task that Fargate has.
func largest() size {
	row := fargateSizes[len(fargateSizes)-1]
	return size{row.cpu, row.memory[len(row.memory)-1]}
}
