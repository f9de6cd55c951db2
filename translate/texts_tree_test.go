package translate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
)

// namesUsed are the names that the services of a project use for sure: SERVICE FILE:LINE NAME:PORT.
func namesUsed(t *testing.T, files map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, ds := Load(t.Context(), Options{Dir: dir})
	if p == nil {
		t.Fatal(printed(ds))
	}
	tr := &translation{base: newBase(p, plan.Facts{})}
	groupTasks(tr.base)
	var out []string
	for service, uses := range findNames(tr.base) {
		for _, u := range uses {
			if u.sure {
				out = append(out, fmt.Sprintf("%s %s:%d %s:%d", service, u.pos.File, u.pos.Line, u.name, u.port))
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestAProjectThatIsMountedAsAWholeIsRead(t *testing.T) {
	got := namesUsed(t, map[string]string{
		"compose.yaml": `services:
  web:
    image: php:8.3-apache
    volumes: [".:/var/www/html:ro"]
    environment: {QUEUE_URL: "amqp://queue:5673"}
  proxy: {image: "nginx:1.27", volumes: ["./proxy:/etc/nginx/conf.d:ro"]}
  solr: {image: x}
  mailer: {image: x, container_name: my-mailer}
  queue: {image: x, container_name: my-queue}
  cache: {image: x}
`,
		".env":                  "MAIL_HOST=my-mailer\nMAIL_PORT=2525\nQUEUE_URL=amqp://my-queue:5673\n",
		"config/app.yml":        "search: http://solr:8983/solr\n",
		"config/mail.php":       "<?php return ['host' => 'my-mailer', 'port' => 25];",
		"src/Client.php":        "<?php\n// http://my-mailer:1\n$c = new Cache(\"cache:6390\");\n$q = getenv(\"QUEUE_URL\") ?: \"amqp://my-queue:5673\";\n$t = \"solr cache queue:x\";\n",
		"src/Redis.php":         "<?php $c->connect('cache', 6391);",
		"tests/test_client.py":  "x = \"http://my-mailer:99\"\n",
		"src/client.test.js":    "x = \"http://my-mailer:99\"\n",
		"node_modules/x/app.js": "x = \"http://my-mailer:99\"\n",
		"docs/example.yml":      "base: http://my-mailer:99\n",
		"docker-compose.yml":    "base: http://my-mailer:99\n",
		"proxy/default.conf":    "proxy_pass http://solr:1;\n",
	})
	want := []string{
		"proxy proxy/default.conf:1 solr:1",
		"web .env:1 my-mailer:2525",
		"web compose.yaml:5 queue:5673",
		"web config/app.yml:1 solr:8983",
		"web config/mail.php:1 my-mailer:25",
		"web src/Client.php:3 cache:6390",
		"web src/Redis.php:1 cache:6391",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestSecretsNameServices(t *testing.T) {
	got := namesUsed(t, map[string]string{
		"compose.yaml": `services:
  app: {image: x, secrets: [url, conf, word]}
  pg: {image: x}
  mq: {image: x}
secrets:
  url: {file: ./url}
  conf: {environment: CONF}
  word: {file: ./word}
`,
		".env": "CONF=amqp://u:p@mq:5673/v\n",
		"url":  "\npostgres://u:p@pg:5433/x\n",
		"word": "pg\n",
	})
	if d := cmp.Diff([]string{"app compose.yaml:6 pg:5433", "app compose.yaml:7 mq:5673"}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
