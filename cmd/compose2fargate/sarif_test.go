package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/compose2fargate/compose2fargate/translate"
)

// sarifSchema is the official one, of SARIF 2.1.0 errata 01, as
// github.com/owenrumney/go-sarif/v3 v3.3.1 has it.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(filepath.Join("testdata", "sarif", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSARIFIsValid holds the report of every compose file there is in the tests,
// of those that do not load too, against the schema.
func TestSARIFIsValid(t *testing.T) {
	schema := sarifSchema(t)
	var files []string
	for _, pattern := range []string{"../../testdata/*", "../../translate/testdata/load/*", "../../translate/testdata/report/*"} {
		found, err := filepath.Glob(filepath.Join(pattern, "compose.yaml"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no files: %v", pattern, err)
		}
		files = append(files, found...)
	}
	s := &settings{terminal: terminal{environ: os.Environ()}}
	for _, file := range files {
		project, problems := translate.Load(t.Context(), translate.Options{Files: []string{file}})
		c := s.check(t.Context(), project, problems)
		data, err := json.Marshal(c.sarif("test"))
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v\n%s", file, err, data)
		}
		ids := map[string]bool{}
		for _, r := range c.sarif("test").Runs[0].Results {
			if rule := c.sarif("test").Runs[0].Tool.Driver.Rules[r.RuleIndex]; rule.ID != r.RuleID {
				t.Errorf("%s: rule %s at the index of %s", file, rule.ID, r.RuleID)
			}
			if id := r.Fingerprints["compose2fargate/v1"]; ids[id] {
				t.Errorf("%s: %s: the fingerprint of another result", file, r.Message.Text)
			} else {
				ids[id] = true
			}
		}
	}
}

func TestTheSchemaOfSARIFRefusesWhatIsNone(t *testing.T) {
	value, _ := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(`{"version": "2.1.0", "runs": [{"tool": {}}]}`)))
	if err := sarifSchema(t).Validate(value); err == nil {
		t.Error("a tool without a driver is valid")
	}
}

func TestSARIFNamesFilesByURI(t *testing.T) {
	for file, want := range map[string]string{
		"compose.yaml":    "compose.yaml",
		"a b/c:d.yaml":    "a%20b/c:d.yaml",
		"../compose.yaml": "../compose.yaml",
		"<stdin>":         "%3Cstdin%3E",
		"/srv/a b/c.yaml": "file:///srv/a%20b/c.yaml",
	} {
		if got := artifact(file); got.URI != want || (got.BaseID == "") != filepath.IsAbs(file) {
			t.Errorf("%s: got %+v, want %s", file, got, want)
		}
	}
}
