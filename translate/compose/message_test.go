package compose

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// TestEveryTextOfComposeGoIsKnown has compose-go refuse files, and compares what
// becomes of its error texts. A release of compose-go with other texts fails here,
// at each text that it changed, and no form is kept for a text that is gone.
func TestEveryTextOfComposeGoIsKnown(t *testing.T) {
	used := make([]bool, len(rephrasings))
	for _, test := range []struct{ file, path, summary string }{
		{"services: {web: {image: a, bogus: 1}}", "services.web.bogus", "unknown key"},
		{"services: {web: {image: a, container_name: a}}", "services.web.container_name", "'a' does not match pattern '[a-zA-Z0-9][a-zA-Z0-9_.-]+'"},
		{"services: {web: {image: a, init: '${X'}}", "services.web.init", "is not valid variable syntax"},
		{"services: {web: {image: a, init: '${NO}'}}", "services.web.init", "invalid boolean: no way"},
		{"services: {web: {image: a, expose: [1e20]}}", "services.web.expose.[0]", "is no port, which is a number from 1 to 65535"},
		{"services: {web: {extends: base}}", "services.web.extends", `there is no service "base"`},
		{"services: {web: {extends: {service: base, file: other.yaml}}}", "services.web.extends", "no services section"},
		{"services: {a: {extends: a}}", "services.a.extends", "services extend each other in a circle"},
		{"services: {web: {}}", "services.web", "has neither an image nor a build context specified"},
		{"services: {web: {image: a, networks: [gone]}}", "services.web", "refers to undefined network gone"},
		{"services: {web: {image: a, volumes_from: [gone]}}", "services.web", `depends on undefined service "gone"`},
		{"services: {web: {image: a, scale: 2, deploy: {replicas: 3}}}", "services.web", "can't set distinct values on 'scale' and 'deploy.replicas'"},
		{"services: {web: {image: a, env_file: [{required: true}]}}", "services.web.env_file.[0]", "needs path"},
		{"services: {web: {image: a, env_file: gone.env}}", "", "no such file: gone.env"},
		{"services: {web: {image: a, label_file: gone.label}}", "", "no such file: gone.label"},
		{"services: {web: {image: a, mem_limit: lots}}", "services.web.mem_limit", "invalid size: 'lots'"},
		{"services: {web: {image: a, stop_grace_period: soon}}", "services.web.stop_grace_period", `invalid duration "soon"`},
		{"services: {web: {image: a, environment: {1: b}}}", "services.web.environment", "key 1 is not a string"},
		{"services: {web: {image: a, ports: [{target: 80, 5: 3}]}}", "services.web.ports.0", "key 5 is not a string"},
		{
			"services: {a: {image: a, depends_on: [b]}, b: {image: b, depends_on: [a]}}",
			"services.a.depends_on", "services wait for each other in a circle: a -> b -> a",
		},
		{"include: [self.yaml]\nservices: {}", "include", "files include each other in a circle"},
		{"include: {a: b}\nservices: {}", "include", "must be a list, got map[a:b]"},
		{
			"jobs: {a: {image: a, triggers: {manual: true}, depends_on: [gone]}}\nservices: {}",
			"jobs.a", `depends on undefined service or job "gone"`,
		},
		{"volumes: {v: {external: true, driver: local}}", "volumes.v", "driver cannot be combined with external: true"},
		{"secrets: {s: {}}", "secrets.s", "needs file or environment"},
		{`secrets: {s: {environment: ""}}`, "secrets.s", "must declare either `file` or `environment`"},
		{"configs: {s: {file: a, content: b}}", "configs.s", "has more than one of file or environment or content"},
	} {
		err := refusal(t, test.file)
		if err == nil {
			t.Errorf("%s: compose-go takes it", test.file)
			continue
		}
		found := findings(err)
		if f := found[0]; f.path != test.path || f.summary != test.summary {
			t.Errorf("%s:\n  %q\n  is at %q: %s", test.file, err, f.path, f.summary)
		}
		for i, r := range rephrasings {
			if r.form.MatchString(err.Error()) {
				used[i] = true
				break
			}
		}
	}
	for i, r := range rephrasings {
		if !used[i] {
			t.Errorf("no file brings %s", r.form)
		}
	}
}

// refusal is what compose-go says of a file.
func refusal(t *testing.T, content string) error {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "self.yaml")
	for name, text := range map[string]string{file: content, filepath.Join(dir, "other.yaml"): "x-a: 1"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	details := types.ConfigDetails{
		WorkingDir: dir, ConfigFiles: []types.ConfigFile{{Filename: file, Content: []byte(content)}}, Environment: types.Mapping{"NO": "no way"},
	}
	project, err := loader.LoadWithContext(t.Context(), details, func(o *loader.Options) { o.SetProjectName("case", true) })
	if err == nil && project != nil {
		_, err = project.WithServicesEnvironmentResolved(true)
	}
	if err != nil && strings.Contains(err.Error(), dir) {
		return errors.New(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
	}
	return err
}
