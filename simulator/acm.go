package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// acmState is everything of ACM. Tags are in Account.Tags.
type acmState struct {
	Certificates Table[Certificate] `state:"acm.certificates"` // by ARN
}

// Certificate is a certificate of ACM.
type Certificate struct {
	types.CertificateDetail
	Token   string // idempotency token of the request that made it
	Request string // digest of that request
	Reads   int    // looks that moved it
	Due     Due
}

func acmOperations() []operation {
	return []operation{
		write(requestCertificate),
		read(describeCertificate),
		read(listCertificates),
		write(deleteCertificate),
		write(addTagsToCertificate),
		write(removeTagsFromCertificate),
		read(listTagsForCertificate),
	}
}

// certificateUsers tell which objects use a certificate, by their ARNs, so that
// it cannot be deleted. A service that uses certificates adds one.
var certificateUsers = []func(a *Account, arn string) []string{
	balancersWithCertificate,
}

func (a *Account) usersOfCertificate(arn string) []string {
	users := []string{}
	for _, uses := range certificateUsers {
		users = append(users, uses(a, arn)...)
	}
	slices.Sort(users)
	return slices.Compact(users)
}

func acmInvalid(format string, args ...any) error {
	return &types.InvalidParameterException{Message: ptr(fmt.Sprintf(format, args...))}
}

// certificateByARN finds a certificate for reading.
func (a *Account) certificateByARN(arn *string) (*Certificate, error) {
	switch c := a.Certificates.Get(str(arn)); {
	case c != nil:
		return c, nil
	case arnService(str(arn)) != "acm":
		return nil, &types.InvalidArnException{Message: ptr("Invalid ARN: " + str(arn))}
	}
	return nil, &types.ResourceNotFoundException{Message: ptr("Could not find certificate " + str(arn) + ".")}
}

// requestable are the key algorithms of certificates that ACM issues (API
// reference, RequestCertificate); others are imported.
var requestable = []types.KeyAlgorithm{
	types.KeyAlgorithmRsa2048, types.KeyAlgorithmEcPrime256v1, types.KeyAlgorithmEcSecp384r1,
}

// mostNames is how many domain names a certificate may have (ACM quotas).
const mostNames = 10

const (
	// "Idempotency tokens time out after one hour" (API reference, RequestCertificate).
	tokenOfACM = time.Hour

	// ACM "makes repeated attempts to validate a certificate for 72 hours and then times
	// out" (API reference, DomainValidation, ValidationStatus).
	validationOfACM = 72 * time.Hour
)

func requestCertificate(a *Account, in *acm.RequestCertificateInput) (*acm.RequestCertificateOutput, error) {
	if in.KeyAlgorithm == "" {
		in.KeyAlgorithm = types.KeyAlgorithmRsa2048
	}
	if err := checkNewCertificate(in); err != nil {
		return nil, err
	}
	tags, err := acmCheckTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	asked := *in
	asked.IdempotencyToken = nil
	request := digest(string(appendJSON(nil, asked)))
	for arn, c := range a.Certificates.All() {
		if in.IdempotencyToken != nil && c.Token == *in.IdempotencyToken && c.Request == request && a.now().Sub(*c.CreatedAt) < tokenOfACM {
			return &acm.RequestCertificateOutput{CertificateArn: &arn}, nil
		}
	}
	c := a.putCertificate(*in.DomainName, in.SubjectAlternativeNames, in.KeyAlgorithm, tags)
	c.Token, c.Request = str(in.IdempotencyToken), request
	return &acm.RequestCertificateOutput{CertificateArn: c.CertificateArn}, nil
}

