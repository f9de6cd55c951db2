package xfargate

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// XFargateSchema is the JSON schema of x-fargate, for editors.
//
//go:embed xfargate.schema.json
var XFargateSchema []byte

// ComposeSchema is the JSON schema of a compose file with x-fargate in it, for
// editors. It names XFargateSchema and that of the Compose Specification.
//
//go:embed compose.schema.json
var ComposeSchema []byte

const schemaID = "https://compose2fargate.dev/schema/x-fargate.json"

// compile compiles a part of the schema, "" for all of it. The file is ours, so
// that one that does not compile is a broken build.
func compile(part string) *jsonschema.Schema {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(XFargateSchema))
	if err != nil {
		panic(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaID, document); err != nil {
		panic(err)
	}
	schema, err := compiler.Compile(schemaID + part)
	if err != nil {
		panic(err)
	}
	return schema
}

// compiledParts keeps the parts that were compiled.
var compiledParts sync.Map

// violations checks a value against a part of the schema.
func violations(part string, value any) []compose.Violation {
	schema, ok := compiledParts.Load(part)
	if !ok {
		schema, _ = compiledParts.LoadOrStore(part, compile(part))
	}
	text, err := json.Marshal(value)
	if err != nil {
		return []compose.Violation{{Summary: err.Error()}}
	}
	plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return []compose.Violation{{Summary: err.Error()}}
	}
	return compose.Violations(schema.(*jsonschema.Schema).Validate(plain))
}

// names are the keys that the schema has in the mapping at path.
func names(part string, path []string) []string {
	var document map[string]any
	if err := json.Unmarshal(XFargateSchema, &document); err != nil {
		panic(err)
	}
	node := document
	for _, name := range strings.Split(strings.Trim(part, "#/"), "/") {
		node = down(document, node, name)
	}
	for _, name := range path {
		properties := down(document, node, "properties")
		if _, ok := properties[name]; ok {
			node = down(document, properties, name)
		} else {
			node = down(document, node, "additionalProperties")
		}
	}
	return slices.Sorted(maps.Keys(down(document, node, "properties")))
}

// down goes to a member of a schema, through a reference.
func down(document, node map[string]any, name string) map[string]any {
	if name == "" {
		return node
	}
	next, _ := node[name].(map[string]any)
	if ref, ok := next["$ref"].(string); ok {
		next = document
		for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			next, _ = next[part].(map[string]any)
		}
	}
	return next
}
