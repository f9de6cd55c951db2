package translate

import (
	_ "embed"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

// knownImage is what is known of an image that nobody has looked up, whoever
// publishes it. It is taken from the Dockerfiles of the Docker Official Images, or
// else from the documentation of the image.
type knownImage struct {
	// Ports are the TCP ports that it listens on: those of images that the public
	// stacks use without opening a port of theirs.
	Ports []int `json:"ports"`
	// User is the number of the user, and of its group, whose name it gives in USER.
	User *int `json:"user"`
	// Users are the numbers of other users that it has.
	Users map[string]int `json:"users"`
	// Filled are directories that it has files in and whose entrypoint does not put them
	// there: docker fills an empty volume from them, and the service wants that.
	Filled []string `json:"filled"`
	// Large are those of them with so many files that it takes minutes to copy them to EFS.
	Large []string `json:"large"`
	// FillsItself says that its entrypoint fills what it finds empty.
	FillsItself bool `json:"fills_itself"`
	// Volumes are the directories in which it keeps its data: those of its VOLUME that are
	// not for files of others as well, or those that its documentation tells to mount.
	Volumes []string `json:"volumes"`
	// Locks says that only one of its processes at a time may use the directory in which
	// it keeps its data. It is so for all that have Managed.
	Locks bool `json:"locks"`
	// Node is how it is told the name of its node, of one that keeps its data in a directory
	// with that name.
	Node nodeName `json:"node"`
	// Managed is the service of AWS that can stand in for it, a database.
	Managed string `json:"managed"`
}

//go:embed known_images.json
var knownImagesJSON []byte

// knownImages are images by the last element of their repository, or the last two, and
// the ports of the services of AWS that are managed in their place.
var knownImages = table.Of[struct {
	Images  map[string]knownImage  `json:"images"`
	Memory  map[string]imageMemory `json:"memory"`
	Managed map[string]int         `json:"managed"`
}](knownImagesJSON)

func knownOf(image string) knownImage {
	known, _ := ofImage(knownImages().Images, image)
	return known
}

func isKnown(image string) bool {
	_, known := ofImage(knownImages().Images, image)
	return known
}

// ofImage looks an image up by the last two elements of its repository, or else the last.
func ofImage[V any](known map[string]V, image string) (v V, ok bool) {
	name := nameOf(image)
	if v, ok = known[name.lastTwo]; ok {
		return v, true
	}
	v, ok = known[name.last]
	return v, ok
}

// imageMemory is the memory that an image needs at least by its documentation, or because
// its program takes that much where nobody says otherwise.
type imageMemory struct {
	MiB    int    `json:"mib"`
	Why    string `json:"why"`
	Source string `json:"source"`
	// OfHeap is how many times its heap a program needs; 0: the usual.
	OfHeap int `json:"of_heap"`
}

func memoryOf(image string) imageMemory {
	memory, _ := ofImage(knownImages().Memory, image)
	return memory
}

// volumesOf are the directories in which an image keeps its data, as far as that is known
// of it.
func volumesOf(image string) []string {
	if strings.Contains(image, "linuxserver/") {
		return []string{"/config"} // as all of them ("docs.linuxserver.io", volumes)
	}
	return knownOf(image).Volumes
}

// isPostgres says whether an image sets PostgreSQL up as the official one does.
func isPostgres(image string) bool {
	name := nameOf(image).last
	return (name == "postgres" || name == "postgis" || name == "pgvector" || name == "timescaledb") && !strings.Contains(image, "bitnami")
}

// managedFor is what AWS runs in place of an image that keeps data, and at which
// port; "" where there is nothing.
func managedFor(image string) (service string, port int) {
	if strings.Contains(image, "mssql/server") {
		return "Amazon RDS for SQL Server", 1433
	}
	service = knownOf(image).Managed
	return service, knownImages().Managed[service]
}

// nodeName is the variable by which a program takes the name of its node.
type nodeName struct {
	Variable string   `json:"variable"`
	Value    string   `json:"value"`  // with the machine itself as its host
	Others   []string `json:"others"` // variables that name it as well
	Ports    []int    `json:"ports"`  // at which the nodes of a cluster call each other
	Source   string   `json:"source"`
}
