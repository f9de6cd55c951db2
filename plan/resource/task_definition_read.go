package resource

import (
	"context"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
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
	var found []candidate
	var unread []revision
	for _, want := range wanted {
		service := running[want.Address]
		delete(running, want.Address)
		if service != nil && provable(want) && proves(k.project, r.want, service) {
			found = append(found, candidate{Resource: k.proven(want, service)})
			continue
		}
		name := want.Spec.(*spec.TaskDefinition).Family
		if service != nil {
			name = service.Attrs["task-definition"]
		}
		// What others registered under the name of the family is no business of ours
		// until our service runs it.
		unread = append(unread, revision{want.Address, name, service == nil})
	}
	for address, service := range running {
		unread = append(unread, revision{address, service.Attrs["task-definition"], true})
	}
	read, err := readEach(ctx, unread, k.revision)
	return append(found, read...), err
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
	family, revision, _ := strings.Cut(revisionOf(arn), ":")
	return &plan.Resource{
		Address: want.Address,
		Hash:    want.Hash,
		Attrs:   plan.Attrs{"arn": arn, "family": family, "revision": revision},
		Tags:    plan.OwnTags(k.project, want.Address, plan.Applied{Hash: want.Hash}),
	}
}

// revision says which revision to read for an address.
type revision struct {
	address plan.Address
	name    string // ARN or family
	ours    bool   // only if it is the project's and has not been deregistered
}

// revision returns plan.ErrNotFound if there is no such revision.
func (k taskDefinitions) revision(ctx context.Context, r revision) (candidate, error) {
	live, err := k.describe(ctx, r.name)
	if err != nil {
		return candidate{}, at(r.address, err)
	}
	live.Address = r.address
	if owner, _ := live.Owner(k.project); r.ours && owner != plan.Ours {
		return candidate{}, plan.ErrNotFound
	}
	return candidate{Resource: live}, nil
}
