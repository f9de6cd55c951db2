package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatIsWrongInAnEnvFileIsSaidAtItsLine reads each text as .env, and as the env_file of a
// service.
func TestWhatIsWrongInAnEnvFileIsSaidAtItsLine(t *testing.T) {
	const (
		noLine  = "1: error: this is not a line of an env file\n  help: write NAME=value"
		invalid = "1: error: the value has a $ that begins no valid variable\n  help: put the value in single quotes for a dollar sign, or write ${NAME} for a variable"
	)
	for text, want := range map[string]string{
		"export\n":                         "", // as docker compose has it
		"A=1\nexport \t":                   "2:" + noLine,
		"A=1\nexport\n\n":                  "",
		"export\nA=1\n":                    "",
		"A B=3\n":                          "1:" + noLine,
		"A=1\nexport #x\n":                 "2:" + noLine,
		"A=1\nB=hunter22${CNRY\n":          "2:" + invalid,
		"A=1\nB=\"${}\"\n":                 "2:" + invalid,
		"A=1\n#\nB=\"a\n${-}\"\n":          "3:" + invalid,
		"A=1\nB=${X:?tell me}\n":           "2:1: error: required variable X is missing a value: tell me",
		"A=1\nB=\"hunter22\nC=1\n":         "2:1: error: a quoted value is not closed\n  help: close the quotes",
		"A='$'\nB=$$\nC=$(date)\nD=a$\n":   "",
		"A='${not closed'\nB=\"\\${ok\"\n": "",
	} {
		for file, compose := range map[string]string{
			".env":  "services: {a: {image: nginx}}",
			"e.env": "services: {a: {image: nginx, env_file: [e.env]}}",
		} {
			_, ds := Load(t.Context(), Options{Dir: directory(t, map[string]string{"compose.yaml": compose, file: text})})
			got := ""
			for _, d := range ds {
				d.Path = ""
				got += d.String()
			}
			if want != "" {
				want := file + ":" + want
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%q as %s (-want +got):\n%s", text, file, diff)
				}
			} else if got != "" {
				t.Errorf("%q as %s: %s", text, file, got)
			}
		}
	}
}
