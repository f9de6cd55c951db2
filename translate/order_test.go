package translate

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// TestWhatIsNeededComesFirstAndGoesLast looks at every pair of resources of every
// case of which one refers to or needs the other: what is needed is there before
// it is used, and is deleted only after its user is. testdata/pairs.txt has the
// kinds; a pair that is missing there is one that nobody thought of.
func TestWhatIsNeededComesFirstAndGoesLast(t *testing.T) {
	t.Parallel()
	pairs := map[string]bool{}
	for _, dir := range orderCases(t) {
		_, stack, _ := stackOf(t, dir)
		if stack == nil || stack.Target.Account == "" {
			continue
		}
		o := orders{t, dir, stepsTo(t, nil, stack, plan.Scope{}), stepsTo(t, running(t, stack), nothing(t, stack), plan.Scope{Destroy: true, DeleteData: names(stack)})}
		for _, r := range stack.Resources {
			for _, needed := range neededBy(r) {
				if leadsOutside(r, needed, stack) {
					continue
				}
				pairs[r.Address.Kind+" needs "+needed.Kind] = true
				o.check(r.Address, needed)
			}
		}
	}
	for _, rules := range spec.Kinds() {
		for kind := range rules.Needs {
			if pair := rules.Kind + " needs " + kind; !pairs[pair] {
				t.Errorf("no case has the pair: %s", pair)
			}
		}
	}
	checkPairs(t, strings.Join(slices.Sorted(maps.Keys(pairs)), "\n")+"\n")
}

func orderCases(t *testing.T) []string {
	t.Helper()
	cases, err := filepath.Glob("testdata/map/*")
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// leadsOutside says whether a record belongs to a load balancer of others: then
// nothing that is live tells of its rules.
func leadsOutside(r *plan.Resource, needed plan.Address, s *plan.Stack) bool {
	via := spec.Kinds()[r.Address.Kind].Needs[needed.Kind]
	return via == spec.LoadBalancerKind && !slices.ContainsFunc(plan.Refs(r.Spec), func(ref plan.Ref) bool { return s.Find(ref.Address) != nil })
}

func neededBy(r *plan.Resource) []plan.Address {
	out := slices.Clone(r.Needs)
	for _, ref := range plan.Refs(r.Spec) {
		if ref.Address.Kind != plan.FactsKind && !slices.Contains(out, ref.Address) {
			out = append(out, ref.Address)
		}
	}
	return out
}

// orders are the steps that make a stack and those that take it away, each with
// all that come before it.
type orders struct {
	*testing.T
	dir        string
	make, take map[string]map[string]bool
}

func (o orders) check(user, needed plan.Address) {
	o.Helper()
	o.before(o.make, plan.StepID(needed, plan.CreateVerb), plan.StepID(user, plan.CreateVerb))
	o.before(o.take, plan.StepID(user, plan.DeleteVerb), plan.StepID(needed, plan.DeleteVerb))
}

func (o orders) before(steps map[string]map[string]bool, first, then string) {
	o.Helper()
	if steps[first] == nil || steps[then] == nil || !steps[then][first] {
		o.Errorf("%s: %s does not come before %s", o.dir, first, then)
	}
}

func stepsTo(t *testing.T, live, want *plan.Stack, scope plan.Scope) map[string]map[string]bool {
	t.Helper()
	if live == nil {
		live = nothing(t, want)
	}
	p, err := plan.Diff(spec.Kinds(), live, want, plan.Options{Scope: scope})
	if err != nil {
		t.Fatal(err)
	}
	after := map[string][]string{}
	for _, s := range p.Steps {
		after[s.ID] = s.After
	}
	before := map[string]map[string]bool{}
	var visit func(id string) map[string]bool
	visit = func(id string) map[string]bool {
		if before[id] == nil {
			before[id] = map[string]bool{}
			for _, first := range after[id] {
				before[id][first] = true
				maps.Copy(before[id], visit(first))
			}
		}
		return before[id]
	}
	for id := range after {
		visit(id)
	}
	return before
}

func nothing(t *testing.T, like *plan.Stack) *plan.Stack {
	t.Helper()
	s, err := plan.NewStack(spec.Kinds(), like.Target, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// running is a stack as it is live: every attribute has a text of its own.
func running(t *testing.T, want *plan.Stack) *plan.Stack {
	t.Helper()
	var out []*plan.Resource
	for _, r := range want.Resources {
		live := &plan.Resource{Address: r.Address, Attrs: plan.Attrs{}, Tags: plan.OwnTags(want.Target.Project, r.Address, plan.Applied{Hash: r.Hash})}
		for _, attr := range spec.Kinds()[r.Address.Kind].Attrs {
			live.Attrs[attr] = fmt.Sprintf("%s.%s", r.Address, attr)
		}
		live.Spec = plan.Map(r.Spec, func(v plan.Value) plan.Value {
			if v.Ref == nil || v.Ref.Address.Kind == plan.FactsKind {
				return plan.Literal(v.Text)
			}
			return plan.Literal(fmt.Sprintf("%s.%s", v.Ref.Address, v.Ref.Attr))
		})
		out = append(out, live)
	}
	s, err := plan.LiveStack(spec.Kinds(), want.Target, out)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func names(s *plan.Stack) []string {
	var out []string
	for _, r := range s.Resources {
		out = append(out, r.Address.String())
	}
	return out
}

func checkPairs(t *testing.T, got string) {
	t.Helper()
	file := filepath.Join("testdata", "pairs.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(readText(t, file), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
