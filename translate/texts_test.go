package translate

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// usesOfText tells the uses of db, web and my-db in a text: LINE:NAME:PORT.
func usesOfText(name, text string) string {
	host, port, other := "db", "5433", "secret value"
	f := &textFile{
		name: name, shown: name, lines: linesOf(text), program: isSourceCode(name),
		env: types.MappingWithEquals{"DB_HOST": &host, "DB_PORT": &port, "OTHER": &other},
	}
	p := &Project{Project: &compose.Project{Compose: &types.Project{}}, texts: map[string][]*textFile{"x": {f}}}
	p.textsOnce.Do(func() {})
	known := func(name string) bool { return name == "db" || name == "web" || name == "my-db" }
	var out []string
	for _, u := range p.textUses(container{ServiceConfig: &types.ServiceConfig{Name: "x"}}, known) {
		out = append(out, fmt.Sprintf("%d:%s:%d", u.pos.Line, u.name, u.port))
	}
	return strings.Join(out, " ")
}

func TestATextNamesHosts(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		// nginx
		{"x.conf", "upstream b {\n server web:8080;\n server db;\n}\nlocation / { proxy_pass http://b; }", "2:web:8080 3:db:80"},
		{"x.conf", "upstream web {\n server web:8080;\n}\nlocation / { proxy_pass http://web/; }", "2:web:8080"},
		{"x.conf", "server {\n server_name web db;\n location / { proxy_pass http://web; }\n}", "3:web:80"},
		{"x.conf", "location / {\n proxy_pass https://web/x;\n grpc_pass grpc://db:5;\n uwsgi_pass web:3031;\n fastcgi_pass my-db;\n}", "2:web:443 3:db:5 4:web:3031 5:my-db:0"},
		{"x.conf", "location / {\n  set $u web;\n  proxy_pass http://$u:81;\n}", "3:web:81"},
		{"x.conf", "location / {\n  set $u http://web:81;\n  proxy_pass $u;\n}", "2:web:81"},
		{"x.conf.template", "location / {\n  proxy_pass http://${DB_HOST}:${DB_PORT};\n  add_header X $OTHER;\n}", "2:db:5433"},
		{"x.conf", "location / {\n  proxy_pass http://$DB_HOST;\n}", ""},
		{"nginx.conf", "events {}\nhttp { server { location / { proxy_pass http://web; } } }", "2:web:80"},
		// Caddy, haproxy, Envoy, Kong, Prometheus, Traefik
		{"Caddyfile", ":80 {\n reverse_proxy web\n handle_path /x/* {\n  reverse_proxy @m web:3000 db:3001\n }\n php_fastcgi db:9000\n}", "2:web:80 4:web:3000 4:db:3001 6:db:9000"},
		{"Caddyfile.prod", "reverse_proxy {\n to web:3000\n}\nforward_auth db:9091 {\n}\n# reverse_proxy db", "2:web:3000 4:db:9091"},
		{"haproxy.cfg", "backend web\n server web db:5432 check\n server db 10.0.0.1:80", "2:db:5432"},
		{"haproxy.cfg", "listen x\n server web:80 my-db:1000 check", "2:my-db:1000"},
		{"envoy.yaml", "a:\n  socket_address:\n    protocol: TCP\n    address: web\n    port_value: 8080\nb:\n  address: db", "4:web:8080"},
		{"envoy.json", `{"socket_address": {"port_value": 8080, "address": "web"}, "name": "db"}`, "1:web:8080"},
		{"kong.yml", "- name: db\n  host: web\n  protocol: http\n  port: 3000\n- url: http://my-db:81/x", "5:my-db:81 2:web:3000"},
		{"prometheus.yml", "- job_name: db\n  static_configs:\n  - targets:\n    - 'web:9100'\n    - db:9187\n    labels: {host: web}", "4:web:9100 5:db:9187"},
		{"dynamic.yml", "services:\n  db:\n    loadBalancer: {servers: [{url: \"http://web:3000\"}, {address: 'my-db:5'}]}", "3:web:3000"},
		// other formats
		{"redis.conf", "replicaof db 6379\n# replicaof web 6379", "1:db:6379"},
		{"sentinel.conf", "sentinel monitor primary db 6379 2\nsentinel down-after-milliseconds db 5000", "1:db:6379"},
		{"application.properties", "spring.datasource.url=jdbc:postgresql://db:5432/db\nspring.redis.host=web\nspring.redis.port=6379\nserver.address=db\nserver.name=my-db", "1:db:5432 2:web:6379"},
		{"app.ini", "; db_host = web\n[database]\ntype = db\ndb_host = my-db\nname = web", "4:my-db:0"},
		{"app.toml", "db_host = \"db\"\nmail_port = 25\ndb_port = 5432\nredis = \"redis://web:6379\"", "4:web:6379 1:db:5432"},
		{"config.php", "'host' => 'db',\n'port' => 3306,\n'dsn' => 'mysql:host=web;port=3307;dbname=db'", "1:db:3306 3:web:3307"},
		{"keeper.xml", "<!-- <host>web</host>\n<port>1</port> -->\n<host>db</host>\n  <port>2181</port>", "3:db:2181"},
		{"fluent-bit.conf", "[OUTPUT]\n    Name db\n    Host web\n    Port 9200", "3:web:9200"},
		{"logstash.conf", "output { elasticsearch { hosts => [\"db:9200\", \"web:9200\"] } }", "1:db:9200 1:web:9200"},
		{"pgbouncer.ini", "* = host=db port=5432 dbname=web", "1:db:5432"},
		{"user.conf", "url = amqp://db:web@my-db:5672/web", "1:my-db:5672"},
		// source code, and variables
		{"settings.py", "EMAIL_HOST = 'my-db'\nEMAIL_PORT = 25\nBROKER = 'redis://web:6380'\n'HOST': os.environ.get('DB_HOST', 'my-db'),", "3:web:6380 1:my-db:25"},
		{"next.config.js", "destination: 'http://web:4000/:path*',\nrewrites: [process.env.DB_HOST || 'http://my-db:1']", "1:web:4000"},
		{"server.js", "get(`http://web:3000/x`)\nconst db = connect({host: 'my-db', port: 5432}, \"db:5432,my-db:5433\")", "1:web:3000 2:db:5432 2:my-db:5433"},
		{"main.go", "x := os.Getenv(\"DB_HOST\", \"my-db:1\")\n// \"my-db:2\"\nm := map[string]int{web:8080}\ny := \"example.org/web:8080\"", ""},
		{"app.ts", "const x = 'redis://my-db'; // http://web:1\nlog('my-db', 'web: 80', 'web:8')", "1:my-db:6379"},
		{"package.json", `{"proxy": "http://web:4000", "db": "2:80", "scripts": {"web:8080": "x"}}`, "1:web:4000 1:web:8080"},
		{".env", "DB_HOST=my-db\nMAIL_HOST=my-db\nMAIL_PORT=25\nURL=http://web:81\n#URL=http://web:82", "4:web:81 2:my-db:25"},
		{".env.production", "CACHE_HOST=db\nAPI=https://web", "2:web:443"},
		{"x.lua", "red:connect(\"web\", 6390)\nprint('db', 7)\nf(\"db\", 5432 + 1)", "1:web:6390"},
		{"zoo.cfg", "server.1=web:2888:3888\nserver.2=db:2888:3888;2181", "1:web:2888 1:web:3888 2:db:2888 2:db:3888"},
		{"conf.json", `{"a": {"host": "db", "port": 5433}, "b": {"port": 9797, "host": "my-db"}}`, "1:db:5433 1:my-db:9797"},
		// scripts
		{"x.sh", "until pg_isready -h db; do sleep 1; done\ncurl \\\n  http://web:80 # http://my-db", "1:db:5432 2:web:80"},
		{"x.sh", "wait() {\n nc -z $1 $2\n}\nfor h in db web; do wait $h 5433; done", "4:db:5433 4:web:5433"},
		{"start", "#!/bin/sh\nnc -z $DB_HOST ${DB_PORT}\nexec x --url http://${WEB:-web}:3000", "2:db:5433 3:web:3000"},
		{"x.sh", "echo db web # db:5432\n./db", ""},
		// no hosts
		{"x.yml", "image: db:7000\nbuild: web\ndb: 5432\nweb:\n  - my-db\ntag: web:8080", ""},
		{"x.yml", "# db:5432\nports: [\"5432:5432\"]\nx: http://example.org/db:5432/web\ny: db.example.org:80", ""},
		{"x.conf", "db\nweb:7 db:16\n// web:8080\nx://db:web@example.org y://user:web@example.org", ""},
		{"x.json", `{"db": 5432, "web": {"port": 80}, "service": "my-db"}`, ""},
	} {
		if got := usesOfText(test.name, test.text); got != test.want {
			t.Errorf("%s:\n%s\ngot %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

func TestOnlyConfigurationIsReadOfADirectory(t *testing.T) {
	for name, want := range map[string]bool{
		"nginx.conf": true, "default.conf.template": true, "/etc/nginx/sites-enabled/site": true, "prometheus.yml": true, "Caddyfile": true,
		"docker-entrypoint.sh": true, "app.properties": true, "haproxy.cfg": true, "sudoers.d/x": true,
		".env": true, ".env.production": true, "web/.env.local": true, "app.env": true, "next.config.js": true, "vite.config.ts": true, "nuxt.config.ts": true,
		"shop/settings.py": true, "shop/settings/base.py": true, "config/database.php": true, "wp-config.php": true, "config/runtime.exs": true,
		"haproxy.tmpl": true, "default.j2": true, "application.yml.erb": true,
		".env.example": false, ".env.test": false, ".envrc": false, "config.test.js": false, "index.html.erb": false, "src/api.ts": false,
		"server.js": false, "README.md": false, "data.csv": false, "schema.sql": false, "Gemfile": false, "x": false, ".yml": false,
	} {
		if got := isConfiguration(name); got != want {
			t.Errorf("%s: got %v", name, got)
		}
	}
	for name, want := range map[string]bool{
		"docker-compose.prod.yml": true, ".env.example": true, "tsconfig.app.json": true, "package-lock.json": true, ".eslintrc.json": true, "compose.yaml": true,
		"nginx.conf": false, ".env": false, "appsettings.json": false, "config.yml": false,
	} {
		if got := isOfTools(name); got != want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestSourceCodeIsReadButForTestsAndWhatIsMade(t *testing.T) {
	for name, want := range map[string]bool{
		"server.js": true, "src/api.ts": true, "app/main.py": true, "cmd/x.go": true, "package.json": true,
		"x_test.go": false, "api.spec.ts": false, "test_x.py": false, "app.min.js": false, "types.d.ts": false, "ClientTest.java": false,
		"settings.py": false, "app.yml": false, "x": false,
	} {
		if got := isSourceCode(name); got != want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestAFileThatIsMountedByItselfIsRead(t *testing.T) {
	for name, want := range map[string]bool{
		"app.json": true, "package.json": true, "compose.json": true, "openapi.json": true, "hosts.map": true, "targets.txt": true, ".htaccess": true, "config.lock": true,
		"docker-compose.yml": false, "compose.prod.yaml": false, "tls.key": false, "init.sql": false,
	} {
		if got := isReadable(name); got != want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestTextsAreReadOnceAndWithinBounds(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("compose.yaml", `services:
  a: {image: x, volumes: [./big.conf:/big.conf:ro, ./binary.conf:/binary.conf:ro, ./c.conf:/c.conf:ro]}
  b: {image: x, volumes: [./c.conf:/c.conf:ro], pre_start: [{image: y, command: [z]}]}
`)
	write("big.conf", strings.Repeat("http://b:1\n", maxTextFile/8))
	write("binary.conf", "http://b:1\x00")
	write("c.conf", "http://b:1\nhttp://a:1")
	p, ds := Load(t.Context(), Options{Dir: dir})
	if p == nil {
		t.Fatal(printed(ds))
	}
	for _, service := range []string{"a", "b"} {
		if texts := p.textsOf(service); len(texts) != 1 || texts[0].name != "/c.conf" {
			t.Errorf("%s: %v", service, texts)
		}
	}
	r := newTextReader(p)
	r.files = maxTextFiles
	a := p.Compose.Services["a"]
	if got := r.service(container{ServiceConfig: &a}).out; len(got) != 0 {
		t.Errorf("beyond the bounds: %v", got)
	}
}

func TestWhatIsNotReadIsSaid(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("compose.yaml", `services:
  a: {image: x, volumes: ["./big.conf:/big.conf:ro", "./big.json:/big.json:ro", "./big.bin:/big.bin:ro", "./many:/many:ro"]}
  b: {image: x, volumes: ["./big.conf:/etc/big.conf:ro"]}
`)
	big := strings.Repeat("http://b:1\n", maxTextFile/8)
	write("big.conf", big)
	write("big.json", big)
	write("big.bin", "\x00"+big)
	if err := os.Mkdir(filepath.Join(dir, "many"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range maxTextWalk + 1 {
		write(fmt.Sprintf("many/%d.md", i), "")
	}
	p, ds := Load(t.Context(), Options{Dir: dir})
	if p == nil {
		t.Fatal(printed(ds))
	}
	p.textsOf("a")
	var got []string
	for _, u := range p.unread {
		got = append(got, strings.Join(u.path, ".")+": "+u.what)
	}
	if d := cmp.Diff([]string{"services.a.volumes.0: big.conf is", "services.a.volumes.3: not all of many is"}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestTextsThatManyServicesHaveAreBoundedTogether(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.conf"), []byte(strings.Repeat("a b\n", 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	const services = 20
	var file strings.Builder
	file.WriteString("services:\n")
	for i := range services {
		fmt.Fprintf(&file, "  s%02d: {image: x, volumes: [./a.conf:/a.conf:ro]}\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p, ds := Load(t.Context(), Options{Dir: dir})
	if p == nil {
		t.Fatal(printed(ds))
	}
	one := weightOf(strings.Split(strings.Repeat("a b\n", 100_000), "\n"))
	want := (mostSearched+searchedEach*services)/one + 1
	got := 0
	for i := range services {
		got += len(p.textsOf(fmt.Sprintf("s%02d", i)))
	}
	if got != want || want >= services {
		t.Errorf("%d services have the text, want %d", got, want)
	}
	if len(p.unread) != 1 || strings.Join(p.unread[0].path, ".") != fmt.Sprintf("services.s%02d.volumes.0", want) {
		t.Errorf("%v", p.unread)
	}
}

func TestAMarkIsFoundWhereItsPatternIs(t *testing.T) {
	nginx := regexp.MustCompile(`(?m)^\s*(proxy_pass|fastcgi_pass|uwsgi_pass|grpc_pass|upstream\s+\S+\s*\{|server\s*\{|location\s+\S|events\s*\{)`)
	haproxy := regexp.MustCompile(`(?m)^(frontend|backend|listen)\s+\S+\s*$`)
	for _, text := range []string{
		"", "\n", "server {", "a\n\t server\n\n{", "a server {", "server x", "location /", "location", "upstream a\n{", "upstream a b {", "\r\n\r events{",
		"x\nproxy_pass", "backend a", " backend a", "backend a b", "x\nlisten\na\n", "listen\na b", "frontend a  \nx",
	} {
		if got, want := nginxMark.isIn(text, " \t\r\f"), nginx.MatchString(text); got != want {
			t.Errorf("nginx, %q: got %v", text, got)
		}
		if got, want := haproxyMark.isIn(text, ""), haproxy.MatchString(text); got != want {
			t.Errorf("haproxy, %q: got %v", text, got)
		}
	}
}

func TestPairsAreThoseOfTheLinesNearby(t *testing.T) {
	s := textSearch{}
	for i := range 100 {
		s.pairs = append(s.pairs, pair{line: i})
	}
	if got := s.pairsNear(50); len(got) != 2*nearLines+1 || got[0].line != 50-nearLines {
		t.Errorf("%v", got)
	}
}
