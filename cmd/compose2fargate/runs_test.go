package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// began is how many tasks of a service there were in which its container began.
func (e *embedded) began(service string) int {
	n := 0
	e.fake.Mutate(func(a *simulator.Account) {
		for _, t := range a.Tasks.All() {
			if strings.HasSuffix(t.Service, "/"+service) && t.StartedAt != nil {
				n++
			}
		}
	})
	return n
}

// TestACrashNeitherRepeatsNorForgetsARun lets the process die at each call that writes, before
// and after AWS did what it was asked: in the end each run has run once.
func TestACrashNeitherRepeatsNorForgetsARun(t *testing.T) {
	t.Parallel()
	start := func() *embedded {
		return embedCase(t, filepath.Join("..", "..", "testdata", "migration", "compose.yaml"), simulator.Options{VCPUQuota: 100})
	}
	undisturbed := start()
	undisturbed.mustApply(plan.Scope{})
	var points []simulator.Fault
	for i, call := range undisturbed.fake.Calls() {
		if call.Writes && call.Service == "ecs" && call.Err == "" {
			points = append(points, simulator.Fault{At: writesUpTo(undisturbed.fake.Calls()[:i+1])}, simulator.Fault{At: writesUpTo(undisturbed.fake.Calls()[:i+1]), AnswerLost: true})
		}
	}
	for _, fault := range sample.Of(t, points, 12, func(f simulator.Fault) string { return fmt.Sprint("run ", f.At, f.AnswerLost) }) {
		e := start()
		fault.Mutating, fault.Times, fault.Err = true, -1, simulator.Denied()
		e.fake.Fail(fault)
		if e.apply(plan.Scope{}) == nil {
			t.Fatalf("the fault at writing call %d never struck", fault.At)
		}
		e.fake.ClearFaults()
		err := e.apply(plan.Scope{})
		if apply.ExitCode(err) == codeStale {
			err = e.apply(plan.Scope{})
		}
		when := fmt.Sprintf("after a crash at writing call %d (done by AWS: %t)", fault.At, fault.AnswerLost)
		if err != nil {
			t.Fatalf("%s, the next apply: %v", when, err)
		}
		e.settled(when)
		for _, service := range []string{"migrate", "seed", "report"} {
			if n := e.began(service); n != 1 {
				t.Errorf("%s, %s began %d times", when, service, n)
			}
		}
	}
}

func writesUpTo(calls []simulator.Call) int {
	n := 0
	for _, call := range calls {
		if call.Writes {
			n++
		}
	}
	return n
}

// TestARunThatIsLostIsReported stops the task of a migration while it runs: what waits for it is
// not touched, and the next apply runs it again.
func TestARunThatIsLostIsReported(t *testing.T) {
	t.Parallel()
	script, err := simulator.ParseScript([]byte("containers: [{service: migrate, container: migrate, exit: 0, after: 1000}]"))
	if err != nil {
		t.Fatal(err)
	}
	e := embedCase(t, filepath.Join("..", "..", "testdata", "migration", "compose.yaml"), simulator.Options{VCPUQuota: 100, Script: script})
	failed := make(chan error, 1)
	go func() { failed <- e.apply(plan.Scope{}) }()
	client := ecs.NewFromConfig(e.fake.Config())
	cluster, service := "migration", "migrate"
	for e.began("migrate") == 0 {
		if t.Context().Err() != nil {
			t.Fatal("it never began")
		}
	}
	tasks, err := client.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: &cluster, ServiceName: &service})
	if err != nil || len(tasks.TaskArns) != 1 {
		t.Fatalf("its tasks: %v, %v", tasks, err)
	}
	if _, err := client.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &cluster, Task: &tasks.TaskArns[0]}); err != nil {
		t.Fatal(err)
	}
	err = <-failed
	if apply.ExitCode(err) != codeDeployment || !strings.Contains(fmt.Sprint(err), "run of service/migrate failed") || !strings.Contains(fmt.Sprint(err), "Task stopped by user") {
		t.Errorf("it ended with %d: %v", apply.ExitCode(err), err)
	}
	if e.began("web") > 0 {
		t.Error("web was started")
	}
	_, p, _ := e.plan(plan.Scope{})
	if r := p.Find(plan.Address{Kind: "service", Name: "migrate"}); r == nil || r.Run != "the run before did not end well" {
		t.Errorf("the next plan of it: %+v", r)
	}
}

// TestAnInterruptedRunByHandIsTakenAway interrupts run while its task runs.
func TestAnInterruptedRunByHandIsTakenAway(t *testing.T) {
	t.Parallel()
	script, err := simulator.ParseScript([]byte("containers: [{service: web-run-*, container: web, exit: 0, after: 1000}]"))
	if err != nil {
		t.Fatal(err)
	}
	e := embedCase(t, filepath.Join("..", "..", "testdata", "migration", "compose.yaml"), simulator.Options{VCPUQuota: 100, Script: script})
	e.mustApply(plan.Scope{})
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s := e.session()
	go func() { ended <- s.run(ctx, "web", []string{"node", "console.js"}) }()
	for began := false; !began && t.Context().Err() == nil; {
		e.fake.Mutate(func(a *simulator.Account) {
			for _, task := range a.Tasks.All() {
				began = began || strings.Contains(task.Service, "/web-run-") && task.StartedAt != nil
			}
		})
	}
	interrupt()
	if err := <-ended; exitCode(ctx, err) != codeStopped {
		t.Errorf("it ends with %d: %v", exitCode(ctx, err), err)
	}
	e.settled("after an interrupted run")
	e.fake.Mutate(func(a *simulator.Account) {
		for _, service := range a.Services.All() {
			if strings.Contains(*service.ServiceName, "run") && *service.Status == "ACTIVE" {
				t.Errorf("%s is left", *service.ServiceName)
			}
		}
	})
}
