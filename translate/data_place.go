package translate

import (
	"path"
	"slices"
	"strings"
)

// isDatabaseMount says whether the program of a container locks what it keeps at a path
// that is mounted: as its image has it, or because the files tell it to keep it there.
func (p *Project) isDatabaseMount(s container, target string) bool {
	image := p.kindOfImage(s)
	return isDatabasePlace(image, target) || slices.ContainsFunc(toldPlaces(s, locksData(image)), func(place string) bool {
		return within(place, target) || within(target, place)
	})
}

// locksData says whether an image is that of a database, a queue or another program
// that has to be alone in the directory that it writes to.
func locksData(image string) bool {
	managed, _ := managedFor(image)
	return managed != "" || knownOf(image).Locks
}

// isDatabasePlace says whether such an image keeps what it writes at a path.
func isDatabasePlace(image, target string) bool {
	base := strings.ToLower(path.Base(target))
	return locksData(image) && (slices.Contains(dataTargets, target) || slices.Contains(volumesOf(image), target) ||
		strings.HasSuffix(base, "data") && !slices.Contains(otherData, base) ||
		slices.Contains(databasePlaces, target) || slices.Contains(databasePlaces, path.Dir(target)))
}

// databasePlaces are the paths at which databases and queues keep what they write, there
// or in a directory of their name. Below that they may have scripts and settings.
var databasePlaces = strings.Fields("/data /bitnami /var/lib /var/opt /qdrant/storage /meili_data /vault/file")

// What tells a database where to keep its data, whatever its image is called: variables
// and options, of which some are those of other programs as well.
var (
	placeVariables   = strings.Fields("PGDATA MYSQL_DATADIR MARIADB_DATADIR MONGO_DATA_DIR MONGODB_DATA_DIR ETCD_DATA_DIR REDIS_DATA_DIR INFLUXD_ENGINE_PATH path.data")
	placeOptions     = strings.Fields("--datadir --dbpath data_directory -storageDataPath --storageDataPath --storage.tsdb.path")
	sharedVariables  = strings.Fields("DATA_DIR DATA_PATH DATADIR DATA_DIRECTORY")
	sharedOptions    = strings.Fields("--data-dir --data --dir --path.data -D -data-dir -sd --store --store-dir --db-path")
	databasePrograms = strings.Fields(`postgres mysqld mysqld_safe mariadbd mongod etcd redis-server valkey-server keydb-server clickhouse-server
		prometheus influxd nats-server consul vault cockroach surreal victoria-metrics victoria-metrics-prod vmstorage qdrant weaviate rethinkdb`)
)

// toldPlaces are the paths at which the files tell a program to keep its data. isDatabase
// says that its image is known for that.
func toldPlaces(s container, isDatabase bool) []string {
	words := strings.Fields(strings.Join(append(slices.Clone(s.Entrypoint), s.Command...), " "))
	isDatabase = isDatabase || slices.ContainsFunc(words, func(word string) bool { return slices.Contains(databasePrograms, path.Base(word)) })
	variables, options := placeVariables, placeOptions
	if isDatabase {
		variables, options = slices.Concat(variables, sharedVariables), slices.Concat(options, sharedOptions)
	}
	var out []string
	for _, name := range variables {
		if value := s.Environment[name]; value != nil {
			out = append(out, *value)
		}
	}
	for i, word := range words {
		name, value, joined := strings.Cut(strings.Trim(word, `"'`), "=")
		if !slices.Contains(options, name) {
			continue
		}
		if !joined && i+1 < len(words) {
			value = words[i+1]
		}
		out = append(out, value)
	}
	return absolutePlaces(out)
}

// absolutePlaces are those of some directory: what has a variable, or is the whole file
// system, tells nothing.
func absolutePlaces(places []string) []string {
	var out []string
	for _, place := range places {
		if place = path.Clean(strings.Trim(place, `"'`)); path.IsAbs(place) && place != "/" && !strings.Contains(place, "$") {
			out = append(out, place)
		}
	}
	return out
}
