package diag

import (
	"os/exec"
	"testing"
)

// TestWordIsOneWordOfAShell has a shell read it.
func TestWordIsOneWordOfAShell(t *testing.T) {
	for _, text := range []string{"", "../shared/e.env", "../my files", "a'b; touch PWN", "$(touch PWN)", "`x`", "a\nb", `\`, `"`, "*", "~", "-x", "ä", "a&b", "!1", "#x", "'"} {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+Word(text)).Output()
		if err != nil || string(out) != text {
			t.Errorf("%q is %s, which a shell reads as %q: %v", text, Word(text), out, err)
		}
	}
	if got := Word("--allow-path=../a_b@1:2,3%+"); got != "--allow-path=../a_b@1:2,3%+" {
		t.Errorf("a plain word is quoted: %s", got)
	}
}
