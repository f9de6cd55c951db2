package translate

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

// memoryAsk is memory that a setting of a program asks for.
type memoryAsk struct {
	part memoryPart
	mib  int
	text string // the setting as it is written
}

// memoryPart is for what a program takes the memory: of several settings for one part the
// largest counts, those of different parts add up.
type memoryPart string

const (
	javaHeap   memoryPart = "heap"
	javaDirect memoryPart = "direct"
	pageCache  memoryPart = "pages"
	nodeHeap   memoryPart = "heap of Node.js"
	goHeap     memoryPart = "heap of Go"
	redisData  memoryPart = "keys"
	buffers    memoryPart = "buffers"
	cached     memoryPart = "cache"
	phpRequest memoryPart = "request"
)

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
)

// amount matches a size with its unit, if it has one.
const amount = `["']?(\d{1,13}(?:\.\d{1,3})?)\s?([kKmMgGtT]?)(?:i?[bB])?\b`

// memorySetting is a way in which people write how much memory a program takes.
type memorySetting struct {
	form table.Pattern
	part memoryPart
	unit float64 // in bytes, of a number without one
	of   string  // a part of the images that take it so; "": all
}

// memoryOptions are options of command lines, alone or in a variable such as JAVA_OPTS:
// those of java (the java command, "Extra Options"), node ("Command-line API"), redis.conf,
// PostgreSQL ("Resource Consumption"), MySQL ("Server Option Reference"), mongod, PHP
// ("Core php.ini directives"), rpk redpanda start, memcached(1), varnishd(1), VictoriaMetrics
// ("List of command-line flags") and Meilisearch ("Configure Meilisearch at launch").
var memoryOptions = []memorySetting{
	{table.MustCompile(`(?:^|[\s"'=:,])-Xm[xs]` + amount), javaHeap, 1, ""},
	{table.MustCompile(`-XX:MaxRAM=` + amount), javaHeap, 1, ""}, // with all the rest in it,
	{table.MustCompile(`-XX:MaxDirectMemorySize=` + amount), javaDirect, 1, ""},
	{table.MustCompile(`--max[-_]old[-_]space[-_]size[= ]` + amount), nodeHeap, mib, ""},
	{table.MustCompile(`--maxmemory[= ]` + amount), redisData, 1, ""},
	{table.MustCompile(`\bshared[-_]buffers\s?=\s?` + amount), buffers, 8 * kib, ""},
	{table.MustCompile(`--innodb[-_]buffer[-_]pool[-_]size[= ]` + amount), buffers, 1, ""},
	{table.MustCompile(`--wiredTigerCacheSizeGB[= ]` + amount), buffers, gib, ""},
	{table.MustCompile(`\bmemory_limit=` + amount), phpRequest, 1, ""},
	{table.MustCompile(`--max-indexing-memory[= ]` + amount), cached, 1, "meilisearch"},
	{table.MustCompile(`-memory\.allowedBytes[= ]` + amount), cached, 1, ""},
	{table.MustCompile(`(?:^|\s)(?:-m|--memory-limit)[= ]?` + amount), cached, mib, "memcached"},
	{table.MustCompile(`(?:^|\s)--memory[= ]` + amount), cached, 1, "redpanda"},
	{table.MustCompile(`(?:^|[\s=])malloc,` + amount), cached, 1, "varnish"},
}

// memoryVariables are variables whose value is a size: of the official images of Cassandra,
// Solr, Neo4j and Varnish, those of Atlassian, Bitnami, Microsoft, Apache (NiFi, docker/README;
// Druid, docker/druid.sh), Jitsi (jicofo.sh, jvb.sh), Meilisearch and itzg, of PHP, and of the
// runtime of Go (GOMEMLIMIT).
var memoryVariables = []memorySetting{
	{table.MustCompile(`^(?:PHP_|PHP_INI_)?MEMORY_LIMIT=` + amount + `$`), phpRequest, 1, ""},
	{table.MustCompile(`^(?:MAX_HEAP_SIZE|SOLR_HEAP|JVM_MAXIMUM_MEMORY)=` + amount + `$`), javaHeap, 1, ""},
	{table.MustCompile(`^(?:ELASTICSEARCH|OPENSEARCH)_HEAP_SIZE=` + amount + `$`), javaHeap, 1, ""},
	{table.MustCompile(`^NEO4J_\w*heap_+max__size=` + amount + `$`), javaHeap, 1, ""},
	{table.MustCompile(`^NEO4J_\w*pagecache_size=` + amount + `$`), pageCache, 1, ""},
	{table.MustCompile(`^(?:POSTGRES|POSTGRESQL)_SHARED_BUFFERS=` + amount + `$`), buffers, 8 * kib, ""},
	{table.MustCompile(`^(?:MYSQL|MARIADB)_INNODB_BUFFER_POOL_SIZE=` + amount + `$`), buffers, 1, ""},
	{table.MustCompile(`^REDIS_MAXMEMORY=` + amount + `$`), redisData, 1, ""},
	{table.MustCompile(`^MSSQL_MEMORY_LIMIT_MB=` + amount + `$`), buffers, mib, ""},
	{table.MustCompile(`^(?:NIFI_JVM_HEAP_(?:INIT|MAX)|DRUID_XM[SX])=` + amount + `$`), javaHeap, 1, ""},
	{table.MustCompile(`^DRUID_MAXDIRECTMEMORYSIZE=` + amount + `$`), javaDirect, 1, ""},
	{table.MustCompile(`^(?:JICOFO|VIDEOBRIDGE|JIGASI)_MAX_MEMORY=` + amount + `$`), javaHeap, 1, ""},
	{table.MustCompile(`^(?:MAX_|INIT_)?MEMORY=` + amount + `$`), javaHeap, 1, "minecraft-server"},
	{table.MustCompile(`^VARNISH_SIZE=` + amount + `$`), cached, 1, ""},
	{table.MustCompile(`^MEMCACHED_(?:CACHE_SIZE|MEMORY_LIMIT)=` + amount + `$`), cached, mib, ""},
	{table.MustCompile(`^MEILI_MAX_INDEXING_MEMORY=` + amount + `$`), cached, 1, ""},
	{table.MustCompile(`^GOMEMLIMIT=` + amount + `$`), goHeap, 1, ""},
}

