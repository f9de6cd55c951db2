package apply_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
)

// item is the spec of both kinds of the cloud: things, which stand still, and
// apps, which deploy. A thing of another name replaces the one before.
type item struct {
	Name string       `json:"name"`
	Size int          `json:"size,omitempty"`
	Uses []plan.Value `json:"uses,omitempty"`
	// Called is the name by which the tasks of an app are found.
	Called string `json:"called,omitempty"`
}

var target = plan.Target{Partition: "aws", Account: "123456789012", Region: "eu-west-1", Project: "shop"}

func kinds() plan.Kinds {
	rules := plan.Rules{
		New:       func() any { return &item{} },
		Normalize: func(any) {},
		Attrs:     []string{"id"},
		Immutable: []string{"name"},
	}
	thing, app := rules, rules
	thing.Kind = "thing"
	app.Kind, app.Replace = "app", plan.DeleteFirst
	app.Rollout = &plan.RolloutRules{
		Names: func(spec any) map[string]string {
			if called := spec.(*item).Called; called != "" {
				return map[string]string{"name." + called: called}
			}
			return nil
		},
		Holds: func(any, any) bool { return false },
	}
	return plan.Kinds{"thing": thing, "app": app}
}

func address(text string) plan.Address {
	a, err := plan.ParseAddress(text)
	if err != nil {
		panic(err)
	}
	return a
}

// wish is a desired resource that refers to the ids of others.
func wish(at string, size int, uses ...string) *plan.Resource {
	spec := &item{Name: address(at).Name, Size: size}
	for _, user := range uses {
		spec.Uses = append(spec.Uses, plan.RefTo(address(user), "id", ""))
	}
	return &plan.Resource{Address: address(at), Spec: spec}
}

func wants(t *testing.T, resources ...*plan.Resource) *plan.Stack {
	t.Helper()
	s, err := plan.NewStack(kinds(), target, resources)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// cloud is an account in memory. Each call takes a second.
type cloud struct {
	mu       sync.Mutex
	begun    time.Time
	live     map[string]*plan.Resource // by kind and name
	times    map[string]plan.Attrs     // what apps say of when, by address
	serial   int                       // of ids and deployments
	log      []string                  // the calls that write, with the time
	reads    []string
	fails    map[string]error // by call
	before   map[string]func()
	rollouts map[string][]look // what looks show, the last one forever; by address
	looks    int
	now, max int // calls at a time
}

type look struct {
	plan.Rollout
	err error
}

func newCloud() *cloud {
	return &cloud{
		begun: time.Now(), live: map[string]*plan.Resource{}, times: map[string]plan.Attrs{},
		fails: map[string]error{}, before: map[string]func(){}, rollouts: map[string][]look{},
	}
}

func key(a plan.Address, spec any) string { return a.Kind + "/" + spec.(*item).Name }

func duplicate(r *plan.Resource) *plan.Resource {
	out := *r
	out.Spec = plan.Map(r.Spec, func(v plan.Value) plan.Value { return v })
	out.Attrs, out.Tags = maps.Clone(r.Attrs), maps.Clone(r.Tags)
	return &out
}

// stack is what is live. Of two of one address the later one is left out.
func (c *cloud) stack(t *testing.T) *plan.Stack {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := map[plan.Address]bool{}
	var all []*plan.Resource
	for _, name := range slices.Sorted(maps.Keys(c.live)) {
		if r := c.live[name]; !seen[r.Address] {
			seen[r.Address] = true
			found := duplicate(r)
			maps.Copy(found.Attrs, c.times[r.Address.String()])
			all = append(all, found)
		}
	}
	s, err := plan.LiveStack(kinds(), target, all)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plan plans how the cloud becomes want, deletes included.
func (c *cloud) plan(t *testing.T, want *plan.Stack) apply.Input {
	t.Helper()
	live := c.stack(t)
	p, err := plan.Diff(kinds(), live, want, plan.Options{Scope: plan.Scope{Prune: true}})
	if err != nil {
		t.Fatal(err)
	}
	return apply.Input{Plan: p, Live: live, Want: want, Kinds: kinds(), Account: c.kind}
}

func (c *cloud) kind(kind string) apply.Kind {
	switch kind {
	case "thing":
		return things{c}
	case "app":
		return apps{things{c}}
	default:
		return nil
	}
}

// call is one call: it is logged, takes a second, and fails where it is told to.
func (c *cloud) call(ctx context.Context, operation string, a plan.Address) error {
	what := operation + " " + a.String()
	c.mu.Lock()
	if operation == "read" {
		c.reads = append(c.reads, a.String())
	} else {
		c.log = append(c.log, fmt.Sprintf("%s %s", time.Since(c.begun).Round(time.Second), what))
	}
	c.now++
	c.max = max(c.max, c.now)
	before := c.before[what]
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.now--
		c.mu.Unlock()
	}()
	if before != nil {
		before()
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, ctx.Err())
	case <-time.After(time.Second):
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.fails[what]; err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// change is somebody else's hand.
func (c *cloud) change(at string, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live[at].Spec.(*item).Size = size
}

// calls are the calls that wrote, sorted by time.
func (c *cloud) calls() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	log := slices.Clone(c.log)
	slices.SortStableFunc(log, func(a, b string) int {
		return cmp.Or(cmp.Compare(seconds(a), seconds(b)), strings.Compare(a, b))
	})
	return strings.Join(log, "\n")
}

func seconds(line string) time.Duration {
	at, _, _ := strings.Cut(line, " ")
	d, err := time.ParseDuration(at)
	if err != nil {
		panic(err)
	}
	return d
}

type things struct{ *cloud }

func (k things) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	if err := k.call(ctx, "read", r.Address); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	live := k.live[key(r.Address, r.Spec)]
	if live == nil {
		return nil, plan.ErrNotFound
	}
	return duplicate(live), nil
}

