package translate

import (
	"cmp"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// textFile is a text that a service gets beside its environment and its command
// lines: a file that it mounts, a config, or a file of configuration that its
// Dockerfile copies into the image.
type textFile struct {
	path diag.Path // where the compose files ask for it
	name string    // of the file in the container, or of what is copied
	// targets are where it is in the container.
	targets []string
	shown   string                  // the file, as messages name it
	inline  func(line int) diag.Pos // where a line is, of a text that stands in the compose files; nil: it is a file
	copied  bool                    // a Dockerfile puts it into the image
	built   bool                    // it is of a source tree, where a variable of the service may say otherwise
	// program: it is source code, of which only addresses are read
	program bool
	env     types.MappingWithEquals // of the container that reads it
	lines   []string
	is      *textFormat // see format
}

// textFormat is what is known of the lines of a text.
type textFormat int

const (
	anyFormat textFormat = iota
	shellFormat
	nginxFormat
	caddyFormat
	haproxyFormat
	jsonFormat // which has no comments
	xmlFormat
	envFormat      // of dotenv: a variable of the service comes before that of the file
	settingsFormat // of a framework, in source code
	programFormat  // of which only addresses are read
)

// at is the place of a line and a column, both counted from 0.
func (f *textFile) at(line, column int) diag.Pos {
	if f.inline != nil {
		return f.inline(line)
	}
	return diag.Pos{File: f.shown, Line: line + 1, Column: column + 1}
}

// shownName is the name of the file, or of the config.
func (f *textFile) shownName() string { return cmp.Or(f.shown, f.name) }

// unreadText is what was not searched for names and ports.
type unreadText struct {
	path      diag.Path
	what, why string
}
