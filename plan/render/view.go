package render

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// view is the content of a plan before it is laid out: text and Markdown are
// made from it, so that they agree. All of its text is safe to print on one
// line each.
type view struct {
	verdict string
	facts   []string // account, network, scope
	blocked []notice
	legend  []string
	groups  []viewGroup
	kept    []notice
	notes   []notice
	same    int
	minor   bool // fields of new resources are left out

	project, account, region, digest, tool string

	problems         []string // what the translation had to say, help below its line
	errors, warnings int
}

type viewGroup struct {
	title string
	items []item
}

// item is a resource that the plan changes.
type item struct {
	symbol  string
	drifted bool
	address string
	what    string // what happens to it
	tasks   string // what happens to its tasks, "" where nothing does
	why     string
	source  string // "" where it is unknown
	live    string // what AWS calls it, "" where it is not live
	tier    int    // of the details: see the tiers
	lines   []line
}

// The details that matter most come first where there is no room for all.
const (
	tierGone = iota // replaced, deleted
	tierChanged
	tierCreated
	tiers
)

// notice is a message about a subject, perhaps with help.
type notice struct{ subject, text, help string }

func newView(kinds plan.Kinds, p *plan.Plan, full bool) *view {
	b := viewer{kinds: kinds, plan: p, secrets: secrets{}, full: full}
	changing := groupByService(kinds, slices.DeleteFunc(slices.Clone(p.Resources), func(r *plan.ResourcePlan) bool { return !r.Changed() }))
	b.numberSecrets(changing)
	v := &view{
		verdict: b.safe(Verdict(p)), facts: b.facts(), same: p.Summary.Same,
		project: b.safe(p.Target.Project), account: b.safe(p.Target.Account), region: b.safe(p.Target.Region),
		digest: b.safe(p.Digest), tool: b.safe(p.Tool),
	}
	for _, g := range changing {
		v.groups = append(v.groups, b.group(g))
	}
	v.blocked, v.kept, v.notes = b.blocked(), b.kept(), b.notes()
	v.legend = legendOf(v)
	v.minor = !full && slices.ContainsFunc(p.Resources, hasMinor)
	b.addProblems(v)
	return v
}

// hasMinor says whether a short rendering of a resource leaves fields out.
func hasMinor(r *plan.ResourcePlan) bool {
	return slices.ContainsFunc(r.Changes, func(c plan.Change) bool { return c.Minor })
}

type viewer struct {
	kinds   plan.Kinds
	plan    *plan.Plan
	secrets secrets
	full    bool
}

// safe is for all text that is not a value.
func (b viewer) safe(text string) string { return clean(b.secrets.mask(text)) }

// numberSecrets numbers every secret in the order of the view, whether or not a
// rendering shows it, so that all renderings use the same number for it.
func (b viewer) numberSecrets(groups []group) {
	for _, g := range groups {
		for _, r := range g.resources {
			for _, c := range r.Changes {
				b.secrets.values(c)
			}
		}
	}
}

func (b viewer) group(g group) viewGroup {
	out := viewGroup{title: b.safe(g.name)}
	if g.name == "" {
		out.title = "shared infrastructure"
	}
	for _, r := range g.resources {
		out.items = append(out.items, b.item(r))
	}
	return out
}

func (b viewer) item(r *plan.ResourcePlan) item {
	out := item{
		symbol:  symbol(r),
		drifted: drifted(r),
		address: b.safe(r.Address.String()),
		what:    what(r),
		tasks:   tasks(b.kinds, r),
		why:     b.safe(why(r)),
		live:    b.live(r.Name),
		tier:    tierOf(r),
		lines:   liner{resource: r, secrets: b.secrets, full: b.full}.lines(),
	}
	if r.Source != nil {
		out.source = b.safe(r.Source.String())
	}
	return out
}

func tierOf(r *plan.ResourcePlan) int {
	switch {
	case r.Has(plan.Delete) || r.Effects.DataLoss || len(r.Effects.Unused) > 0 || r.Effects.Replaces:
		return tierGone
	case r.Has(plan.Create):
		return tierCreated
	default:
		return tierChanged
	}
}

