package resource

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// readNames reads the namespaces, and then the services in those with DNS.
func (a *Account) readNames(ctx context.Context, want *plan.Stack, live *collection) error {
	tagged, err := a.tagged(ctx)
	if err != nil {
		return fmt.Errorf("read namespaces: %w", brief(err))
	}
	namespaces, err := a.readNamespaces(ctx, want, tagged)
	if err != nil {
		return fmt.Errorf("read namespaces: %w", brief(err))
	}
	live.add(namespaces...)
	services, err := a.readDiscoveryServices(ctx, want, tagged, namespaces)
	if err != nil {
		return fmt.Errorf("read Cloud Map services: %w", brief(err))
	}
	live.add(services...)
	return nil
}

// readNamespaces also looks for those of the deterministic names, which new tags
// need not have reached the tagging API for.
func (a *Account) readNamespaces(ctx context.Context, want *plan.Stack, tagged taggedResources) ([]candidate, error) {
	places := map[string]plan.Address{}
	names := []string{a.project, a.project + ".internal"}
	for _, r := range ofKind(want, spec.NamespaceKind) {
		s := r.Spec.(*spec.Namespace)
		places[namespaceName(s)] = r.Address
		names = append(names, s.Name)
	}
	found, err := namespaces{a.session}.all(ctx, names, tagged.of("servicediscovery", "namespace/"))
	return place(a.project, places, found), err
}

// readDiscoveryServices reads what is in the project's own namespaces with DNS,
// and in those that desired services are for.
func (a *Account) readDiscoveryServices(
	ctx context.Context, want *plan.Stack, tagged taggedResources, namespaces []candidate,
) ([]candidate, error) {
	ids := map[plan.Address]string{}
	var look []string
	for _, c := range namespaces {
		ids[c.Address] = c.Attrs["id"]
		if c.Tags[plan.TagProject] == a.project && c.Spec.(*spec.Namespace).Type != "HTTP" {
			look = append(look, c.Attrs["id"])
		}
	}
	places := map[string]plan.Address{}
	for _, r := range ofKind(want, spec.DiscoveryServiceKind) {
		s := r.Spec.(*spec.DiscoveryService)
		id := s.NamespaceID.Text
		if s.NamespaceID.Ref != nil && ids[s.NamespaceID.Ref.Address] != "" {
			id = ids[s.NamespaceID.Ref.Address]
		}
		if id != "" {
			places[discoveryServiceName(id, s)] = r.Address
			look = append(look, id)
		}
	}
	k := discoveryServices{a.session}
	found, seen := []candidate{}, map[string]bool{}
	for _, namespace := range unique(look) {
		in, err := k.in(ctx, namespace, func(string) bool { return true })
		if err != nil {
			return nil, err
		}
		for _, c := range in {
			seen[c.id] = true
		}
		found = append(found, in...)
	}
	for _, id := range tagged.of("servicediscovery", "service/") {
		if seen[id] {
			continue
		}
		c, err := k.byID(ctx, id)
		if errors.Is(err, plan.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return place(a.project, places, found), nil
}

// readCertificates reads what the tagging API knows of the project. Where that
// has not every desired one, which new tags need not have reached it for, it looks
// through the certificates for the missing domains.
func (a *Account) readCertificates(ctx context.Context, want *plan.Stack, live *collection) error {
	tagged, err := a.tagged(ctx)
	if err != nil {
		return fmt.Errorf("read certificates: %w", brief(err))
	}
	k, wanted := certificates{a.session}, ofKind(want, spec.CertificateKind)
	found, err := k.ours(ctx, tagged.arns(":certificate/"))
	if err != nil {
		return fmt.Errorf("read certificates: %w", brief(err))
	}
	known := map[string]bool{}
	for _, c := range found {
		known[c.name] = true
	}
	var missing []string
	for _, r := range wanted {
		if s := r.Spec.(*spec.Certificate); !known[certificateName(s)] {
			missing = append(missing, s.DomainName)
		}
	}
	more, err := k.forDomains(ctx, missing)
	if err != nil {
		return fmt.Errorf("read certificates: %w", brief(err))
	}
	ids := map[string]bool{}
	for _, c := range found {
		ids[c.id] = true
	}
	for _, c := range more {
		if !ids[c.id] {
			found = append(found, c)
		}
	}
	live.add(placeCertificates(a.project, wanted, found)...)
	return nil
}

// readRecords reads the desired records, and those that the project's load
// balancers note, which have been read before.
func (a *Account) readRecords(ctx context.Context, want *plan.Stack, live *collection) error {
	var balancers []balancer
	var ids []recordID
	for _, r := range live.resources {
		if r.Address.Kind != spec.LoadBalancerKind || r.Tags[plan.TagProject] != a.project {
			continue
		}
		balancers = append(balancers, balancer{r.Attrs["arn"], strings.ToLower(r.Attrs["dns-name"]), r.Tags})
		ids = append(ids, notedRecords(r.Tags)...)
	}
	places, means := map[string]plan.Address{}, map[recordID]*plan.Resource{}
	for _, r := range ofKind(want, spec.RecordKind) {
		id := recordIdentity(r.Spec.(*spec.Record))
		places[id.String()], means[id] = r.Address, r
		ids = append(ids, id)
	}
	look, err := records{a.session}.look(ctx, ids)
	if err != nil {
		return fmt.Errorf("read records: %w", brief(err))
	}
	// A load balancer that was not found by name or tag may note one all the same.
	look.balancers = balancers
	var names []string
	for id, set := range look.sets {
		if look.noted(id) == "" {
			names = append(names, noteNames(set, "")...)
		}
	}
	if len(names) > 0 {
		more, err := records{a.session}.balancers(ctx, names)
		if err != nil {
			return fmt.Errorf("read records: %w", brief(err))
		}
		look.balancers = append(look.balancers, more...)
	}
	var found []candidate
	for id := range look.sets {
		found = append(found, look.candidate(id, means[id]))
	}
	live.add(place(a.project, places, found)...)
	return nil
}
