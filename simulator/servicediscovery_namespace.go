package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
)

// Namespace is a Cloud Map namespace. It is there for everybody but its creator
// only when Open.
type Namespace struct {
	types.Namespace
	Vpc  string            // of a private DNS namespace
	Open bool              // whether the operation that makes it has succeeded
	Born map[string]string // tags to be born with, until then
}

// namespaceName is what both kinds of namespace may be called; an HTTP one has up
// to 1024 characters, a DNS one 253 (API model).
var namespaceName = regexp.MustCompile(`^[!-~]+$`)

// mostNamespaces is the quota per region (Cloud Map Developer Guide, "Cloud Map
// quotas").
const mostNamespaces = 50

func createHTTPNamespace(
	a *Account, in *servicediscovery.CreateHttpNamespaceInput,
) (*servicediscovery.CreateHttpNamespaceOutput, error) {
	if len(str(in.Name)) > 1024 || !namespaceName.MatchString(str(in.Name)) {
		return nil, discoveryInvalid("Namespace name %q is not valid", str(in.Name))
	}
	id, err := a.createNamespace(types.NamespaceTypeHttp, "", 0, newNamespace{
		name: *in.Name, request: str(in.CreatorRequestId), description: in.Description, tags: in.Tags,
	})
	return &servicediscovery.CreateHttpNamespaceOutput{OperationId: id}, err
}

func createPrivateDNSNamespace(
	a *Account, in *servicediscovery.CreatePrivateDnsNamespaceInput,
) (*servicediscovery.CreatePrivateDnsNamespaceOutput, error) {
	name := strings.TrimSuffix(str(in.Name), ".")
	switch {
	case len(name) > 253 || !hostName.MatchString(name):
		return nil, discoveryInvalid("Namespace name %q is not a valid DNS name", str(in.Name))
	case a.Vpcs.Get(str(in.Vpc)) == nil:
		return nil, discoveryInvalid("The VPC %s does not exist in %s", str(in.Vpc), a.Region)
	}
	ttl := int64(15) // seconds; what a namespace without SOA properties shows
	if in.Properties != nil {
		ttl = val(in.Properties.DnsProperties.SOA.TTL)
	}
	id, err := a.createNamespace(types.NamespaceTypeDnsPrivate, *in.Vpc, ttl, newNamespace{
		name: name, request: str(in.CreatorRequestId), description: in.Description, tags: in.Tags,
	})
	return &servicediscovery.CreatePrivateDnsNamespaceOutput{OperationId: id}, err
}

// newNamespace is what both kinds of namespace are made from.
type newNamespace struct {
	name, request string
	description   *string
	tags          []types.Tag
}

// createNamespace returns the id of the operation that makes the namespace.
func (a *Account) createNamespace(kind types.NamespaceType, vpc string, ttl int64, in newNamespace) (*string, error) {
	if len(str(in.description)) > 1024 || len(in.request) > 64 {
		return nil, discoveryInvalid("Description and CreatorRequestId may have 1024 and 64 characters")
	}
	tags, err := discoveryCheckTags(nil, in.tags)
	if err != nil {
		return nil, err
	}
	if err := a.checkNewNamespace(kind, vpc, in); err != nil {
		return nil, err
	}
	id := a.putNamespaceRow(kind, vpc, ttl, in, tags)
	return a.submit(types.OperationTypeCreateNamespace, types.OperationTargetTypeNamespace, id, in.request), nil
}

// putNamespaceRow stores a namespace that is not open yet and returns its id.
func (a *Account) putNamespaceRow(
	kind types.NamespaceType, vpc string, ttl int64, in newNamespace, tags map[string]string,
) string {
	id := "ns-" + a.id("namespace", in.name)[:16]
	ns := Namespace{Vpc: vpc, Born: tags, Namespace: types.Namespace{
		Id: &id, Arn: ptr(a.arn("servicediscovery", "namespace/"+id)), Name: &in.name, Type: kind,
		CreateDate: a.now(), CreatorRequestId: &in.request, Description: in.description, ResourceOwner: &a.Account,
		Properties: &types.NamespaceProperties{HttpProperties: &types.HttpProperties{HttpName: ptr(a.httpName(kind, in.name, id))}},
	}}
	if kind == types.NamespaceTypeDnsPrivate {
		ns.Properties.DnsProperties = &types.DnsProperties{SOA: &types.SOA{TTL: &ttl}}
	}
	a.Namespaces.Put(id, ns)
	return id
}

// httpName is the name for DiscoverInstances, which no two namespaces of a
// region share: that of a DNS namespace gets a suffix where it is taken
// (aws/aws-cdk issue 25616 shows one).
func (a *Account) httpName(kind types.NamespaceType, name, id string) string {
	for _, ns := range a.Namespaces.All() {
		if kind != types.NamespaceTypeHttp && *ns.Properties.HttpProperties.HttpName == name {
			return name + "-" + strings.TrimPrefix(id, "ns-")
		}
	}
	return name
}

