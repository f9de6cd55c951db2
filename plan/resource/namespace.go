package resource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// namespaceKind is the entry of the table.
var namespaceKind = methods{
	row: row{
		kind: spec.NamespaceKind, noun: "namespace", tagged: "servicediscovery:namespace",
		reads:  []string{"route53:GetHostedZone", "servicediscovery:GetNamespace", "servicediscovery:ListNamespaces", "servicediscovery:ListTagsForResource"},
		writes: []string{"servicediscovery:CreateHttpNamespace", "servicediscovery:CreatePrivateDnsNamespace", "servicediscovery:DeleteNamespace", "servicediscovery:GetOperation", "servicediscovery:TagResource", "servicediscovery:UntagResource", "servicediscovery:UpdateHttpNamespace", "servicediscovery:UpdatePrivateDnsNamespace"},
	},
	of: func(a *session) operations { return namespaces{a} },
}

// namespaces is the kind of Cloud Map namespaces.
type namespaces struct{ *session }

// tagVPC remembers on a private namespace for which VPC it was made. Cloud Map
// does not tell, and its hosted zone may have been given to further VPCs since.
const tagVPC = plan.TagPrefix + "vpc"

// beginning returns the namespaces whose names begin with prefix and accept
// takes. One call finds both of a project.
func (k namespaces) beginning(ctx context.Context, prefix string, accept func(name string) bool) ([]types.NamespaceSummary, error) {
	pages := servicediscovery.NewListNamespacesPaginator(k.cloudMap, &servicediscovery.ListNamespacesInput{
		Filters: []types.NamespaceFilter{{
			Name: types.NamespaceFilterNameName, Condition: types.FilterConditionBeginsWith, Values: []string{prefix},
		}},
		MaxResults: pointer(int32(100)),
	})
	found, err := allPages(ctx, pages, func(page *servicediscovery.ListNamespacesOutput) []types.NamespaceSummary { return page.Namespaces })
	return slices.DeleteFunc(found, func(n types.NamespaceSummary) bool { return !accept(text(n.Name)) }), err
}

// called returns the namespaces of these names, whosever they are.
func (k namespaces) called(ctx context.Context, names []string) ([]types.NamespaceSummary, error) {
	var out []types.NamespaceSummary
	wanted := slices.Compact(slices.Sorted(slices.Values(names)))
	for len(wanted) > 0 {
		prefix := wanted[0]
		found, err := k.beginning(ctx, prefix, func(name string) bool { return slices.Contains(wanted, name) })
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
		wanted = slices.DeleteFunc(wanted, func(name string) bool { return strings.HasPrefix(name, prefix) })
	}
	return out, nil
}

// search returns the namespaces of these names, and those of these ids that exist.
func (k namespaces) search(ctx context.Context, names, ids []string) ([]candidate, error) {
	found, err := k.called(ctx, names)
	if err != nil {
		return nil, err
	}
	var out []candidate
	add := func(c candidate, err error) error {
		switch {
		case errors.Is(err, plan.ErrNotFound): // it went meanwhile
			return nil
		case err == nil:
			out = append(out, c)
		}
		return err
	}
	known := map[string]bool{}
	for _, namespace := range found {
		known[text(namespace.Id)] = true
		if err := add(k.candidate(ctx, namespace)); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		if known[id] {
			continue
		}
		if err := add(k.byID(ctx, id)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// byID returns plan.ErrNotFound for a namespace that does not exist.
func (k namespaces) byID(ctx context.Context, id string) (candidate, error) {
	got, err := k.cloudMap.GetNamespace(ctx, &servicediscovery.GetNamespaceInput{Id: &id})
	if is(err, "NamespaceNotFound") {
		return candidate{}, plan.ErrNotFound
	}
	if err != nil {
		return candidate{}, err
	}
	n := got.Namespace
	return k.candidate(ctx, types.NamespaceSummary{
		Arn: n.Arn, CreateDate: n.CreateDate, Description: n.Description, Id: n.Id, Name: n.Name,
		Properties: n.Properties, ResourceOwner: n.ResourceOwner, ServiceCount: n.ServiceCount, Type: n.Type,
	})
}

func (k namespaces) candidate(ctx context.Context, namespace types.NamespaceSummary) (candidate, error) {
	tags, err := cloudMapTags(ctx, k.cloudMap, text(namespace.Arn))
	if err != nil {
		return candidate{}, err
	}
	s := &spec.Namespace{
		Name: text(namespace.Name), Type: string(namespace.Type), Description: text(namespace.Description), Tags: spec.Tags(tags),
	}
	if namespace.Type == types.NamespaceTypeDnsPrivate {
		vpc, err := k.vpc(ctx, tags, namespace)
		if err != nil {
			return candidate{}, err
		}
		s.Vpc = plan.Literal(vpc)
	}
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.NamespaceKind},
			Spec:      normal(spec.NamespaceKind, s),
			Attrs:     plan.Attrs{"id": text(namespace.Id), "arn": text(namespace.Arn), "name": s.Name},
			Tags:      tags,
			Unmanaged: unmanaged(namespace),
		},
		id: text(namespace.Id), name: namespaceName(s),
	}, nil
}

