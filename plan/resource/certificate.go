package resource

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// certificateKind defines public certificates of ACM. Only those of the project
// count: there may be any number for one domain.
var certificateKind = kind[spec.Certificate]{
	row: row{
		kind: spec.CertificateKind, noun: "certificate", tagged: "acm:certificate",
		reads: []string{"acm:DescribeCertificate", "acm:ListCertificates", "acm:ListTagsForCertificate"},
		writes: []string{
			"acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RemoveTagsFromCertificate", "acm:RequestCertificate",
			"route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets",
		},
	},
	id:   "arn",
	name: certificateName,
	tags: func(s *spec.Certificate) *[]spec.Tag { return &s.Tags },

	byID: func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		return ignoreGone(certificateByARN(ctx, a, r.Attrs["arn"]))
	},
	list: listCertificates,

	// ACM knows a request by its token for an hour only.
	existing: func(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error) {
		s := want.Spec.(*spec.Certificate)
		found, err := certificatesFor(ctx, a, s.DomainName)
		return slices.DeleteFunc(found, func(c candidate) bool { return c.unusable || c.name != certificateName(s) }), err
	},
	create:   requestCertificate,
	partly:   func(*spec.Certificate) bool { return true },
	replaces: true,
	update:   updateCertificate,
	tag: func(ctx context.Context, a *session, at plan.Attrs, tags map[string]string) error {
		return onlyError(a.acm().AddTagsToCertificate(ctx, &acm.AddTagsToCertificateInput{
			CertificateArn: pointer(at["arn"]), Tags: pairList[types.Tag](tags),
		}))
	},
	untag: func(ctx context.Context, a *session, at plan.Attrs, keys []string) error {
		return onlyError(a.acm().RemoveTagsFromCertificate(ctx, &acm.RemoveTagsFromCertificateInput{
			CertificateArn: pointer(at["arn"]), Tags: each(keys, func(key string) types.Tag { return types.Tag{Key: &key} }),
		}))
	},
	marks: func(s *spec.Certificate) map[string]string { return map[string]string{tagHostedZone: s.HostedZoneID} },

	delete: deleteCertificate,
	gone:   []string{"ResourceNotFound"},
	busy:   []string{"ResourceInUse"},
}

// tagHostedZone records on a certificate in which hosted zone its validation
// records are, because ACM does not know that. tagValidation records that the
// project created them and that they are to be deleted with the certificate;
// without it others use them too.
const (
	tagHostedZone = plan.TagPrefix + "hosted-zone"
	tagValidation = plan.TagPrefix + "validation-records"
)

// certificateSummaries returns the certificates of the region. Without key types
// the list has those of RSA keys up to 2048 bits only (Filters, field KeyTypes).
func certificateSummaries(ctx context.Context, a *session) ([]types.CertificateSummary, error) {
	pages := acm.NewListCertificatesPaginator(a.acm(), &acm.ListCertificatesInput{
		Includes: &types.Filters{KeyTypes: types.KeyAlgorithm("").Values()}, MaxItems: pointer(int32(1000)),
	})
	return allPages(ctx, pages, func(page *acm.ListCertificatesOutput) []types.CertificateSummary { return page.CertificateSummaryList })
}

// listCertificates returns the project's certificates that the tagging API knows.
// If a desired one is not among them, because its new tags may not have reached
// the tagging API yet, it searches all certificates for the missing domains.
func listCertificates(ctx context.Context, r *reading) ([]candidate, error) {
	found, err := ownCertificates(ctx, r.session, r.tagged.arns(":certificate/"))
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, want := range r.wanted(spec.CertificateKind) {
		s := want.Spec.(*spec.Certificate)
		if !slices.ContainsFunc(found, func(c candidate) bool { return c.name == certificateName(s) }) {
			missing = append(missing, s.DomainName)
		}
	}
	more, err := certificatesFor(ctx, r.session, missing...)
	for _, c := range more {
		if !slices.ContainsFunc(found, func(known candidate) bool { return known.id == c.id }) {
			found = append(found, c)
		}
	}
	return found, err
}

// certificatesFor returns the certificates of the project for domains.
func certificatesFor(ctx context.Context, a *session, domains ...string) ([]candidate, error) {
	if len(domains) == 0 {
		return nil, nil
	}
	found, err := certificateSummaries(ctx, a)
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, summary := range found {
		if slices.Contains(domains, strings.ToLower(text(summary.DomainName))) {
			arns = append(arns, text(summary.CertificateArn))
		}
	}
	return ownCertificates(ctx, a, arns)
}

