package translate

import (
	_ "embed"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

// databaseKind is how a database shows itself, whatever its image is called.
type databaseKind struct {
	Image     string   `json:"image"`     // the known image that it is like
	Places    []string `json:"places"`    // in which it keeps its data
	Data      []string `json:"data"`      // variables that tell it where
	Variables []string `json:"variables"` // that set it up
	Names     []string `json:"names"`     // what names of such images begin with or have in them
	Schemes   []string `json:"schemes"`   // of URLs with which its clients name it
	Clients   []string `json:"clients"`   // variables of those who only talk to one
	Source    string   `json:"source"`
}

// knownDatabases are kinds of databases, and what is to be said of some on EFS.
type knownDatabases struct {
	Kinds          []databaseKind    `json:"kinds"`
	Databases      []string          `json:"databases"`        // known images for which AWS has no service
	NoNetworkFiles map[string]string `json:"no_network_files"` // those whose makers say that NFS will not do, and where
	ObjectStorage  []string          `json:"object_storage"`   // known images that Amazon S3 stands in for
}

//go:embed known_databases.json
var knownDatabasesJSON []byte

var databases = table.Of[knownDatabases](knownDatabasesJSON)

// kindOfImage is the image of a container, or the known image that it is like: a database
// is told by where its data is mounted, how it is set up, what it is called, and how
// clients name it. One of these signs is none, and of several kinds the one with the most
// counts.
func (p *Project) kindOfImage(s container) string {
	image := p.baseImage(s)
	if isKnown(image) {
		return image
	}
	kind, most := image, 1
	for _, d := range databases().Kinds {
		if signs := d.signs(p, s, image); signs > most {
			kind, most = d.Image, signs
		}
	}
	return kind
}

// signs are how much speaks for a kind: two are enough. Its own directory, mounted for what
// the image itself runs, is as good as two: a helper that only looks after it has a command.
func (d databaseKind) signs(p *Project, s container, image string) int {
	has := func(variable string) bool { return s.Environment[variable] != nil }
	if slices.ContainsFunc(d.Clients, has) {
		return 0
	}
	mounted := slices.ContainsFunc(s.Volumes, d.isData)
	told := slices.ContainsFunc(d.Data, has)
	asked := slices.ContainsFunc(p.schemesOf[s.Name], func(scheme string) bool { return slices.Contains(d.Schemes, scheme) })
	if !mounted && !told && (!asked || !slices.ContainsFunc(s.Volumes, isWritable)) { // it keeps nothing
		return 0
	}
	signs := 0
	for _, sign := range []bool{mounted, mounted && runsImage(s), told, asked, d.isNamed(image), slices.ContainsFunc(d.Variables, has)} {
		if sign {
			signs++
		}
	}
	return signs
}

// runsImage says whether a container runs the program of its image, perhaps with options.
func runsImage(s container) bool {
	return len(s.Entrypoint) == 0 && (len(s.Command) == 0 || strings.HasPrefix(s.Command[0], "-"))
}

func isWritable(v types.ServiceVolumeConfig) bool { return !v.ReadOnly }

func (d databaseKind) isData(v types.ServiceVolumeConfig) bool {
	return isWritable(v) && slices.ContainsFunc(d.Places, func(place string) bool { return within(path.Clean(v.Target), place) })
}

func (d databaseKind) isNamed(image string) bool {
	name := nameOf(image).last
	return slices.ContainsFunc(d.Names, func(part string) bool {
		return strings.HasPrefix(name, part) || len(part) > 2 && strings.Contains(name, part)
	})
}

// urlHost finds the scheme and the host of a URL; of a JDBC URL the scheme is jdbc:NAME.
var urlHost = regexp.MustCompile(`((?:jdbc:)?[a-z][a-z0-9+]*)://(?:[^/@\s]*@)?([A-Za-z0-9][A-Za-z0-9._-]*)`)

// readSchemes are the schemes of the URLs with which the environment of services names
// others, by what is named.
func (p *Project) readSchemes() map[string][]string {
	out := map[string][]string{}
	for _, s := range p.Compose.Services {
		for _, value := range s.Environment {
			if value == nil || !strings.Contains(*value, "://") {
				continue
			}
			for _, found := range urlHost.FindAllStringSubmatch(*value, -1) {
				if scheme, host := found[1], found[2]; !slices.Contains(out[host], scheme) {
					out[host] = append(out[host], scheme)
				}
			}
		}
	}
	return out
}
