package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/render"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// embedded is a project beside an account that lives as long as the test.
type embedded struct {
	tb   testing.TB
	file string
	fake *simulator.Simulator
	talk bytes.Buffer
	// watch is added to every client; nil: nobody watches.
	watch func(*middleware.Stack) error
}

func embed(tb testing.TB, file string, o simulator.Options) *embedded {
	tb.Helper()
	o.Region = caseRegion
	fake, err := simulator.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return &embedded{tb: tb, file: file, fake: fake}
}

// caseFiles are the compose files of the cases that are not refused.
func caseFiles(tb testing.TB) []string {
	tb.Helper()
	plans, err := filepath.Glob(filepath.Join("..", "..", "testdata", "*", "plan.txt"))
	if err != nil || len(plans) == 0 {
		tb.Fatalf("no cases: %v", err)
	}
	for i := range plans {
		plans[i] = filepath.Join(filepath.Dir(plans[i]), "compose.yaml")
	}
	return plans
}

// embedCase is a case with what it finds in its account.
func embedCase(tb testing.TB, file string, o simulator.Options) *embedded {
	tb.Helper()
	e := embed(tb, file, o)
	if make := accounts[filepath.Base(filepath.Dir(file))]; make != nil {
		make(others{tb, e.fake})
	}
	return e
}

// session is what a new process would have.
func (e *embedded) session() *session {
	e.tb.Helper()
	s := &settings{terminal: terminal{in: new(bytes.Buffer), out: &e.talk, err: &e.talk}, simulate: true}
	s.load.Files = []string{e.file}
	project, problems, err := s.loadProject(e.tb.Context())
	if err != nil {
		e.tb.Fatalf("%s", e.talk.String())
	}
	cfg := e.fake.Config()
	if e.watch != nil {
		cfg.APIOptions = append(cfg.APIOptions, e.watch)
	}
	cluster := project.Lookups().Cluster
	look := func() *resource.Account {
		return resource.New(cfg, project.Name).WithPoll(simulatedPoll).WithCluster(cluster).WithMaker(resource.NewRecorder(cfg))
	}
	return &session{settings: s, name: project.Name, project: project, loadProblems: problems, account: look(), look: look, simulator: e.fake}
}

// plan makes a plan, which must work.
func (e *embedded) plan(scope plan.Scope) (*session, *plan.Plan, stacks) {
	e.tb.Helper()
	s := e.session()
	p, st, err := s.plan(e.tb.Context(), scope)
	if err != nil {
		e.tb.Fatalf("plan: %v\n%s", err, e.talk.String())
	}
	return s, p, st
}

func (e *embedded) apply(scope plan.Scope) error {
	e.tb.Helper()
	s, p, st := e.plan(scope)
	return s.carryOut(e.tb.Context(), p, st, applyFlags{timeout: time.Minute})
}

// text is a plan as it is printed, wherever the project is.
func (e *embedded) text(p *plan.Plan) string {
	e.tb.Helper()
	var out strings.Builder
	if err := render.Text(&out, spec.Kinds(), p, render.TextOptions{}); err != nil {
		e.tb.Fatal(err)
	}
	return strings.ReplaceAll(out.String(), filepath.Dir(e.file)+string(filepath.Separator), "")
}

// settled fails the test where a plan still wants something.
func (e *embedded) settled(when string) {
	e.tb.Helper()
	if _, p, _ := e.plan(plan.Scope{}); p.Changed() {
		e.tb.Errorf("%s, a plan still wants something:\n%s", when, e.text(p))
	}
}
