package render

import (
	"maps"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// summary says in one sentence what a plan does: "2 to create, 1 to update, 0
// to delete; 1 service restarts (3 tasks)".
func summary(s plan.Summary) string {
	clauses := []string{strings.Join(counts(s), ", ")}
	if s.Runs > 0 {
		clauses = append(clauses, plural(s.Runs, "runs to its end", "run to their end"))
	}
	if s.Services > 0 {
		restarts := plural(s.Services, "service restarts", "services restart")
		clauses = append(clauses, restarts+" ("+plural(s.Restarts, "task", "tasks")+")")
	}
	if s.Starts > 0 {
		clauses = append(clauses, plural(s.Starts, "task starts", "tasks start"))
	}
	if s.Stops > 0 {
		clauses = append(clauses, plural(s.Stops, "task stops", "tasks stop"))
	}
	if s.Drift > 0 {
		clauses = append(clauses, plural(s.Drift, "resource was", "resources were")+" changed outside")
	}
	return strings.Join(clauses, "; ")
}

// counts lists how many resources are created, changed and so on. It always
// says how many are deleted, even if none is.
func counts(s plan.Summary) []string {
	var out []string
	add := func(n int, one, many string) {
		if n > 0 {
			out = append(out, plural(n, one, many))
		}
	}
	add(s.Create, "to create", "to create")
	add(s.Adopt, "to adopt", "to adopt")
	add(s.Revise, "new revision", "new revisions")
	add(s.Update, "to update", "to update")
	add(s.Resume, "to resume", "to resume")
	add(s.Replace, "to replace", "to replace")
	out = append(out, plural(s.Delete, "to delete", "to delete"))
	add(s.Outlived, "old one let go", "old ones let go")
	add(s.Keep, "leftover kept", "leftovers kept")
	return out
}

// Verdict is the first line of every rendering: what the plan does as a whole.
func Verdict(p *plan.Plan) string {
	head := clean(p.Target.Project) + ": "
	if p.Scope.Destroy {
		head += "destroy: "
	}
	switch {
	case len(p.Guards) > 0:
		return head + blocked(p)
	case p.Changed():
		return head + outcome(p)
	default:
		return head + calm(p)
	}
}

func blocked(p *plan.Plan) string {
	text := "blocked: " + plural(len(p.Guards), "guard refuses", "guards refuse") + " this plan"
	if !p.Changed() {
		return text
	}
	return text + "; otherwise " + outcome(p)
}

// outcome adds to the summary what a reader must not miss: interruptions,
// exposure and data loss.
func outcome(p *plan.Plan) string {
	interrupted, lost := 0, 0
	exposed := map[string]bool{}
	var gains []string
	for _, r := range p.Resources {
		for _, what := range r.Effects.Gains {
			gains = append(gains, clean(behind(r.Address.Name)+" "+what))
		}
		for _, what := range r.Effects.Exposes {
			exposed[what] = true
		}
		if r.Changed() && r.Effects.Interrupts {
			interrupted++
		}
		if r.Changed() && r.Effects.DataLoss {
			lost++
		}
	}
	text := strings.Join(append(unused(p), summary(p.Summary)), "; ")
	if interrupted > 0 {
		text += "; " + plural(interrupted, "service is", "services are") + " interrupted"
	}
	if len(exposed) > 0 {
		text += "; exposed to " + clean(strings.Join(plan.FirstOf(slices.Sorted(maps.Keys(exposed))), " and "))
	}
	if len(gains) > 0 {
		text += "; " + strings.Join(plan.FirstOf(gains), " and ")
	}
	if lost > 0 {
		text += "; data loss in " + plural(lost, "resource", "resources")
	}
	return text
}

// behind is who has the rights of a role: the program of a service, or ECS when it starts one.
func behind(role string) string {
	dot := max(strings.LastIndexByte(role, '.'), 0) // names of services have dots too
	switch service, what := role[:dot], strings.TrimPrefix(role[dot:], "."); {
	case what != "execution":
		return service
	case service == "":
		return "the execution role"
	default:
		return "the execution role of " + service
	}
}

// unused says which services lose sight of their data: a reader must not miss that.
func unused(p *plan.Plan) []string {
	var out []string
	for _, r := range p.Resources {
		for _, u := range r.Effects.Unused {
			out = append(out, clean(r.Address.Name+" "+u.String()))
		}
	}
	return plan.FirstOf(out)
}

// calm is the verdict of a plan without steps. It claims nothing about
// resources outside its scope.
func calm(p *plan.Plan) string {
	besides := ""
	if p.Summary.Keep > 0 {
		besides = ", except for " + plural(p.Summary.Keep, "leftover", "leftovers")
	}
	switch {
	case p.Scope.Destroy:
		return "no changes. Nothing is left to delete" + besides + "."
	case len(p.Scope.Only) > 0:
		return "no changes to " + clean(strings.Join(p.Scope.Only, ", ")) + ". What runs there is what the compose file says."
	default:
		return "no changes. What runs is what the compose file says" + besides + "."
	}
}