// put makes r live. want must be ready to be sent.
func (k things) put(want *plan.Resource, attrs plan.Attrs) error {
	if refs := plan.Refs(want.Spec); len(refs) > 0 {
		return fmt.Errorf("%s: not resolved: %v", want.Address, refs)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, user := range want.Spec.(*item).Uses {
		if !k.exists(user.Text) {
			return fmt.Errorf("%s uses %s, which does not exist", want.Address, user.Text)
		}
	}
	made := duplicate(want)
	made.Attrs, made.Hash = maps.Clone(attrs), ""
	k.live[key(want.Address, want.Spec)] = made
	return nil
}

func (c *cloud) exists(id string) bool {
	for _, r := range c.live {
		if r.Attrs["id"] == id {
			return true
		}
	}
	return false
}

func (c *cloud) next(prefix string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serial++
	return fmt.Sprintf("%s-%d", prefix, c.serial)
}

func (k things) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	if err := k.call(ctx, "create", want.Address); err != nil {
		return nil, err
	}
	attrs := plan.Attrs{"id": k.next(want.Spec.(*item).Name)}
	return attrs, k.put(want, attrs)
}

func (k things) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	if err := k.call(ctx, "update", want.Address); err != nil {
		return nil, err
	}
	return nil, k.put(want, live.Attrs)
}

func (k things) Delete(ctx context.Context, live *plan.Resource) error {
	if err := k.call(ctx, "delete", live.Address); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range k.live {
		for _, user := range r.Spec.(*item).Uses {
			if user.Text == live.Attrs["id"] {
				return fmt.Errorf("delete %s: %s uses it", live.Address, r.Address)
			}
		}
	}
	delete(k.live, key(live.Address, live.Spec))
	return nil
}

type apps struct{ things }

// pend marks a resource as one whose apply is not through.
func pend(want *plan.Resource, force bool) *plan.Resource {
	out := duplicate(want)
	out.Tags = plan.OwnTags(target.Project, want.Address, plan.Applied{Hash: want.Hash, Pending: true, Force: force})
	return out
}

