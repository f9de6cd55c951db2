package resource

import (
	"context"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// all returns the project's certificates that the tagging API knows. If a
// desired one is not among them, because its new tags may not have reached the
// tagging API yet, it searches all certificates for the missing domains.
func (k certificates) all(ctx context.Context, r *reading) ([]candidate, error) {
	wanted := ofKind(r.want, spec.CertificateKind)
	found, err := k.ours(ctx, r.tagged.arns(":certificate/"))
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, c := range found {
		known[c.name] = true
	}
	var missing []string
	for _, want := range wanted {
		if s := want.Spec.(*spec.Certificate); !known[certificateName(s)] {
			missing = append(missing, s.DomainName)
		}
	}
	more, err := k.forDomains(ctx, missing)
	if err != nil {
		return nil, err
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
	return placeCertificates(k.project, wanted, found), nil
}
