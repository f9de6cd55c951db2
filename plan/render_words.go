package plan

import (
	"slices"
	"strings"
)

// The words and symbols of what happens to a resource. A symbol has a meaning
// without its colour.

func (r *ResourcePlan) replaced() bool { return r.Has(Create) && r.Has(Delete) }

// symbol is -/+ where the old resource goes before the new one comes.
func (r *ResourcePlan) symbol() string {
	if r.deletesFirst() {
		return "-/+"
	}
	if r.replaced() {
		return "+/-"
	}
	for _, s := range actionSymbols {
		if r.Has(s.action) {
			return s.symbol
		}
	}
	return "?"
}

// deletesFirst is about a replacement.
func (r *ResourcePlan) deletesFirst() bool {
	return r.Has(Create) && slices.Index(r.Actions, Delete) > -1 &&
		slices.Index(r.Actions, Delete) < slices.Index(r.Actions, Create)
}

// actionSymbols in the order in which one stands for several.
var actionSymbols = []struct {
	action       Action
	symbol, what string
}{
	{Delete, "-", "deleted"},
	{Create, "+", "created"},
	{Adopt, "=", "adopted"},
	{Revise, "^", "new revision"},
	{Update, "~", "updated in place"},
	{Resume, ">", "resumed"},
	{Keep, " ", "kept"},
}

// legend explains a symbol; the order is that of the legend.
var legend = []struct{ symbol, meaning string }{
	{"+", "create"},
	{"=", "adopt"},
	{"^", "new revision"},
	{"~", "update in place"},
	{">", "resume"},
	{"-/+", "delete, then create"},
	{"+/-", "create, then delete"},
	{"-", "delete"},
	{"!", "changed outside"},
}

// what says what happens to the resource itself.
func (r *ResourcePlan) what() string {
	switch {
	case r.deletesFirst():
		return "replaced, the old one is deleted first"
	case r.replaced():
		return "replaced, the new one is made first"
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
	return strings.Join(parts, " and ")
}

// tasks says what happens to what runs, and to data. "" where nothing does.
func (r *ResourcePlan) tasks() string {
	e := r.Effects
	var parts []string
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
	if len(parts) == 0 && r.Address.Kind == serviceKind && !r.Has(Create) && !r.Has(Delete) {
		return "tasks keep running"
	}
	return strings.Join(parts, ", ")
}

// drifted says whether somebody changed the live resource.
func (r *ResourcePlan) drifted() bool {
	if r.Cause == Drift {
		return true
	}
	for _, c := range r.Changes {
		if c.Cause == Drift {
			return true
		}
	}
	return false
}

// why is why something happens to a resource, and what its tasks see after it.
func (r *ResourcePlan) why() string {
	var once, again []NewName
	for _, n := range r.Names {
		if n.Again {
			again = append(again, n)
		} else {
			once = append(once, n)
		}
	}
	text := causeText(r.Cause)
	switch {
	case r.Cause == Named && len(once) > 0:
		text = "restarts to see " + newNames(once)
	case len(once) > 0:
		text += "; its new tasks see " + newNames(once)
	}
	if len(again) > 0 {
		text += "; restarts a second time to see " + newNames(again)
	}
	return text
}

// causeText is why, as the end of a sentence.
func causeText(cause Cause) string {
	switch cause {
	case Config:
		return "the compose file changed"
	case Drift:
		return "changed outside"
	case Resumed:
		return "an earlier apply did not finish"
	case Forced:
		return "asked for on the command line"
	case Dependency:
		return "what it refers to changes"
	case Removed:
		return "no longer in the compose file"
	case Absent:
		return "not there yet"
	case Named:
		return "restarts to see a new name"
	default:
		return clean(string(cause))
	}
}

// keptText is why a leftover stays, and what would delete it.
func (p *Plan) keptText(r *ResourcePlan) string {
	deletes := p.Scope.Prune || p.Scope.Destroy
	name := clean(r.Address.String())
	switch {
	case deletes:
		return "holds data: kept unless --delete-data " + name
	case r.Effects.DataLoss:
		return "no longer in the compose file, holds data: kept unless --prune --delete-data " + name
	default:
		return "no longer in the compose file; --prune deletes it"
	}
}
