package simulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func (w *world) acm() *acm.Client { return acm.NewFromConfig(w.Config()) }

func (w *world) requestCertificate(domain string, others ...string) string {
	w.t.Helper()
	return *must(w.acm().RequestCertificate(w.t.Context(), &acm.RequestCertificateInput{
		DomainName: &domain, SubjectAlternativeNames: others, ValidationMethod: types.ValidationMethodDns,
	}))(w.t).CertificateArn
}

func (w *world) certificate(arn string) *types.CertificateDetail {
	w.t.Helper()
	return must(w.acm().DescribeCertificate(w.t.Context(), &acm.DescribeCertificateInput{CertificateArn: &arn}))(w.t).Certificate
}

// validation is the records that a certificate asks for, by name; those that it
// does not tell yet are left out.
func validation(c *types.CertificateDetail) map[string]string {
	records := map[string]string{}
	for _, o := range c.DomainValidationOptions {
		if o.ResourceRecord != nil {
			records[*o.ResourceRecord.Name] = *o.ResourceRecord.Value
		}
	}
	return records
}

func TestACertificateIsIssuedOnceItsRecordsAreThere(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	arn := w.requestCertificate("example.com", "*.example.com", "www.example.com")
	if records := validation(w.certificate(arn)); len(records) != 0 {
		t.Error("want the records some time after the request:", records)
	}
	c := w.certificate(arn)
	records := validation(c)
	if len(c.DomainValidationOptions) != 3 || len(records) != 2 {
		t.Fatal("want one record for a domain and its wildcard:", text(c.DomainValidationOptions))
	}

	zone, private := w.publicZone("example.com"), w.privateZone("example.com")
	for name, value := range records {
		if err := w.changeRecords(private, cname("CREATE", name, value)); err != nil {
			t.Fatal(err)
		}
	}
	if c := w.certificate(arn); c.Status != types.CertificateStatusPendingValidation {
		t.Error("want records in a private zone to prove nothing:", c.Status)
	}
	first := true
	for name, value := range records {
		if c := w.certificate(arn); !first && c.Status != types.CertificateStatusPendingValidation {
			t.Error("want all records:", c.Status)
		}
		first = false
		if err := w.changeRecords(zone, cname(route53types.ChangeActionUpsert, name, strings.TrimSuffix(value, "."))); err != nil {
			t.Fatal(err)
		}
	}
	if c := w.certificate(arn); c.Status != types.CertificateStatusIssued || c.IssuedAt == nil || c.NotAfter == nil {
		t.Error(text(c))
	}
}

func TestRequestCertificateIsIdempotentByItsToken(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	in := &acm.RequestCertificateInput{
		DomainName: aws.String("example.com"), ValidationMethod: types.ValidationMethodDns, IdempotencyToken: aws.String("one"),
	}
	first := must(w.acm().RequestCertificate(t.Context(), in))(t).CertificateArn
	again := must(w.acm().RequestCertificate(t.Context(), in))(t).CertificateArn
	in.IdempotencyToken = aws.String("two")
	other := must(w.acm().RequestCertificate(t.Context(), in))(t).CertificateArn
	if *first != *again || *first == *other {
		t.Error(*first, *again, *other)
	}
}

func TestRequestCertificateRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for _, c := range []struct {
		name, code string
		edit       func(in *acm.RequestCertificateInput)
	}{
		{"a bare name", "InvalidParameterException", func(in *acm.RequestCertificateInput) { in.DomainName = aws.String("localhost") }},
		{"a star in the middle", "InvalidParameterException", func(in *acm.RequestCertificateInput) { in.DomainName = aws.String("a.*.example.com") }},
		{"a first name of 65 characters", "InvalidParameterException", func(in *acm.RequestCertificateInput) {
			in.DomainName = aws.String(strings.Repeat("a", 53) + ".example.com")
		}},
		{"a key that can only be imported", "InvalidParameterException", func(in *acm.RequestCertificateInput) {
			in.KeyAlgorithm = types.KeyAlgorithmRsa4096
		}},
		{"eleven names", "LimitExceededException", func(in *acm.RequestCertificateInput) {
			for i := range 10 {
				in.SubjectAlternativeNames = append(in.SubjectAlternativeNames, fmt.Sprintf("%d.example.com", i))
			}
		}},
		{"a tag of AWS's", "InvalidTagException", func(in *acm.RequestCertificateInput) {
			in.Tags = []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("y")}}
		}},
	} {
		in := &acm.RequestCertificateInput{DomainName: aws.String("example.com"), ValidationMethod: types.ValidationMethodDns}
		c.edit(in)
		if _, err := w.acm().RequestCertificate(t.Context(), in); code(err) != c.code {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
		}
	}
}

func TestListCertificatesLeavesOtherKeysOutUnlessAsked(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.Shuffle(2)
	w.requestCertificate("pending.example.com")
	w.Mutate(func(a *simulator.Account) {
		a.PutCertificate("issued.example.com", "www.example.com")
		a.PutImportedCertificate(types.KeyAlgorithmRsa2048, "imported.example.com")
		a.PutImportedCertificate(types.KeyAlgorithmEcPrime256v1, "elliptic.example.com")
	})
	list := func(in *acm.ListCertificatesInput) string {
		return pages(t, acm.NewListCertificatesPaginator(w.acm(), in), func(p *acm.ListCertificatesOutput) (names []string) {
			for _, c := range p.CertificateSummaryList {
				names = append(names, strings.TrimSuffix(*c.DomainName, ".example.com"))
			}
			return names
		})
	}
	got := []string{
		list(&acm.ListCertificatesInput{}),
		list(&acm.ListCertificatesInput{CertificateStatuses: []types.CertificateStatus{types.CertificateStatusIssued}}),
		list(&acm.ListCertificatesInput{Includes: &types.Filters{KeyTypes: []types.KeyAlgorithm{types.KeyAlgorithmEcPrime256v1}}}),
	}
	if diff := cmp.Diff([]string{"3: imported issued pending", "2: imported issued", "1: elliptic"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDeleteCertificate(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	arn := aws.String(w.requestCertificate("example.com"))
	must(w.acm().DeleteCertificate(t.Context(), &acm.DeleteCertificateInput{CertificateArn: arn}))(t)
	_, err := w.acm().DescribeCertificate(t.Context(), &acm.DescribeCertificateInput{CertificateArn: arn})
	if code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
}

func TestCertificateTags(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	arn := aws.String(w.requestCertificate("example.com"))
	tag := func(key, value string) []types.Tag { return []types.Tag{{Key: &key, Value: &value}} }
	must(w.acm().AddTagsToCertificate(ctx, &acm.AddTagsToCertificateInput{CertificateArn: arn, Tags: append(tag("a", "1"), tag("b", "2")...)}))(t)
	must(w.acm().RemoveTagsFromCertificate(ctx, &acm.RemoveTagsFromCertificateInput{
		CertificateArn: arn, Tags: append(tag("a", "other"), types.Tag{Key: aws.String("b")}),
	}))(t)
	left := must(w.acm().ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: arn}))(t).Tags
	if diff := cmp.Diff(text(tag("a", "1")), text(left)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := w.tagged(&tagging.GetResourcesInput{ResourceTypeFilters: []string{"acm:certificate"}}); !strings.HasPrefix(got, "acm:certificate/") {
		t.Error(got)
	}
}
