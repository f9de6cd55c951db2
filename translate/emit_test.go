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
	stackJSON, err := StackJSON(stack)
	if err != nil {
		t.Fatal(err)
	}
	definitions := TaskDefinitions(stack)
	for _, text := range []string{string(stackJSON), string(definitions[0].JSON)} {
		for _, secret := range []string{"hunter2", `"abc"`} {
			if strings.Contains(text, secret) {
				t.Errorf("%s in\n%s", secret, text)
			}
		}
	}
	want := []string{
		"${ref:facts/region.name}", "${ref:role/execution.arn}",
		"${secret:web.API_TOKEN}", "${secret:web.DATABASE_URL}", "${secret:web.command}",
		"${secret:web.healthcheck}", "${secret:web.upstream}",
	}
	if d := cmp.Diff(want, definitions[0].Placeholders); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	again, err := StackJSON(stack)
	if err != nil || string(again) != string(stackJSON) {
		t.Errorf("printing changed the stack: %v", err)
	}
}
