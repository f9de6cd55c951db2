package resource

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// certificateKind is the entry of the table.
var certificateKind = methods{
	row: row{
		kind: spec.CertificateKind, noun: "certificate", tagged: "acm:certificate",
		reads:  []string{"acm:DescribeCertificate", "acm:ListCertificates", "acm:ListTagsForCertificate"},
		writes: []string{"acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RemoveTagsFromCertificate", "acm:RequestCertificate", "route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"},
	},
	of: func(a *session) operations { return certificates{a} },
}

// certificates is the kind of public certificates of ACM. Only those of the
// project count: there may be any number for one domain.
type certificates struct{ *session }

// tagHostedZone records on a certificate in which hosted zone its validation
// records are, because ACM does not know that. tagValidation records that the
// project created them and that they are to be deleted with the certificate;
// without it others use them too.
const (
	tagHostedZone = plan.TagPrefix + "hosted-zone"
	tagValidation = plan.TagPrefix + "validation-records"
)

// summaries returns the certificates of the region. Without key types the list
// has those of RSA keys up to 2048 bits only (Filters, field KeyTypes).
func (k certificates) summaries(ctx context.Context) ([]types.CertificateSummary, error) {
	return allPages(ctx, acm.NewListCertificatesPaginator(k.acm, &acm.ListCertificatesInput{
		Includes: &types.Filters{KeyTypes: types.KeyAlgorithm("").Values()}, MaxItems: pointer(int32(1000)),
	}), func(page *acm.ListCertificatesOutput) []types.CertificateSummary { return page.CertificateSummaryList })
}

// forDomains returns the certificates of the project whose domain names these
// are.
func (k certificates) forDomains(ctx context.Context, domains []string) ([]candidate, error) {
	if len(domains) == 0 {
		return nil, nil
	}
	found, err := k.summaries(ctx)
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, summary := range found {
		if slices.Contains(domains, strings.ToLower(text(summary.DomainName))) {
			arns = append(arns, text(summary.CertificateArn))
		}
	}
	return k.ours(ctx, arns)
}

// ours returns those of the certificates that exist and are the project's.
func (k certificates) ours(ctx context.Context, arns []string) ([]candidate, error) {
	slices.Sort(arns)
	var out []candidate
	for _, arn := range slices.Compact(arns) {
		c, err := k.byARN(ctx, arn)
		if errors.Is(err, plan.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if c.Tags[plan.TagProject] == k.project {
			out = append(out, c.candidate)
		}
	}
	return out, nil
}

// certificate is a live one with what no spec has.
type certificate struct {
	candidate
	detail types.CertificateDetail
}

// describe returns plan.ErrNotFound for a certificate that does not exist.
func (k certificates) describe(ctx context.Context, arn string) (types.CertificateDetail, error) {
	got, err := k.acm.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
	if is(err, "ResourceNotFound") {
		return types.CertificateDetail{}, plan.ErrNotFound
	}
	if err != nil {
		return types.CertificateDetail{}, err
	}
	return *got.Certificate, nil
}

func (k certificates) byARN(ctx context.Context, arn string) (certificate, error) {
	detail, err := k.describe(ctx, arn)
	if err != nil {
		return certificate{}, err
	}
	got, err := k.acm.ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: &arn})
	if is(err, "ResourceNotFound") {
		return certificate{}, plan.ErrNotFound
	}
	if err != nil {
		return certificate{}, err
	}
	tags := pairs(got.Tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	s := certificateSpec(detail)
	s.HostedZoneID, s.Tags = tags[tagHostedZone], spec.Tags(tags)
	if plan.ParseApplied(tags[plan.TagSpec]).Pending {
		s.HostedZoneID = "" // Update has not proven it there to the end, and is to go on
	}
	c := candidate{
		Resource: liveResource(spec.CertificateKind, s, plan.Attrs{"arn": arn}, tags, unmanaged(detail)),
		id:       arn[strings.LastIndexByte(arn, '/')+1:],
	}
	if usable(detail.Status) {
		c.name = certificateName(s)
	}
	return certificate{c, detail}, nil
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

// placeCertificates gives the project's certificates their addresses. One that is
// not usable counts as left behind.
func placeCertificates(project string, want []*plan.Resource, found []candidate) []candidate {
	names := map[string]plan.Address{}
	for _, r := range want {
		names[certificateName(r.Spec.(*spec.Certificate))] = r.Address
	}
	var live, left []candidate
	for _, c := range found {
		if c.name != "" {
			live = append(live, c)
			continue
		}
		if address, ok := addressOf(project, nil, c); ok {
			address.Name += plan.LeftBehind + c.id
			c.Address = address
			left = append(left, c)
		}
	}
	return append(place(project, names, live), left...)
}

func (k certificates) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	if arn := r.Attrs["arn"]; arn != "" {
		live, err := k.byARN(ctx, arn)
		if err != nil {
			return nil, err
		}
		live.Address = r.Address
		return live.Resource, nil
	}
	found, err := k.forDomains(ctx, []string{r.Spec.(*spec.Certificate).DomainName})
	if err != nil {
		return nil, err
	}
	return pick(placeCertificates(k.project, []*plan.Resource{r}, found), r.Address)
}

