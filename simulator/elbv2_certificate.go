package simulator

import (
	"fmt"
	"slices"

	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// mostCertificates is how many certificates a load balancer may have beside the
// default ones (quotas of Application and of Network Load Balancers).
const mostCertificates = 25

// sslPolicies are the security policies (guide of Application Load Balancers,
// "Security policies for your Application Load Balancer"), without their FIPS
// and RFC 9151 variants.
var sslPolicies = []string{
	"ELBSecurityPolicy-2016-08",
	"ELBSecurityPolicy-FS-1-1-2019-08",
	"ELBSecurityPolicy-FS-1-2-2019-08",
	"ELBSecurityPolicy-FS-1-2-Res-2019-08",
	"ELBSecurityPolicy-FS-1-2-Res-2020-10",
	"ELBSecurityPolicy-FS-2018-06",
	"ELBSecurityPolicy-TLS-1-0-2015-04",
	"ELBSecurityPolicy-TLS-1-1-2017-01",
	"ELBSecurityPolicy-TLS-1-2-2017-01",
	"ELBSecurityPolicy-TLS-1-2-Ext-2018-06",
	"ELBSecurityPolicy-TLS13-1-0-2021-06",
	"ELBSecurityPolicy-TLS13-1-1-2021-06",
	"ELBSecurityPolicy-TLS13-1-2-2021-06",
	"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
	"ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09",
	"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06",
	"ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09",
	"ELBSecurityPolicy-TLS13-1-2-PQ-2025-09",
	"ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
	"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
	"ELBSecurityPolicy-TLS13-1-3-2021-06",
	"ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
}

// checkCertificate wants a certificate of ACM that was issued. Server
// certificates of IAM are not known here.
func (a *Account) checkCertificate(arn string) error {
	c := a.Certificates.Get(arn)
	switch {
	case c == nil:
		return &types.CertificateNotFoundException{Message: ptr(fmt.Sprintf("Certificate '%s' not found", arn))}
	case c.Status != acmtypes.CertificateStatusIssued:
		return elbError("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, "+
			"a supported signature, and a supported key size.", arn)
	}
	return nil
}

// checkSecurity wants one certificate and a known policy of secure listeners and
// neither of others. AWS's default policy is the old one.
func (a *Account) checkSecurity(l *Listener) error {
	if !secure(l.Protocol) {
		if len(l.Certificates) > 0 || l.SslPolicy != nil {
			return elbInvalid("Certificates and security policies cannot be specified for %s listeners", l.Protocol)
		}
		return nil
	}
	switch {
	case len(l.Certificates) == 0:
		return elbInvalid("A certificate must be specified for %s listeners", l.Protocol)
	case len(l.Certificates) > 1:
		return elbInvalid("Up to '1' certificate ARNs can be specified, but '%d' were specified", len(l.Certificates))
	case l.Certificates[0].IsDefault != nil:
		return elbInvalid("IsDefault cannot be specified for the certificate of a listener")
	}
	l.SslPolicy = orElse(l.SslPolicy, "ELBSecurityPolicy-2016-08")
	if !slices.Contains(sslPolicies, *l.SslPolicy) {
		return &types.SSLPolicyNotFoundException{Message: ptr(fmt.Sprintf("SSL policy '%s' not found", *l.SslPolicy))}
	}
	return a.checkCertificate(str(l.Certificates[0].CertificateArn))
}

// balancersWithCertificate are the load balancers whose listeners have this
// certificate.
func balancersWithCertificate(a *Account, arn string) []string {
	var users []string
	for _, l := range a.listeners.Of("certificate " + arn) {
		users = append(users, *l.LoadBalancerArn)
	}
	return users
}

// certificatesOf are all certificates of a listener, the default one first.
func certificatesOf(l *Listener) []types.Certificate {
	list := []types.Certificate{}
	for _, c := range l.Certificates {
		list = append(list, types.Certificate{CertificateArn: c.CertificateArn, IsDefault: ptr(true)})
	}
	for _, arn := range l.More {
		list = append(list, types.Certificate{CertificateArn: &arn, IsDefault: ptr(false)})
	}
	return list
}

func describeListenerCertificates(
	a *Account, in *elb.DescribeListenerCertificatesInput,
) (*elb.DescribeListenerCertificatesOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	list, next, err := elbPage(a, certificatesOf(l), func(c types.Certificate) string { return fmt.Sprintf("%t %s", !*c.IsDefault, *c.CertificateArn) }, in.Marker, in.PageSize)
	return &elb.DescribeListenerCertificatesOutput{Certificates: list, NextMarker: next}, err
}

func addListenerCertificates(
	a *Account, in *elb.AddListenerCertificatesInput,
) (*elb.AddListenerCertificatesOutput, error) {
	l, arn, err := a.listenerCertificate(in.ListenerArn, in.Certificates)
	if err != nil {
		return nil, err
	}
	if err := a.checkCertificate(arn); err != nil {
		return nil, err
	}
	if !slices.Contains(l.More, arn) {
		if a.countCertificates(*l.LoadBalancerArn) >= mostCertificates {
			return nil, &types.TooManyCertificatesException{
				Message: ptr(fmt.Sprintf("Certificate limit has been reached on load balancer '%s'", *l.LoadBalancerArn)),
			}
		}
		l = a.Listeners.Edit(*l.ListenerArn)
		l.More = append(l.More, arn)
	}
	return &elb.AddListenerCertificatesOutput{
		Certificates: []types.Certificate{{CertificateArn: &arn, IsDefault: ptr(false)}},
	}, nil
}

// removeListenerCertificates leaves the default certificate alone, which only
// ModifyListener replaces.
func removeListenerCertificates(
	a *Account, in *elb.RemoveListenerCertificatesInput,
) (*elb.RemoveListenerCertificatesOutput, error) {
	l, arn, err := a.listenerCertificate(in.ListenerArn, in.Certificates)
	if err != nil {
		return nil, err
	}
	at := slices.Index(l.More, arn)
	switch {
	case at >= 0:
		l = a.Listeners.Edit(*l.ListenerArn)
		l.More = slices.Delete(l.More, at, at+1)
	case *l.Certificates[0].CertificateArn == arn:
		return nil, &types.OperationNotPermittedException{
			Message: ptr(fmt.Sprintf("Default certificate '%s' cannot be removed", arn)),
		}
	}
	return &elb.RemoveListenerCertificatesOutput{}, nil
}

// listenerCertificate is the secure listener and the one certificate of a call.
func (a *Account) listenerCertificate(arn *string, list []types.Certificate) (*Listener, string, error) {
	l, err := a.listener(arn)
	switch {
	case err != nil:
		return nil, "", err
	case !secure(l.Protocol):
		return nil, "", elbInvalid("Certificates cannot be specified for %s listeners", l.Protocol)
	case len(list) != 1:
		return nil, "", elbInvalid("Exactly one certificate must be specified, not %d", len(list))
	case list[0].IsDefault != nil:
		return nil, "", elbInvalid("IsDefault cannot be specified for the certificate of a listener")
	}
	return l, str(list[0].CertificateArn), nil
}

func (a *Account) countCertificates(balancer string) int {
	n := 0
	for _, l := range a.listenersOf(balancer) {
		n += len(l.More)
	}
	return n
}

func describeSSLPolicies(a *Account, in *elb.DescribeSSLPoliciesInput) (*elb.DescribeSSLPoliciesOutput, error) {
	for _, name := range in.Names {
		if !slices.Contains(sslPolicies, name) {
			return nil, &types.SSLPolicyNotFoundException{Message: ptr(fmt.Sprintf("SSL policy '%s' not found", name))}
		}
	}
	var all []types.SslPolicy
	for _, name := range sslPolicies {
		if len(in.Names) == 0 || slices.Contains(in.Names, name) {
			all = append(all, types.SslPolicy{Name: &name, SupportedLoadBalancerTypes: []string{"application", "network"}})
		}
	}
	list, next, err := elbPage(a, all, func(p types.SslPolicy) string { return *p.Name }, in.Marker, in.PageSize)
	return &elb.DescribeSSLPoliciesOutput{SslPolicies: list, NextMarker: next}, err
}
