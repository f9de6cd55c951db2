package main

import (
	"context"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/translate"
)

// misnamed are the images whose references are none, as far as nothing else was
// said of them: a variable without a value may be why.
func misnamed(project *translate.Project, said diag.List) diag.List {
	var problems diag.List
	for _, use := range project.Images() {
		known := slices.ContainsFunc(said, func(d diag.Diagnostic) bool { return d.Severity == diag.Error && d.Path == use.Path })
		if image.Host(use.Reference) == "" && !known {
			r := trouble(&image.Problem{Reference: use.Reference, Trouble: image.Malformed})
			problems.Errorf(use.Pos, use.Path, r.help, "%s", r.what)
		}
	}
	return problems
}

// contexts are the hashes of the build contexts of a project, by service. They are
// of this machine, so that no command has to be online for them.
func contexts(ctx context.Context, project *translate.Project) (map[string]string, diag.List) {
	var problems diag.List
	var out map[string]string
	for _, build := range project.Builds() {
		hash, err := image.HashContext(ctx, build)
		if err != nil {
			key := "services." + build.Service + ".build"
			problems.Errorf(project.At("services", build.Service, "build"), key, "", "%v", err)
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[build.Service] = hash
	}
	return out, problems
}
