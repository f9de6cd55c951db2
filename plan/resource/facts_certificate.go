package resource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// findCertificate finds an issued certificate of this region for the domain. A
// certificate that a compose project requested does not count, because it is
// deleted when that project no longer needs it.
func (a *Account) findCertificate(ctx context.Context, _ plan.Facts, needs plan.Lookups, out *found) error {
	if needs.Domain == "" {
		return nil
	}
	c, err := a.certificateFor(ctx, domainName(needs.Domain))
	if err != nil {
		return fmt.Errorf("look for a certificate for x-fargate.domain: %w", brief(err))
	}
	if c != nil {
		out.certificate = text(c.CertificateArn)
		out.addCertificate(out.certificate, string(c.Status), namesOf(*c))
	}
	return nil
}

// findCertificates looks at those that the files name. Those of other regions and
// accounts are no use to a load balancer here, as if they did not exist.
func (a *Account) findCertificates(ctx context.Context, where plan.Facts, needs plan.Lookups, out *found) error {
	if len(needs.Certificates) > 0 {
		out.certificates = map[string]plan.Certificate{}
	}
	for _, arn := range needs.Certificates {
		if elsewhere(where, "", arn) != nil {
			continue
		}
		c, err := describeCertificate(ctx, a.session, arn)
		if errors.Is(err, plan.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for the certificate %s: %w", arn, brief(err))
		}
		out.addCertificate(arn, string(c.Status), append(each(c.SubjectAlternativeNames, domainName), domainName(text(c.DomainName))))
	}
	return nil
}

func (f *found) addCertificate(arn, status string, names []string) {
	if f.certificates == nil {
		f.certificates = map[string]plan.Certificate{}
	}
	slices.Sort(names)
	f.certificates[arn] = plan.Certificate{Status: status, Names: slices.Compact(names)}
}

func (a *Account) certificateFor(ctx context.Context, domain string) (*types.CertificateSummary, error) {
	candidates, err := issuedFor(ctx, a.acm(), domain)
	if err != nil || len(candidates) == 0 {
		return nil, err
	}
	var used []string
	if len(candidates) > 1 {
		if used, err = a.usedCertificates(ctx); err != nil {
			return nil, err
		}
	}
	sortCertificates(candidates, domain, used)
	for _, c := range candidates {
		got, err := a.acm().ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: c.CertificateArn})
		if is(err, "ResourceNotFound") {
			continue // it was deleted since it was listed
		}
		if err != nil {
			return nil, err
		}
		tags := pairs(got.Tags)
		if tags[plan.TagProject] == "" {
			return &c, nil
		}
	}
	return nil, nil
}

// issuedFor lists the issued certificates that cover a domain and that browsers
// trust: not those of a private authority, and not those that CloudFront
// manages. It considers only the first hundred names of a certificate
// (CertificateSummary, field SubjectAlternativeNameSummaries).
func issuedFor(ctx context.Context, api *acm.Client, domain string) ([]types.CertificateSummary, error) {
	pages := acm.NewListCertificatesPaginator(api, &acm.ListCertificatesInput{
		CertificateStatuses: []types.CertificateStatus{types.CertificateStatusIssued},
		// Without it RSA keys of up to 2048 bits alone are listed.
		Includes: &types.Filters{KeyTypes: types.KeyAlgorithm("").Values()},
		MaxItems: pointer(int32(1000)),
	})
	found, err := allPages(ctx, pages,
		func(page *acm.ListCertificatesOutput) []types.CertificateSummary { return page.CertificateSummaryList })
	return slices.DeleteFunc(found, func(c types.CertificateSummary) bool {
		return c.Type == types.CertificateTypePrivate || c.ManagedBy != "" || !covers(c, domain)
	}), err
}

func namesOf(c types.CertificateSummary) []string {
	return append(each(c.SubjectAlternativeNameSummaries, domainName), domainName(text(c.DomainName)))
}

// covers says whether the domain is among the names, or one label below a
// wildcard (RFC 6125, section 6.4.3).
func covers(c types.CertificateSummary, domain string) bool {
	_, parent, _ := strings.Cut(domain, ".")
	names := namesOf(c)
	return slices.Contains(names, domain) || slices.Contains(names, "*."+parent)
}

// sortCertificates sorts by preference: those in use, those for the very domain,
// those that last longest.
func sortCertificates(list []types.CertificateSummary, domain string, used []string) {
	isUsed := func(c types.CertificateSummary) bool { return slices.Contains(used, text(c.CertificateArn)) }
	isExact := func(c types.CertificateSummary) bool { return slices.Contains(namesOf(c), domain) }
	slices.SortFunc(list, func(a, b types.CertificateSummary) int {
		return cmp.Or(
			compareBool(isUsed(b), isUsed(a)),
			compareBool(isExact(b), isExact(a)),
			aws.ToTime(b.NotAfter).Compare(aws.ToTime(a.NotAfter)),
			cmp.Compare(text(a.CertificateArn), text(b.CertificateArn)),
		)
	})
}

// usedCertificates are those of the listeners of the project's load balancers.
func (a *Account) usedCertificates(ctx context.Context) ([]string, error) {
	balancers, err := a.liveBalancers(ctx)
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, balancer := range balancers {
		listeners, err := a.balancerListeners(ctx, balancer)
		if err != nil {
			return nil, err
		}
		for _, listener := range listeners {
			for _, certificate := range listener.Certificates {
				arns = append(arns, text(certificate.CertificateArn))
			}
		}
	}
	return arns, nil
}
