package translate

import (
	"slices"
	"strconv"
	"strings"
)

// managed is the service of AWS that stands in for a database.
type managed struct {
	name string
	port int
}

// managedImages are the databases by the last element of the repositories of
// their images, whoever publishes them.
var managedImages = []struct {
	managed
	images []string
}{
	{managed{"Amazon RDS or Aurora for PostgreSQL", 5432}, strings.Fields(`postgres postgresql postgis pgvector timescaledb timescaledb-ha
		postgresql-repmgr cloudnative-pg supabase-postgres`)},
	{managed{"Amazon RDS or Aurora for MySQL", 3306}, strings.Fields("mysql mysql-server percona percona-server")},
	{managed{"Amazon RDS for MariaDB", 3306}, strings.Fields("mariadb mariadb-galera")},
	{managed{"Amazon DocumentDB", 27017}, strings.Fields("mongo mongodb mongodb-community-server ferretdb")},
	{managed{"Amazon ElastiCache", 6379}, strings.Fields("redis redis-stack redis-stack-server valkey keydb dragonfly")},
	{managed{"Amazon MQ", 5672}, strings.Fields("rabbitmq activemq-classic activemq-artemis")},
	{managed{"Amazon MSK", 9092}, strings.Fields("kafka cp-kafka kafka-native redpanda")},
	{managed{"Amazon OpenSearch Service", 443}, strings.Fields("elasticsearch opensearch")},
	{managed{"Amazon Keyspaces", 9142}, strings.Fields("cassandra scylla")},
	{managed{"Amazon Timestream for InfluxDB", 8086}, strings.Fields("influxdb")},
	{managed{"Amazon Neptune", 8182}, strings.Fields("neo4j")},
}

// managedFor returns what AWS runs in place of an image that keeps data.
func managedFor(image string) (managed, bool) {
	name := strings.ToLower(imageName(image))
	for _, m := range managedImages {
		if slices.Contains(m.images, name) {
			return m.managed, true
		}
	}
	if strings.Contains(image, "mssql/server") {
		return managed{"Amazon RDS for SQL Server", 1433}, true
	}
	return managed{}, false
}

// warnDatabase speaks of a database whose files are on EFS: each write crosses the
// network and waits for several zones.
func (t *storage) warnDatabase(k *task, s container) {
	instead, ok := managedFor(s.Image)
	if !ok || s.step != nil {
		return
	}
	i := slices.IndexFunc(t.mountsOf(s), func(m *mount) bool { return m.lasts() && !m.readOnly && !strings.Contains(m.target, "initdb") })
	if i < 0 {
		return
	}
	path := t.mountsOf(s)[i].path
	t.warnf(path, "use "+instead.name+", with x-fargate: {replaced_by: {host: HOST, port: "+strconv.Itoa(instead.port)+"}} instead of a task",
		"a database on EFS is slow: each write crosses the network")
	if n := k.main.GetScale(); n > 1 {
		t.warnf(path, "write scale: 1", "%d tasks of a database write to the same files", n)
	}
}