// memoryLines are lines of configuration files.
var memoryLines = []memorySetting{
	{table.MustCompile(`^(?:\d+(?:-\d*)?:)?-Xm[xs]` + amount), javaHeap, 1, ""}, // of a jvm.options, or a jvm.config
	{table.MustCompile(`^maxmemory\s+` + amount), redisData, 1, ""},
	{table.MustCompile(`^shared_buffers\s*=?\s*` + amount), buffers, 8 * kib, ""},
	{table.MustCompile(`^(?:loose[-_])?innodb[-_]buffer[-_]pool[-_]size\s*=\s*` + amount), buffers, 1, ""},
	{table.MustCompile(`^cacheSizeGB:\s*` + amount), buffers, gib, ""},
	{table.MustCompile(`^(?:php_admin_value\[)?memory_limit\]?\s*=\s*` + amount), phpRequest, 1, ""},
	{table.MustCompile(`^server\.memory\.heap\.max_size=` + amount), javaHeap, 1, ""}, // of a neo4j.conf
	{table.MustCompile(`^server\.memory\.pagecache\.size=` + amount), pageCache, 1, ""},
}

// ownProcesses are variables with the options of one of several JVMs in a container
// (SonarQube, "Environment variables": web server, compute engine and search).
var ownProcesses = []string{"SONAR_WEB_JAVAOPTS", "SONAR_CE_JAVAOPTS", "SONAR_SEARCH_JAVAOPTS"}

// asksInVariable are the settings in the value of a variable.
func asksInVariable(name, value, image string) []memoryAsk {
	out := slices.Concat(asks(memoryOptions, value, image), asks(memoryVariables, name+"="+strings.TrimSpace(value), image))
	for i := range out {
		if slices.Contains(ownProcesses, strings.ReplaceAll(name, "_ADDITIONAL", "")) {
			out[i].part, out[i].text = out[i].part+memoryPart(" of "+name), name+"="+out[i].text
		}
	}
	return out
}

// asks are those of a text that settings find, of a program in an image.
func asks(settings []memorySetting, text, image string) []memoryAsk {
	var out []memoryAsk
	if !strings.ContainsAny(text, "0123456789") {
		return nil
	}
	for _, s := range settings {
		if !strings.Contains(image, s.of) {
			continue
		}
		for _, m := range s.form.FindAllStringSubmatch(text, -1) {
			n, err := strconv.ParseFloat(m[1], 64)
			if found := int((n*unitOf(m[2], s.unit) + mib - 1) / mib); err == nil && found > 0 {
				out = append(out, memoryAsk{s.part, found, strings.Trim(m[0], " \t\"':,=")})
			}
		}
	}
	return out
}

// unitOf is a unit in bytes. Most programs count by 1024.
func unitOf(text string, without float64) float64 {
	switch strings.ToLower(text) {
	case "k":
		return kib
	case "m":
		return mib
	case "g":
		return gib
	case "t":
		return 1024 * gib
	default:
		return without
	}
}

// asksInText are the settings of a configuration file, by its name.
func asksInText(name string, lines []string) []memoryAsk {
	if !slices.Contains(memoryFiles, path.Ext(name)) {
		return nil
	}
	var out []memoryAsk
	for _, line := range lines {
		out = append(out, asks(memoryLines, strings.TrimSpace(line), "")...)
	}
	return out
}

// memoryFiles are the ends of the names of configuration files that are read.
var memoryFiles = []string{".conf", ".config", ".cnf", ".ini", ".options", ".cfg"}

// largestOf are the largest of the settings for each part.
func largestOf(all []memoryAsk) []memoryAsk {
	largest := map[string]memoryAsk{}
	for _, ask := range all {
		if known, ok := largest[string(ask.part)]; !ok || ask.mib >= known.mib {
			largest[string(ask.part)] = ask
		}
	}
	out := sortedValues(largest)
	slices.SortStableFunc(out, func(a, b memoryAsk) int { return cmp.Compare(b.mib, a.mib) })
	return out
}

func sumOf(all []memoryAsk) int {
	sum := 0
	for _, ask := range largestOf(all) {
		sum += ask.mib
	}
	return sum
}