// checkNewNamespace refuses a name that is taken: among HTTP namespaces, or
// among the private DNS namespaces of one VPC. The same request again is the
// operation that is under way (API reference, DuplicateRequest); once that has
// ended it is a namespace that exists, whose CreatorRequestId tells whose it is.
func (a *Account) checkNewNamespace(kind types.NamespaceType, vpc string, in newNamespace) error {
	for id, ns := range a.Namespaces.All() {
		if *ns.Name != in.name || ns.Type != kind || ns.Vpc != vpc {
			continue
		}
		if o := a.underWay(types.OperationTypeCreateNamespace, id); o != nil && o.Request == in.request {
			return &types.DuplicateRequest{
				Message: ptr("The operation is already in progress"), DuplicateOperationId: o.Id,
			}
		}
		return &types.NamespaceAlreadyExists{
			Message:     ptr(fmt.Sprintf("Namespace with name %s already exists", in.name)),
			NamespaceId: &id, CreatorRequestId: ns.CreatorRequestId,
		}
	}
	if a.Namespaces.Len() >= mostNamespaces {
		return &types.ResourceLimitExceeded{Message: ptr("The quota on the number of namespaces has been reached")}
	}
	return nil
}

// openNamespace ends the making of a namespace. A private DNS namespace gets its
// hosted zone, unless the VPC has one of that name.
func (a *Account) openNamespace(o *DiscoveryOperation) {
	ns := a.Namespaces.Edit(o.Subject)
	if ns.Type == types.NamespaceTypeDnsPrivate {
		if zone := a.privateZone(*ns.Name, ns.Vpc); zone != "" {
			o.fail("CANNOT_CREATE_HOSTED_ZONE", fmt.Sprintf("The VPC %s in region %s has already been associated "+
				"with the hosted zone %s with the same domain name. (ConflictingDomainExists)", ns.Vpc, a.Region, zone))
			a.Namespaces.Delete(o.Subject)
			return
		}
		zone := a.putNamespaceZone(ns)
		ns.Properties.DnsProperties.HostedZoneId = &zone
	}
	a.bear(*ns.Arn, ns.Born)
	ns.Open, ns.Born = true, nil
}

// PutNamespace adds an HTTP namespace with this name at once.
func (a *Account) PutNamespace(name string) *Namespace {
	id := a.putNamespaceRow(types.NamespaceTypeHttp, "", 0, newNamespace{name: name, request: digest(name)[:32]}, nil)
	ns := a.Namespaces.Edit(id)
	ns.Open = true
	a.bear(*ns.Arn, nil)
	return ns
}

// openNamespaceByID finds a namespace by its id or ARN, nil when there is none.
func (a *Account) openNamespaceByID(idOrARN string) *Namespace {
	ns := a.Namespaces.Get(lastPart(idOrARN))
	if ns == nil || !ns.Open || idOrARN != *ns.Id && idOrARN != *ns.Arn {
		return nil
	}
	return ns
}

// namespace finds a namespace for Service Connect by name or ARN, nil when there
// is none.
func (a *Account) namespace(nameOrARN string) *Namespace {
	if ns := a.openNamespaceByID(nameOrARN); ns != nil && *ns.Arn == nameOrARN {
		return ns
	}
	for _, ns := range a.Namespaces.All() {
		if ns.Open && *ns.Properties.HttpProperties.HttpName == nameOrARN {
			return ns
		}
	}
	return nil
}

func namespaceNotFound(id *string) error {
	return &types.NamespaceNotFound{Message: ptr("Namespace " + str(id) + " not found")}
}

func (a *Account) describeNamespace(ns *Namespace) types.Namespace {
	out := ns.Namespace
	out.ServiceCount = ptr(int32(len(a.servicesOf(*ns.Id))))
	return out
}

func getNamespace(a *Account, in *servicediscovery.GetNamespaceInput) (*servicediscovery.GetNamespaceOutput, error) {
	ns := a.openNamespaceByID(str(in.Id))
	if ns == nil {
		return nil, namespaceNotFound(in.Id)
	}
	out := a.describeNamespace(ns)
	return &servicediscovery.GetNamespaceOutput{Namespace: &out}, nil
}

func listNamespaces(
	a *Account, in *servicediscovery.ListNamespacesInput,
) (*servicediscovery.ListNamespacesOutput, error) {
	a.advanceOperations()
	a.advanceLeaving()
	var all []types.NamespaceSummary
	for _, ns := range a.Namespaces.All() {
		match, err := a.matchesNamespace(ns, in.Filters)
		if err != nil {
			return nil, err
		}
		if !match || !ns.Open {
			continue
		}
		n := a.describeNamespace(ns)
		all = append(all, types.NamespaceSummary{
			Arn: n.Arn, Id: n.Id, Name: n.Name, Type: n.Type, CreateDate: n.CreateDate, Description: n.Description,
			Properties: n.Properties, ResourceOwner: n.ResourceOwner, ServiceCount: n.ServiceCount,
		})
	}
	list, next, err := discoveryPage(a, all, func(n types.NamespaceSummary) string { return *n.Id }, in.NextToken, in.MaxResults)
	return &servicediscovery.ListNamespacesOutput{Namespaces: list, NextToken: next}, err
}

