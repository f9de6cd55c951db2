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

// Schema is the JSON schema of x-fargate, for editors.
//
//go:embed xfargate.schema.json
var Schema []byte

// ComposeSchema is the JSON schema of a compose file with x-fargate in it, for
// editors. It names Schema and that of the Compose Specification.
//
//go:embed compose.schema.json
var ComposeSchema []byte

// forms are the patterns of the schema in words.
var forms = map[string]string{
	`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`: "a domain: lower-case labels and dots only",

	`^arn:[a-z0-9-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+$`:               "the ARN of an IAM policy",
	`^arn:[a-z0-9-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$`:             "the ARN of a certificate in ACM",
	`^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+$`: "the ARN of a secret in Secrets Manager",
	`^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$`:                                    "a host: a name or address without a scheme or port",
	`^[A-Za-z0-9*?.-]+$`:             "a host name: letters, digits, . and -, with * and ? for others",
	`^/\S*$`:                         "a path: / and what follows it, without spaces",
	"^/[A-Za-z0-9_.$/~\"'@:+&*?-]*$": "a path of a rule: / and what follows it, with * and ? for others",
	`^fs-[0-9a-f]{8,40}$`:            "an EFS file system ID: fs- and 8 to 40 hex digits",
	`^fsap-[0-9a-f]{8,40}$`:          "an EFS access point ID: fsap- and 8 to 40 hex digits",
	`^(Average|Sum|Minimum|Maximum|SampleCount|p[0-9]{1,2}(\.[0-9]{1,2})?)$`: "Average, Sum, Minimum, Maximum, SampleCount, or a percentile such as p99",
	`^[0-7]{3,4}$`: "3 or 4 octal digits, such as 0755",
	"^/([^$#<>;`|&?{}^*/. ][^$#<>;`|&?{}^*/]*(/[^$#<>;`|&?{}^*/.][^$#<>;`|&?{}^*/]*){0,3})?$": "a directory on EFS: / and up to 4 levels, none of which begins with a dot",
}

// compiledParts keeps the parts that were compiled.
var compiledParts sync.Map

// violations checks a value against a part of the schema.
func violations(part string, value any) []compose.Violation {
	schema, ok := compiledParts.Load(part)
	if !ok {
		schema, _ = compiledParts.LoadOrStore(part, compose.CompileSchema(Schema, part))
	}
	text, err := json.Marshal(value)
	if err != nil {
		return []compose.Violation{{Summary: err.Error()}}
	}
	plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return []compose.Violation{{Summary: err.Error()}}
	}
	return compose.Violations(schema.(*jsonschema.Schema).Validate(plain), forms)
}

// schemaDocument is Schema, which each unknown key asks for the known ones.
var schemaDocument = sync.OnceValue(func() map[string]any {
	var document map[string]any
	if err := json.Unmarshal(Schema, &document); err != nil {
		panic(err)
	}
	return document
})

// names are the keys that the schema has in the mapping at path.
func names(part string, path []string) []string {
	document := schemaDocument()
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