// live removes from an ARN what the head of the plan already shows.
func (b viewer) live(name string) string {
	parts := strings.SplitN(name, ":", 6)
	t := b.plan.Target
	if !b.full && len(parts) == 6 && parts[0] == "arn" && parts[1] == t.Partition &&
		(parts[3] == t.Region || parts[3] == "") && parts[4] == t.Account {
		name = parts[5]
	}
	return b.safe(name)
}

func (b viewer) facts() []string {
	t := b.plan.Target
	account := "offline: no account was read"
	if t.Account != "" {
		account = "account " + b.safe(t.Account) + ", region " + b.safe(t.Region)
	}
	if b.plan.Simulated {
		account += ", simulated AWS (nothing real is read or written)"
	}
	out := []string{account}
	if network := b.plan.Facts.Network; network != "" {
		out = append(out, "network: "+b.safe(network))
	}
	if scope := scopeWords(b.plan.Scope); scope != "" {
		out = append(out, "asked for: "+b.safe(scope))
	}
	return out
}

// words are the flags that limited or widened the plan.
func scopeWords(s plan.Scope) string {
	var parts []string
	if s.Prune {
		parts = append(parts, "--prune")
	}
	add := func(flag string, values []string) {
		for _, value := range values {
			parts = append(parts, flag+" "+value)
		}
	}
	add("--only", s.Only)
	add("--force-new-deployment", s.Force)
	add("--refresh", s.Refresh)
	add("--adopt", s.Adopt)
	add("--delete-data", s.DeleteData)
	return strings.Join(parts, " ")
}

func (b viewer) blocked() []notice {
	var out []notice
	for _, g := range b.plan.Guards {
		out = append(out, notice{b.safe(g.Address.String()), b.safe(g.Message), b.safe(g.Help)})
	}
	return out
}

func (b viewer) kept() []notice {
	var out []notice
	for _, r := range b.plan.Resources {
		if r.Has(plan.Keep) {
			out = append(out, notice{subject: b.safe(r.Address.String()), text: keptText(b.kinds, b.plan.Scope, r)})
		}
	}
	return out
}

// notes are about live resources and fields that are left as they are.
func (b viewer) notes() []notice {
	var out []notice
	for _, r := range b.plan.Resources {
		address := b.safe(r.Address.String())
		if len(r.Actions) == 0 && drifted(r) {
			out = append(out, notice{subject: address, text: "was changed outside and is left as it is: " + b.paths(r)})
		}
		if len(r.Unmanaged) > 0 {
			fields := b.safe(strings.Join(r.Unmanaged, ", "))
			out = append(out, notice{subject: address, text: "has live fields that this version does not manage: " + fields})
		}
	}
	return out
}

func (b viewer) paths(r *plan.ResourcePlan) string {
	var out []string
	for _, c := range r.Changes {
		if c.Cause == plan.Drift {
			out = append(out, b.secrets.label(c.Path))
		}
	}
	return strings.Join(out, ", ")
}

// addProblems takes over errors and warnings. Notes are left to the terminal.
func (b viewer) addProblems(v *view) {
	for _, d := range b.plan.Diagnostics.Folded() {
		switch d.Severity {
		case diag.Error:
			v.errors++
		case diag.Warning:
			v.warnings++
		default:
			continue
		}
		for row := range strings.SplitSeq(d.String(), "\n") {
			v.problems = append(v.problems, cleanLine(b.secrets.mask(row)))
		}
	}
}

// legendOf explains the symbols that are there.
func legendOf(v *view) []string {
	present := map[string]bool{}
	for _, g := range v.groups {
		for _, i := range g.items {
			present[i.symbol] = true
			present["!"] = present["!"] || i.drifted
			for _, l := range i.lines {
				present[l.op] = true
			}
		}
	}
	var out []string
	for _, entry := range legend {
		if present[entry.symbol] {
			out = append(out, entry.symbol+" "+entry.meaning)
		}
	}
	return out
}