func (a *Account) matchesNamespace(ns *Namespace, filters []types.NamespaceFilter) (bool, error) {
	for _, f := range filters {
		var value string
		switch f.Name {
		case types.NamespaceFilterNameType:
			value = string(ns.Type)
		case types.NamespaceFilterNameName:
			value = *ns.Name
		case types.NamespaceFilterNameHttpName:
			value = *ns.Properties.HttpProperties.HttpName
		case types.NamespaceFilterNameResourceOwner:
			value = "SELF"
		default:
			return false, discoveryInvalid("Unknown filter %q", f.Name)
		}
		match, err := matchesDiscovery(value, f.Condition, f.Values)
		if !match || err != nil {
			return false, err
		}
	}
	return true, nil
}

// matchesDiscovery compares a value as a filter's condition says; EQ, the usual
// one, and BEGINS_WITH take just one value.
func matchesDiscovery(value string, condition types.FilterCondition, values []string) (bool, error) {
	if len(values) == 0 || condition != types.FilterConditionIn && len(values) > 1 {
		return false, discoveryInvalid("The filter condition %s takes one value, not %d", condition, len(values))
	}
	switch condition {
	case "", types.FilterConditionEq:
		return value == values[0], nil
	case types.FilterConditionBeginsWith:
		return strings.HasPrefix(value, values[0]), nil
	case types.FilterConditionIn:
		return slices.Contains(values, value), nil
	}
	return false, discoveryInvalid("The filter condition %s is not supported here", condition)
}

func updateHTTPNamespace(
	a *Account, in *servicediscovery.UpdateHttpNamespaceInput,
) (*servicediscovery.UpdateHttpNamespaceOutput, error) {
	id, err := a.updateNamespace(in.Id, types.NamespaceTypeHttp, in.UpdaterRequestId, func(ns *Namespace) {
		ns.Description = in.Namespace.Description
	})
	return &servicediscovery.UpdateHttpNamespaceOutput{OperationId: id}, err
}

func updatePrivateDNSNamespace(
	a *Account, in *servicediscovery.UpdatePrivateDnsNamespaceInput,
) (*servicediscovery.UpdatePrivateDnsNamespaceOutput, error) {
	id, err := a.updateNamespace(in.Id, types.NamespaceTypeDnsPrivate, in.UpdaterRequestId, func(ns *Namespace) {
		if in.Namespace.Description != nil {
			ns.Description = in.Namespace.Description
		}
		if p := in.Namespace.Properties; p != nil {
			ns.Properties.DnsProperties.SOA = &types.SOA{TTL: p.DnsProperties.SOA.TTL}
		}
	})
	return &servicediscovery.UpdatePrivateDnsNamespaceOutput{OperationId: id}, err
}

func (a *Account) updateNamespace(
	id *string, kind types.NamespaceType, request *string, change func(*Namespace),
) (*string, error) {
	ns := a.openNamespaceByID(str(id))
	switch {
	case ns == nil:
		return nil, namespaceNotFound(id)
	case ns.Type != kind:
		return nil, discoveryInvalid("Namespace %s is of type %s, not %s", *ns.Id, ns.Type, kind)
	}
	if o := a.underWay(types.OperationTypeUpdateNamespace, *ns.Id); o != nil && o.Request == str(request) {
		return nil, &types.DuplicateRequest{Message: ptr("The operation is already in progress"), DuplicateOperationId: o.Id}
	}
	change(a.Namespaces.Edit(*ns.Id))
	return a.submit(types.OperationTypeUpdateNamespace, types.OperationTargetTypeNamespace, *ns.Id, str(request)), nil
}

func deleteNamespace(
	a *Account, in *servicediscovery.DeleteNamespaceInput,
) (*servicediscovery.DeleteNamespaceOutput, error) {
	a.advanceLeaving()
	ns := a.openNamespaceByID(str(in.Id))
	if ns == nil {
		return nil, namespaceNotFound(in.Id)
	}
	if o := a.underWay(types.OperationTypeDeleteNamespace, *ns.Id); o != nil {
		return nil, &types.DuplicateRequest{Message: ptr("The operation is already in progress"), DuplicateOperationId: o.Id}
	}
	if n := len(a.servicesOf(*ns.Id)); n > 0 {
		return nil, &types.ResourceInUse{Message: ptr(fmt.Sprintf(
			"Namespace has %d services; delete the services before deleting the namespace", n))}
	}
	return &servicediscovery.DeleteNamespaceOutput{
		OperationId: a.submit(types.OperationTypeDeleteNamespace, types.OperationTargetTypeNamespace, *ns.Id, ""),
	}, nil
}

func (a *Account) dropNamespace(id string) {
	ns := a.Namespaces.Get(id)
	if dns := ns.Properties.DnsProperties; dns != nil {
		a.dropZone(str(dns.HostedZoneId))
	}
	a.Tags.Delete(*ns.Arn)
	a.Namespaces.Delete(id)
	for _, kind := range []string{"discovery-service", "connect-client", "operation"} { // its id does not come back
		for _, key := range a.Counters.under(kind + " " + id) {
			a.Counters.Delete(key)
		}
	}
}
