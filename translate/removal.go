package translate

import "github.com/compose2fargate/compose2fargate/diag"

// removal takes the services out of a project that get no task, and reports what
// becomes of those that name them.
type removal struct {
	*Project
	ds *diag.List
}
