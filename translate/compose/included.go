package compose

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/tree"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// compose-go hands the directory of an included file on as a relative one, and so looks for
// what that file includes, and for its env files, from the current directory of the process
// (ApplyInclude in loader/include.go of v2.16.2): what it read would not be what was looked
// at. Where a loader of resources gives it absolute names, it goes on with these.

// includedFiles finds the files of include where they were read before: from the project
// directory of the file that includes them, by the name of that. It is a
// loader.ResourceLoader.
type includedFiles struct {
	gate  gate
	bases map[string]string
}

// includeMark begins the names of files that are included, so that they are told from those
// of extends, which compose-go finds by itself.
const includeMark = "\x00include\x00"

// includeCasts mark them, once their variables are filled in.
func includeCasts(casts map[tree.Path]interpolation.Cast) {
	for _, form := range []string{"include.*", "include.*.path", "include.*.path.*"} {
		casts[tree.Path(form)] = func(name string) (any, error) { return includeMark + name, nil }
	}
}

// Accept is asked for each file that is included or extended.
func (includedFiles) Accept(name string) bool { return strings.HasPrefix(name, includeMark) }

// Load returns the absolute name of a file.
func (f includedFiles) Load(ctx context.Context, name string) (string, error) {
	from, _ := ctx.Value(consts.ComposeFileKey{}).(string)
	file := Absolute(f.bases[from], strings.TrimPrefix(name, includeMark))
	if !f.gate.Admits(file) {
		return "", f.gate.Check(file)
	}
	return file, content.CheckFile(file, longestFile)
}

// Dir is asked for what Load returned.
func (includedFiles) Dir(name string) string { return filepath.Dir(name) }

// from notes the project directory of a file, and whether it is the first: where a file has
// two, what it includes by relative names would be two files.
func (f includedFiles) from(file, projectDir string) (same bool) {
	if known, ok := f.bases[file]; ok {
		return known == projectDir
	}
	f.bases[file] = projectDir
	return true
}

// ambiguous reports a file that has two project directories and includes others.
func (r *sources) ambiguous(d *document, ds *diag.List) bool {
	if r.included.from(d.path, d.base) {
		return false
	}
	ds.Errorf(d.pos(lookup(d.root, "include").key), "include", "include it with one project_directory, or include from the files that include this one",
		"%s is read with two project directories, so that what it includes would be two files", d.file)
	return true
}
