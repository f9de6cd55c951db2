package plan

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Options of Diff.
type Options struct {
	Tool      string // name and version, for the header of the plan
	Simulated bool
	Facts     Facts
	Scope     Scope
	// Locate says where the compose file asks for a field. Nil: nowhere.
	Locate func(address Address, path []string) diag.Pos
	// Diagnostics of the translation are carried into the plan.
	Diagnostics diag.List
	// Advise looks at the whole plan, for what no single resource shows. Nil:
	// nothing.
	Advise func(live, want *Stack, p *Plan) diag.List
}

// Diff plans how live becomes want. It compares three ways: the spec tag of a
// live resource says what was applied last, so that a field that differs is told
// to be a change of the compose file or one that was made behind its back.
func Diff(kinds Kinds, live, want *Stack, o Options) (*Plan, error) {
	d, err := newDiffer(kinds, live, want, o)
	if err != nil {
		return nil, err
	}
	for _, r := range d.order {
		if !d.inScope(r.Address) {
			continue
		}
		if err := d.wanted(r); err != nil {
			return nil, fmt.Errorf("compare %s: %w", r.Address, err)
		}
	}
	if len(o.Scope.Only) == 0 {
		for _, r := range live.Resources {
			if want.Find(r.Address) != nil {
				continue
			}
			if err := d.unwanted(r); err != nil {
				return nil, fmt.Errorf("compare %s: %w", r.Address, err)
			}
		}
	}
	return d.finish()
}

// differ holds what the comparison of one resource must know of the others.
type differ struct {
	kinds      Kinds
	live, want *Stack
	options    Options
	masker     *masker
	order      []*Resource // want, each after those it refers to
	scope      map[Address]bool
	origins    origins
	plan       *Plan
	planned    map[Address]*ResourcePlan
}

func newDiffer(kinds Kinds, live, want *Stack, o Options) (*differ, error) {
	order, err := want.order()
	if err != nil {
		return nil, err
	}
	d := &differ{
		kinds: kinds, live: live, want: want, options: o,
		masker: want.masker, order: order,
		origins: newOrigins(kinds, live, want),
		planned: map[Address]*ResourcePlan{},
		plan: &Plan{
			Tool: o.Tool, Simulated: o.Simulated, Target: want.Target, Facts: o.Facts,
			Scope: o.Scope, Diagnostics: o.Diagnostics.Sorted(),
		},
	}
	if d.plan.Stack, err = want.Hash(); err != nil {
		return nil, err
	}
	d.scope, err = closure(want, o.Scope.Only)
	return d, err
}

func (d *differ) inScope(address Address) bool { return d.scope == nil || d.scope[address] }

// closure is what the named services need, nil for no limit.
func closure(want *Stack, only []string) (map[Address]bool, error) {
	if len(only) == 0 {
		return nil, nil
	}
	in := map[Address]bool{}
	var visit func(address Address)
	visit = func(address Address) {
		r := want.Find(address)
		if r == nil || in[address] {
			return
		}
		in[address] = true
		for _, ref := range Refs(r.Spec) {
			visit(ref.Address)
		}
		for _, after := range r.After {
			visit(after)
		}
	}
	for _, name := range only {
		address := Address{Kind: startingKind, Name: name}
		if want.Find(address) == nil {
			return nil, fmt.Errorf("there is no service %q to limit the plan to", name)
		}
		visit(address)
	}
	return in, nil
}

// startingKind is the kind that the command line means by a service's name.
const startingKind = "service"

// wanted compares one desired resource with what is live.
func (d *differ) wanted(r *Resource) error {
	live := d.live.Find(r.Address)
	p, err := d.begin(r.Address, live)
	if err != nil {
		return err
	}
	p.Source = position(r.Source)
	if live == nil {
		return d.create(p, r)
	}
	if !d.mayTouch(p, live) {
		return nil
	}
	changes, err := d.compare(live, r)
	if err != nil {
		return err
	}
	d.decide(p, live, r, changes)
	return nil
}

func (d *differ) begin(address Address, live *Resource) (*ResourcePlan, error) {
	fingerprint, err := Fingerprint(d.kinds, d.want.Target, live)
	if err != nil {
		return nil, err
	}
	p := &ResourcePlan{Address: address, Fingerprint: fingerprint}
	if live != nil {
		p.Name = cmp.Or(live.Attrs["arn"], live.Attrs["id"])
		p.Unmanaged = live.Unmanaged
	}
	d.planned[address] = p
	return p, nil
}

