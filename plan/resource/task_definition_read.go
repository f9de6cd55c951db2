package resource

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"golang.org/x/sync/errgroup"
)

// all reads the revisions that services run, unless the tags of the service
// prove them; the latest revisions if no service runs; and those of services
// that are no longer wanted.
func (k taskDefinitions) all(ctx context.Context, r *reading) ([]candidate, error) {
	running := map[plan.Address]*plan.Resource{}
	for _, service := range r.of(spec.ServiceKind) {
		address := revisionAddress(r.want, service.Address)
		if running[address] == nil || r.want.Find(service.Address) != nil {
			running[address] = service.Resource
		}
	}
	wanted := ofKind(r.want, spec.TaskDefinitionKind)
	found := make([]*plan.Resource, len(wanted))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, want := range wanted {
		service := running[want.Address]
		delete(running, want.Address)
		if service != nil && provable(want) && proves(k.project, r.want, service) {
			found[i] = k.proven(want, service)
			continue
		}
		name := want.Spec.(*spec.TaskDefinition).Family
		if service != nil {
			name = service.Attrs["task-definition"]
		}
		// What others registered under the name of the family is no business of ours
		// until our service runs it.
		g.Go(func() (err error) {
			found[i], err = k.revision(ctx, want.Address, name, service == nil)
			return err
		})
	}
	orphans := slices.SortedFunc(maps.Keys(running), plan.Address.Compare)
	leftover := make([]*plan.Resource, len(orphans))
	for i, address := range orphans {
		g.Go(func() (err error) {
			leftover[i], err = k.revision(ctx, address, running[address].Attrs["task-definition"], true)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return existing(append(found, leftover...)), nil
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

// provable says whether an equal hash proves that a task definition is
// unchanged. The hash covers the resources that it refers to but not their
// names or ids, so it proves nothing if these can change: for a parameter whose
// value changed, or an access point or image that was created again. The names
// of roles and log groups follow from the compose file.
func provable(want *plan.Resource) bool {
	return !slices.ContainsFunc(plan.Refs(want.Spec), func(ref plan.Ref) bool {
		kind := ref.Address.Kind
		return kind != spec.RoleKind && kind != spec.LogGroupKind && kind != plan.FactsKind
	})
}

// proves says whether the tags of a live service prove that it runs the desired
// revision: the desired service, whose hash covers its task definition, was
// applied to the end, with the revision that now runs.
func proves(project string, want *plan.Stack, live *plan.Resource) bool {
	wanted := want.Find(live.Address)
	owner, _ := live.Owner(project)
	return wanted != nil && owner == plan.Ours &&
		plan.ParseApplied(live.Tags[plan.TagSpec]) == plan.Applied{Hash: wanted.Hash} &&
		live.Tags[plan.TagTaskDefinition] == revisionOf(live.Attrs["task-definition"])
}

func (k taskDefinitions) proven(want, service *plan.Resource) *plan.Resource {
	arn := service.Attrs["task-definition"]
	family, revision := splitRevision(arn)
	return &plan.Resource{
		Address: want.Address,
		Hash:    want.Hash,
		Attrs:   plan.Attrs{"arn": arn, "family": family, "revision": revision},
		Tags:    plan.OwnTags(k.project, want.Address, plan.Applied{Hash: want.Hash}),
	}
}

// revision reads a revision by its ARN or family; with ours, only if it is the
// project's and has not been deregistered. It returns nil for none.
func (k taskDefinitions) revision(ctx context.Context, address plan.Address, name string, ours bool) (*plan.Resource, error) {
	revision, err := k.describe(ctx, name)
	if errors.Is(err, plan.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, at(address, err)
	}
	revision.Address = address
	if owner, _ := revision.Owner(k.project); ours && owner != plan.Ours {
		return nil, nil
	}
	return revision, nil
}
