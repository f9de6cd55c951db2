package translate

import (
	"testing"
)

// TestConfigurationFilesSayHowMuchMemoryIsTaken reads lines as people write them.
func TestConfigurationFilesSayHowMuchMemoryIsTaken(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"postgresql.conf", "shared_buffers = 3GB\t\t\t# min 128kB\n", 3072},
		{"postgresql.conf", "shared_buffers = '512MB'\nwork_mem = 64MB\n", 512},
		{"postgresql.conf", "shared_buffers = 16384 # pages of 8 kB\n", 128},
		{"postgresql.conf", "#shared_buffers = 3GB\n", 0},
		{"my.cnf", "[mysqld]\ninnodb_buffer_pool_size=2G\ninnodb_buffer_pool_instances=8\n", 2048},
		{"my.cnf", "innodb-buffer-pool-size = 1073741824\n", 1024},
		{"my.cnf", "# innodb-buffer-pool-size = 8G\n", 0},
		{"redis.conf", "maxmemory 1gb\nmaxmemory-policy allkeys-lru\nmaxmemory-samples 5\n", 1024},
		{"redis.conf", "maxmemory 0\n", 0},
		{"php.ini", "; memory_limit = 2G\nmemory_limit = 768M\n", 768},
		{"php.ini", "memory_limit = -1\n", 0},
		{"www.conf", "php_admin_value[memory_limit] = 256M\n", 256},
		{"jvm.options", "## -Xms4g\n-Xms2g\n-Xmx2g\n8-13:-XX:+UseConcMarkSweepGC\n", 2048},
		{"jvm.config", "-server\n-Xmx4G\n-XX:+UseG1GC\n", 4096}, // of Trino
		{"mongod.conf", "storage:\n  wiredTiger:\n    engineConfig:\n      cacheSizeGB: 2\n", 2048},
		{"neo4j.conf", "server.memory.heap.max_size=2G\nserver.memory.pagecache.size=512m\n", 2560},
		{"notes.txt", "-Xmx2g\nmaxmemory 1gb\n", 0},
	} {
		if got := sumOf(asksInText(c.name, linesOf(c.text))); got != c.want {
			t.Errorf("%s %q: %d MiB, want %d", c.name, c.text, got, c.want)
		}
	}
}

// TestEveryKnownMinimumHasItsSource finds one that nobody can look up.
func TestEveryKnownMinimumHasItsSource(t *testing.T) {
	for image, known := range knownImages().Memory {
		if known.MiB <= defaultSize.memory || known.Why == "" || known.Source == "" {
			t.Errorf("%s: %+v", image, known)
		}
	}
}
