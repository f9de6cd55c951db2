package translate

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// within says whether a path is a directory or below it. Both are absolute, or as
// Project.pathText names them: ./x, ../x or ~/x.
func within(name, dir string) bool {
	name, dir = path.Clean(name), path.Clean(dir)
	switch {
	case name == dir:
		return true
	case dir == ".":
		return !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "~/") && name != ".." && !strings.HasPrefix(name, "../")
	default:
		return strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
	}
}

// at is the path of an attribute of a service.
func at(service string, elements ...string) diag.Path {
	return append(diag.Path{"services", service}, elements...)
}

func last(path diag.Path) string { return path[len(path)-1] }

// firstWritten is the place of the first of paths that a file has, else of what
// is around the last.
func (p *Project) firstWritten(paths ...diag.Path) diag.Pos {
	return p.At(p.firstPath(paths...)...)
}

// earliest is the path that comes first in the files; nil is none.
func (p *Project) earliest(a, b diag.Path) diag.Path {
	if a == nil || p.At(b...).Compare(p.At(a...)) < 0 {
		return b
	}
	return a
}

// ofService is firstWritten of attributes of a service, given as dotted paths.
func (p *Project) ofService(service string, attributes ...string) diag.Pos {
	paths := make([]diag.Path, 0, len(attributes)+1)
	for _, attribute := range attributes {
		paths = append(paths, at(service, strings.Split(attribute, ".")...))
	}
	return p.firstWritten(append(paths, at(service))...)
}

// firstPath is the first of paths that a file has, else the last.
func (p *Project) firstPath(paths ...diag.Path) []string {
	for _, path := range paths {
		if p.Written(path...) {
			return path
		}
	}
	return paths[len(paths)-1]
}

// targetOf is where a config or a secret appears: a relative target is below dir.
func targetOf(target, dir, source string) string {
	switch {
	case target == "":
		return path.Join(dir, source)
	case path.IsAbs(target):
		return path.Clean(target)
	default:
		return path.Join(dir, target)
	}
}

// variablePos is where a variable is written: in the compose files, or in an env file.
func (p *Project) variablePos(service, variable string) diag.Pos {
	if pos, ok := p.InEnvFile(p.Compose.Services[service].EnvFiles, variable); ok && !p.Written(at(service, "environment", variable)...) {
		return pos
	}
	return p.firstWritten(at(service, "environment", variable), at(service, "env_file"), at(service))
}

// inside says whether a path of this machine is a directory or in it.
func inside(dir, name string) bool {
	relative, err := filepath.Rel(dir, name)
	return err == nil && filepath.IsLocal(relative)
}

// secretsDirectory is where compose puts secrets.
const secretsDirectory = "/run/secrets"
