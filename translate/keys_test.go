package translate

import (
	"slices"
	"testing"

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

func TestEveryRowMatchesAnAttribute(t *testing.T) {
	for _, k := range Keys() {
		if !slices.Contains(schema.AttributePaths(), tree.Path(k.Path)) {
			t.Errorf("%s: compose has no such attribute", k.Path)
		}
	}
}
