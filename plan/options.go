package plan

import (
	"github.com/compose2fargate/compose2fargate/diag"
)

// Options of Diff.
type Options struct {
	Tool      string // name and version, for the header of the plan
	Simulated bool
	Facts     Facts
	Scope     Scope
	Allowed   Allowance
	// Locate says where the compose file asks for a field of a desired resource. Nil:
	// nowhere.
	Locate func(r *Resource, path diag.Path) diag.Pos
	// FileOf names the file of this machine whose content a field is; "": none. Nil: it
	// is not known.
	FileOf func(r *Resource, path diag.Path) string
	// Locks says whether an image is of a program that locks what it keeps in a directory
	// of its container. Nil: none is known to.
	Locks func(image, directory string) bool
	// Diagnostics of the translation are carried into the plan.
	Diagnostics diag.List
	// Advise looks at the whole plan, for what no single resource shows. Nil:
	// nothing.
	Advise func(live, want *Stack, p *Plan) diag.List
}
