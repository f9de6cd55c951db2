package spec

import "github.com/compose2fargate/compose2fargate/plan"

// CertificateKind is the kind of certificate/DOMAIN.
const CertificateKind = "certificate"

// Certificate is a public certificate of ACM, validated by records in a hosted
// zone of Route 53 that are made along with it. Attrs: arn.
type Certificate struct {
	DomainName              string   `json:"domainName"`
	SubjectAlternativeNames []string `json:"subjectAlternativeNames,omitempty"` // a set, without DomainName
	HostedZoneID            string   `json:"hostedZoneId"`                      // where the validation records go
	KeyAlgorithm            string   `json:"keyAlgorithm"`                      // RSA_2048
	Tags                    []Tag    `json:"tags,omitempty"`
}

func certificateRules() plan.Rules {
	return plan.Rules{
		Kind: CertificateKind,
		New:  func() any { return &Certificate{} },
		Normalize: func(s any) {
			c := s.(*Certificate)
			fill(&c.KeyAlgorithm, "RSA_2048")
			c.SubjectAlternativeNames = set(c.SubjectAlternativeNames)
			sortBy(c.Tags, func(t Tag) string { return t.Key })
		},
		Attrs:     []string{"arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"domainName", "subjectAlternativeNames", "keyAlgorithm"},
		Brief:     []string{"domainName", "subjectAlternativeNames"},
		Owner:     shared,
		Optional:  []string{"tags.*"},
	}
}
