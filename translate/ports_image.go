package translate

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// knownImages are the TCP ports that images listen on, by the last element of
// their repository: EXPOSE of the Docker Official Image of that name, or else
// what the documentation of the image gives as its default. The images are those
// that the public stacks use without opening a port of theirs.
var knownImages = map[string][]int{
	"postgres": {5432}, "postgresql": {5432}, "postgis": {5432}, "pgvector": {5432}, "timescaledb": {5432}, "timescaledb-ha": {5432},
	"postgresql-repmgr": {5432}, "cloudnative-pg": {5432}, "supabase-postgres": {5432}, "pgbouncer": {5432}, "pgpool": {5432},
	"mysql": {3306}, "mysql-server": {3306}, "mariadb": {3306}, "mariadb-galera": {3306}, "percona": {3306}, "percona-server": {3306},
	"redis": {6379}, "redis-stack": {6379, 8001}, "redis-stack-server": {6379}, "valkey": {6379}, "keydb": {6379}, "dragonfly": {6379},
	"redis-sentinel": {26379},
	"mongo":          {27017}, "mongodb": {27017}, "mongodb-community-server": {27017}, "mongo-express": {8081}, "ferretdb": {27017},
	"memcached": {11211}, "rabbitmq": {5672, 15672}, "nats": {4222, 8222}, "nats-streaming": {4222, 8222},
	"cassandra": {9042}, "scylla": {9042}, "couchdb": {5984}, "couchbase": {8091, 11210}, "neo4j": {7474, 7687}, "arangodb": {8529},
	"elasticsearch": {9200, 9300}, "opensearch": {9200, 9300}, "kibana": {5601}, "opensearch-dashboards": {5601}, "solr": {8983},
	"meilisearch": {7700}, "typesense": {8108}, "qdrant": {6333, 6334}, "weaviate": {8080, 50051}, "chroma": {8000},
	"kafka": {9092}, "cp-kafka": {9092}, "kafka-native": {9092}, "redpanda": {9092, 9644, 8081, 8082}, "zookeeper": {2181}, "cp-zookeeper": {2181},
	"cp-schema-registry": {8081}, "cp-kafka-connect": {8083}, "pulsar": {6650, 8080}, "etcd": {2379, 2380},
	"activemq-classic": {61616, 8161}, "activemq-artemis": {61616, 8161}, "eclipse-mosquitto": {1883},
	"nginx": {80}, "nginx-unprivileged": {8080}, "httpd": {80}, "caddy": {80, 443}, "traefik": {80}, "varnish": {80},
	"wordpress": {80}, "nextcloud": {80}, "drupal": {80}, "joomla": {80}, "ghost": {2368}, "phpmyadmin": {80}, "adminer": {8080}, "whoami": {80},
	"tomcat": {8080}, "jetty": {8080}, "odoo": {8069, 8072}, "redmine": {3000}, "sonarqube": {9000}, "registry": {5000}, "nexus3": {8081},
	"pgadmin4": {80}, "redis-commander": {8081}, "redisinsight": {5540}, "dozzle": {8080}, "metabase": {3000}, "superset": {8088},
	"minio": {9000, 9001}, "garage": {3900}, "seaweedfs": {8333, 8888, 9333}, "azurite": {10000, 10001, 10002},
	"mailhog": {1025, 8025}, "mailpit": {1025, 8025}, "maildev": {1080, 1025}, "mailcatcher": {1080, 1025},
	"vault": {8200}, "consul": {8300, 8500}, "keycloak": {8080}, "kratos": {4433, 4434}, "hydra": {4444, 4445}, "oathkeeper": {4455, 4456}, "keto": {4466, 4467},
	"influxdb": {8086}, "clickhouse-server": {8123, 9000}, "clickhouse": {8123, 9000}, "questdb": {9000, 8812},
	"grafana": {3000}, "prometheus": {9090}, "alertmanager": {9093}, "pushgateway": {9091}, "node-exporter": {9100}, "cadvisor": {8080},
	"loki": {3100}, "tempo": {3200}, "jaeger": {16686, 4317, 4318}, "all-in-one": {16686, 14268, 4317, 4318}, "zipkin": {9411},
	"opentelemetry-collector": {4317, 4318}, "opentelemetry-collector-contrib": {4317, 4318}, "seq": {80, 5341}, "fluentd": {24224}, "fluent-bit": {24224, 2020},
	"localstack": {4566}, "dynamodb-local": {8000}, "elasticmq": {9324, 9325}, "elasticmq-native": {9324, 9325}, "wiremock": {8080}, "mockserver": {1080},
	"gotenberg": {3000}, "imgproxy": {8080}, "chrome": {3000}, "browserless": {3000}, "standalone-chrome": {4444}, "selenium-hub": {4444},
	"hasura": {8080}, "graphql-engine": {8080}, "postgrest": {3000}, "ollama": {11434}, "n8n": {5678}, "gitea": {3000}, "forgejo": {3000},
	"kong": {8000, 8001}, "temporal": {7233}, "auto-setup": {7233}, "docker-socket-proxy": {2375}, "imaginary": {9000}, "tika": {9998}, "languagetool": {8010},
}

// wellKnownPorts are the ports of well-known images with the same name as
// image, whoever publishes it; nil if none is known.
func wellKnownPorts(image string) []int {
	return slices.Sorted(slices.Values(knownImages[strings.ToLower(imageName(image))]))
}

// isPostgres says whether an image sets PostgreSQL up as the official one does.
func isPostgres(image string) bool {
	name := imageName(image)
	return (name == "postgres" || name == "postgis" || name == "pgvector" || name == "timescaledb") && !strings.Contains(image, "bitnami")
}

// builtPorts are the ports that the Dockerfile of a service and its base image
// expose; nil if the Dockerfile cannot be read here.
func builtPorts(images map[string]plan.Image, build *types.BuildConfig, protocol string) []int {
	stages := stagesOfTarget(dockerStages(build), build.Target)
	if len(stages) == 0 {
		return nil
	}
	var out []int
	for _, s := range stages {
		out = append(out, exposedPorts(s, protocol)...)
	}
	out = append(out, imagePorts(images, stages[len(stages)-1].from, protocol)...)
	slices.Sort(out)
	return slices.Compact(out)
}

// exposedPorts are those of one stage; a range of a hundred ports is hardly meant
// so.
func exposedPorts(s dockerStage, protocol string) []int {
	var out []int
	for _, text := range s.exposes {
		from, to, of, ok := parseExpose(text)
		if !ok || of != protocol || to-from >= 100 {
			continue
		}
		for port := from; port <= to; port++ {
			out = append(out, port)
		}
	}
	return out
}
