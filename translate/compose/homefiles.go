package compose

import (
	_ "embed"
	"path/filepath"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

// A file of a home that the compose files name must not be hidden. Of a whole directory that
// is a home, or holds one, most hidden files are those of the project, such as .yarnrc.yml:
// it is looked for what is known to hold credentials.

//go:embed homefiles.json
var homeFilesJSON []byte

var homeFiles = table.Of[struct {
	Credentials []struct {
		Name   string `json:"name"` // from the home; a file, or a directory with all that is in it
		Source string `json:"source"`
	} `json:"credentials"`
}](homeFilesJSON)

// HomeCredentials are where programs keep credentials of a user, of those homes that a
// directory is or holds; they need not be there.
func (p *Project) HomeCredentials(dir string) []string {
	var out []string
	for _, home := range p.files.gate.Homes(dir) {
		for _, c := range homeFiles().Credentials {
			out = append(out, filepath.Join(home, filepath.FromSlash(c.Name)))
		}
	}
	return out
}
