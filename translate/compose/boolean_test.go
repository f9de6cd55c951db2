package compose

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/compose2fargate/compose2fargate/diag"
)

// TestCastsThatNoFileNeeds writes each attribute that is no text as one, in a file of its
// own, in one that is included and in one that is extended: what compose-go makes of it
// with the casts that are left is what it makes of it with all of them.
func TestCastsThatNoFileNeeds(t *testing.T) {
	all := loader.ToOptions(&types.ConfigDetails{}, nil).Interpolate.TypeCastMapping
	if len(all) < 70 {
		t.Fatalf("compose-go casts %d attributes", len(all))
	}
	for path, cast := range all {
		text := "1"
		if _, err := cast("true"); err == nil {
			text = "true"
		}
		written := marshal(t, nested(path.Parts(), text))
		for name, files := range map[string]map[string]string{
			"a file":           {"compose.yaml": written},
			"an included file": {"compose.yaml": "include: [other.yaml]", "other.yaml": written},
			"an extended file": {"compose.yaml": "services: {main: {extends: {file: other.yaml, service: a}}}", "other.yaml": written},
		} {
			if name == "an extended file" && path.Parts()[0] != "services" {
				continue
			}
			dir := directory(t, files)
			var ds diag.List
			s := newSettings(Options{Dir: dir, ProjectName: "p"}, &ds)
			left := castable(all, readSources(s, nil, &ds).keys())
			want, got, uncast := model(t, dir, all), model(t, dir, left), model(t, dir, nil)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s in %s (-all casts +those left):\n%s", path, name, diff)
			}
			if name != "an extended file" && (cmp.Equal(want, uncast) || len(left) > 12) {
				t.Errorf("%s in %s: nothing is cast, or too much is left: %d", path, name, len(left))
			}
			if message, failed := want.(string); failed {
				t.Errorf("%s in %s: %s", path, name, message)
			}
		}
	}
}

// model is what compose-go makes of the files in a directory, or what it says of them.
func model(t *testing.T, dir string, casts map[tree.Path]interpolation.Cast) any {
	t.Helper()
	details := types.ConfigDetails{WorkingDir: dir, ConfigFiles: types.ToConfigFiles([]string{filepath.Join(dir, "compose.yaml")})}
	out, err := loader.LoadModelWithContext(t.Context(), details, func(o *loader.Options) {
		o.SetProjectName("p", true)
		o.SkipValidation, o.SkipConsistencyCheck, o.SkipNormalization = true, true, true
		o.Interpolate.TypeCastMapping = casts
	})
	if err != nil {
		return err.Error()
	}
	return out
}

// nested is a value at a path, in which a is the name that * stands for and each list has
// one item, that of a volume or a port.
func nested(parts []string, value any) any {
	for i := len(parts) - 1; i >= 0; i-- {
		switch parts[i] {
		case tree.PathMatchAll:
			value = map[string]any{"a": value}
		case tree.PathMatchList:
			item := value.(map[string]any)
			if _, ok := item["target"]; !ok {
				item["type"], item["target"] = "volume", "/data"
			}
			value = []any{item}
		default:
			value = map[string]any{parts[i]: value}
		}
	}
	return value
}

// TestAnAliasMayBeAKey: it is written where nobody looks for keys.
func TestAnAliasMayBeAKey(t *testing.T) {
	text := "x-key: &key retries\nservices: {a: {image: a, healthcheck: {test: b, *key : \"3\"}}}"
	p, ds := Load(t.Context(), Options{Dir: directory(t, map[string]string{"compose.yaml": text})})
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	if got := p.Compose.Services["a"].HealthCheck.Retries; got == nil || *got != 3 || p.files.keys()["retries"] == false {
		t.Errorf("retries are %v, of the keys %v", got, p.files.keys())
	}
}

func marshal(t *testing.T, value any) string {
	t.Helper()
	out, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func directory(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
