package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// embedded is a project beside an account that lives as long as the test.
type embedded struct {
	tb   testing.TB
	file string
	fake *simulator.Simulator
	talk bytes.Buffer
}

func embed(tb testing.TB, file string, o simulator.Options) *embedded {
	tb.Helper()
	fake, err := simulator.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return &embedded{tb: tb, file: file, fake: fake}
}

// refused says whether the compose file is one that cannot be translated.
func (e *embedded) refused() bool {
	s := &settings{terminal: terminal{in: new(bytes.Buffer), out: &e.talk, err: &e.talk}}
	s.load.Files = []string{e.file}
	_, _, err := s.loadProject(e.tb.Context())
	return err != nil
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
	account := resource.New(e.fake.Config(), project.Name).WithPoll(simulatedPoll)
	return &session{settings: s, name: project.Name, project: project, loadProblems: problems, account: account}
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

// settled fails the test where a plan still wants something.
func (e *embedded) settled(when string) {
	e.tb.Helper()
	if _, p, _ := e.plan(plan.Scope{}); p.Changed() {
		var out bytes.Buffer
		if err := p.Text(&out, plan.TextOptions{}); err != nil {
			e.tb.Fatal(err)
		}
		e.tb.Errorf("%s, a plan still wants something:\n%s", when, out.String())
	}
}