func checkNewCertificate(in *acm.RequestCertificateInput) error {
	switch {
	case in.CertificateAuthorityArn != nil || len(in.DomainValidationOptions) > 0 || in.ManagedBy != "":
		return acmInvalid("The simulator knows public certificates with DNS validation only.")
	case in.ValidationMethod != types.ValidationMethodDns:
		return acmInvalid("The simulator knows the validation method DNS only, not %q.", in.ValidationMethod)
	case !slices.Contains(requestable, in.KeyAlgorithm):
		return acmInvalid("The key algorithm %s cannot be requested.", in.KeyAlgorithm)
	case len(str(in.DomainName)) > 64: // RFC 5280's common name
		return acmInvalid("The first domain name can be no longer than 64 characters.")
	case len(str(in.IdempotencyToken)) > 32:
		return acmInvalid("The idempotency token can be no longer than 32 characters.")
	}
	names := certificateNames(str(in.DomainName), in.SubjectAlternativeNames)
	if len(names) > mostNames {
		return &types.LimitExceededException{Message: ptr(fmt.Sprintf("The maximum number of %d domain names has been exceeded.", mostNames))}
	}
	for _, name := range names {
		host := strings.TrimPrefix(name, "*.")
		if len(name) > 253 || !hostName.MatchString(host) || !strings.Contains(host, ".") {
			return acmInvalid("%s is not a valid domain name.", name)
		}
	}
	return nil
}