// vpc is the VPC of a private namespace: the one in our tag, or else one of
// those that its hosted zone is associated with. A namespace whose hosted zone
// was deleted has none.
func (k namespaces) vpc(ctx context.Context, tags map[string]string, namespace types.NamespaceSummary) (string, error) {
	if vpc := tags[tagVPC]; vpc != "" {
		return vpc, nil
	}
	if namespace.Properties == nil || namespace.Properties.DnsProperties == nil {
		return "", nil
	}
	zone, err := k.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: namespace.Properties.DnsProperties.HostedZoneId})
	if is(err, "NoSuchHostedZone") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var vpcs []string
	for _, vpc := range zone.VPCs {
		vpcs = append(vpcs, text(vpc.VPCId))
	}
	slices.Sort(vpcs)
	return strings.Join(vpcs[:min(1, len(vpcs))], ""), nil
}

// namespaceName tells namespaces apart by name: private ones of one name may be
// in two VPCs.
func namespaceName(s *spec.Namespace) string {
	if s.Type != string(types.NamespaceTypeDnsPrivate) {
		return s.Name
	}
	return s.Name + " " + s.Vpc.Text
}

func (k namespaces) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	if id := r.Attrs["id"]; id != "" {
		live, err := k.byID(ctx, id)
		if err != nil {
			return nil, err
		}
		live.Address = r.Address
		return live.Resource, nil
	}
	s := r.Spec.(*spec.Namespace)
	found, err := k.search(ctx, []string{s.Name}, nil)
	if err != nil {
		return nil, err
	}
	return pick(place(k.project, map[string]plan.Address{namespaceName(s): r.Address}, found), r.Address)
}

// Create submits the creation and waits for it. The same request submitted again
// is the one that is under way.
func (k namespaces) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	want = k.marked(want)
	id, err := k.create(ctx, want, clientToken(want, ""))
	if err != nil {
		return nil, err
	}
	live, err := k.byID(ctx, id)
	if errors.Is(err, plan.ErrNotFound) {
		// The answer was that to a request of before, and what that made is gone.
		if id, err = k.create(ctx, want, clientToken(want, id)); err != nil {
			return nil, err
		}
		live, err = appears(ctx, k.poll, func() (candidate, error) { return k.byID(ctx, id) })
	}
	if err != nil {
		return nil, err
	}
	live.Address = want.Address
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live.Resource, k.project, "namespace "+live.Attrs["name"])
	}
	k.namespaceChanges.began()
	from := live.Spec.(*spec.Namespace)
	from.Tags = common(from.Tags, want.Spec.(*spec.Namespace).Tags)
	return k.Update(ctx, live.Resource, want, false)
}

// marked is want with the tag that only private namespaces have.
func (k namespaces) marked(want *plan.Resource) *plan.Resource {
	vpc := want.Spec.(*spec.Namespace).Vpc.Text
	if vpc == "" {
		return want
	}
	return withTag(want, tagVPC, vpc)
}

// withTag is want with one more tag of ours.
func withTag(want *plan.Resource, key, value string) *plan.Resource {
	out := *want
	out.Tags = maps.Clone(want.Tags)
	if out.Tags == nil {
		out.Tags = map[string]string{}
	}
	out.Tags[key] = value
	return &out
}

// create returns the id of the namespace of that name, new or not.
func (k namespaces) create(ctx context.Context, want *plan.Resource, token string) (string, error) {
	operation, err := k.submit(ctx, want, token)
	var exists *types.NamespaceAlreadyExists
	if errors.As(err, &exists) {
		return k.existing(ctx, want, exists)
	}
	if operation, err = submitted(operation, err); err != nil {
		return "", err
	}
	targets, err := cloudMapDone(ctx, k.cloudMap, k.poll, operation)
	if err != nil {
		return "", err
	}
	return targets[string(types.OperationTargetTypeNamespace)], nil
}

