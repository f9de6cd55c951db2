package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// namespaceKind defines Cloud Map namespaces.
var namespaceKind = kind[spec.Namespace]{
	row: row{
		kind: spec.NamespaceKind, noun: "namespace", tagged: "servicediscovery:namespace",
		reads: []string{
			"route53:GetHostedZone", "servicediscovery:GetNamespace", "servicediscovery:ListNamespaces",
			"servicediscovery:ListTagsForResource",
		},
		writes: []string{
			"servicediscovery:CreateHttpNamespace", "servicediscovery:CreatePrivateDnsNamespace",
			"servicediscovery:DeleteNamespace", "servicediscovery:GetOperation", "servicediscovery:TagResource",
			"servicediscovery:UntagResource", "servicediscovery:UpdateHttpNamespace",
			"servicediscovery:UpdatePrivateDnsNamespace",
		},
	},
	id:   "id",
	name: namespaceName,
	tags: func(s *spec.Namespace) *[]spec.Tag { return &s.Tags },

	byID: func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		return ignoreGone(namespaceByID(ctx, a, r.Attrs["id"]))
	},
	list: listNamespaces,

	create: createNamespace,
	adopt: func(_ context.Context, a *session, _ change[spec.Namespace]) error {
		a.namespaceChanges.began()
		return nil
	},
	// Its description is all that can be changed.
	update: func(ctx context.Context, a *session, c change[spec.Namespace]) error {
		if c.from.Description == c.to.Description {
			return nil
		}
		operation, err := describeNamespace(ctx, a, c.live.Attrs["id"], c.to)
		return onlyError(cloudMapDone(ctx, a, operation, err))
	},
	tag:   tagCloudMap,
	untag: untagCloudMap,
	marks: func(s *spec.Namespace) map[string]string {
		if s.Vpc.Text == "" {
			return nil
		}
		return map[string]string{tagVPC: s.Vpc.Text}
	},

	delete: deleteNamespace,
	gone:   []string{"NamespaceNotFound"},
	// ECS takes a while to remove the endpoints of services that were deleted.
	busy: []string{"ResourceInUse"},
}

// tagVPC remembers on a private namespace for which VPC it was created. Cloud Map
// does not return that, and its hosted zone may have been given to other VPCs since.
const tagVPC = plan.TagPrefix + "vpc"

// namespacesLike returns the namespaces whose names begin with prefix.
func namespacesLike(ctx context.Context, a *session, prefix string) ([]types.NamespaceSummary, error) {
	pages := servicediscovery.NewListNamespacesPaginator(a.cloudMap(), &servicediscovery.ListNamespacesInput{
		Filters: []types.NamespaceFilter{{
			Name: types.NamespaceFilterNameName, Condition: types.FilterConditionBeginsWith, Values: []string{prefix},
		}},
		MaxResults: pointer(int32(100)),
	})
	return allPages(ctx, pages,
		func(page *servicediscovery.ListNamespacesOutput) []types.NamespaceSummary { return page.Namespaces })
}

// namespacesCalled returns the namespaces with these names, whoever owns them. One
// call finds all whose names begin alike.
func namespacesCalled(ctx context.Context, a *session, names []string) ([]types.NamespaceSummary, error) {
	var out []types.NamespaceSummary
	wanted := slices.Compact(slices.Sorted(slices.Values(names)))
	for len(wanted) > 0 {
		prefix := wanted[0]
		found, err := namespacesLike(ctx, a, prefix)
		if err != nil {
			return nil, err
		}
		for _, namespace := range found {
			if slices.Contains(wanted, text(namespace.Name)) {
				out = append(out, namespace)
			}
		}
		wanted = slices.DeleteFunc(wanted, func(name string) bool { return strings.HasPrefix(name, prefix) })
	}
	return out, nil
}

// listNamespaces also looks for the namespaces with the deterministic names,
// because new tags may not have reached the tagging API yet.
func listNamespaces(ctx context.Context, r *reading) ([]candidate, error) {
	names := []string{r.project, r.project + ".internal"}
	for _, want := range r.wanted(spec.NamespaceKind) {
		names = append(names, want.Spec.(*spec.Namespace).Name)
	}
	found, err := namespacesCalled(ctx, r.session, names)
	if err != nil {
		return nil, err
	}
	out, err := readEach(ctx, found, with(r.session, namespaceCandidate))
	if err != nil {
		return nil, err
	}
	others, err := readEach(ctx, otherIDs(r.tagged.of("servicediscovery", "namespace/"), out),
		with(r.session, namespaceByID))
	return append(out, others...), err
}

// namespaceByID returns plan.ErrNotFound for a namespace that does not exist.
func namespaceByID(ctx context.Context, a *session, id string) (candidate, error) {
	got, err := a.cloudMap().GetNamespace(ctx, &servicediscovery.GetNamespaceInput{Id: &id})
	if err != nil {
		return candidate{}, absent(err, "NamespaceNotFound")
	}
	n := got.Namespace
	return namespaceCandidate(ctx, a, types.NamespaceSummary{
		Arn: n.Arn, CreateDate: n.CreateDate, Description: n.Description, Id: n.Id, Name: n.Name,
		Properties: n.Properties, ResourceOwner: n.ResourceOwner, ServiceCount: n.ServiceCount, Type: n.Type,
	})
}

