package translate

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
	redisData  memoryPart = "keys"
	buffers    memoryPart = "buffers"
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
	form *regexp.Regexp
	part memoryPart
	unit float64 // in bytes, of a number without one
}

// memoryOptions are options of command lines, alone or in a variable such as JAVA_OPTS:
// those of java (the java command, "Extra Options"), node ("Command-line API"), redis.conf,
// PostgreSQL ("Resource Consumption"), MySQL ("Server Option Reference"), mongod and PHP
// ("Core php.ini directives").
var memoryOptions = []memorySetting{
	{regexp.MustCompile(`(?:^|[\s"'=:,])-Xm[xs]` + amount), javaHeap, 1},
	{regexp.MustCompile(`-XX:MaxRAM=` + amount), javaHeap, 1}, // with all the rest in it,
	{regexp.MustCompile(`-XX:MaxDirectMemorySize=` + amount), javaDirect, 1},
	{regexp.MustCompile(`--max[-_]old[-_]space[-_]size[= ]` + amount), nodeHeap, mib},
	{regexp.MustCompile(`--maxmemory[= ]` + amount), redisData, 1},
	{regexp.MustCompile(`\bshared[-_]buffers\s?=\s?` + amount), buffers, 8 * kib},
	{regexp.MustCompile(`--innodb[-_]buffer[-_]pool[-_]size[= ]` + amount), buffers, 1},
	{regexp.MustCompile(`--wiredTigerCacheSizeGB[= ]` + amount), buffers, gib},
	{regexp.MustCompile(`\bmemory_limit=` + amount), phpRequest, 1},
}

// memoryVariables are variables whose value is a size: of the official images of Cassandra,
// Solr and Neo4j, those of Atlassian, Bitnami and Microsoft, and of PHP.
var memoryVariables = []memorySetting{
	{regexp.MustCompile(`^(?:PHP_|PHP_INI_)?MEMORY_LIMIT=` + amount + `$`), phpRequest, 1},
	{regexp.MustCompile(`^(?:MAX_HEAP_SIZE|SOLR_HEAP|JVM_MAXIMUM_MEMORY)=` + amount + `$`), javaHeap, 1},
	{regexp.MustCompile(`^(?:ELASTICSEARCH|OPENSEARCH)_HEAP_SIZE=` + amount + `$`), javaHeap, 1},
	{regexp.MustCompile(`^NEO4J_\w*heap_+max__size=` + amount + `$`), javaHeap, 1},
	{regexp.MustCompile(`^NEO4J_\w*pagecache_size=` + amount + `$`), pageCache, 1},
	{regexp.MustCompile(`^(?:POSTGRES|POSTGRESQL)_SHARED_BUFFERS=` + amount + `$`), buffers, 8 * kib},
	{regexp.MustCompile(`^(?:MYSQL|MARIADB)_INNODB_BUFFER_POOL_SIZE=` + amount + `$`), buffers, 1},
	{regexp.MustCompile(`^REDIS_MAXMEMORY=` + amount + `$`), redisData, 1},
	{regexp.MustCompile(`^MSSQL_MEMORY_LIMIT_MB=` + amount + `$`), buffers, mib},
}

// memoryLines are lines of configuration files.
var memoryLines = []memorySetting{
	{regexp.MustCompile(`^(?:\d+(?:-\d*)?:)?-Xm[xs]` + amount), javaHeap, 1}, // of a jvm.options
	{regexp.MustCompile(`^maxmemory\s+` + amount), redisData, 1},
	{regexp.MustCompile(`^shared_buffers\s*=?\s*` + amount), buffers, 8 * kib},
	{regexp.MustCompile(`^(?:loose[-_])?innodb[-_]buffer[-_]pool[-_]size\s*=\s*` + amount), buffers, 1},
	{regexp.MustCompile(`^cacheSizeGB:\s*` + amount), buffers, gib},
	{regexp.MustCompile(`^(?:php_admin_value\[)?memory_limit\]?\s*=\s*` + amount), phpRequest, 1},
	{regexp.MustCompile(`^server\.memory\.heap\.max_size=` + amount), javaHeap, 1}, // of a neo4j.conf
	{regexp.MustCompile(`^server\.memory\.pagecache\.size=` + amount), pageCache, 1},
}

// asks are those of a text that settings find.
func asks(settings []memorySetting, text string) []memoryAsk {
	var out []memoryAsk
	for _, s := range settings {
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
func asksInText(name, text string) []memoryAsk {
	if !slices.Contains(memoryFiles, path.Ext(name)) {
		return nil
	}
	var out []memoryAsk
	for line := range strings.Lines(text) {
		for _, ask := range asks(memoryLines, strings.TrimSpace(line)) {
			ask.text += " in " + path.Base(name)
			out = append(out, ask)
		}
	}
	return out
}

// memoryFiles are the ends of the names of configuration files that are read.
var memoryFiles = []string{".conf", ".cnf", ".ini", ".options", ".cfg"}

// memoryInText is the memory, in MiB, that a configuration file asks for.
func memoryInText(name, text string) int { return sumOf(asksInText(name, text)) }

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