// mayTouch refuses what belongs to somebody else. A revision is never touched,
// only followed by another one, so that it does not matter who made it.
func (d *differ) mayTouch(p *ResourcePlan, live *Resource) bool {
	owner, name := live.Owner(d.want.Target.Project)
	if d.kinds[p.Address.Kind].Revisions {
		return true
	}
	switch owner {
	case Foreign:
		d.guard("foreign", p, fmt.Sprintf("%s exists and is %s", d.called(live), name),
			"choose another project name with -p, or delete it where it belongs")
		return false
	case Untagged:
		return d.mayAdopt(p, live)
	default:
		return true
	}
}

func (d *differ) mayAdopt(p *ResourcePlan, live *Resource) bool {
	for _, asked := range d.options.Scope.Adopt {
		address, arn, named := strings.Cut(asked, "=")
		if address != p.Address.String() {
			continue
		}
		if named && arn != p.Name {
			d.guard("mismatch", p, fmt.Sprintf("--adopt names %s, but %s is %s", arn, address, p.Name), "")
			return false
		}
		p.Actions = append(p.Actions, Adopt)
		return true
	}
	d.guard("untagged", p, fmt.Sprintf("%s exists already and nothing says that this project made it", d.called(live)),
		"take it over with --adopt "+p.Address.String()+", or choose another project name with -p")
	return false
}

func (d *differ) called(live *Resource) string {
	return live.Address.Kind + " " + cmp.Or(live.Attrs["name"], live.Attrs["id"], live.Attrs["arn"])
}

func (d *differ) guard(rule string, p *ResourcePlan, message, help string) {
	d.plan.Guards = append(d.plan.Guards, Guard{Rule: rule, Address: p.Address, Message: message, Help: help})
}

// create plans a resource that is not there; its fields are listed one by one.
func (d *differ) create(p *ResourcePlan, r *Resource) error {
	rules := d.kinds[r.Address.Kind]
	t, err := rules.Tree(d.resolve(rules, r.Spec))
	if err != nil {
		return err
	}
	p.Actions = []Action{Create}
	p.Cause = Absent
	for _, name := range sortedKeys(t) {
		path := []string{name}
		change := Change{Path: path, Op: OpCreate, To: t[name], Cause: Absent, Minor: !matchAny(rules.Brief, path)}
		p.Changes = append(p.Changes, d.present(r.Address, change))
	}
	p.Effects = d.effects(rules, nil, r.Spec, nil, false)
	return nil
}

// resolve fills in the refs of a desired spec as far as they are known while
// planning. What is made or made anew in this plan is known only where its value
// can be computed ahead.
func (d *differ) resolve(rules Rules, spec any) any {
	return rules.mapped(spec, func(v Value) Value {
		if v.Ref == nil || v.Ref.Address.Kind == FactsKind {
			return v
		}
		live := d.live.Find(v.Ref.Address)
		if live == nil || d.renews(v.Ref.Address) {
			return v
		}
		if text := live.Attrs[v.Ref.Attr]; text != "" {
			return Value{Text: text, Ref: v.Ref}
		}
		return v
	})
}

// renews says whether the resource at address gets another identity.
func (d *differ) renews(address Address) bool {
	p := d.planned[address]
	return p != nil && (p.Has(Create) || p.Has(Revise))
}

// compare lists the fields in which live differs from want, with their causes.
func (d *differ) compare(live, want *Resource) ([]Change, error) {
	rules := d.kinds[want.Address.Kind]
	if live.Spec == nil {
		if live.Hash != want.Hash {
			return nil, fmt.Errorf("its spec was not read although %s is not what is wanted", live.Hash)
		}
		return nil, nil
	}
	to, err := rules.Tree(d.resolve(rules, want.Spec))
	if err != nil {
		return nil, err
	}
	if reflect.DeepEqual(live.canonical, to) {
		return nil, nil
	}
	fields, err := fieldDiff(rules, live.canonical, to)
	if err != nil {
		return nil, err
	}
	return d.explain(rules, live, want, fields)
}

// decide turns the changes of a resource into actions.
func (d *differ) decide(p *ResourcePlan, live, want *Resource, changes []Change) {
	rules := d.kinds[want.Address.Kind]
	applied := ParseApplied(live.Tags[TagSpec])
	resumes := rules.Starts && applied.Pending
	forced := rules.Starts && slices.Contains(d.options.Scope.Force, want.Address.Name)
	for i := range changes {
		changes[i].Replaces = matchAny(rules.Immutable, changes[i].Path)
		changes[i] = d.present(want.Address, changes[i])
	}
	p.Changes = changes
	p.Actions = append(p.Actions, d.actions(rules, changes)...)
	switch {
	case resumes:
		p.Cause = Resumed
		if len(p.Actions) == 0 {
			p.Actions = []Action{Resume}
		}
	case len(changes) > 0:
		p.Cause = mainCause(changes)
	case forced:
		p.Cause = Forced
		p.Actions = []Action{Update}
	case p.Has(Adopt):
		p.Cause = Config
	}
	if p.changes() {
		p.Effects = d.effects(rules, live.Spec, want.Spec, changes, forced || resumes && applied.Force)
		p.Effects.Replaces = p.Has(Create)
	}
}