// certificateNames are all names of a certificate, the first one first, none
// twice.
func certificateNames(first string, others []string) []string {
	names := []string{strings.ToLower(first)}
	for _, name := range others {
		if name = strings.ToLower(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// putCertificate makes a certificate that waits for its validation.
func (a *Account) putCertificate(
	domain string, others []string, algorithm types.KeyAlgorithm, tags map[string]string,
) *Certificate {
	names := certificateNames(domain, others)
	arn := a.arn("acm", "certificate/"+uuid(a.id("certificate", strings.Join(names, " "))))
	detail := types.CertificateDetail{
		CertificateArn: &arn, DomainName: &names[0], SubjectAlternativeNames: names, CreatedAt: a.now(),
		Status: types.CertificateStatusPendingValidation, Type: types.CertificateTypeAmazonIssued, KeyAlgorithm: algorithm,
		Subject: ptr("CN=" + names[0]), Issuer: ptr("Amazon"), RenewalEligibility: types.RenewalEligibilityIneligible,
		Options: &types.CertificateOptions{
			Export: types.CertificateExportDisabled,
		},
		KeyUsages: []types.KeyUsage{}, ExtendedKeyUsages: []types.ExtendedKeyUsage{}, InUseBy: []string{},
	}
	for _, name := range names {
		detail.DomainValidationOptions = append(detail.DomainValidationOptions, types.DomainValidation{
			DomainName: &name, ValidationDomain: &name, ValidationMethod: types.ValidationMethodDns,
			ValidationStatus: types.DomainStatusPendingValidation,
		})
	}
	a.bear(arn, tags)
	return a.Certificates.Put(arn, Certificate{CertificateDetail: detail})
}

// PutCertificate adds an issued certificate for these domains, as somebody has
// it who requested it long ago, and returns its ARN.
func (a *Account) PutCertificate(domain string, others ...string) string {
	c := a.putCertificate(domain, others, types.KeyAlgorithmRsa2048, nil)
	a.showRecords(c)
	a.issue(c)
	return *c.CertificateArn
}

// PutImportedCertificate adds a certificate that somebody brought along, with a
// key of that kind, and returns its ARN.
func (a *Account) PutImportedCertificate(algorithm types.KeyAlgorithm, domain string, others ...string) string {
	c := a.putCertificate(domain, others, algorithm, nil)
	a.issue(c)
	c.Type, c.ImportedAt, c.Issuer = types.CertificateTypeImported, a.now(), ptr("Example CA")
	c.DomainValidationOptions, c.IssuedAt = nil, nil
	return *c.CertificateArn
}

// validationRecord proves a domain. It follows from account and domain, so that
// all certificates for a domain, its wildcard included, have the same (ACM User
// Guide, "DNS validation").
func (a *Account) validationRecord(domain string) *types.ResourceRecord {
	domain = strings.TrimPrefix(domain, "*.")
	h := digest(a.Account, "validation", domain)
	return &types.ResourceRecord{
		Type: types.RecordTypeCname, Name: ptr("_" + h[:32] + "." + domain + "."),
		Value: ptr("_" + digest(h)[:32] + "." + h[32:42] + ".acm-validations.aws."),
	}
}

func (a *Account) showRecords(c *Certificate) {
	for i := range c.DomainValidationOptions {
		c.DomainValidationOptions[i].ResourceRecord = a.validationRecord(*c.DomainValidationOptions[i].DomainName)
	}
}

// advanceCertificate is a look at a certificate that waits: the records it wants
// appear after some looks, and it is issued at the first look after they are all
// in public hosted zones of this account. Without them it fails in the end.
func (a *Account) advanceCertificate(arn string) {
	if a.Certificates.Get(arn).Status != types.CertificateStatusPendingValidation {
		return
	}
	c := a.Certificates.Edit(arn)
	c.Reads++
	if c.Reads < a.Progress {
		return
	}
	a.showRecords(c)
	proven := true
	for i := range c.DomainValidationOptions {
		option := &c.DomainValidationOptions[i]
		r := option.ResourceRecord
		if a.hasRecord(*r.Name, route53types.RRTypeCname, *r.Value) {
			option.ValidationStatus = types.DomainStatusSuccess
		}
		proven = proven && option.ValidationStatus == types.DomainStatusSuccess
	}
	switch {
	case proven && c.Reads > a.Progress:
		a.issue(c)
	case a.now().Sub(*c.CreatedAt) >= validationOfACM:
		a.giveUp(c)
	}
}

// giveUp ends the validation of a certificate whose records did not come in time.
func (a *Account) giveUp(c *Certificate) {
	c.Status = types.CertificateStatusValidationTimedOut
	for i := range c.DomainValidationOptions {
		if option := &c.DomainValidationOptions[i]; option.ValidationStatus == types.DomainStatusPendingValidation {
			option.ValidationStatus = types.DomainStatusFailed
		}
	}
}

// issue makes a certificate valid for 13 months, as ACM does.
func (a *Account) issue(c *Certificate) {
	c.Status, c.IssuedAt, c.NotBefore = types.CertificateStatusIssued, a.now(), a.now()
	c.NotAfter = ptr(a.now().Add(395 * 24 * time.Hour))
	c.Serial, c.SignatureAlgorithm = ptr(digest(*c.CertificateArn)[:32]), ptr("SHA256WITHRSA")
	for i := range c.DomainValidationOptions {
		c.DomainValidationOptions[i].ValidationStatus = types.DomainStatusSuccess
	}
}

func describeCertificate(a *Account, in *acm.DescribeCertificateInput) (*acm.DescribeCertificateOutput, error) {
	c, err := a.certificateByARN(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	a.advanceCertificate(*c.CertificateArn)
	out := a.Certificates.Get(*c.CertificateArn).CertificateDetail
	out.InUseBy = a.usersOfCertificate(*c.CertificateArn)
	if out.Status == types.CertificateStatusIssued && out.Type == types.CertificateTypeAmazonIssued && len(out.InUseBy) > 0 {
		out.RenewalEligibility = types.RenewalEligibilityEligible
	}
	return &acm.DescribeCertificateOutput{Certificate: &out}, nil
}

// listCertificates leaves out certificates with keys other than RSA of 1024 and
// 2048 bits unless they are asked for (API reference, Filters). It shows all
// names of a certificate: the simulator has none with more than the 100 of a
// summary.
func listCertificates(a *Account, in *acm.ListCertificatesInput) (*acm.ListCertificatesOutput, error) {
	f := val(in.Includes)
	if len(f.ExtendedKeyUsage) > 0 || len(f.KeyUsage) > 0 || f.ManagedBy != "" || f.ExportOption != "" || in.SortBy != "" {
		return nil, acmInvalid("The simulator knows the filter keyTypes only.")
	}
	if in.MaxItems != nil && (*in.MaxItems < 1 || *in.MaxItems > 1000) {
		return nil, acmInvalid("MaxItems must be between 1 and 1000, not %d.", *in.MaxItems)
	}
	algorithms := f.KeyTypes
	if len(algorithms) == 0 {
		algorithms = []types.KeyAlgorithm{types.KeyAlgorithmRsa1024, types.KeyAlgorithmRsa2048}
	}
	var all []types.CertificateSummary
	for arn := range a.Certificates.All() {
		c := a.Certificates.Get(arn)
		if slices.Contains(algorithms, c.KeyAlgorithm) &&
			(len(in.CertificateStatuses) == 0 || slices.Contains(in.CertificateStatuses, c.Status)) {
			all = append(all, a.summarize(c))
		}
	}
	list, next, err := page(a, all, func(c types.CertificateSummary) string { return *c.CertificateArn }, in.NextToken, in.MaxItems, 1000)
	if err != nil {
		return nil, &types.InvalidArgsException{Message: ptr("The NextToken is not valid.")}
	}
	return &acm.ListCertificatesOutput{CertificateSummaryList: filled(list), NextToken: next}, nil
}

func (a *Account) summarize(c *Certificate) types.CertificateSummary {
	return types.CertificateSummary{
		CertificateArn: c.CertificateArn, DomainName: c.DomainName, SubjectAlternativeNameSummaries: c.SubjectAlternativeNames,
		HasAdditionalSubjectAlternativeNames: ptr(false), Status: c.Status, Type: c.Type, KeyAlgorithm: c.KeyAlgorithm,
		InUse: ptr(len(a.usersOfCertificate(*c.CertificateArn)) > 0), RenewalEligibility: c.RenewalEligibility,
		CreatedAt: c.CreatedAt, IssuedAt: c.IssuedAt, ImportedAt: c.ImportedAt, NotBefore: c.NotBefore, NotAfter: c.NotAfter,
		Exported: ptr(false), ExportOption: c.Options.Export,
	}
}

func deleteCertificate(a *Account, in *acm.DeleteCertificateInput) (*acm.DeleteCertificateOutput, error) {
	c, err := a.certificateByARN(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	arn := *c.CertificateArn
	if len(a.usersOfCertificate(arn)) > 0 {
		return nil, &types.ResourceInUseException{Message: ptr("Certificate " + arn + " in account " + a.Account + " is in use.")}
	}
	a.Tags.Delete(arn)
	a.Certificates.Delete(arn)
	return &acm.DeleteCertificateOutput{}, nil
}

func acmTags(tags map[string]string) []types.Tag {
	return tagList(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func acmCheckTags(have map[string]string, list []types.Tag) (map[string]string, error) {
	tags, twice := tagMap(list, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	if twice != "" {
		return nil, &types.InvalidTagException{Message: ptr("Duplicate tag key " + twice)}
	}
	if problem := tagProblem(have, tags); problem != "" {
		return nil, &types.InvalidTagException{Message: &problem}
	}
	return tags, nil
}

func addTagsToCertificate(
	a *Account, in *acm.AddTagsToCertificateInput,
) (*acm.AddTagsToCertificateOutput, error) {
	c, err := a.certificateByARN(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	tags, err := acmCheckTags(a.tagsOf(*c.CertificateArn), in.Tags)
	if err != nil {
		return nil, err
	}
	a.tag(*c.CertificateArn, tags)
	return &acm.AddTagsToCertificateOutput{}, nil
}

// removeTagsFromCertificate removes a tag that is given with a value only where
// it has that value.
func removeTagsFromCertificate(
	a *Account, in *acm.RemoveTagsFromCertificateInput,
) (*acm.RemoveTagsFromCertificateOutput, error) {
	c, err := a.certificateByARN(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	have := a.tagsOf(*c.CertificateArn)
	var keys []string
	for _, t := range in.Tags {
		if t.Value == nil || *t.Value == have[str(t.Key)] {
			keys = append(keys, str(t.Key))
		}
	}
	a.untag(*c.CertificateArn, keys)
	return &acm.RemoveTagsFromCertificateOutput{}, nil
}

func listTagsForCertificate(
	a *Account, in *acm.ListTagsForCertificateInput,
) (*acm.ListTagsForCertificateOutput, error) {
	c, err := a.certificateByARN(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	return &acm.ListTagsForCertificateOutput{Tags: acmTags(a.tagsOf(*c.CertificateArn))}, nil
}
