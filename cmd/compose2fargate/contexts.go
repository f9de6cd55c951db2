package main

import (
	"context"
	"slices"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate"
)

// misnamed are the images whose references are none, as far as nothing else was
// said of them: a variable without a value may be why.
func misnamed(project *translate.Project, said diag.List) diag.List {
	var problems diag.List
	for _, use := range project.Images() {
		if use.Base {
			continue // its builder says so
		}
		if image.Host(use.Reference) != "" {
			continue
		}
		if !slices.ContainsFunc(said, func(d diag.Diagnostic) bool { return d.Severity == diag.Error && d.Path == use.Path }) {
			r := trouble(&image.Problem{Reference: use.Reference, Trouble: image.Malformed})
			problems.Errorf(use.Pos, use.Path, r.help, "%s", r.what)
		}
	}
	return problems
}

// contexts are the build contexts of a project, by service. They are of this machine,
// so that no command has to be online for them.
func contexts(ctx context.Context, project *translate.Project, facts *plan.Facts) diag.List {
	var problems diag.List
	builds, contexts := project.Builds(), image.Contexts{}
	found := map[string]map[string]*content.Listing{}
	for _, build := range builds {
		read, err := contexts.Read(ctx, build)
		if err != nil {
			problems = append(problems, project.ContextError(build, err)...)
			continue
		}
		if facts.Contexts == nil {
			facts.Contexts, facts.ContextFiles = map[string]string{}, map[string]map[string]string{}
		}
		facts.Contexts[build.Service], facts.ContextFiles[build.Service] = read.Hash, read.Files()
		found[build.Service] = read.Trees
	}
	return append(problems, project.AboutContexts(builds, found)...)
}
