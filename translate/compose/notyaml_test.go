package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatIsNoYAMLIsSaidInWords has a text for each thing that the parser says of what people
// write.
func TestWhatIsNoYAMLIsSaidInWords(t *testing.T) {
	for text, want := range map[string]string{
		`services: {a: {image: "\q"}}`:                    "1:24: error: this is not YAML: a text in double quotes has a backslash that begins no escape",
		`services: {a: {image: "\ud800"}}`:                "1:26: error: this is not YAML: an escape in double quotes is of no character",
		"services:\n  a: {image: \"x}\n":                  "3:1: error: this is not YAML: a quote is not closed",
		"services:\n  a: image: x\n":                      "2:11: error: this is not YAML: a colon begins a value where none can be",
		"services:\n  a:\n    image: x\n   build: .\n":    "4:4: error: this is not YAML: a key has to begin here",
		"services:\n\ta: {image: x}\n":                    "2:1: error: this is not YAML: a tab indents the line",
		"services: {a: {image: x,,}}":                     "1:25: error: this is not YAML: a value has to begin here",
		"services: {a: {ports: [80, 81}}":                 "1:30: error: this is not YAML: a [ or a { is not closed",
		"services: {a: {image: @x}}":                      "1:23: error: this is not YAML: a value cannot begin with this character",
		"services: {a: {image: *x}}":                      "1:23: error: this is not YAML: an alias, a value that begins with *, without an anchor",
		"services: {a: {image: x}}\n{}":                   "3:1: error: this is not YAML: a key has no value",
		"services: {a: {image: x}} {}\n":                  "1:27: error: this is not YAML: a key has to begin here",
		"- a\nb: {}\n":                                    "2:1: error: this is not YAML: an item of a list cannot be here, or has to",
		"services: {a: {image: \"a\x01\"}}":               `1:25: error: this is not YAML: byte 0x01 is not allowed`,
		"%YAML 3.0\n---\nservices: {a: {image: nginx}}\n": "1:1: error: this is not YAML: the line %YAML names a version that is not read",
	} {
		_, ds := Load(t.Context(), Options{Dir: directory(t, map[string]string{"compose.yaml": text})})
		got := ""
		for _, d := range ds {
			if d.Help == "" {
				t.Errorf("%q: it does not say what to do", text)
			}
			d.Help = ""
			got += d.String()
		}
		if diff := cmp.Diff("compose.yaml:"+want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
