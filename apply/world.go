package apply

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/compose2fargate/compose2fargate/plan"
)

// deploymentAttr is the attribute under which a Kind names a deployment.
const deploymentAttr = "deployment"

// world is the live state: what existed in the beginning and what this run
// changed.
type world struct {
	Input
	mu   sync.Mutex
	made map[plan.Address]*plan.Resource
}

func newWorld(in Input) *world {
	return &world{Input: in, made: map[plan.Address]*plan.Resource{}}
}

// current is the live resource at address, nil where there is none.
func (w *world) current(address plan.Address) *plan.Resource {
	w.mu.Lock()
	defer w.mu.Unlock()
	if made := w.made[address]; made != nil {
		return made
	}
	return w.Live.Find(address)
}

// record notes that want was written and returns the attributes it has now. What
// was created has only those it was given: what was live under its address
// before is another resource. A deployment is this step's own or none.
func (w *world) record(verb plan.Verb, want *plan.Resource, attrs plan.Attrs) plan.Attrs {
	all := plan.Attrs{}
	if live := w.current(want.Address); live != nil && verb != plan.CreateVerb {
		maps.Copy(all, live.Attrs)
		delete(all, deploymentAttr)
	}
	maps.Copy(all, attrs)
	made := *want
	made.Attrs = all
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made[want.Address] = &made
	return all
}

// remember notes that live is what is there now.
func (w *world) remember(address plan.Address, live *plan.Resource) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made[address] = live
}

// resolve returns want in the form that a Kind needs: every ref known, with our
// tags.
func (w *world) resolve(want *plan.Resource) (*plan.Resource, error) {
	out, unknown := w.fill(want)
	if len(unknown) > 0 {
		return nil, fmt.Errorf("internal error: %s needs %s, which no step has created", want.Address, strings.Join(unknown, " and "))
	}
	return out, nil
}

// fill resolves as many refs as are known and lists the others.
func (w *world) fill(want *plan.Resource) (out *plan.Resource, unknown []string) {
	filled := *want
	filled.Tags = maps.Clone(want.Tags)
	if filled.Tags == nil {
		filled.Tags = map[string]string{}
	}
	maps.Copy(filled.Tags, plan.OwnTags(w.Plan.Target.Project, want.Address, plan.Applied{Hash: want.Hash}))
	if release := want.Tags[plan.TagRelease]; release != "" { // see plan.Settle
		filled.Tags[plan.TagRelease] = release
	}
	filled.Spec = plan.Map(want.Spec, func(v plan.Value) plan.Value {
		known := w.value(v)
		if !known.Known() {
			unknown = append(unknown, known.String())
		}
		return known
	})
	if normalize := w.Kinds[want.Address.Kind].Normalize; normalize != nil && filled.Spec != nil {
		normalize(filled.Spec) // values have their place in a set now
	}
	slices.Sort(unknown)
	return &filled, slices.Compact(unknown)
}

// value is the live value that v refers to, or else the text of v itself.
func (w *world) value(v plan.Value) plan.Value {
	if v.Ref == nil {
		return v
	}
	if r := w.current(v.Ref.Address); r != nil && r.Attrs[v.Ref.Attr] != "" {
		return plan.Literal(r.Attrs[v.Ref.Attr])
	}
	if v.Known() {
		return plan.Literal(v.Text)
	}
	return v
}
