package translate

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

func TestPercents(t *testing.T) {
	two, none := uint64(2), uint64(0)
	for _, c := range []struct {
		name        string
		tasks       int
		update      *types.UpdateConfig
		least, most int
	}{
		{"no update_config", 1, nil, 100, 200},
		{"one task", 1, &types.UpdateConfig{}, 0, 100},
		{"one of four", 4, &types.UpdateConfig{}, 75, 100},
		{"one of three", 3, &types.UpdateConfig{}, 66, 100},
		{"two of three", 3, &types.UpdateConfig{Parallelism: &two}, 33, 100},
		{"two of one", 1, &types.UpdateConfig{Parallelism: &two}, 0, 100},
		{"all of six", 6, &types.UpdateConfig{Parallelism: &none}, 0, 100},
		{"no task", 0, &types.UpdateConfig{}, 0, 100},
		{"one task, start first", 1, &types.UpdateConfig{Order: "start-first"}, 100, 200},
		{"one of four, start first", 4, &types.UpdateConfig{Order: "start-first"}, 100, 125},
		{"two of three, start first", 3, &types.UpdateConfig{Order: "start-first", Parallelism: &two}, 100, 167},
		{"all of six, start first", 6, &types.UpdateConfig{Order: "start-first", Parallelism: &none}, 100, 200},
		{"one of a thousand, start first", 1000, &types.UpdateConfig{Order: "start-first"}, 100, 101},
		{"no task, start first", 0, &types.UpdateConfig{Order: "start-first"}, 100, 200},
		{"percents of Docker", 3, &types.UpdateConfig{Extensions: types.Extensions{minPercent: 50}}, 100, 200},
		{"percents of Docker, and an order", 3, &types.UpdateConfig{Order: "stop-first", Extensions: types.Extensions{minPercent: 50}}, 66, 100},
	} {
		if least, most := percents(c.tasks, c.update); least != c.least || most != c.most {
			t.Errorf("%s: %d/%d, want %d/%d", c.name, least, most, c.least, c.most)
		}
	}
}

// TestPercentsReplaceAsManyAtATimeAsTheFilesSay computes what ECS makes of the
// percents: it rounds the least up and the most down.
func TestPercentsReplaceAsManyAtATimeAsTheFilesSay(t *testing.T) {
	for n := 1; n <= 100; n++ {
		for p := 0; p <= n+1; p++ {
			at := uint64(p)
			want := min(p, n)
			if p == 0 {
				want = n
			}
			least, most := percents(n, &types.UpdateConfig{Parallelism: &at})
			if got := n - (n*least+99)/100; got != want || most != 100 || least >= 100 {
				t.Errorf("%d of %d: %d stop, %d/%d", p, n, got, least, most)
			}
			least, most = percents(n, &types.UpdateConfig{Parallelism: &at, Order: "start-first"})
			if got := n*most/100 - n; got != want || least != 100 || most < 101 || most > 200 {
				t.Errorf("%d of %d: %d more start, %d/%d", p, n, got, least, most)
			}
		}
	}
}
