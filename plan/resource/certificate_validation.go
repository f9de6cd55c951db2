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

	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// issueTime bounds the waiting for ACM, which takes some minutes once the
// records can be seen.
const issueTime = 10 * time.Minute

// validateCertificate puts the records that ACM asks for into the hosted zone, and
// waits until the certificate is issued.
func validateCertificate(ctx context.Context, a *session, live *plan.Resource, to *spec.Certificate) error {
	var sets []route53types.ResourceRecordSet
	err := waitFor(ctx, a.poll, issueTime, func() error {
		detail, err := describeCertificate(ctx, a, live.Attrs["arn"])
		if err != nil {
			return err
		}
		if sets == nil {
			if sets, err = proveDomain(ctx, a, live, to.HostedZoneID, detail); err != nil {
				return err
			}
		}
		asked := sets != nil || len(detail.DomainValidationOptions) == 0
		switch {
		case detail.Status == types.CertificateStatusIssued && asked:
			return nil
		case !usable(detail.Status):
			return fmt.Errorf("ACM did not issue the certificate: %s", cmp.Or(string(detail.FailureReason), string(detail.Status)))
		default:
			return pending{notIssued(to, sets)}
		}
	})
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", notIssued(to, sets), ctx.Err())
	}
	return err
}

// notIssued is an error that says what the user can check.
func notIssued(to *spec.Certificate, sets []route53types.ResourceRecordSet) error {
	if len(sets) == 0 {
		return fmt.Errorf("ACM did not return the validation record for %s", to.DomainName)
	}
	names := each(sets, func(set route53types.ResourceRecordSet) string {
		return fmt.Sprintf("%s CNAME %s", recordName(text(set.Name)), recordName(text(set.ResourceRecords[0].Value)))
	})
	return fmt.Errorf("the certificate for %s is not issued yet: ACM has not seen the record %s in hosted zone %s; "+
		"check that the name servers of the domain are those of the zone, and apply again",
		to.DomainName, strings.Join(names, ", "), to.HostedZoneID)
}

// validationTTL is short, in seconds, as in ACM's own "Create records in Route 53".
const validationTTL = 300

// validationRecords are the records that ACM requires, by name; nil until ACM
// knows all of them, which takes some seconds. A wildcard shares the record of
// its domain.
func validationRecords(detail types.CertificateDetail) []route53types.ResourceRecordSet {
	byName := map[string]route53types.ResourceRecordSet{}
	for _, option := range detail.DomainValidationOptions {
		if option.ResourceRecord == nil {
			return nil
		}
		name := recordName(text(option.ResourceRecord.Name))
		byName[name] = route53types.ResourceRecordSet{
			Name: &name, Type: route53types.RRType(option.ResourceRecord.Type), TTL: pointer(int64(validationTTL)),
			ResourceRecords: []route53types.ResourceRecord{{Value: option.ResourceRecord.Value}},
		}
	}
	var out []route53types.ResourceRecordSet
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, byName[name])
	}
	return out
}

// proveDomain writes the validation records and returns them; nil while they are not
// known. Records that are all there already are those of another certificate for
// the domain, which may be in another region (ACM asks for the same ones for
// every certificate of an account), and are not marked as ours.
func proveDomain(
	ctx context.Context, a *session, live *plan.Resource, zone string, detail types.CertificateDetail,
) ([]route53types.ResourceRecordSet, error) {
	sets := validationRecords(detail)
	if sets == nil {
		return nil, nil
	}
	var missing []route53types.ResourceRecordSet
	for _, set := range sets {
		there, err := recordSet(ctx, a.route53(), recordID{zone, text(set.Name), string(set.Type)})
		if err != nil && !errors.Is(err, plan.ErrNotFound) {
			return nil, err
		}
		if err != nil || !sameValue(there, set) {
			missing = append(missing, set)
		}
	}
	if len(missing) == 0 {
		return sets, nil
	}
	if len(missing) == len(sets) && live.Tags[tagValidation] == "" {
		_, err := a.acm().AddTagsToCertificate(ctx, &acm.AddTagsToCertificateInput{
			CertificateArn: pointer(live.Attrs["arn"]), Tags: pairList[types.Tag](map[string]string{tagValidation: "made"}),
		})
		if err != nil {
			return nil, err
		}
	}
	return sets, changeRecords(ctx, a.route53(), zone, route53types.ChangeActionUpsert, missing...)
}

func sameValue(a, b route53types.ResourceRecordSet) bool {
	return len(a.ResourceRecords) == 1 && len(b.ResourceRecords) == 1 &&
		recordName(text(a.ResourceRecords[0].Value)) == recordName(text(b.ResourceRecords[0].Value))
}

// removeValidation removes the validation records from the zone, but for those that
// another certificate of the region is renewed by.
func removeValidation(ctx context.Context, a *session, arn, zone string) error {
	detail, err := describeCertificate(ctx, a, arn)
	if errors.Is(err, plan.ErrNotFound) || zone == "" {
		return nil
	}
	if err != nil {
		return err
	}
	needed, err := domainsInUse(ctx, a, arn)
	if err != nil {
		return err
	}
	for _, option := range detail.DomainValidationOptions {
		if option.ResourceRecord == nil || needed[plainDomain(text(option.DomainName))] {
			continue
		}
		id := recordID{zone, recordName(text(option.ResourceRecord.Name)), string(option.ResourceRecord.Type)}
		set, err := recordSet(ctx, a.route53(), id)
		if errors.Is(err, plan.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		want := route53types.ResourceRecordSet{ResourceRecords: []route53types.ResourceRecord{{Value: option.ResourceRecord.Value}}}
		if !sameValue(set, want) {
			continue
		}
		if err := deleteRecord(ctx, a.route53(), zone, set); err != nil {
			return err
		}
	}
	return nil
}

// domainsInUse are the domains of the other certificates that are issued or to be. Of
// one with more than 100 names, the list has the first 100 (CertificateSummary).
func domainsInUse(ctx context.Context, a *session, arn string) (map[string]bool, error) {
	others, err := certificateSummaries(ctx, a)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, other := range others {
		if text(other.CertificateArn) == arn || !usable(other.Status) {
			continue
		}
		for _, name := range append(other.SubjectAlternativeNameSummaries, text(other.DomainName)) {
			out[plainDomain(name)] = true
		}
	}
	return out, nil
}

// plainDomain is the domain whose validation record a name shares.
func plainDomain(name string) string { return strings.TrimPrefix(strings.ToLower(name), "*.") }

// deleteCertificate waits until no listener uses the certificate any more, and then
// removes the validation records first: they are found through the certificate.
func deleteCertificate(ctx context.Context, a *session, live *plan.Resource) error {
	arn := live.Attrs["arn"]
	detail, err := describeCertificate(ctx, a, arn)
	switch {
	case errors.Is(err, plan.ErrNotFound):
		return nil
	case err != nil:
		return err
	case len(detail.InUseBy) > 0:
		return pending{fmt.Errorf("it is still used by %s", strings.Join(detail.InUseBy, ", "))}
	}
	if live.Tags[tagValidation] != "" {
		if err := removeValidation(ctx, a, arn, live.Tags[tagHostedZone]); err != nil {
			return err
		}
	}
	return onlyError(a.acm().DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: &arn}))
}