// Create requests the certificate, proves by records in the hosted zone that the
// domain is ours, and waits until it is issued.
func (k certificates) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	to := want.Spec.(*spec.Certificate)
	live, err := k.unfinished(ctx, want)
	if errors.Is(err, plan.ErrNotFound) {
		live, err = k.request(ctx, want)
	}
	if err != nil {
		return nil, err
	}
	from := live.Spec.(*spec.Certificate)
	from.Tags = common(from.Tags, to.Tags)
	return k.Update(ctx, live, want, false)
}

// unfinished is the certificate that a creation of before requested. ACM knows a
// request by its token for an hour only.
func (k certificates) unfinished(ctx context.Context, want *plan.Resource) (*plan.Resource, error) {
	found, err := k.forDomains(ctx, []string{want.Spec.(*spec.Certificate).DomainName})
	if err != nil {
		return nil, err
	}
	name := certificateName(want.Spec.(*spec.Certificate))
	for _, c := range placeCertificates(k.project, []*plan.Resource{want}, found) {
		if c.Address == want.Address && c.name == name {
			return c.Resource, nil
		}
	}
	return nil, plan.ErrNotFound
}

func (k certificates) request(ctx context.Context, want *plan.Resource) (*plan.Resource, error) {
	s := want.Spec.(*spec.Certificate)
	tags := k.allTags(withTag(want, tagHostedZone, s.HostedZoneID), s.Tags, plan.Applied{Hash: want.Hash, Pending: true})
	for salt := ""; ; {
		token := clientToken(want, salt)
		made, err := k.acm.RequestCertificate(ctx, &acm.RequestCertificateInput{
			DomainName: &s.DomainName, SubjectAlternativeNames: s.SubjectAlternativeNames,
			ValidationMethod: types.ValidationMethodDns, KeyAlgorithm: types.KeyAlgorithm(s.KeyAlgorithm),
			IdempotencyToken: &token,
			Tags:             certificateTags(tags),
		})
		if err != nil {
			return nil, err
		}
		arn := text(made.CertificateArn)
		live, err := appears(ctx, k.poll, func() (certificate, error) { return k.byARN(ctx, arn) })
		if errors.Is(err, plan.ErrNotFound) && salt != arn {
			salt = arn // the token is that of a certificate that was deleted since
			continue
		}
		if err != nil {
			return nil, err
		}
		live.Address = want.Address
		if owner, _ := live.Owner(k.project); owner != plan.Ours {
			return nil, taken(live.Resource, k.project, "certificate "+arn)
		}
		return live.Resource, nil
	}
}

func certificateTags(tags map[string]string) []types.Tag {
	return list(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

// Update continues the validation if it is not complete.
func (k certificates) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.Certificate), want.Spec.(*spec.Certificate)
	arn := live.Attrs["arn"]
	want = withTag(want, tagHostedZone, to.HostedZoneID)
	moves := from.HostedZoneID != to.HostedZoneID
	if moves || plan.ParseApplied(live.Tags[plan.TagSpec]) != (plan.Applied{Hash: want.Hash}) {
		if err := k.validate(ctx, live, to); err != nil {
			return live.Attrs, err
		}
	}
	if moves && live.Tags[tagValidation] != "" {
		if err := k.unvalidate(ctx, arn, from.HostedZoneID); err != nil {
			return live.Attrs, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, k.setTags(ctx, arn, tags)
}

func (k certificates) setTags(ctx context.Context, arn string, tags retag) error {
	if len(tags.remove) > 0 {
		_, err := k.acm.RemoveTagsFromCertificate(ctx, &acm.RemoveTagsFromCertificateInput{
			CertificateArn: &arn,
			Tags:           each(tags.remove, func(key string) types.Tag { return types.Tag{Key: &key} }),
		})
		if err != nil {
			return err
		}
	}
	if len(tags.set) == 0 {
		return nil
	}
	_, err := k.acm.AddTagsToCertificate(ctx, &acm.AddTagsToCertificateInput{CertificateArn: &arn, Tags: certificateTags(tags.set)})
	return err
}

// withTag is want with one more tag of ours.
func withTag(want *plan.Resource, key, value string) *plan.Resource {
	out := *want
	out.Tags = map[string]string{key: value}
	maps.Copy(out.Tags, want.Tags)
	return &out
}