func namespaceCandidate(ctx context.Context, a *session, namespace types.NamespaceSummary) (candidate, error) {
	tags, err := cloudMapTags(ctx, a, text(namespace.Arn))
	if err != nil {
		return candidate{}, err
	}
	s := &spec.Namespace{
		Name: text(namespace.Name), Type: string(namespace.Type), Description: text(namespace.Description), Tags: spec.Tags(tags),
	}
	if namespace.Type == types.NamespaceTypeDnsPrivate {
		vpc, err := namespaceVPC(ctx, a, tags, namespace)
		if err != nil {
			return candidate{}, err
		}
		s.Vpc = plan.Literal(vpc)
	}
	attrs := plan.Attrs{"id": text(namespace.Id), "arn": text(namespace.Arn), "name": s.Name}
	return candidate{
		Resource: liveResource(spec.NamespaceKind, s, attrs, tags, unmanaged(namespace)),
		id:       text(namespace.Id), name: namespaceName(s),
	}, nil
}

// namespaceVPC is the VPC of a private namespace: the one in our tag, or else one
// of those that its hosted zone is associated with. A namespace whose hosted zone
// was deleted has none.
func namespaceVPC(ctx context.Context, a *session, tags map[string]string, namespace types.NamespaceSummary) (string, error) {
	if vpc := tags[tagVPC]; vpc != "" {
		return vpc, nil
	}
	if namespace.Properties == nil || namespace.Properties.DnsProperties == nil {
		return "", nil
	}
	zone, err := a.route53().GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: namespace.Properties.DnsProperties.HostedZoneId})
	if err != nil {
		return "", unless(err, "NoSuchHostedZone")
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

// createNamespace submits the creation, waits for it, and returns the id of the
// namespace of that name, new or not. The same request submitted again is the one
// that is in progress; if what it created is gone, it needs another token.
func createNamespace(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	id, err := namespaceOf(ctx, a, want, tags, clientToken(want, ""))
	if err != nil || id == "" {
		return "", err
	}
	_, err = namespaceByID(ctx, a, id)
	if errors.Is(err, plan.ErrNotFound) {
		return namespaceOf(ctx, a, want, tags, clientToken(want, id))
	}
	return id, err
}

func namespaceOf(ctx context.Context, a *session, want *plan.Resource, tags map[string]string, token string) (string, error) {
	operation, err := submitNamespace(ctx, a, want.Spec.(*spec.Namespace), tags, token)
	if exists, ok := errors.AsType[*types.NamespaceAlreadyExists](err); ok {
		return text(exists.NamespaceId), nil
	}
	targets, err := cloudMapDone(ctx, a, operation, err)
	return targets[string(types.OperationTargetTypeNamespace)], err
}

func submitNamespace(
	ctx context.Context, a *session, s *spec.Namespace, tags map[string]string, token string,
) (operation *string, err error) {
	switch types.NamespaceType(s.Type) {
	case types.NamespaceTypeHttp:
		made, err := a.cloudMap().CreateHttpNamespace(ctx, &servicediscovery.CreateHttpNamespaceInput{
			Name: &s.Name, CreatorRequestId: &token, Description: optional(s.Description), Tags: pairList[types.Tag](tags),
		})
		return orZero(made).OperationId, err
	case types.NamespaceTypeDnsPrivate:
		made, err := a.cloudMap().CreatePrivateDnsNamespace(ctx, &servicediscovery.CreatePrivateDnsNamespaceInput{
			Name: &s.Name, Vpc: &s.Vpc.Text, CreatorRequestId: &token, Description: optional(s.Description), Tags: pairList[types.Tag](tags),
		})
		return orZero(made).OperationId, err
	default:
		return nil, fmt.Errorf("%q is not a type of namespace that can be created", s.Type)
	}
}

func describeNamespace(ctx context.Context, a *session, id string, to *spec.Namespace) (operation *string, err error) {
	if to.Type == string(types.NamespaceTypeHttp) {
		changed, err := a.cloudMap().UpdateHttpNamespace(ctx, &servicediscovery.UpdateHttpNamespaceInput{
			Id: &id, Namespace: &types.HttpNamespaceChange{Description: &to.Description},
		})
		return orZero(changed).OperationId, err
	}
	changed, err := a.cloudMap().UpdatePrivateDnsNamespace(ctx, &servicediscovery.UpdatePrivateDnsNamespaceInput{
		Id: &id, Namespace: &types.PrivateDnsNamespaceChange{Description: &to.Description},
	})
	return orZero(changed).OperationId, err
}

func deleteNamespace(ctx context.Context, a *session, live *plan.Resource) error {
	deleted, err := a.cloudMap().DeleteNamespace(ctx, &servicediscovery.DeleteNamespaceInput{Id: pointer(live.Attrs["id"])})
	return onlyError(cloudMapDone(ctx, a, orZero(deleted).OperationId, err))
}
