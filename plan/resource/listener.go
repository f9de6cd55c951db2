package resource

import (
	"context"
	"fmt"
	"slices"
	"time"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// listenerKind defines listeners, on load balancers of the project and of others.
var listenerKind = kind[spec.Listener]{
	row: row{
		kind: spec.ListenerKind, noun: "listener", tagged: elbTypes,
		after: []string{spec.LoadBalancerKind},
		reads: []string{
			"elasticloadbalancing:DescribeListenerCertificates", "elasticloadbalancing:DescribeListeners",
			"elasticloadbalancing:DescribeTags",
		},
		writes: []string{
			"elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:AddTags", "elasticloadbalancing:CreateListener",
			"elasticloadbalancing:DeleteListener", "elasticloadbalancing:ModifyListener",
			"elasticloadbalancing:RemoveListenerCertificates", "elasticloadbalancing:RemoveTags",
		},
	},
	as:    func(b bound[spec.Listener]) operations { return listeners{b} },
	id:    "arn",
	name:  func(s *spec.Listener) string { return listenerName(s.LoadBalancerArn.Text, s.Port) },
	title: func(s *spec.Listener) string { return fmt.Sprintf("at port %d", s.Port) },
	tags:  func(s *spec.Listener) *[]spec.Tag { return &s.Tags },

	byID:    listenerByARN,
	list:    listListeners,
	renamed: true,

	// CreateListener may return the listener at that port, whoever owns it
	// (terraform-provider-aws#44814).
	existing: listenerAtPort,
	create:   createListener,
	partly:   func(s *spec.Listener) bool { return len(s.Certificates) > 1 },
	// The address includes the protocol, but a load balancer has one listener at a
	// port.
	replaces: true,
	adopt: func(_ context.Context, a *session, _ change[spec.Listener]) error {
		a.routeChanges.began()
		return nil
	},
	update: updateListener,
	tag:    tagELB,
	untag:  untagELB,

	delete: deleteListener,
	gone:   []string{"ListenerNotFound"},
}

// listeners can be extended.
type listeners struct{ bound[spec.Listener] }

// listenerName names a listener: a load balancer has one at a port. The ARN of
// the load balancer is "" until it is created.
func listenerName(balancer string, port int) string { return fmt.Sprintf("%s:%d", balancer, port) }

func liveListenerName(l types.Listener) string {
	return listenerName(text(l.LoadBalancerArn), number(l.Port))
}

func describeListeners(ctx context.Context, a *session, in elb.DescribeListenersInput) ([]types.Listener, error) {
	if len(in.ListenerArns) == 0 {
		in.PageSize = pointer(int32(elbPage))
	}
	return allPages(ctx, elb.NewDescribeListenersPaginator(a.elb(), &in),
		func(page *elb.DescribeListenersOutput) []types.Listener { return page.Listeners })
}

func listenersByARN(ctx context.Context, a *session, arns ...string) ([]types.Listener, error) {
	return elbByARN(arns, func(arns []string) ([]types.Listener, error) {
		return describeListeners(ctx, a, elb.DescribeListenersInput{ListenerArns: arns})
	})
}

// listListeners returns the listeners with the desired names, those on load
// balancers of the project, and those on other load balancers that the tagging
// API knows.
func listListeners(ctx context.Context, r *reading) ([]candidate, error) {
	wanted, balancers := map[string]plan.Address{}, r.ownARNs(spec.LoadBalancerKind)
	for _, want := range r.wanted(spec.ListenerKind) {
		s := want.Spec.(*spec.Listener)
		wanted[listenerName(s.LoadBalancerArn.Text, s.Port)] = want.Address
		balancers = append(balancers, s.LoadBalancerArn.Text)
	}
	found, err := listenersOn(ctx, r.session, balancers...)
	if err != nil {
		return nil, err
	}
	elsewhere := slices.DeleteFunc(r.tagged.arns(":listener/"), func(arn string) bool {
		return slices.Contains(balancers, parentARN(arn, "listener", "loadbalancer"))
	})
	others, err := listenersByARN(ctx, r.session, elsewhere...)
	if err != nil {
		return nil, err
	}
	return listenerCandidates(ctx, r.session, append(found, others...), wanted)
}

// listenersOn returns the listeners of load balancers, whoever owns them.
func listenersOn(ctx context.Context, a *session, balancers ...string) ([]types.Listener, error) {
	var out []types.Listener
	for _, arn := range unique(balancers) {
		if arn == "" {
			continue
		}
		found, err := describeListeners(ctx, a, elb.DescribeListenersInput{LoadBalancerArn: &arn})
		if err != nil && !is(err, elbGone...) {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func listenerByARN(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
	found, err := listenersByARN(ctx, a, r.Attrs["arn"])
	if err != nil {
		return nil, err
	}
	return listenerCandidates(ctx, a, found, listenerNames(found, r.Address))
}

// listenerNames gives one address to live listeners, wherever they are.
func listenerNames(found []types.Listener, address plan.Address) map[string]plan.Address {
	out := map[string]plan.Address{}
	for _, l := range found {
		out[liveListenerName(l)] = address
	}
	return out
}

// listenerAtPort returns the listener at the port where want is to be.
func listenerAtPort(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error) {
	s := want.Spec.(*spec.Listener)
	found, err := listenersOn(ctx, a, s.LoadBalancerArn.Text)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(l types.Listener) bool { return number(l.Port) != s.Port })
	return listenerCandidates(ctx, a, found, listenerNames(found, want.Address))
}

// listenerCandidates leaves out listeners that are neither wanted nor the
// project's before it reads more of them.
func listenerCandidates(ctx context.Context, a *session, found []types.Listener, wanted map[string]plan.Address) ([]candidate, error) {
	tags, err := elbTagsOf(ctx, a.elb(), each(found, func(l types.Listener) string { return text(l.ListenerArn) }))
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(l types.Listener) bool {
		_, ok := wanted[liveListenerName(l)]
		return !ok && tags[text(l.ListenerArn)][plan.TagProject] != a.project
	})
	return readEach(ctx, found, func(ctx context.Context, l types.Listener) (candidate, error) {
		return listenerCandidate(ctx, a, l, tags[text(l.ListenerArn)], wanted)
	}, elbGone...)
}

func listenerCandidate(
	ctx context.Context, a *session, l types.Listener, tags map[string]string, wanted map[string]plan.Address,
) (candidate, error) {
	certificates, err := listenerCertificates(ctx, a, l)
	if err != nil {
		return candidate{}, err
	}
	s := listenerSpec(l)
	s.Certificates, s.Tags = certificates, spec.Tags(tags)
	arn, name := text(l.ListenerArn), liveListenerName(l)
	if tags[plan.TagProject] == a.project && tags[plan.TagResource] != wanted[name].String() {
		name = "" // the project's own with another address: Create takes it over
	}
	return candidate{
		Resource: liveResource(spec.ListenerKind, s, plan.Attrs{"arn": arn}, tags, unmanaged(l)),
		id:       lastSegment(arn), name: name,
	}, nil
}

func listenerSpec(l types.Listener) *spec.Listener {
	return &spec.Listener{
		LoadBalancerArn: plan.Literal(text(l.LoadBalancerArn)),
		Port:            number(l.Port),
		Protocol:        string(l.Protocol),
		SslPolicy:       text(l.SslPolicy),
		Certificates:    each(l.Certificates, func(c types.Certificate) plan.Value { return plan.Literal(text(c.CertificateArn)) }),
		DefaultActions:  each(l.DefaultActions, ruleActionSpec),
	}
}

// listenerCertificates lists the default certificate first and then the others:
// DescribeListeners shows the default one alone. One that is in the list as well
// comes twice (DescribeListenerCertificates).
func listenerCertificates(ctx context.Context, a *session, l types.Listener) ([]plan.Value, error) {
	if len(l.Certificates) == 0 {
		return nil, nil
	}
	others, err := allPages(ctx,
		elb.NewDescribeListenerCertificatesPaginator(a.elb(), &elb.DescribeListenerCertificatesInput{ListenerArn: l.ListenerArn}),
		func(page *elb.DescribeListenerCertificatesOutput) []types.Certificate { return page.Certificates })
	all := each(slices.Concat(l.Certificates, others), func(c types.Certificate) string { return text(c.CertificateArn) })
	return literals(unique(all)), err
}

func createListenerInput(s *spec.Listener) *elb.CreateListenerInput {
	return &elb.CreateListenerInput{
		LoadBalancerArn: &s.LoadBalancerArn.Text,
		Port:            number32(s.Port),
		Protocol:        types.ProtocolEnum(s.Protocol),
		SslPolicy:       optional(s.SslPolicy),
		Certificates:    defaultCertificate(s),
		DefaultActions:  each(s.DefaultActions, ruleAction),
	}
}

// defaultCertificate is all that CreateListener and ModifyListener take: "exactly
// one certificate".
func defaultCertificate(s *spec.Listener) []types.Certificate {
	if len(s.Certificates) == 0 {
		return nil
	}
	return []types.Certificate{{CertificateArn: pointer(s.Certificates[0].Text)}}
}

// modifyListenerInput holds the fields in which to differs from from; nil where
// none does. What it is not given stays; with a protocol that has no certificates
// they go by themselves (ModifyListener).
func modifyListenerInput(from, to *spec.Listener) *elb.ModifyListenerInput {
	in := &elb.ModifyListenerInput{}
	changed := false
	differs := func(a, b any) bool {
		d := !same(a, b)
		changed = changed || d
		return d
	}
	if differs(from.Port, to.Port) {
		in.Port = number32(to.Port)
	}
	if differs(from.Protocol, to.Protocol) {
		in.Protocol = types.ProtocolEnum(to.Protocol)
	}
	if to.SslPolicy != "" && differs(from.SslPolicy, to.SslPolicy) {
		in.SslPolicy = &to.SslPolicy
	}
	if certificate := defaultCertificate(to); certificate != nil && differs(defaultCertificate(from), certificate) {
		in.Certificates = certificate
	}
	if differs(from.DefaultActions, to.DefaultActions) {
		in.DefaultActions = each(to.DefaultActions, ruleAction)
	}
	if !changed {
		return nil
	}
	return in
}

func createListener(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	input := createListenerInput(want.Spec.(*spec.Listener))
	input.Tags = pairList[types.Tag](tags)
	err := withCertificate(ctx, a, func() error {
		return onlyError(a.elb().CreateListener(ctx, input))
	})
	return "", unless(err, "DuplicateListener")
}

func updateListener(ctx context.Context, a *session, c change[spec.Listener]) error {
	arn := c.live.Attrs["arn"]
	if input := modifyListenerInput(c.from, c.to); input != nil {
		a.routeChanges.began()
		input.ListenerArn = &arn
		err := withCertificate(ctx, a, func() error {
			return onlyError(a.elb().ModifyListener(ctx, input))
		})
		if err != nil {
			return err
		}
	}
	return setCertificates(ctx, a, arn, c.from, c.to)
}

// setCertificates makes the certificates besides the default one match the
// wanted ones. Both calls accept only one certificate. A listener whose last
// certificate is removed loses the others too.
func setCertificates(ctx context.Context, a *session, arn string, from, to *spec.Listener) error {
	if len(to.Certificates) == 0 {
		return nil
	}
	have, goal := extraCertificates(from), extraCertificates(to)
	for _, c := range goal {
		if slices.Contains(have, c) {
			continue
		}
		err := withCertificate(ctx, a, func() error {
			return onlyError(a.elb().AddListenerCertificates(ctx, &elb.AddListenerCertificatesInput{
				ListenerArn: &arn, Certificates: []types.Certificate{{CertificateArn: &c}},
			}))
		})
		if err != nil {
			return err
		}
	}
	for _, c := range have {
		if slices.Contains(texts(to.Certificates), c) {
			continue
		}
		_, err := a.elb().RemoveListenerCertificates(ctx, &elb.RemoveListenerCertificatesInput{
			ListenerArn: &arn, Certificates: []types.Certificate{{CertificateArn: &c}},
		})
		if err != nil && !is(err, "CertificateNotFound") {
			return err
		}
	}
	return nil
}

func extraCertificates(s *spec.Listener) []string {
	if len(s.Certificates) == 0 {
		return nil
	}
	return texts(s.Certificates[1:])
}

// listenerCertificateTime bounds the waiting for a certificate that another resource
// requests: ACM issues it some minutes after its records are there.
const listenerCertificateTime = 15 * time.Minute

// withCertificate repeats a call while its certificate is not issued yet: the load
// balancer does not find it, or takes it for one of another kind (CreateListener,
// errors; UnsupportedCertificate is what Terraform's provider meets).
func withCertificate(ctx context.Context, a *session, call func() error) error {
	return retryWhile(ctx, a.poll, listenerCertificateTime, func(err error) bool {
		return is(err, "CertificateNotFound", "UnsupportedCertificate")
	}, call)
}

// deleteListener deletes the listener only if it is still ours: it may be on a
// load balancer of somebody else, or may have become another resource of the
// project since it was read.
func deleteListener(ctx context.Context, a *session, live *plan.Resource) error {
	ours, err := a.elbOurs(ctx, a.elb(), live)
	if err != nil || !ours {
		return err
	}
	return onlyError(a.elb().DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: pointer(live.Attrs["arn"])}))
}
