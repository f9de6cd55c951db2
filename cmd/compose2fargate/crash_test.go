package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestACrashAtAnyCallIsRecoveredByRunningAgain lets the process die at each call
// that writes, before and after AWS did what it was asked, and runs it again.
func TestACrashAtAnyCallIsRecoveredByRunningAgain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"voting-app", "tls-requested"} {
		file := filepath.Join("..", "..", "testdata", name, "compose.yaml")
		for _, lost := range []bool{false, true} {
			crashes(t, fmt.Sprintf("%s, done by AWS: %t", name, lost), simulator.Fault{AnswerLost: lost},
				func() *embedded { return embedCase(t, file, simulator.Options{VCPUQuota: 100}) }, plan.Scope{})
		}
	}
}

// TestACrashWhileDestroyingIsRecovered does the same with everything that goes.
func TestACrashWhileDestroyingIsRecovered(t *testing.T) {
	crashes(t, "tls-requested", simulator.Fault{}, func() *embedded { return applied(t, "tls-requested") }, plan.Scope{Destroy: true})
}

// crashes carries out a scope in an account of its own for a sample of the calls
// that write, and dies there with the fault. What is left to do then can be done,
// and nothing is left to do after it.
func crashes(t *testing.T, name string, fault simulator.Fault, start func() *embedded, scope plan.Scope) {
	t.Helper()
	undisturbed := start()
	undisturbed.fake.ResetCalls()
	undisturbed.mustApply(scope)
	var points []int
	for _, call := range undisturbed.fake.Calls() {
		if call.Writes && call.Err == "" { // how often others are tried again is chance
			points = append(points, len(points)+1)
		}
	}
	for _, call := range sample.Of(t, points, 192, func(call int) string { return fmt.Sprint(name, call) }) {
		e := start()
		fault.Mutating, fault.At, fault.Times, fault.Err = true, call, -1, simulator.Denied()
		e.fake.Fail(fault)
		if e.apply(scope) == nil {
			t.Fatalf("the fault at writing call %d never struck", call)
		}
		e.fake.ClearFaults()
		when := fmt.Sprintf("%s: after a crash at writing call %d", name, call)
		err := e.apply(scope)
		if apply.ExitCode(err) == codeStale { // what AWS was still making came to be since the plan
			err = e.apply(scope)
		}
		if err != nil {
			t.Fatalf("%s, the next apply: %v", when, err)
		}
		if _, p, _ := e.plan(scope); p.Changed() {
			t.Errorf("%s, a plan still wants %+v", when, p.Summary)
		}
	}
}

// TestACrashWhileChangingIsRecovered does the same with a change of what runs:
// everything is restarted by force.
func TestACrashWhileChangingIsRecovered(t *testing.T) {
	for call := 1; ; call++ {
		e := applied(t, "sidecar")
		e.fake.Fail(simulator.Fault{Mutating: true, At: call, Times: -1, Err: simulator.Denied()})
		if e.apply(plan.Scope{Force: []string{"app"}}) == nil {
			break
		}
		e.fake.ClearFaults()
		if err := e.apply(plan.Scope{}); err != nil {
			t.Fatalf("after a crash at writing call %d, the next apply: %v", call, err)
		}
		e.settled(fmt.Sprintf("after a crash at writing call %d", call))
	}
}

// TestACrashBetweenTwoFilesIsRecovered does the same with changes of the compose
// file that take many steps: new load balancers and all that hangs on them beside
// the old ones, and a new service that others call.
func TestACrashBetweenTwoFilesIsRecovered(t *testing.T) {
	t.Parallel()
	const callers = `name: shop
services:
  web: {image: "nginx:1", environment: {CACHE: "cache:6379"}}
  other: {image: "nginx:1", links: [cache]}
`
	for name, files := range map[string][2]string{
		"replaced": {replaceable, strings.NewReplacer("internet-facing", "internal", "vpc: one", "vpc: two").Replace(replaceable)},
		"new name": {
			strings.Replace(callers, ", links: [cache]", "", 1),
			callers + "  cache: {image: \"redis:8\", expose: [\"6379\"]}\n",
		},
	} {
		crashes(t, name, simulator.Fault{}, func() *embedded {
			e := twoNetworks(t)
			write(t, e.file, files[0])
			e.mustApply(plan.Scope{})
			write(t, e.file, files[1])
			return e
		}, plan.Scope{Prune: true})
	}
}

// TestPagesOfOneAndLateTagsChangeNothing plans and applies against an account
// whose lists come one item at a time and whose new tags are seen late.
func TestPagesOfOneAndLateTagsChangeNothing(t *testing.T) {
	e := embed(t, filepath.Join("..", "..", "testdata", "voting-app", "compose.yaml"),
		simulator.Options{PageSize: 1, TagDelay: 2, RoleDelay: 2, VCPUQuota: 100})
	if err := e.apply(plan.Scope{}); err != nil {
		t.Fatalf("%v\n%s", err, e.talk.String())
	}
	e.settled("with pages of one")
}
