package content

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPatternsOfManyStarsAreRefused has patterns that take long for each file, and some
// that only look so.
func TestPatternsOfManyStarsAreRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		strings.Repeat("**/", 500) + "a": "",
		"x\n" + strings.Repeat("*a", 33): "pattern 2 has more than 32 stars",
		strings.Repeat("*a", 32):         "",
		"**/node_modules/**/*.md":        "",
	} {
		file := filepath.Join(t.TempDir(), IgnoreName)
		if err := os.WriteFile(file, []byte(pattern), 0o600); err != nil {
			t.Fatal(err)
		}
		ignored, err := ReadIgnored(file)
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) || want == "" && err != nil {
			t.Errorf("%.20s…: %v, want %q", pattern, err, want)
		}
		if strings.HasPrefix(pattern, "**/**") && !ignored.LeavesOut("b/c/a") {
			t.Error("**/**/ does not mean **/")
		}
	}
}