func (k namespaces) submit(ctx context.Context, want *plan.Resource, token string) (operation *string, err error) {
	s := want.Spec.(*spec.Namespace)
	tags := cloudMapTagList(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash}))
	switch types.NamespaceType(s.Type) {
	case types.NamespaceTypeHttp:
		made, err := k.cloudMap.CreateHttpNamespace(ctx, &servicediscovery.CreateHttpNamespaceInput{
			Name: &s.Name, CreatorRequestId: &token, Description: optional(s.Description), Tags: tags,
		})
		if err != nil {
			return nil, err
		}
		return made.OperationId, nil
	case types.NamespaceTypeDnsPrivate:
		made, err := k.cloudMap.CreatePrivateDnsNamespace(ctx, &servicediscovery.CreatePrivateDnsNamespaceInput{
			Name: &s.Name, Vpc: &s.Vpc.Text, CreatorRequestId: &token, Description: optional(s.Description), Tags: tags,
		})
		if err != nil {
			return nil, err
		}
		return made.OperationId, nil
	default:
		return nil, fmt.Errorf("%q is not a type of namespace that can be created", s.Type)
	}
}

// existing is the id of the namespace that has the name.
func (k namespaces) existing(ctx context.Context, want *plan.Resource, exists *types.NamespaceAlreadyExists) (string, error) {
	if id := text(exists.NamespaceId); id != "" {
		return id, nil
	}
	live, err := appears(ctx, k.poll, func() (*plan.Resource, error) { return k.Read(ctx, want) })
	if err != nil {
		return "", cmp.Or[error](errors.Join(exists, err), err)
	}
	return live.Attrs["id"], nil
}

func (k namespaces) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	want = k.marked(want)
	from, to := live.Spec.(*spec.Namespace), want.Spec.(*spec.Namespace)
	if from.Description != to.Description {
		if err := k.describeAs(ctx, live.Attrs["id"], to); err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, retagCloudMap(ctx, k.cloudMap, live.Attrs["arn"], tags)
}

// describeAs sets the description, the one thing that can be changed.
func (k namespaces) describeAs(ctx context.Context, id string, to *spec.Namespace) error {
	operation, err := k.submitDescription(ctx, id, to)
	if operation, err = submitted(operation, err); err != nil {
		return err
	}
	_, err = cloudMapDone(ctx, k.cloudMap, k.poll, operation)
	return err
}

func (k namespaces) submitDescription(ctx context.Context, id string, to *spec.Namespace) (operation *string, err error) {
	if to.Type == string(types.NamespaceTypeHttp) {
		changed, err := k.cloudMap.UpdateHttpNamespace(ctx, &servicediscovery.UpdateHttpNamespaceInput{
			Id: &id, Namespace: &types.HttpNamespaceChange{Description: &to.Description},
		})
		if err != nil {
			return nil, err
		}
		return changed.OperationId, nil
	}
	changed, err := k.cloudMap.UpdatePrivateDnsNamespace(ctx, &servicediscovery.UpdatePrivateDnsNamespaceInput{
		Id: &id, Namespace: &types.PrivateDnsNamespaceChange{Description: &to.Description},
	})
	if err != nil {
		return nil, err
	}
	return changed.OperationId, nil
}

// Delete waits for the services in the namespace to go: ECS takes a while to
// remove the endpoints of services that were deleted.
func (k namespaces) Delete(ctx context.Context, live *plan.Resource) error {
	id := live.Attrs["id"]
	deadline := time.Now().Add(deleteTime)
	for {
		deleted, err := k.cloudMap.DeleteNamespace(ctx, &servicediscovery.DeleteNamespaceInput{Id: &id})
		if is(err, "NamespaceNotFound") {
			return nil
		}
		if is(err, "ResourceInUse") && time.Now().Before(deadline) {
			if err := wait(ctx, k.poll); err != nil {
				return err
			}
			continue
		}
		var operation *string
		if deleted != nil {
			operation = deleted.OperationId
		}
		if operation, err = submitted(operation, err); err != nil {
			return err
		}
		_, err = cloudMapDone(ctx, k.cloudMap, k.poll, operation)
		return err
	}
}

// all also looks for the namespaces with the deterministic names, because new
// tags may not have reached the tagging API yet.
func (k namespaces) all(ctx context.Context, r *reading) ([]candidate, error) {
	places := map[string]plan.Address{}
	names := []string{k.project, k.project + ".internal"}
	for _, want := range r.wanted(spec.NamespaceKind) {
		s := want.Spec.(*spec.Namespace)
		places[namespaceName(s)] = want.Address
		names = append(names, s.Name)
	}
	found, err := k.search(ctx, names, r.tagged.of("servicediscovery", "namespace/"))
	return place(k.project, places, found), err
}
