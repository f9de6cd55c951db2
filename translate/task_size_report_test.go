package translate

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestSizesSayWhatWasChosenAndWhy compares with sizes.txt of some cases of
// TestMap.
func TestSizesSayWhatWasChosenAndWhy(t *testing.T) {
	for _, name := range []string{"sizes", "sizes-refused", "sizes-default", "sizes-x-refused", "sizes-said", "log-drivers"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("testdata/map", name)
			p, ds := Load(t.Context(), Options{Dir: dir})
			if p == nil {
				t.Fatal(printed(ds))
			}
			compareGolden(t, filepath.Join(dir, "sizes.txt"), sizesText(p.Sizes()))
		})
	}
}

func sizesText(sizes []Sizing) string {
	var b strings.Builder
	for _, s := range sizes {
		fmt.Fprintf(&b, "%s: %s -> %s: %s\n", s.Service, s.Asked, s.Chosen, s.Why)
		for _, c := range s.Containers {
			fmt.Fprintf(&b, "  %s: %s %s %v\n", c.Name, c.CPU, c.Memory, c.From)
		}
	}
	return b.String()
}
