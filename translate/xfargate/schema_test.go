package xfargate

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaID = "https://compose2fargate.dev/schema/x-fargate.json"

func TestSizesAreReadInEveryForm(t *testing.T) {
	for _, test := range []struct {
		value any
		want  int
	}{
		{0.25, 256}, {".25", 256}, {".25 vCPU", 256}, {"0.5vcpu", 512}, {1, 1024}, {"2 vCPUs", 2048}, {256, 256},
		{"1024", 1024}, {32, 32768}, {16384, 16384}, {"4 VCPU", 4096},
		{3, 0}, {0.3, 0}, {100, 0}, {"lots", 0}, {-1, 0}, {"", 0}, {0, 0}, {true, 0},
	} {
		got, err := cpuUnits(test.value)
		if got != test.want || (err == nil) != (test.want != 0) {
			t.Errorf("cpu %v: got %d, %v", test.value, got, err)
		}
	}
	for _, test := range []struct {
		value any
		want  int
	}{
		{1024, 1024}, {"1024", 1024}, {"1gb", 1024}, {"1GiB", 1024}, {"1024MiB", 1024}, {"1.5g", 1536}, {"512m", 512},
		{"244gb", 249856}, {1, 0}, {"1tb", 0}, {"lots", 0}, {"", 0}, {-1, 0},
	} {
		got, err := mebibytes(test.value)
		if got != test.want || (err == nil) != (test.want != 0) {
			t.Errorf("memory %v: got %d, %v", test.value, got, err)
		}
	}
}

func TestTheSchemaHasEveryKeyAndDescribesIt(t *testing.T) {
	var document struct {
		ID         string `json:"$id"`
		Properties map[string]struct{ Description string }
		Defs       struct {
			Service struct {
				Properties map[string]struct{ Description string }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema, &document); err != nil {
		t.Fatal(err)
	}
	if document.ID != schemaID {
		t.Errorf("$id is %s", document.ID)
	}
	for keys, properties := range map[string]map[string]struct{ Description string }{
		"vpc subnets public_ip cluster load_balancer domain certificate log_retention tags permissions_boundary hours defaults": document.Properties,
		"cpu memory platform sidecar_of skip replaced_by discovery ingress capacity scaling hours schedule deployment files " +
			"secrets_env pull_credentials copy policies patch": document.Defs.Service.Properties,
	} {
		if n := len(strings.Fields(keys)); n != len(properties) {
			t.Errorf("%d keys in the schema, %d in %s", len(properties), n, keys)
		}
		for key := range strings.FieldsSeq(keys) {
			if properties[key].Description == "" {
				t.Errorf("%s: not in the schema, or without a description", key)
			}
		}
	}
}

func TestTheSchemaDescribesEverythingThatHasAName(t *testing.T) {
	var walk func(node any, path string)
	walk = func(node any, path string) {
		switch v := node.(type) {
		case []any:
			for _, item := range v {
				walk(item, path)
			}
		case map[string]any:
			for name, child := range v {
				if properties, ok := child.(map[string]any); ok && name == "properties" {
					for property, schema := range properties {
						fields, _ := schema.(map[string]any)
						if fields["description"] == nil && fields["$ref"] == nil {
							t.Errorf("%s.%s has no description", path, property)
						}
					}
				}
				if name != "examples" {
					walk(child, path+"."+name)
				}
			}
		}
	}
	walk(plain(t, string(Schema)), "")
}

// TestEveryPatternHasWords: a message with a regular expression is no help.
func TestEveryPatternHasWords(t *testing.T) {
	seen := map[string]bool{}
	var walk func(node any)
	walk = func(node any) {
		switch v := node.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if pattern, ok := v["pattern"].(string); ok {
				seen[pattern] = true
				if forms[pattern] == "" {
					t.Errorf("%s has no words in forms", pattern)
				}
			}
			for _, child := range v {
				walk(child)
			}
		}
	}
	walk(plain(t, string(Schema)))
	for pattern := range forms {
		if !seen[pattern] {
			t.Errorf("%s is not in the schema", pattern)
		}
	}
}

// TestTheSchemaForEditorsFindsXFargate stands in for the Compose Specification,
// which editors fetch.
func TestTheSchemaForEditorsFindsXFargate(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	for id, document := range map[string]any{
		"https://compose2fargate.dev/schema/compose.json": plain(t, string(ComposeSchema)),
		schemaID: plain(t, string(Schema)),
		"https://raw.githubusercontent.com/compose-spec/compose-spec/main/schema/compose-spec.json": map[string]any{},
	} {
		if err := compiler.AddResource(id, document); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile("https://compose2fargate.dev/schema/compose.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		`{"x-fargate":{"vpc":"vpc-0a1b2c3d"},"services":{"web":{"x-fargate":{"skip":true}}}}`: true,
		`{"x-fargate":{"skip":true}}`:                           false,
		`{"services":{"web":{"x-fargate":{"vpc":"vpc-0a1b"}}}}`: false,
	} {
		if err := schema.Validate(plain(t, text)); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func plain(t *testing.T, text string) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestAnIntegerIsOneInEveryForm: 1e3 is an integer to JSON Schema.
func TestAnIntegerIsOneInEveryForm(t *testing.T) {
	for _, value := range []any{1000, 1e3, "1000"} {
		if n := numberOf(value); n == nil || *n != 1000 {
			t.Errorf("%T %[1]v: got %v", value, n)
		}
	}
}
