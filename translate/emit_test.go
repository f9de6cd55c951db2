package translate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatIsPrintedHoldsNoSecretAndNamesItsPlaceholders(t *testing.T) {
	_, stack, ds := stackOf(t, "testdata/map/offline")
	if stack == nil {
		t.Fatal(printed(ds))
	}
	stackJSON := stackText(t, stack)
	definitions := TaskDefinitions(stack)
	for _, text := range []string{stackJSON, string(definitions[0].JSON)} {
		for _, secret := range []string{"hunter2", `"abc"`} {
			if strings.Contains(text, secret) {
				t.Errorf("%s in\n%s", secret, text)
			}
		}
	}
	want := []string{
		"${ref:facts/region.name}",
		"${ref:parameter/web.API_TOKEN.arn}", "${ref:parameter/web.DATABASE_URL.arn}", "${ref:role/web.execution.arn}",
		"${secret:web.command}", "${secret:web.healthcheck}", "${secret:web.upstream}",
	}
	if d := cmp.Diff(want, definitions[0].Placeholders); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if d := cmp.Diff(stackJSON, stackText(t, stack)); d != "" {
		t.Errorf("printing changed the stack: %s", d)
	}
}
