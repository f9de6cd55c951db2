package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestACrashAtAnyCallIsRecoveredByRunningAgain lets the process die at each call
// that writes, before and after AWS did what it was asked, and runs it again.
func TestACrashAtAnyCallIsRecoveredByRunningAgain(t *testing.T) {
	file := filepath.Join("..", "..", "testdata", "voting-app", "compose.yaml")
	if testing.Short() {
		file = filepath.Join("..", "..", "testdata", "sidecar", "compose.yaml")
	}
	for _, lost := range []bool{false, true} {
		for call := 1; ; call++ {
			e := embed(t, file, simulator.Options{VCPUQuota: 100})
			e.fake.Fail(simulator.Fault{Mutating: true, At: call, Times: -1, Err: simulator.Denied(), AnswerLost: lost})
			if e.apply(plan.Scope{}) == nil {
				if call == 1 {
					t.Fatal("the fault never struck")
				}
				break
			}
			e.fake.ClearFaults()
			when := fmt.Sprintf("after a crash at writing call %d (done by AWS: %t)", call, lost)
			if err := e.apply(plan.Scope{}); err != nil {
				t.Fatalf("%s, the next apply: %v", when, err)
			}
			e.settled(when)
		}
	}
}

// TestACrashWhileChangingIsRecovered does the same with a change of what runs:
// everything is restarted by force.
func TestACrashWhileChangingIsRecovered(t *testing.T) {
	file := filepath.Join("..", "..", "testdata", "sidecar", "compose.yaml")
	for call := 1; ; call++ {
		e := embed(t, file, simulator.Options{VCPUQuota: 100})
		if err := e.apply(plan.Scope{}); err != nil {
			t.Fatal(err)
		}
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
