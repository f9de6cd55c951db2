package translate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// uses tells the uses of db and my-db, with a ? where they may be none.
func uses(s types.ServiceConfig) string {
	s.Name = "web"
	p := &Project{Project: &compose.Project{Compose: &types.Project{}}}
	var out []string
	for _, u := range p.hostUses(container{ServiceConfig: &s}, func(name string) bool { return name == "db" || name == "my-db" }) {
		text := u.name
		if u.port > 0 {
			text += fmt.Sprintf(":%d", u.port)
		}
		if u.udp {
			text += "/udp"
		}
		if !u.sure {
			text += "?"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestAVariableNamesAHost(t *testing.T) {
	for _, test := range []struct{ variable, value, want string }{
		{"DB_HOST", "db", "db"},
		{"DB_HOST", " db ", "db"},
		{"X", "db", "db?"},
		{"X", "my-db", "my-db"},
		{"PASSWORD", "my-db", "my-db?"},
		{"POSTGRES_DB", "db", "db?"},
		{"URL", "postgres://db:db@db:5432/db", "db:5432 db?"},
		{"URL", "postgres://u:p@db/db", "db:5432 db?"},
		{"URL", "http://db", "db:80"},
		{"URL", "postgresql+asyncpg://u:p@my-db", "my-db:5432"},
		{"URL", "pulsar://db,my-db", "db:6650 my-db:6650"},
		{"URL", "pulsar+ssl://db", "db:6651"},
		{"URL", "mongodb+srv://my-db/x", "my-db"},
		{"X", "u:p@db/x", "db"},
		{"NODE_NAME", "rabbit@db", "db"},
		{"node.name", "my-db", "my-db?"},
		{"cluster.initial_master_nodes", "db,my-db", "db? my-db?"},
		{"discovery.seed_hosts", "db,my-db", "db my-db"},
		{"ADMIN_EMAIL", "admin@db", "db?"},
		{"X", "${HOST:-db}:5432", "db:5432"},
		{"X", "db:5432,my-db:5433", "db:5432 my-db:5433"},
		{"X", "db:5432,db:5433", "db:5432 db:5433"},
		{"X", "my-db.example.org mydb db2 dbs", ""},
		{"IMAGE", "db:7", "db:7?"},
		// two ports, or a port that is not behind the name
		{"ZOO_SERVERS", "server.1=db:2888:3888;2181 server.2=my-db:2889:3889", "db:2888 db:3888 my-db:2889 my-db:3889"},
		{"ZOO_SERVERS", "db:2888:3888::1", "db:2888 db:3888"},
		{"CACHES", "db:11211:100", "db:11211"},
		{"CLUSTER", "gcomm://db,my-db", "db:4567 db:4444 db:4568 my-db:4567 my-db:4444 my-db:4568"},
		{"URL", "mongodb://u:p@db,my-db:1/x", "db:27017 my-db:1"},
		{"CLUSTER", "a=http://my-db:2380,db=http://db:2380", "my-db:2380 db? db:2380"},
		{"URL", "jdbc:oracle:thin:@//db:1523/X", "db:1523"},
		{"URL", "jdbc:oracle:thin:@db:1521:X", "db:1521"},
		{"URL", "dns:///db:50051", "db:50051"},
		{"X", "host=db port=5434 user=db", "db:5434"},
		{"X", "Server=db,1434;Database=x", "db:1434"},
		{"X", "Data Source=tcp:my-db,1434;User Id=sa", "my-db:1434"},
		{"X", `{"host":"db","port":9797}`, "db:9797"},
		{"X", `{"a": {"host": "db", "port": 5433}, "b": {"port": 9797, "host": "my-db"}}`, "db:5433 my-db:9797"},
		{"X", `{"name": "db", "port": 5433}`, "db?"},
		{"CASSANDRA_CONTACT_POINTS", "db", "db"},
		{"KAFKA_BOOTSTRAP", "db", "db"},
		// UDP
		{"SYSLOG", "udp://db:514", "db:514/udp"},
		{"SYSLOG", "syslog+udp://u@my-db:514", "my-db:514/udp"},
		{"SIP", "sip:db:5060;transport=udp", "db:5060/udp"},
		{"ICE", "turn:my-db:3478?transport=udp,turn:my-db:3478?transport=tcp", "my-db:3478/udp my-db:3478?"},
		{"SYSLOG", "tcp://db:514", "db:514"},
	} {
		got := uses(types.ServiceConfig{ContainerSpec: types.ContainerSpec{Environment: types.MappingWithEquals{test.variable: &test.value}}})
		if got != test.want {
			t.Errorf("%s=%s: got %q, want %q", test.variable, test.value, got, test.want)
		}
	}
}

func TestAPortMayStandInTheVariableBeside(t *testing.T) {
	for _, test := range []struct{ host, port, want string }{
		{"DB_HOST", "DB_PORT", "db:5433"},
		{"DBHOST", "DBPORT", "db:5433"},
		{"DB", "DB_PORT", "db:5433"},
		{"ZBX_JAVAGATEWAY", "ZBX_JAVAGATEWAYPORT", "db:5433"},
		{"DB_NAME", "DB_NAME_PORT", "db:5433?"},
		{"DB", "CACHE_PORT", "db?"},
	} {
		value, port := "db", "5433"
		env := types.MappingWithEquals{test.host: &value, test.port: &port}
		if got := uses(types.ServiceConfig{ContainerSpec: types.ContainerSpec{Environment: env}}); got != test.want {
			t.Errorf("%s and %s: got %q, want %q", test.host, test.port, got, test.want)
		}
	}
}

func TestACommandLineNamesAHost(t *testing.T) {
	for text, want := range map[string]string{
		"serve|--host|db":    "db",
		"serve|--db-host=db": "db",
		"serve|-h|db":        "db",
		"serve|--name|db":    "db?",
		"serve|db:5432":      "db:5432",
		"db|migrate":         "",
		"migrate|db":         "db?",
		"nc|-z|db|5432":      "db:5432",
		"sh|-c|until nc -z db 5432; do true; done":   "db:5432",
		"sh|-c|ping -c1 db && echo db":               "db",
		"sh|-c|echo db":                              "db?",
		"sh|-c|curl db/health":                       "db",
		"sh|-c|curl -f 'http://db:80/'":              "db:80",
		"sh|-c|mysql -hdb -uroot":                    "db:3306",
		"sh|-c|mysql -hmy-db":                        "my-db:3306",
		"mysqladmin|ping|-h|db":                      "db:3306",
		"mysqladmin|ping|--host=db|-P|3307":          "db:3307",
		"sh|-c|psql -p 5433 -h db; psql my-db":       "db:5433 my-db?",
		"redis-cli|-h|db|ping":                       "db:6379",
		"serve|-h|db|-p|80":                          "db",
		"sh|-c|HOST=db; nc -z $HOST 5432":            "db db:5432",
		"sh|-c|for h in db:1 my-db:2; do x $h; done": "db:1 my-db:2",
		"bash|-c|echo > /dev/tcp/db/5432":            "db:5432",
		"sh|-c|echo $(curl http://db)":               "db:80",
		"bash|-c|echo x > /dev/udp/db/8125":          "db:8125/udp",
		"./wait-for-it.sh|db:5432|--|serve":          "db:5432",
		"sh|-c|cat /db /etc/db.conf":                 "db?",
	} {
		words := strings.Split(text, "|")
		if got := uses(types.ServiceConfig{ContainerSpec: types.ContainerSpec{Command: words}}); got != want {
			t.Errorf("command %s: got %q, want %q", text, got, want)
		}
		if got := uses(types.ServiceConfig{ContainerSpec: types.ContainerSpec{Entrypoint: words}}); got != want {
			t.Errorf("entrypoint %s: got %q, want %q", text, got, want)
		}
		test := append([]string{"CMD"}, words...)
		if got := uses(withCheck(&types.HealthCheckConfig{Test: test})); got != want {
			t.Errorf("healthcheck %s: got %q, want %q", text, got, want)
		}
		if got := uses(withCheck(&types.HealthCheckConfig{Test: test, Disable: true})); got != "" {
			t.Errorf("disabled healthcheck %s: got %q", text, got)
		}
	}
}

func TestImagesAreKnownByTheLastPartOfTheirName(t *testing.T) {
	for image, want := range map[string][]int{
		"postgres":                                         {5432},
		"postgres:16@sha256:abc":                           {5432},
		"docker.io/bitnami/redis:7":                        {6379},
		"localhost:5000/Mongo":                             {27017},
		"rabbitmq:4-management":                            {5672, 15672},
		"clickhouse/clickhouse-server:24":                  {8123, 9000},
		"example.org/postgres/backup":                      nil,
		"example.org/postgres-backup":                      nil,
		"":                                                 nil,
		"${UNSET_IMAGE}":                                   nil,
		"registry.example.org:443/team/nginx:x1":           {80},
		"php:8.3-fpm-alpine":                               {9000},
		"docker.io/library/php:8-apache":                   {80},
		"php:8.3-cli":                                      nil,
		"wordpress:6-php8.3-fpm":                           {80, 9000},
		"mcr.microsoft.com/dotnet/aspnet:8.0":              {8080},
		"mcr.microsoft.com/dotnet/aspnet:6.0-x":            {80},
		"dunglas/frankenphp":                               {80, 443},
		"serversideup/php:8.3-fpm-nginx":                   {8080, 8443},
		"serversideup/php:8.4.1-fpm-apache-v4.0.0":         {8080, 8443},
		"docker.io/serversideup/php:8.4-frankenphp-alpine": {8080, 8443},
		"serversideup/php:8.2-fpm-nginx-v2.2.1":            {80, 443},
		"serversideup/php:8.3-fpm-alpine":                  {9000},
		"serversideup/php:8.3-cli":                         nil,
	} {
		if d := cmp.Diff(want, wellKnownPorts(image)); d != "" {
			t.Errorf("%s: -want +got:\n%s", image, d)
		}
	}
	for name, image := range knownImages().Images {
		if name != strings.ToLower(name) || len(slices.Compact(slices.Sorted(slices.Values(image.Ports)))) != len(image.Ports) {
			t.Errorf("%s: %v", name, image.Ports)
		}
		if image.Managed != "" && knownImages().Managed[image.Managed] == 0 {
			t.Errorf("%s: %s has no port", name, image.Managed)
		}
	}
}

func TestNamesForDNSAreKeptWhereTheyFit(t *testing.T) {
	for name, want := range map[string]string{
		"db":          "db",
		"my_db":       "my_db",
		"Basket.Data": "basket.data",
		"a":           "a",
	} {
		if got := dnsLabels(name, false); got != want {
			t.Errorf("%s: got %s", name, got)
		}
	}
	made := map[string]string{}
	for _, name := range []string{"db-", "db_.", "_", "-", "a..b", strings.Repeat("a", 64), strings.Repeat("a", 65), "db-12345678"} {
		got := dnsLabels(name, false)
		if !dnsForm.MatchString(got) || strings.Contains(got, ".") || made[got] != "" {
			t.Errorf("%s: got %s, as %q", name, got, made[got])
		}
		made[got] = name
	}
	if got := dnsLabels("a.b", true); strings.Contains(got, ".") {
		t.Error(got)
	}
}

func TestADiscoveryNameFitsAndTellsEndpointsApart(t *testing.T) {
	tr := &discovery{base: newBase(&Project{Project: &compose.Project{Name: "shop"}}, plan.Facts{})}
	web, api := &task{main: container{ServiceConfig: &types.ServiceConfig{Name: "web"}}}, &task{main: container{ServiceConfig: &types.ServiceConfig{Name: "api"}}}
	long := strings.Repeat("x", 100)
	seen := map[string]endpoint{}
	for _, e := range []endpoint{
		{task: web, owner: "web", alias: "web", openPort: openPort{port: 80, protocol: "tcp"}},
		{task: web, owner: "web", alias: "web", openPort: openPort{port: 8080, protocol: "tcp"}},
		{task: web, owner: "web", alias: "web", openPort: openPort{port: 80, protocol: "tcp", appProtocol: "http"}},
		{task: api, owner: "web", alias: "web", openPort: openPort{port: 80, protocol: "tcp"}},
		{task: web, owner: "a.b", alias: "a.b", openPort: openPort{port: 80, protocol: "tcp"}},
		{task: web, owner: "a-b", alias: "a-b", openPort: openPort{port: 80, protocol: "tcp"}},
		{task: web, owner: long, alias: long, openPort: openPort{port: 65535, protocol: "tcp"}},
	} {
		name := tr.discoveryName(e)
		if len(name) > maxDiscovery || discoveryRefused.MatchString(name) || strings.HasPrefix(name, "-") {
			t.Errorf("%s: ECS takes no %s", e, name)
		}
		if other, ok := seen[name]; ok {
			t.Errorf("%v and %v are both %s", e, other, name)
		}
		seen[name] = e
	}
}

func withCheck(check *types.HealthCheckConfig) types.ServiceConfig {
	var s types.ServiceConfig
	s.HealthCheck = check
	return s
}
