package render

import (
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// The words and symbols of what happens to a resource. A symbol has a meaning
// without its colour.

func replaced(r *plan.ResourcePlan) bool { return r.Has(plan.Create) && r.Has(plan.Delete) }

// symbol is -/+ if the old resource is deleted before the new one is created.
func symbol(r *plan.ResourcePlan) string {
	if r.DeletesFirst() {
		return "-/+"
	}
	if replaced(r) {
		return "+/-"
	}
	for _, s := range actionSymbols {
		if r.Has(s.action) {
			return s.symbol
		}
	}
	return "?"
}

// actionSymbols in the order in which one stands for several.
var actionSymbols = []struct {
	action       plan.Action
	symbol, what string
}{
	{plan.Delete, "-", "deleted"},
	{plan.Create, "+", "created"},
	{plan.Adopt, "=", "adopted"},
	{plan.Revise, "^", "new revision"},
	{plan.Update, "~", "updated in place"},
	{plan.Resume, ">", "resumed"},
	{plan.Keep, " ", "kept"},
	{plan.RunOnce, "*", "runs once"},
}

// legend explains a symbol; the order is that of the legend.
var legend = []struct{ symbol, meaning string }{
	{"+", "create"},
	{"=", "adopt"},
	{"^", "new revision"},
	{"~", "update in place"},
	{">", "resume"},
	{"*", "run once"},
	{"-/+", "delete, then create"},
	{"+/-", "create, then delete"},
	{"-", "delete"},
	{"!", "changed outside"},
}

// what says what happens to the resource itself.
func what(r *plan.ResourcePlan) string {
	switch {
	case r.DeletesFirst():
		return "replaced, the old one is deleted first"
	case replaced(r):
		return "replaced, the new one is created first"
	}
	var parts []string
	for _, s := range actionSymbols {
		if r.Has(s.action) {
			parts = append(parts, s.what)
		}
	}
	if len(parts) == 0 {
		return "noted"
	}
	if r.Run != "" { // the last of the actions
		parts[len(parts)-1] += ": " + r.Run
	}
	return strings.Join(parts, " and ")
}

// tasks says what happens to running tasks and to data, "" if nothing does.
func tasks(kinds plan.Kinds, r *plan.ResourcePlan) string {
	e := r.Effects
	var parts []string
	for _, u := range e.Unused {
		parts = append(parts, u.String())
	}
	if e.DataLoss {
		parts = append(parts, "data loss")
	}
	switch {
	case e.Restarts > 0 && e.Interrupts:
		parts = append(parts, "interruption of "+plural(e.Restarts, "task", "tasks")+": old tasks stop before new ones start")
	case e.Interrupts:
		parts = append(parts, "interruption: old tasks stop before new ones start")
	case e.Restarts > 0:
		parts = append(parts, "rolling restart of "+plural(e.Restarts, "task", "tasks"))
	}
	if e.Starts > 0 {
		parts = append(parts, "starts "+plural(e.Starts, "task", "tasks"))
	}
	if e.Stops > 0 {
		parts = append(parts, "stops "+plural(e.Stops, "task", "tasks"))
	}
	if e.Forces {
		parts = append(parts, "by a forced new deployment")
	}
	for _, exposed := range e.Exposes {
		parts = append(parts, "exposed to "+exposed)
	}
	parts = append(parts, e.Gains...)
	if len(parts) == 0 && kinds[r.Address.Kind].Rollout != nil && !r.Has(plan.Create) && !r.Has(plan.Delete) && r.Run == "" {
		return "tasks keep running"
	}
	return strings.Join(parts, ", ")
}

// drifted says whether somebody changed the live resource.
func drifted(r *plan.ResourcePlan) bool {
	if r.Cause == plan.Drift {
		return true
	}
	for _, c := range r.Changes {
		if c.Cause == plan.Drift {
			return true
		}
	}
	return false
}

// why says why something happens to a resource, and which names its tasks
// resolve afterwards.
func why(r *plan.ResourcePlan) string {
	var once, again plan.NewNames
	for _, n := range r.Names {
		if n.Again {
			again = append(again, n)
		} else {
			once = append(once, n)
		}
	}
	text := causeText(r.Cause)
	switch {
	case r.Cause == plan.Config && len(r.Files) > 0:
		text = ChangedFiles(r.Files)
	case r.Former:
		text = "the compose file, or a default of compose2fargate, changed"
	}
	switch {
	case r.Cause == plan.Named && len(once) > 0:
		text = "restarts to see " + once.String()
	case len(once) > 0:
		text += "; its new tasks see " + once.String()
	}
	if len(r.Pauses) > 0 {
		text += "; stopped while " + addresses(r.Pauses) + " is replaced"
	}
	if len(again) > 0 {
		text += "; restarts a second time to see " + again.String()
	}
	return text
}

// maxFiles is how many files are named before their number says more.
const maxFiles = 3

// ChangedFiles says which files changed, of many the first ones.
func ChangedFiles(files []string) string {
	text := strings.Join(files[:min(len(files), maxFiles)], ", ")
	if more := len(files) - maxFiles; more > 0 {
		text += " and " + plural(more, "more file", "more files")
	}
	return text + " changed"
}

// addresses are some addresses in a sentence.
func addresses(list []plan.Address) string {
	var out []string
	for _, a := range list {
		out = append(out, a.String())
	}
	return strings.Join(plan.FirstOf(out), ", ")
}

// causeText is why, as the end of a sentence.
func causeText(cause plan.Cause) string {
	switch cause {
	case plan.Config:
		return "the compose file changed"
	case plan.Drift:
		return "changed outside"
	case plan.Resumed:
		return "an earlier apply did not finish"
	case plan.Forced:
		return "requested on the command line"
	case plan.Dependency:
		return "a resource that it refers to changes"
	case plan.Removed:
		return "no longer in the compose file"
	case plan.Absent:
		return "does not exist yet"
	case plan.Named:
		return "restarts to see a new name"
	case plan.Upgrade:
		return "a default of compose2fargate changed"
	case plan.Outlived:
		return "neither running tasks nor the last 2 revisions need it"
	default:
		return clean(string(cause))
	}
}

// keptText is why a leftover stays, and what would delete it.
func keptText(kinds plan.Kinds, s plan.Scope, r *plan.ResourcePlan) string {
	deletes := s.Prune || s.Destroy
	name := clean(r.Address.String())
	switch {
	case kinds[r.Address.Kind].DataIn != "":
		return "its data stays on its " + strings.ReplaceAll(kinds[r.Address.Kind].DataIn, "-", " ") + ", and is deleted with that alone"
	case deletes:
		return "holds data: kept unless --delete-data " + name
	case r.Effects.DataLoss:
		return "no longer in the compose file, holds data: kept unless --prune --delete-data " + name
	default:
		return "no longer in the compose file; --prune deletes it"
	}
}
