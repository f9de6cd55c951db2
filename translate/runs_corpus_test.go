package translate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// corpusRuns has the services of each public stack that run once, which -update writes where all
// stacks are tried: those that others wait for, then those whose command is known to end.
const corpusRuns = "testdata/corpus-runs.tsv"

// TestRunsOfTheCorpus looks at the public stacks for services whose end another one waits for:
// each runs once, and what waits for it starts after it.
func TestRunsOfTheCorpus(t *testing.T) {
	shared := sharedFolder(t)
	list := map[string]string{}
	counts := map[ending]int{}
	for _, o := range corpusStacks(t, filepath.Join(shared, "corpus")) {
		p, _ := Load(t.Context(), o)
		if p == nil {
			continue
		}
		names := map[ending][]string{}
		for _, name := range p.Compose.ServiceNames() {
			names[p.endingOf(name)] = append(names[p.endingOf(name)], name)
		}
		for e, found := range names {
			counts[e] += len(found)
		}
		if awaited, evident := slices.Concat(names[awaitedToEnd], names[jobByMode]), names[endsEvidently]; len(awaited)+len(evident) > 0 {
			list[stackName(o)] = strings.Join(awaited, " ") + "\t" + strings.Join(evident, " ")
		}
		if stack, _ := p.Stack(knownFacts); stack != nil {
			awaitsRuns(t, stackName(o), p, stack)
		}
	}
	t.Logf("%d services that others wait for, %d whose command ends, %d that are kept running", counts[awaitedToEnd]+counts[jobByMode], counts[endsEvidently], counts[keepsOn])
	compareCorpusRuns(t, list)
}

// awaitsRuns holds what compose files say of ends against the stack.
func awaitsRuns(t *testing.T, name string, p *Project, stack *plan.Stack) {
	t.Helper()
	of := func(service string) *plan.Resource {
		lead, _ := p.mainOf(service)
		return stack.Find(serviceAddress(lead))
	}
	for _, service := range p.Compose.ServiceNames() {
		for other, d := range p.Compose.Services[service].DependsOn {
			waits, run := of(service), of(other)
			if d.Condition != types.ServiceConditionCompletedSuccessfully || waits == nil || run == nil || waits == run || isNone(p, other) {
				continue
			}
			if run.Run == nil || run.Spec.(*spec.Service).DesiredCount != 0 {
				t.Errorf("%s: %s waits for the end of %s, which is kept running", name, service, other)
			}
			if !slices.Contains(waits.After, run.Address) {
				t.Errorf("%s: %s does not start after the end of %s", name, service, other)
			}
		}
	}
}

// isNone says whether the files want no container of a service: docker compose waits for none.
func isNone(p *Project, service string) bool {
	s := p.Compose.Services[service]
	return s.GetScale() == 0
}

func compareCorpusRuns(t *testing.T, list map[string]string) {
	t.Helper()
	if *update && sample.Full() {
		var out strings.Builder
		for _, name := range sortedKeys(list) {
			out.WriteString(name + "\t" + list[name] + "\n")
		}
		if err := os.WriteFile(corpusRuns, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	known := map[string]string{}
	for line := range strings.SplitSeq(readText(t, corpusRuns), "\n") {
		if name, services, ok := strings.Cut(line, "\t"); ok {
			known[name] = services
		}
	}
	for name, services := range list {
		if known[name] != services {
			t.Errorf("%s: %q run once, and %q in %s", name, services, known[name], corpusRuns)
		}
	}
	for name := range known {
		if _, found := list[name]; !found && sample.Full() {
			t.Errorf("%s: nothing runs once any more, see %s", name, corpusRuns)
		}
	}
}
