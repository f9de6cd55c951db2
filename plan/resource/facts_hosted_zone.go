package resource

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// findHostedZone finds the public hosted zone of this account that the domain is
// in: that of the longest name. None is no error: the domain may be at home
// elsewhere.
func (a *Account) findHostedZone(ctx context.Context, _ plan.Facts, needs plan.Lookups, out *found) error {
	for name := domainName(needs.Domain); strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		zones, err := zonesCalled(ctx, a.route53(), name)
		if err != nil {
			return fmt.Errorf("look for the hosted zone of x-fargate.domain: %w", brief(err))
		}
		if len(zones) > 0 {
			out.hostedZone = strings.TrimPrefix(text(zones[0].Id), "/hostedzone/")
			return nil
		}
	}
	return nil
}

// domainName is a domain as ACM has it.
func domainName(domain string) string { return strings.ToLower(strings.TrimSuffix(domain, ".")) }

// zonesCalled returns the public zones of a name. There may be several, of which
// the name servers of the parent name one: the one with the most records comes
// first, since an unused one has two. The list begins with the name that is asked
// for.
func zonesCalled(ctx context.Context, api *route53.Client, name string) ([]types.HostedZone, error) {
	input := &route53.ListHostedZonesByNameInput{DNSName: &name, MaxItems: pointer(int32(100))}
	var out []types.HostedZone
	for {
		page, err := api.ListHostedZonesByName(ctx, input)
		if err != nil {
			return nil, err
		}
		for _, zone := range page.HostedZones {
			if domainName(text(zone.Name)) == name && editable(zone) {
				out = append(out, zone)
			}
		}
		if !page.IsTruncated || domainName(text(page.NextDNSName)) != name {
			break
		}
		input.DNSName, input.HostedZoneId = page.NextDNSName, page.NextHostedZoneId
	}
	slices.SortFunc(out, func(a, b types.HostedZone) int {
		return cmp.Or(cmp.Compare(aws.ToInt64(b.ResourceRecordSetCount), aws.ToInt64(a.ResourceRecordSetCount)), cmp.Compare(text(a.Id), text(b.Id)))
	})
	return out, nil
}

// editable leaves out private zones and those that another service made, in which
// no record can be written (HostedZone, field LinkedService).
func editable(zone types.HostedZone) bool {
	return (zone.Config == nil || !zone.Config.PrivateZone) && zone.LinkedService == nil
}