// ownCertificates returns those of the certificates that exist and are the
// project's.
func ownCertificates(ctx context.Context, a *session, arns []string) ([]candidate, error) {
	slices.Sort(arns)
	found, err := readEach(ctx, slices.Compact(arns), with(a, certificateByARN))
	return slices.DeleteFunc(found, func(c candidate) bool { return c.Tags[plan.TagProject] != a.project }), err
}

// describeCertificate returns plan.ErrNotFound for a certificate that does not
// exist.
func describeCertificate(ctx context.Context, a *session, arn string) (types.CertificateDetail, error) {
	got, err := a.acm().DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
	if err != nil {
		return types.CertificateDetail{}, absent(err, "ResourceNotFound")
	}
	return *got.Certificate, nil
}

func certificateByARN(ctx context.Context, a *session, arn string) (candidate, error) {
	detail, err := describeCertificate(ctx, a, arn)
	if err != nil {
		return candidate{}, err
	}
	got, err := a.acm().ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: &arn})
	if err != nil {
		return candidate{}, absent(err, "ResourceNotFound")
	}
	tags := pairs(got.Tags)
	s := certificateSpec(detail)
	s.HostedZoneID, s.Tags = tags[tagHostedZone], spec.Tags(tags)
	if plan.ParseApplied(tags[plan.TagSpec]).Pending {
		s.HostedZoneID = "" // the validation is not complete, and Update has to continue it
	}
	c := candidate{
		Resource: liveResource(spec.CertificateKind, s, plan.Attrs{"arn": arn}, tags, unmanaged(detail)),
		id:       lastSegment(arn),
	}
	if c.unusable = !usable(detail.Status); !c.unusable {
		c.name = certificateName(s)
	}
	return c, nil
}

func certificateSpec(detail types.CertificateDetail) *spec.Certificate {
	s := &spec.Certificate{
		DomainName: strings.ToLower(text(detail.DomainName)),
		// An answer has - where a request has _ (DescribeCertificate: RSA-2048).
		KeyAlgorithm: strings.ReplaceAll(string(detail.KeyAlgorithm), "-", "_"),
	}
	for _, name := range detail.SubjectAlternativeNames {
		if name = strings.ToLower(name); name != s.DomainName {
			s.SubjectAlternativeNames = append(s.SubjectAlternativeNames, name)
		}
	}
	return s
}

// certificateName tells certificates apart by what cannot be changed.
func certificateName(s *spec.Certificate) string {
	return strings.Join(append([]string{s.KeyAlgorithm, s.DomainName}, s.SubjectAlternativeNames...), " ")
}

// usable says whether a certificate works, or is to. One whose request failed, or
// that is over, never will again.
func usable(status types.CertificateStatus) bool {
	return status == types.CertificateStatusIssued || status == types.CertificateStatusPendingValidation
}

// requestCertificate returns the ARN of the certificate. The token is that of an
// earlier request for an hour; if what that created is gone, it needs another one.
func requestCertificate(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	s := want.Spec.(*spec.Certificate)
	for salt := ""; ; {
		made, err := a.acm().RequestCertificate(ctx, &acm.RequestCertificateInput{
			DomainName: &s.DomainName, SubjectAlternativeNames: s.SubjectAlternativeNames,
			ValidationMethod: types.ValidationMethodDns, KeyAlgorithm: types.KeyAlgorithm(s.KeyAlgorithm),
			IdempotencyToken: pointer(clientToken(want, salt)), Tags: pairList[types.Tag](tags),
		})
		if err != nil {
			return "", err
		}
		arn := text(made.CertificateArn)
		_, err = untilFound(ctx, a.poll, func() (candidate, error) { return certificateByARN(ctx, a, arn) })
		if !errors.Is(err, plan.ErrNotFound) || salt == arn {
			return arn, err
		}
		salt = arn
	}
}

// updateCertificate proves by records in the hosted zone that the domain is ours,
// and waits until the certificate is issued.
func updateCertificate(ctx context.Context, a *session, c change[spec.Certificate]) error {
	moves := c.from.HostedZoneID != c.to.HostedZoneID
	if moves || plan.ParseApplied(c.live.Tags[plan.TagSpec]) != (plan.Applied{Hash: c.want.Hash}) {
		if err := validateCertificate(ctx, a, c.live, c.to); err != nil {
			return err
		}
	}
	if !moves || c.live.Tags[tagValidation] == "" {
		return nil
	}
	return removeValidation(ctx, a, c.live.Attrs["arn"], c.from.HostedZoneID)
}
