package plan

import "github.com/compose2fargate/compose2fargate/diag"

// Origin says which part of the compose files a part of a spec comes from. It is
// written where the resource is made, so that to find the place of a field is to
// look it up.
type Origin struct {
	// Field is the part of the canonical tree that this is about; empty: all of it.
	Field diag.Path
	// From is the part of the files.
	From diag.Path
	// Fields are the more exact origins of single fields. Nil: there are none.
	Fields FieldOrigins
}

// FieldOrigins are paths in the files, dotted, by the path of a field below
// Origin.Field, "" for that itself and all below it that has no entry. Of several
// paths the first that a file has counts. * is any one name, the same on both
// sides. A path is below Origin.From, or from the top where it begins with a slash.
type FieldOrigins map[string][]string

// Origin returns what is said of a field of the resource, and the path of the
// field below Origin.Field. Not ok: nothing is.
func (r *Resource) Origin(field diag.Path) (o Origin, below diag.Path, ok bool) {
	for _, o := range r.Origins {
		if hasPrefix(field, o.Field) {
			return o, field[len(o.Field):], true
		}
	}
	return Origin{}, nil, false
}

func hasPrefix(path, prefix diag.Path) bool {
	if len(path) < len(prefix) {
		return false
	}
	for i := range prefix {
		if path[i] != prefix[i] {
			return false
		}
	}
	return true
}
