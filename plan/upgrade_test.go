package plan

import (
	"encoding/json"
	"testing"
)

// TestAFormerValueIsBehindAChange of the field itself, or of a tree that holds nothing else.
func TestAFormerValueIsBehindAChange(t *testing.T) {
	for name, test := range map[string]struct {
		former Former
		change Change
		want   bool
	}{
		"the value":              {Former{Path: "a.b", Was: 3}, Change{Path: []string{"a", "b"}, From: json.Number("3"), To: json.Number("4")}, true},
		"another value":          {Former{Path: "a.b", Was: 3}, Change{Path: []string{"a", "b"}, From: json.Number("5"), To: json.Number("4")}, false},
		"none before":            {Former{Path: "a.b"}, Change{Path: []string{"a", "b"}, To: "x"}, true},
		"zero before":            {Former{Path: "a.b", Was: 0}, Change{Path: []string{"a", "b"}, To: json.Number("4")}, true},
		"not zero before":        {Former{Path: "a.b", Was: 1}, Change{Path: []string{"a", "b"}, To: json.Number("4")}, false},
		"some before":            {Former{Path: "a.b"}, Change{Path: []string{"a", "b"}, From: "y", To: "x"}, false},
		"another field":          {Former{Path: "a.b"}, Change{Path: []string{"a", "c"}, To: "x"}, false},
		"all that is in a tree":  {Former{Path: "a.b"}, Change{Path: []string{"a"}, To: tree{"b": "x"}}, true},
		"not all":                {Former{Path: "a.b"}, Change{Path: []string{"a"}, To: tree{"b": "x", "c": "y"}}, false},
		"in a tree that changes": {Former{Path: "a.b"}, Change{Path: []string{"a"}, From: tree{"b": "y"}, To: tree{"b": "x"}}, false},
		"an item":                {Former{Path: "a.list.x", Was: map[string]string{"name": "x", "b": "y"}}, Change{Path: []string{"a", "list", "x"}, From: tree{"b": "y"}}, true},
		"another item":           {Former{Path: "a.list.x", Was: map[string]string{"name": "x", "b": "y"}}, Change{Path: []string{"a", "list", "x"}, From: tree{"b": "z"}}, false},
		"a tree":                 {Former{Path: "a", Was: map[string]int{"b": 1}}, Change{Path: []string{"a"}, From: tree{"b": json.Number("1")}}, true},
	} {
		if got := test.former.isBehind(Rules{Keys: map[string][]string{"*.list": {"name"}}}, test.change); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
