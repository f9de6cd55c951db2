package translate

import "testing"

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
