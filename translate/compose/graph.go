package compose

import (
	"maps"
	"slices"
	"strings"
)

// compose-go looks for circles in depends_on along each way through them
// (graph.searchCycle), of which a few dozen services can have more than there is time
// for. So they are looked for before.

// mostWays is up to how many ways the search is left to compose-go as well.
const mostWays = 100_000

// waits are what each active service of a model, in long form, depends on.
type waits map[string][]string

func waitsOf(model map[string]any, profiles []string) waits {
	out := waits{}
	services, _ := model["services"].(map[string]any)
	for name, service := range services {
		s, _ := service.(map[string]any)
		if isActive(s, profiles) {
			others, _ := s["depends_on"].(map[string]any)
			out[name] = slices.Sorted(maps.Keys(others))
		}
	}
	return out
}

// circle is the first that compose-go would find, nil where there is none.
func (w waits) circle() []string {
	done := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(w)) {
		if circle := w.follow(name, nil, done); circle != nil {
			return circle
		}
	}
	return nil
}

func (w waits) follow(name string, chain []string, done map[string]bool) []string {
	if i := slices.Index(chain, name); i >= 0 {
		return append(slices.Clone(chain[i:]), name)
	}
	if done[name] {
		return nil
	}
	for _, other := range w[name] {
		if circle := w.follow(other, append(chain[:len(chain):len(chain)], name), done); circle != nil {
			return circle
		}
	}
	done[name] = true
	return nil
}

// ways counts the ways through services that have no circle, up to mostWays.
func (w waits) ways() int {
	known := map[string]int{}
	var from func(name string) int
	from = func(name string) int {
		if n, ok := known[name]; ok {
			return n
		}
		sum := 1
		for _, other := range w[name] {
			sum = min(sum+from(other), mostWays+1)
		}
		known[name] = sum
		return sum
	}
	sum := 0
	for name := range w {
		sum = min(sum+from(name), mostWays+1)
	}
	return sum
}

// circleError says what compose-go says of a circle; see rephrasings.
type circleError []string

func (e circleError) Error() string { return "dependency cycle detected: " + strings.Join(e, " -> ") }
