package translate

import (
	"slices"
	"strings"
)

// dataNames are names of directories that programs write to.
var dataNames = strings.Fields(`data storage uploads upload media log logs backup backups cache tmp temp attachments avatars downloads
	recordings sessions spool`)

// otherData are names that end in data and are of files that somebody wrote.
var otherData = strings.Fields("metadata testdata test-data test_data sampledata sample-data sample_data seeddata seed-data seed_data demodata demo-data demo_data")

// dataTargets are where images keep what they write.
var dataTargets = strings.Fields(`/var/lib/postgresql /var/lib/postgresql/data /var/lib/mysql /var/lib/mariadb /data/db /data/configdb
	/var/lib/redis /var/lib/rabbitmq /var/lib/grafana /var/lib/influxdb /var/lib/influxdb2 /var/lib/clickhouse
	/var/lib/cassandra /var/lib/neo4j/data /usr/share/elasticsearch/data /usr/share/opensearch/data /prometheus
	/var/opt/mssql /bitnami /var/jenkins_home /etc/letsencrypt /acme.sh /home/node/.n8n /root/.ollama`)

func namesData(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(dataNames, name) || strings.HasSuffix(name, "data") && !slices.Contains(otherData, name)
}
