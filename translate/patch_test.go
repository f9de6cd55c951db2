package translate

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func decoded(t *testing.T, text string) any {
	t.Helper()
	var out any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// The cases are those of RFC 7396, appendix A, whose patches are no lists by
// name.
func TestPatchesMergeAsTheRFCSays(t *testing.T) {
	for _, test := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		target, patch := decoded(t, test[0]), decoded(t, test[1])
		if d := cmp.Diff(decoded(t, test[2]), mergePatch(plan.Rules{}, target, patch, nil)); d != "" {
			t.Errorf("%s and %s: -want +got:\n%s", test[0], test[1], d)
		}
		if d := cmp.Diff(decoded(t, test[0]), target); d != "" {
			t.Errorf("%s and %s: the target changed:\n%s", test[0], test[1], d)
		}
	}
}

func TestItemsWithANameMergeByName(t *testing.T) {
	rules := spec.Kinds()[spec.TaskDefinitionKind]
	target := `{"containerDefinitions":[{"name":"b","image":"b","environment":[{"name":"X","value":"1"},{"name":"Y","value":"2"}]},{"name":"a"}]}`
	for patch, want := range map[string]string{
		`{"containerDefinitions":{"b":{"image":"c"}}}`: `{"containerDefinitions":[{"name":"b","image":"c",
			"environment":[{"name":"X","value":"1"},{"name":"Y","value":"2"}]},{"name":"a"}]}`,
		`{"containerDefinitions":{"b":null,"z":{},"c":{"image":"c"}}}`: `{"containerDefinitions":[{"name":"a"},
			{"name":"c","image":"c"},{"name":"z"}]}`,
		`{"containerDefinitions":{"a":null,"b":{"environment":{"X":null,"Z":{"value":"3"}}}}}`: `{"containerDefinitions":[{"name":"b","image":"b",
			"environment":[{"name":"Y","value":"2"},{"name":"Z","value":"3"}]}]}`,
		`{"containerDefinitions":[{"name":"n"}]}`: `{"containerDefinitions":[{"name":"n"}]}`,
	} {
		if d := cmp.Diff(decoded(t, want), mergePatch(rules, decoded(t, target), decoded(t, patch), nil)); d != "" {
			t.Errorf("%s: -want +got:\n%s", patch, d)
		}
	}
}

func TestRefsOutliveAPatchAndYieldToIt(t *testing.T) {
	_, stack, ds := stackOf(t, "testdata/map/patch")
	if stack == nil {
		t.Fatal(printed(ds))
	}
	web := stack.Find(plan.Address{Kind: spec.TaskDefinitionKind, Name: "web"}).Spec.(*spec.TaskDefinition)
	if v := web.ExecutionRoleArn; v.Ref == nil || v.Text == "" {
		t.Errorf("the execution role is %#v", v)
	}
	if v := web.ContainerDefinitions[1].LogConfiguration.Options["awslogs-group"]; v.Ref != nil || v.Text != "/mine" {
		t.Errorf("the log group is %#v", v)
	}
	api := stack.Find(plan.Address{Kind: spec.TaskDefinitionKind, Name: "api"}).Spec.(*spec.TaskDefinition)
	if v := api.TaskRoleArn; v.Ref != nil {
		t.Errorf("the task role is %#v", v)
	}
}

func TestPatchedAndRewrittenFieldsAreLocatedWhereTheyAreWritten(t *testing.T) {
	task := func(name string) plan.Address { return plan.Address{Kind: spec.TaskDefinitionKind, Name: name} }
	service := func(name string) plan.Address { return plan.Address{Kind: spec.ServiceKind, Name: name} }
	for _, test := range []struct {
		dir     string
		address plan.Address
		path    []string
		want    string
	}{
		{"patch", task("web"), []string{"memory"}, "compose.yaml:13:11"},
		{"patch", task("web"), []string{"cpu"}, "compose.yaml:8:5"},
		{"patch", task("web"), []string{"containerDefinitions", "web", "ulimits", "nofile", "softLimit"}, "compose.yaml:17:15"},
		{"patch", task("web"), []string{"containerDefinitions", "web", "environment", "B", "value"}, "compose.yaml:20:21"},
		{"patch", task("web"), []string{"containerDefinitions", "web", "environment", "C", "value"}, "compose.yaml:9:31"},
		{"patch", task("web"), []string{"containerDefinitions", "otel", "image"}, "compose.yaml:25:15"},
		{"patch", service("web"), []string{"desiredCount"}, "compose.yaml:29:11"},
		{"patch", service("web"), []string{"propagateTags"}, "compose.yaml:30:11"},
		{"patch", service("web"), []string{"enableExecuteCommand"}, "compose.yaml:4:23"},
		{"overlay", service("my-api"), []string{"deploymentConfiguration", "minimumHealthyPercent"}, "compose.yaml:6:35"},
		{"replaced", task("web"), []string{"containerDefinitions", "web", "environment", "DATABASE_URL", "value"}, "compose.yaml:6:7"},
		{"replaced", task("web"), []string{"containerDefinitions", "web", "environment", "CACHE", "value"}, "compose.yaml:4:5"},
	} {
		p, stack, ds := stackOf(t, "testdata/map/"+test.dir)
		if stack == nil {
			t.Fatal(printed(ds))
		}
		if got := p.Locate(stack.Find(test.address), test.path).String(); got != test.want {
			t.Errorf("%s %v: got %s, want %s", test.address, test.path, got, test.want)
		}
	}
}
