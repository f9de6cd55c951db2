package translate

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/translate/compose"
)

func TestADatabaseLocksWhereItKeepsItsData(t *testing.T) {
	for _, c := range []struct {
		image, target string
		want          bool
	}{
		{"postgres:17", "/var/lib/postgresql/data", true},
		{"postgres:17", "/var/lib/postgresql", true},
		{"bitnami/postgresql", "/bitnami/postgresql", true},
		{"example.com/mirror/redis:8", "/data", true},
		{"mongo", "/data/db", true},
		{"confluentinc/cp-kafka", "/var/lib/kafka/data", true},
		{"prom/prometheus", "/prometheus", true},
		{"mcr.microsoft.com/mssql/server", "/var/opt/mssql", true},
		{"postgres:17", "/docker-entrypoint-initdb.d", false},
		{"postgres:17", "/pki", false},
		{"elasticsearch:9", "/usr/share/elasticsearch/config/certs", false},
		{"clickhouse/clickhouse-server", "/var/lib/clickhouse/user_scripts/", false},
		{"mysql", "/etc/mysql/conf.d", false},
		{"n8nio/n8n", "/home/node/.n8n", false}, // its workers share it
		{"nginx", "/data", false},
		{"example/app", "/var/lib/postgresql/data", false},
		{"", "/data", false},
		{"quay.io/coreos/etcd:v3.5", "/etcd-data", true},
		{"gcr.io/etcd-development/etcd", "/var/lib/etcd", true},
		{"bitnami/etcd", "/bitnami/etcd", true},
		{"quay.io/coreos/etcd", "/etc/etcd", false},
		{"victoriametrics/victoria-metrics", "/victoria-metrics-data", true},
		{"victoriametrics/victoria-metrics", "/storage", true},
		{"victoriametrics/vmagent", "/vmagentdata", false},
		{"sonatype/nexus3", "/nexus-data", true},
		{"sonarqube:lts", "/opt/sonarqube/data", true},
		{"sonarqube:lts", "/opt/sonarqube/conf", false},
		{"osixia/openldap", "/etc/ldap/slapd.d", true},
		{"solr", "/var/solr", false},
		{"solr", "/var/solr/data", true},
		{"postgres", "/testdata", false},
	} {
		if got := isDatabasePlace(c.image, c.target); got != c.want {
			t.Errorf("%s at %s: %t", c.image, c.target, got)
		}
	}
}

func TestNamesOfDirectoriesTellWhetherTheyAreForData(t *testing.T) {
	for name, want := range map[string]bool{
		"data": true, "Uploads": true, "mydata": true, "pg_data": true, "redis-data": true, "media": true,
		"testdata": false, "seed-data": false, "metadata": false, "src": false, ".": false, "..": false, "config": false, "database": false,
	} {
		if namesData(name) != want {
			t.Errorf("%s: %t", name, !want)
		}
	}
}

func TestTheFilesTellADatabaseWhereToKeepItsData(t *testing.T) {
	for _, c := range []struct {
		image, environment, command, target string
		want                                bool
	}{
		{"postgres:17", "PGDATA=/pgdata", "", "/pgdata", true},
		{"example.com/team/pg-custom", "PGDATA=/pgdata", "", "/pgdata", true},
		{"example.com/team/pg-custom", "PGDATA=/srv/pg/17/main", "", "/srv/pg", true},
		{"example.com/team/pg-custom", "PGDATA=/srv/pg", "", "/srv/pg/pg_wal", true},
		{"example.com/team/pg-custom", "PGDATA=/pgdata", "", "/pgdata2", false},
		{"example.com/team/pg-custom", "PGDATA=$ROOT/data", "", "/root", false},
		{"example.com/team/pg-custom", "", "postgres -D /pg", "/pg", true},
		{"example.com/team/pg-custom", "", "-c data_directory=/pg", "/pg", true},
		{"mysql:8", "", "mysqld --datadir=/db", "/db", true},
		{"example.com/sql", "", "--datadir /db", "/db", true},
		{"mongo", "", "--dbpath /mongo", "/mongo", true},
		{"example.com/docs", "", "sh -c 'mongod --dbpath=/mongo'", "/mongo", true},
		{"example.com/kv", "ETCD_DATA_DIR=/kv", "", "/kv", true},
		{"quay.io/coreos/etcd", "", "etcd --data-dir /kv", "/kv", true},
		{"example.com/kv", "", "/usr/local/bin/etcd --data-dir=/kv", "/kv", true},
		{"example.com/web", "", "serve --data-dir=/kv", "/kv", false}, // of a program that nobody knows
		{"victoriametrics/victoria-metrics", "", "-storageDataPath=/vm", "/vm", true},
		{"redis", "", "redis-server --dir /keep", "/keep", true},
		{"example.com/web", "DATA_DIR=/kv", "", "/kv", false},
		{"mysql:8", "", "mysqld --datadir=/", "/etc/mysql/conf.d", false},
	} {
		var s types.ServiceConfig
		s.Image, s.Command, s.Environment = c.image, strings.Fields(c.command), types.NewMappingWithEquals([]string{c.environment})
		p := &Project{Project: &compose.Project{Compose: &types.Project{}}}
		if got := p.isDatabaseMount(container{ServiceConfig: &s}, c.target); got != c.want {
			t.Errorf("%s with %s, %s, at %s: %t", c.image, c.environment, c.command, c.target, got)
		}
	}
}

func TestImagesAreKnownByTheirNames(t *testing.T) {
	for image, want := range map[string]string{
		"vaultwarden/server:1.30": "/data", "docker.io/vaultwarden/server@sha256:ab": "/data", "example/server": "", "mcr.microsoft.com/mssql/server": "",
		"Gitea/Gitea:1": "/data /var/lib/gitea /etc/gitea", "lscr.io/linuxserver/bookstack": "/config", "ghcr.io/home-assistant/home-assistant:stable": "/config",
		"nginx": "", "": "",
	} {
		if got := strings.Join(volumesOf(image), " "); got != want {
			t.Errorf("%s: %q, want %q", image, got, want)
		}
	}
}

func TestSomePlacesAreOnlyRead(t *testing.T) {
	for target, want := range map[string]bool{
		"/docker-entrypoint-initdb.d": true, "/etc/nginx/conf.d": true, "/etc/grafana/provisioning": true, "/provisioning": true, "/etc/prometheus": true,
		"/opt/app/conf.d": true, "/etc/nginx/sites-enabled": true, "/etc/letsencrypt": false, "/etc/letsencrypt/live": false, "/etc/pihole": false,
		"/etc/dnsmasq.d": false, "/etc/app/data": false, "/var/lib/postgresql/data": false, "/app": false, "/": false, "/etcetera": false,
	} {
		if got := isReadPlace(target); got != want {
			t.Errorf("%s: %t, want %t", target, got, want)
		}
	}
}