func (d *differ) actions(rules Rules, changes []Change) []Action {
	if len(changes) == 0 {
		return nil
	}
	replaces := slices.ContainsFunc(changes, func(c Change) bool { return c.Replaces })
	revises := rules.Revisions && slices.ContainsFunc(changes, func(c Change) bool { return !matchAny(rules.InPlace, c.Path) })
	switch {
	case revises:
		return []Action{Revise}
	case replaces && rules.Beside:
		return []Action{Create, Delete}
	case replaces:
		return []Action{Delete, Create}
	default:
		return []Action{Update}
	}
}

// mainCause is the cause that a reader wants to hear first.
func mainCause(changes []Change) Cause {
	for _, cause := range []Cause{Config, Resumed, Drift, Dependency} {
		if slices.ContainsFunc(changes, func(c Change) bool { return c.Cause == cause }) {
			return cause
		}
	}
	return Config
}

func (d *differ) effects(rules Rules, live, want any, changes []Change, force bool) Effects {
	if rules.Effects == nil {
		return Effects{}
	}
	return rules.Effects(live, want, changes, force)
}

// unwanted plans a live resource that no compose file asks for.
func (d *differ) unwanted(live *Resource) error {
	p, err := d.begin(live.Address, live)
	if err != nil {
		return err
	}
	rules := d.kinds[live.Address.Kind]
	leftBehind := strings.Contains(live.Address.Name, LeftBehind)
	asked := d.options.Scope.Prune || d.options.Scope.Destroy || leftBehind
	switch p.Cause = Removed; {
	case leftBehind:
		p.Cause = Resumed
	case d.options.Scope.Destroy:
		p.Cause = Forced
	}
	if !asked || rules.Data && !d.namedData(live) {
		p.Actions = []Action{Keep}
		p.Effects.DataLoss = rules.Data
		return nil
	}
	p.Actions = []Action{Delete}
	p.Effects = d.effects(rules, live.Spec, nil, nil, false)
	p.Effects.DataLoss = rules.Data
	return nil
}

// LeftBehind parts an address from an AWS id where a replacement was cut short:
// the old one of two live resources of one address.
const LeftBehind = "@"

func (d *differ) namedData(live *Resource) bool {
	return slices.ContainsFunc(d.options.Scope.DeleteData, func(name string) bool {
		return name == live.Address.String() || name == live.Address.Name
	})
}

// present makes a change fit to be stored and shown: secrets hashed, what is not
// known marked, its place in the compose file found.
func (d *differ) present(address Address, c Change) Change {
	rules := d.kinds[address.Kind]
	if rules.Sensitive != nil {
		c.From = d.masker.node(rules, address, c.Path, c.From)
		c.To = d.masker.node(rules, address, c.Path, c.To)
		c.Sensitive = masked(c.From) || masked(c.To)
	}
	c.Unknown = unknown(c.To)
	if d.options.Locate != nil {
		c.Source = position(d.options.Locate(address, c.Path))
	}
	return c
}

func masked(value any) bool {
	return contains(value, func(s string) bool { return strings.HasPrefix(s, maskPrefix) })
}

func unknown(value any) bool {
	return contains(value, func(s string) bool { return strings.HasPrefix(s, "${ref:") && strings.HasSuffix(s, "}") })
}

func contains(value any, is func(string) bool) bool {
	switch value := value.(type) {
	case string:
		return is(value)
	case []any:
		return slices.ContainsFunc(value, func(v any) bool { return contains(v, is) })
	case tree:
		for _, v := range value {
			if contains(v, is) {
				return true
			}
		}
	}
	return false
}

func position(pos diag.Pos) *diag.Pos {
	if pos == (diag.Pos{}) {
		return nil
	}
	return &pos
}

// finish orders the steps, counts, and seals the plan.
func (d *differ) finish() (*Plan, error) {
	for _, p := range d.planned {
		if len(p.Actions) > 0 || len(p.Unmanaged) > 0 {
			d.plan.Resources = append(d.plan.Resources, p)
		}
	}
	slices.SortFunc(d.plan.Resources, func(a, b *ResourcePlan) int { return a.Address.Compare(b.Address) })
	slices.SortFunc(d.plan.Guards, func(a, b Guard) int { return a.Address.Compare(b.Address) })
	d.plan.Steps = d.steps()
	d.plan.Summary = d.summary()
	if d.options.Advise != nil {
		advice := d.options.Advise(d.live, d.want, d.plan)
		d.plan.Diagnostics = append(d.plan.Diagnostics, advice...).Sorted()
	}
	if err := d.plan.Seal(); err != nil {
		return nil, err
	}
	return d.plan, nil
}