func (k apps) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	attrs, err := k.things.Create(ctx, pend(want, true))
	if err == nil {
		k.time(want, true)
	}
	return attrs, err
}

// time notes when an app deployed, and since when it has its name.
func (c *cloud) time(want *plan.Resource, deploys bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, now := want.Address.String(), time.Now().UTC().Format(time.RFC3339Nano)
	if c.times[at] == nil {
		c.times[at] = plan.Attrs{}
	}
	if deploys {
		c.times[at]["deployed"] = now
	}
	called := want.Spec.(*item).Called
	if called != "" && c.times[at]["name."+called] == "" {
		c.times[at]["name."+called] = now
	}
}

func (k apps) Update(ctx context.Context, live, want *plan.Resource, force bool) (plan.Attrs, error) {
	if err := k.call(ctx, "update", want.Address); err != nil {
		return nil, err
	}
	return k.deploy(live, want, force || live.Spec.(*item).Size != want.Spec.(*item).Size)
}

func (k apps) Start(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	if live.Attrs["id"] == "" {
		return nil, errors.New("start of something that has no id")
	}
	if err := k.call(ctx, "start", want.Address); err != nil {
		return nil, err
	}
	return k.deploy(live, want, true)
}

// deploy returns what differs from the attributes of live.
func (k apps) deploy(live, want *plan.Resource, deploys bool) (plan.Attrs, error) {
	attrs := plan.Attrs{}
	if deploys {
		attrs["deployment"] = k.next("deployment")
	}
	all := maps.Clone(live.Attrs)
	maps.Copy(all, attrs)
	k.time(want, deploys)
	return attrs, k.put(pend(want, false), all)
}

func (k apps) Rollout(_ context.Context, attrs plan.Attrs) (plan.Rollout, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looks++
	for _, r := range k.live {
		if attrs["id"] != r.Attrs["id"] {
			continue
		}
		if attrs["deployment"] == "" || attrs["deployment"] != r.Attrs["deployment"] {
			return plan.Rollout{}, fmt.Errorf("%s has no deployment %q", r.Address, attrs["deployment"])
		}
		at := r.Address.String()
		rollouts := k.rollouts[at]
		if len(rollouts) == 0 {
			return plan.Rollout{State: plan.RolledOut}, nil
		}
		if len(rollouts) > 1 {
			k.rollouts[at] = rollouts[1:]
		}
		return rollouts[0].Rollout, rollouts[0].err
	}
	return plan.Rollout{}, fmt.Errorf("no app %q", attrs["id"])
}

func (k apps) Settle(ctx context.Context, _ plan.Attrs, want *plan.Resource) error {
	if err := k.call(ctx, "settle", want.Address); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.live[key(want.Address, want.Spec)].Tags = maps.Clone(want.Tags)
	return nil
}

// listener writes down events.
type listener struct{ lines []string }

func (l *listener) Start(step plan.Step)             { l.add("start", step, "") }
func (l *listener) Note(step plan.Step, text string) { l.add("note", step, text) }

func (l *listener) Done(step plan.Step, took time.Duration, err error) {
	text := took.Round(time.Second).String()
	if err != nil {
		text += " " + err.Error()
	}
	l.add("done", step, text)
}

func (l *listener) add(event string, step plan.Step, text string) {
	l.lines = append(l.lines, strings.TrimSpace(event+" "+step.ID+" "+text))
}

// inBubble runs a test in a time of its own; it fails where a goroutine is left.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// finished applies until nothing is left to do, and fails where that is not so
// after once.
func finished(t *testing.T, c *cloud, want *plan.Stack) {
	t.Helper()
	c.fails, c.before, c.rollouts = map[string]error{}, map[string]func(){}, map[string][]look{}
	if err := apply.Run(t.Context(), c.plan(t, want), apply.Options{}); err != nil {
		t.Fatalf("running again: %v", err)
	}
	if left := c.plan(t, want).Plan.Steps; len(left) > 0 {
		t.Errorf("running again left %v", left)
	}
}

func lines(text ...string) string { return strings.Join(text, "\n") }
