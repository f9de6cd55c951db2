package translate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// TestACredentialIsNeverASilentBlank comes to the name of one on ways that the text of an
// attribute does not show.
func TestACredentialIsNeverASilentBlank(t *testing.T) {
	for name, file := range map[string]string{
		"an alias":            "x-e: &e [GITHUB_TOKEN]\nservices: {a: {image: busybox, environment: *e}}",
		"an alias of a map":   "x-e: &e {GITHUB_TOKEN: }\nservices: {a: {image: busybox, environment: *e}}",
		"a merge":             "x-e: &e {GITHUB_TOKEN: }\nservices: {a: {image: busybox, environment: {<<: *e, A: b}}}",
		"a name that is made": "services: {a: {image: busybox, environment: [\"${HOME:+GITHUB_TOKEN}\"]}}",
		"of a secret":         "services: {a: {image: busybox, secrets: [s]}}\nsecrets: {s: {environment: \"${HOME:+GITHUB_TOKEN}\"}}",
		"of a config":         "services: {a: {image: busybox, configs: [c]}}\nconfigs: {c: {environment: \"GITHUB_${HOME:+TOKEN}\"}}",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, allowed := range [][]string{nil, {"GITHUB_TOKEN"}} {
			p, ds := Load(t.Context(), Options{Dir: dir, Environment: map[string]string{"GITHUB_TOKEN": "MUST-NOT-BE-SEEN", "HOME": "/home/x"}, AllowEnv: allowed})
			if p != nil && !ds.HasErrors() {
				_, found := p.Stack(plan.Facts{})
				ds = append(ds, found...)
			}
			if said := spoken(ds); strings.Contains(said, "is a credential of whoever runs this") == (allowed != nil) || strings.Contains(said, "not set") || strings.Contains(said, "MUST") {
				t.Errorf("%s, allowed %v: %s", name, allowed, said)
			}
		}
	}
}

func spoken(ds diag.List) string {
	var b strings.Builder
	ds.Print(&b)
	return b.String()
}
