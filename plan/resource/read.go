package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// kinds are the rules by which what was read is normalized.
var kinds = spec.Kinds()

// normal brings a spec into its normal form and returns it.
func normal(kind string, s any) any {
	kinds[kind].Normalize(s)
	return s
}

// parallel is how many calls of one sort are under way at once.
const parallel = 8

// Read returns what there is of want, whosever it is, and what else belongs to
// the project. A task definition whose service proves it to be the desired one is
// not read: it has a hash and no spec.
func (a *Account) Read(ctx context.Context, kinds plan.Kinds, want *plan.Stack) (*plan.Stack, error) {
	var live collection
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.readServices(gctx, want, &live) })
	g.Go(func() error { return a.readLogGroups(gctx, want, &live) })
	g.Go(func() error { return a.readRoles(gctx, want, &live) })
	g.Go(func() error { return a.readSecurityGroups(gctx, want, &live) })
	g.Go(func() error { return a.readNames(gctx, want, &live) })
	g.Go(func() error { return a.readCertificates(gctx, want, &live) })
	g.Go(func() error { return a.readBalancing(gctx, want, &live) })
	g.Go(func() error { return a.readParameters(gctx, want, &live) })
	g.Go(func() error { return a.readStorage(gctx, want, &live) })
	g.Go(func() error { return a.readSecrets(gctx, want, &live) })
	g.Go(func() error { return a.readRepositories(gctx, want, &live) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := a.readRecords(ctx, want, &live); err != nil {
		return nil, err
	}
	if err := a.readImages(ctx, want, &live); err != nil {
		return nil, err
	}
	stack, err := plan.LiveStack(kinds, want.Target, live.resources)
	if err != nil {
		return nil, fmt.Errorf("read the live stack: %w", err)
	}
	return stack, nil
}

// collection gathers resources from several goroutines.
type collection struct {
	mu        sync.Mutex
	resources []*plan.Resource
}

func (c *collection) add(placed ...candidate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range placed {
		c.resources = append(c.resources, p.Resource)
	}
}

// ofKind returns what was gathered of a kind so far.
func (c *collection) ofKind(kind string) []*plan.Resource {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*plan.Resource
	for _, r := range c.resources {
		if r.Address.Kind == kind {
			out = append(out, r)
		}
	}
	return out
}

// ofKind returns the desired resources of a kind.
func ofKind(want *plan.Stack, kind string) []*plan.Resource {
	var out []*plan.Resource
	for _, r := range want.Resources {
		if r.Address.Kind == kind {
			out = append(out, r)
		}
	}
	return out
}

// byName are the addresses of desired resources by what AWS is to call them.
func byName(want []*plan.Resource, name func(*plan.Resource) string) map[string]plan.Address {
	out := make(map[string]plan.Address, len(want))
	for _, r := range want {
		out[name(r)] = r.Address
	}
	return out
}

func (a *Account) readLogGroups(ctx context.Context, want *plan.Stack, live *collection) error {
	names := byName(ofKind(want, spec.LogGroupKind), logGroupIdentity)
	found, err := a.findLogGroups(ctx, names)
	if err != nil {
		return fmt.Errorf("read log groups: %w", brief(err))
	}
	live.add(place(a.project, names, found)...)
	return nil
}

// findLogGroups looks for the desired groups, for those of the deterministic
// name, which new tags need not have reached the tagging API for, and for those
// that the tagging API knows.
func (a *Account) findLogGroups(ctx context.Context, want map[string]plan.Address) ([]candidate, error) {
	tagged, err := a.tagged(ctx)
	if err != nil {
		return nil, err
	}
	names := append(tagged.logGroups(), logGroupName(a.project))
	for name := range want {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []candidate
	for _, name := range slices.Compact(names) {
		found, err := logGroups{a.session}.named(ctx, name, func(n string) bool { return n == name })
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// logGroupName is the name of a project's log group where nothing had to be cut.
func logGroupName(project string) string { return "/compose2fargate/" + project }

func (a *Account) readRoles(ctx context.Context, want *plan.Stack, live *collection) error {
	names := byName(ofKind(want, spec.RoleKind), roleIdentity)
	var list []string
	for name := range names {
		list = append(list, name)
	}
	found, err := roles{a.session}.all(ctx, list)
	if err != nil {
		return fmt.Errorf("read roles: %w", brief(err))
	}
	live.add(place(a.project, names, found)...)
	return nil
}

func (a *Account) readSecurityGroups(ctx context.Context, want *plan.Stack, live *collection) error {
	wanted := ofKind(want, spec.SecurityGroupKind)
	found, err := a.findSecurityGroups(ctx, wanted)
	if err != nil {
		return fmt.Errorf("read security groups: %w", brief(err))
	}
	names := byName(wanted, func(r *plan.Resource) string { return securityGroupName(r.Spec.(*spec.SecurityGroup)) })
	live.add(place(a.project, names, found)...)
	return nil
}

func (a *Account) findSecurityGroups(ctx context.Context, want []*plan.Resource) ([]candidate, error) {
	tagged, err := a.groups(ctx)
	if err != nil {
		return nil, err
	}
	return securityGroups{a.session}.all(ctx, want, tagged)
}

// readServices reads clusters, services and task definitions: each needs what
// was found before it.
func (a *Account) readServices(ctx context.Context, want *plan.Stack, live *collection) error {
	clusters, err := a.readClusters(ctx, want)
	if err != nil {
		return fmt.Errorf("read clusters: %w", brief(err))
	}
	live.add(clusters...)
	services, err := a.findServices(ctx, want)
	if err != nil {
		return fmt.Errorf("read services: %w", brief(err))
	}
	live.add(services...)
	return a.readTaskDefinitions(ctx, want, services, live)
}

func (a *Account) readClusters(ctx context.Context, want *plan.Stack) ([]candidate, error) {
	names := byName(ofKind(want, spec.ClusterKind), clusterIdentity)
	tagged, err := a.tagged(ctx)
	if err != nil {
		return nil, err
	}
	list := append(tagged.clusters(), a.project)
	for name := range names {
		list = append(list, name)
	}
	clusters, err := a.describeClusters(ctx, list)
	if err != nil {
		return nil, err
	}
	return place(a.project, names, each(clusters, clusterCandidate)), nil
}

func (a *Account) findServices(ctx context.Context, want *plan.Stack) ([]candidate, error) {
	names := byName(ofKind(want, spec.ServiceKind), func(r *plan.Resource) string { return wantedService(want, r).String() })
	ids, err := a.projectServices(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range ofKind(want, spec.ServiceKind) {
		ids = append(ids, wantedService(want, r))
	}
	described, err := a.describeServices(ctx, ids)
	if err != nil {
		return nil, err
	}
	connected, err := connectNames(ctx, a.cloudMap, described)
	if err != nil {
		return nil, err
	}
	return place(a.project, names, each(described, connected.candidate)), nil
}

// wantedService names a desired service, whose cluster may be a ref that is not
// known yet.
func wantedService(want *plan.Stack, r *plan.Resource) serviceID {
	s := r.Spec.(*spec.Service)
	id := serviceID{clusterName(s.Cluster.Text), s.ServiceName}
	if id.cluster == "" && s.Cluster.Ref != nil {
		if cluster := want.Find(s.Cluster.Ref.Address); cluster != nil {
			id.cluster = clusterIdentity(cluster)
		}
	}
	return id
}

// readTaskDefinitions reads the revisions that services run, as far as their
// services don't prove them; the latest ones where no service runs; and those of
// services that nobody wants any more.
func (a *Account) readTaskDefinitions(ctx context.Context, want *plan.Stack, services []candidate, live *collection) error {
	running := map[plan.Address]*plan.Resource{}
	for _, service := range services {
		address := revisionAddress(want, service.Address)
		if running[address] == nil || want.Find(service.Address) != nil {
			running[address] = service.Resource
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, r := range ofKind(want, spec.TaskDefinitionKind) {
		service := running[r.Address]
		delete(running, r.Address)
		if service != nil && provable(r) && proves(a.project, want, service) {
			live.add(candidate{Resource: a.proven(r, service)})
			continue
		}
		name := r.Spec.(*spec.TaskDefinition).Family
		if service != nil {
			name = service.Attrs["task-definition"]
		}
		// What others registered under the name of the family is no business of ours
		// until our service runs it.
		g.Go(func() error { return a.readRevision(ctx, r.Address, name, service == nil, live) })
	}
	for address, service := range running {
		g.Go(func() error { return a.readRevision(ctx, address, service.Attrs["task-definition"], true, live) })
	}
	return g.Wait()
}

// revisionAddress is the address of the task definition of a service: what a
// desired one refers to, else the one of its name.
func revisionAddress(want *plan.Stack, service plan.Address) plan.Address {
	if r := want.Find(service); r != nil {
		if ref := r.Spec.(*spec.Service).TaskDefinition.Ref; ref != nil {
			return ref.Address
		}
	}
	return plan.Address{Kind: spec.TaskDefinitionKind, Name: service.Name}
}

// provable says whether the hash of a task definition tells all of it. It covers
// what is referred to and not what that is called, so that it tells nothing of
// what may get another name or id: a parameter whose value changed, an access
// point or an image that was made anew. Roles and log groups have names that
// follow from the file.
func provable(want *plan.Resource) bool {
	return !slices.ContainsFunc(plan.Refs(want.Spec), func(ref plan.Ref) bool {
		kind := ref.Address.Kind
		return kind != spec.RoleKind && kind != spec.LogGroupKind && kind != plan.FactsKind
	})
}

// proves says whether the tags of a live service tell that it runs the desired
// revision: the desired service, whose hash covers its task definition, was
// applied to the end, and with the revision that runs.
func proves(project string, want *plan.Stack, live *plan.Resource) bool {
	wanted := want.Find(live.Address)
	owner, _ := live.Owner(project)
	return wanted != nil && owner == plan.Ours &&
		plan.ParseApplied(live.Tags[plan.TagSpec]) == plan.Applied{Hash: wanted.Hash} &&
		live.Tags[plan.TagTaskDefinition] == revisionOf(live.Attrs["task-definition"])
}

func (a *Account) proven(want, service *plan.Resource) *plan.Resource {
	arn := service.Attrs["task-definition"]
	family, revision := splitRevision(arn)
	return &plan.Resource{
		Address: want.Address,
		Hash:    want.Hash,
		Attrs:   plan.Attrs{"arn": arn, "family": family, "revision": revision},
		Tags:    plan.OwnTags(a.project, want.Address, plan.Applied{Hash: want.Hash}),
	}
}

// readRevision reads a revision by its ARN or family; with ours, only if it is
// the project's and has not been deregistered.
func (a *Account) readRevision(ctx context.Context, address plan.Address, name string, ours bool, live *collection) error {
	revision, err := taskDefinitions{a.session}.describe(ctx, name)
	if errors.Is(err, plan.ErrNotFound) {
		return nil
	}
	if err != nil {
		return about("read", address, err)
	}
	revision.Address = address
	if owner, _ := revision.Owner(a.project); ours && owner != plan.Ours {
		return nil
	}
	live.add(candidate{Resource: revision})
	return nil
}
