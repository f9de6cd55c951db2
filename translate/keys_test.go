package translate

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/compose-spec/compose-go/v2/schema"
	"github.com/compose-spec/compose-go/v2/tree"
)

func TestEveryComposeAttributeIsCoveredByARow(t *testing.T) {
	for _, path := range schema.AttributePaths() {
		if rows := covering(string(path)); len(rows) == 0 {
			t.Errorf("%s: no row covers it", path)
		}
	}
}

func TestAnAttributeThatComposeGainsIsNotCovered(t *testing.T) {
	for _, path := range []string{"new", "services.*.new", "services.*.deploy.new", "services.*.healthcheck.new", "services.*.logging.new",
		"services.*.networks.*.new", "services.*.volumes.[].new", "networks.*.new", "volumes.*.new"} {
		if rows := covering(path); len(rows) > 0 {
			t.Errorf("%s: covered by %v", path, rows)
		}
	}
}

func TestEveryRowMatchesAnAttribute(t *testing.T) {
	for _, k := range Keys() {
		if !slices.Contains(schema.AttributePaths(), tree.Path(k.Path)) {
			t.Errorf("%s: compose has no such attribute", k.Path)
		}
	}
}

func TestEveryRowThatIsNotMappedSaysWhy(t *testing.T) {
	for _, k := range Keys() {
		if k.Verdict != Mapped && k.Reason == "" {
			t.Errorf("%s: no reason", k.Path)
		}
		for _, text := range []string{k.Reason, k.Help} {
			first := []rune(text + "x")[0]
			properName := strings.HasPrefix(text, "Fargate") || strings.HasPrefix(text, "ECS")
			if strings.HasSuffix(text, ".") || unicode.IsUpper(first) && !properName {
				t.Errorf("%s: not a lower-case sentence without a full stop: %s", k.Path, text)
			}
		}
	}
}

func TestARowForAllValuesComesAfterThoseForSome(t *testing.T) {
	general := map[string]bool{}
	for _, k := range Keys() {
		if general[k.Path] {
			t.Errorf("%s: %q is never reached", k.Path, k.Value)
		}
		if (k.Value == "") != (k.when == nil) {
			t.Errorf("%s: value %q and condition do not go together", k.Path, k.Value)
		}
		general[k.Path] = k.when == nil
	}
}

func TestWhatAnAttributeBecomesIsSaidOfAttributesThatThereAre(t *testing.T) {
	for path := range attributeFields() {
		if !slices.Contains(schema.AttributePaths(), tree.Path(path)) {
			t.Errorf("%s: compose has no such attribute", path)
		}
	}
}

// covering returns the rows that cover an attribute path: its own, or those of
// the nearest path above it that has some.
func covering(path string) []Key {
	var rows []Key
	n := keyTree()
	own := false
	for _, part := range tree.Path(path).Parts() {
		own = false
		if n = n.children[part]; n == nil {
			break
		}
		if own = len(n.rows) > 0; own {
			rows = n.rows
		}
	}
	if len(rows) > 0 && rows[len(rows)-1].frame && !own {
		return nil
	}
	return slices.Clone(rows)
}
