package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// listenerKind is the entry of the table.
var listenerKind = methods{
	row: row{
		kind: spec.ListenerKind, noun: "listener", tagged: elbTypes,
		after:  []string{spec.LoadBalancerKind},
		reads:  []string{"elasticloadbalancing:DescribeListenerCertificates", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeTags"},
		writes: []string{"elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:AddTags", "elasticloadbalancing:CreateListener", "elasticloadbalancing:DeleteListener", "elasticloadbalancing:ModifyListener", "elasticloadbalancing:RemoveListenerCertificates", "elasticloadbalancing:RemoveTags"},
	},
	of: func(a *session) operations { return listeners{a} },
}

// listeners is the kind of listeners, on load balancers of the project and of
// others.
type listeners struct{ *session }

// listenerPlace names a listener: a load balancer has one at a port. The ARN of
// the load balancer is "" while it is not made.
func listenerPlace(balancer string, port int) string { return fmt.Sprintf("%s:%d", balancer, port) }

// listenerPlaces maps the places of desired listeners, their load balancers and
// ports, to their addresses. balancer finds the ARN that a desired value refers
// to.
func listenerPlaces(want []*plan.Resource, balancer func(plan.Value) string) map[string]plan.Address {
	return byName(want, func(r *plan.Resource) string {
		s := r.Spec.(*spec.Listener)
		return listenerPlace(balancer(s.LoadBalancerArn), s.Port)
	})
}

func (k listeners) describe(ctx context.Context, in elb.DescribeListenersInput) ([]types.Listener, error) {
	if len(in.ListenerArns) == 0 {
		in.PageSize = pointer(int32(elbPage))
	}
	return allPages(ctx, elb.NewDescribeListenersPaginator(k.elb, &in),
		func(page *elb.DescribeListenersOutput) []types.Listener { return page.Listeners })
}

func (k listeners) byARN(ctx context.Context, arns []string) ([]types.Listener, error) {
	return elbByARN(arns, func(arns []string) ([]types.Listener, error) {
		return k.describe(ctx, elb.DescribeListenersInput{ListenerArns: arns})
	})
}

// search returns the listeners at the wanted places, those on load balancers of
// the project, and those on other load balancers that the tagging API knows.
func (k listeners) search(ctx context.Context, want map[string]plan.Address, balancers []string, tagged taggedResources) ([]candidate, error) {
	found, err := k.on(ctx, balancers)
	if err != nil {
		return nil, err
	}
	elsewhere := slices.DeleteFunc(tagged.listeners(), func(arn string) bool {
		return slices.Contains(balancers, parentARN(arn, "listener", "loadbalancer"))
	})
	others, err := k.byARN(ctx, elsewhere)
	if err != nil {
		return nil, err
	}
	return k.candidates(ctx, append(found, others...), want)
}

// on returns the listeners of load balancers, whosever they are.
func (k listeners) on(ctx context.Context, balancers []string) ([]types.Listener, error) {
	var out []types.Listener
	for _, arn := range unique(balancers) {
		if arn == "" {
			continue
		}
		found, err := k.describe(ctx, elb.DescribeListenersInput{LoadBalancerArn: &arn})
		if err != nil && !is(err, elbGone...) {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// candidates leaves out what is neither wanted nor the project's before it reads
// more of it.
func (k listeners) candidates(ctx context.Context, found []types.Listener, want map[string]plan.Address) ([]candidate, error) {
	tags, err := elbTagsOf(ctx, k.elb, each(found, func(l types.Listener) string { return text(l.ListenerArn) }))
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(l types.Listener) bool {
		_, wanted := want[listenerPlace(text(l.LoadBalancerArn), number(l.Port))]
		return !wanted && tags[text(l.ListenerArn)][plan.TagProject] != k.project
	})
	return elbCandidates(ctx, found, func(ctx context.Context, l types.Listener) (candidate, error) {
		return k.candidate(ctx, l, tags[text(l.ListenerArn)], want)
	})
}

func (k listeners) candidate(ctx context.Context, l types.Listener, tags map[string]string, want map[string]plan.Address) (candidate, error) {
	certificates, err := k.certificates(ctx, l)
	if err != nil {
		return candidate{}, err
	}
	s := listenerSpec(l)
	s.Certificates, s.Tags = certificates, spec.Tags(tags)
	arn := text(l.ListenerArn)
	name := listenerPlace(text(l.LoadBalancerArn), s.Port)
	if tags[plan.TagProject] == k.project && tags[plan.TagResource] != want[name].String() {
		// The project's own at that place under another address: Create takes it over.
		name = ""
	}
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.ListenerKind},
			Spec:      normal(spec.ListenerKind, s),
			Attrs:     plan.Attrs{"arn": arn},
			Tags:      tags,
			Unmanaged: unmanaged(l),
		},
		id: lastSegment(arn), name: name,
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

// certificates lists the default certificate first and then the others:
// DescribeListeners shows the default one alone. One that is in the list as well
// comes twice (DescribeListenerCertificates).
func (k listeners) certificates(ctx context.Context, l types.Listener) ([]plan.Value, error) {
	if len(l.Certificates) == 0 {
		return nil, nil
	}
	others, err := allPages(ctx,
		elb.NewDescribeListenerCertificatesPaginator(k.elb, &elb.DescribeListenerCertificatesInput{ListenerArn: l.ListenerArn}),
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

func (k listeners) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	s, _ := r.Spec.(*spec.Listener)
	if arn := r.Attrs["arn"]; arn != "" {
		found, err := k.byARN(ctx, []string{arn})
		if err != nil {
			return nil, err
		}
		place := map[string]plan.Address{listenerPlace(s.LoadBalancerArn.Text, s.Port): r.Address}
		for _, l := range found { // wherever it stands now
			place[listenerPlace(text(l.LoadBalancerArn), number(l.Port))] = r.Address
		}
		candidates, err := k.candidates(ctx, found, place)
		if err != nil {
			return nil, err
		}
		return readBy(candidates, r.Address)
	}
	tagged, err := listTaggedAs(ctx, k.tagging, k.project, r.Address, elbTypes)
	if err != nil {
		return nil, err
	}
	places := listenerPlaces([]*plan.Resource{r}, valueText)
	found, err := k.search(ctx, places, []string{s.LoadBalancerArn.Text}, tagged)
	if err != nil {
		return nil, err
	}
	return pick(place(k.project, places, found), r.Address)
}

// at reads the listener at the place where want is to be, whosever it is.
func (k listeners) at(ctx context.Context, want *plan.Resource) (*plan.Resource, error) {
	s := want.Spec.(*spec.Listener)
	found, err := k.on(ctx, []string{s.LoadBalancerArn.Text})
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(l types.Listener) bool { return number(l.Port) != s.Port })
	candidates, err := k.candidates(ctx, found, map[string]plan.Address{listenerPlace(s.LoadBalancerArn.Text, s.Port): want.Address})
	if err != nil {
		return nil, err
	}
	return readBy(candidates, want.Address)
}

// Create looks first: CreateListener may answer with the listener at that port,
// whosever it is (terraform-provider-aws#44814).
func (k listeners) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	k.routeChanges.began()
	live, err := k.at(ctx, want)
	if err == nil {
		return k.take(ctx, live, want)
	}
	if !errors.Is(err, plan.ErrNotFound) {
		return nil, err
	}
	s := want.Spec.(*spec.Listener)
	input := createListenerInput(s)
	input.Tags = elbTags(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash, Pending: len(s.Certificates) > 1}))
	err = k.certified(ctx, func() error {
		_, err := k.elb.CreateListener(ctx, input)
		return err
	})
	if err != nil && !is(err, "DuplicateListener") {
		return nil, err
	}
	if live, err = appears(ctx, k.poll, func() (*plan.Resource, error) { return k.at(ctx, want) }); err != nil {
		return nil, err
	}
	return k.take(ctx, live, want)
}

// take continues with an existing listener: it was created just now, or by an
// earlier attempt that was interrupted. A listener of the project with another
// address, which includes the protocol, is changed into this one, because there
// can be only one per port.
func (k listeners) take(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	if live.Tags[plan.TagProject] != k.project {
		s := want.Spec.(*spec.Listener)
		return nil, taken(live, k.project, fmt.Sprintf("the listener at port %d", s.Port))
	}
	from := live.Spec.(*spec.Listener)
	from.Tags = common(from.Tags, want.Spec.(*spec.Listener).Tags)
	return k.Update(ctx, live, want, false)
}

func (k listeners) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.Listener), want.Spec.(*spec.Listener)
	arn := live.Attrs["arn"]
	if input := modifyListenerInput(from, to); input != nil {
		k.routeChanges.began()
		input.ListenerArn = &arn
		err := k.certified(ctx, func() error {
			_, err := k.elb.ModifyListener(ctx, input)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if err := k.setCertificates(ctx, arn, from, to); err != nil {
		return nil, err
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, retagELB(ctx, k.elb, arn, tags)
}

// setCertificates makes the certificates besides the default one match the
// wanted ones. Both calls accept only one certificate. A listener whose last
// certificate is removed loses the others too.
func (k listeners) setCertificates(ctx context.Context, arn string, from, to *spec.Listener) error {
	if len(to.Certificates) == 0 {
		return nil
	}
	have, goal := extraCertificates(from), extraCertificates(to)
	for _, c := range goal {
		if slices.Contains(have, c) {
			continue
		}
		err := k.certified(ctx, func() error {
			_, err := k.elb.AddListenerCertificates(ctx, &elb.AddListenerCertificatesInput{
				ListenerArn: &arn, Certificates: []types.Certificate{{CertificateArn: &c}},
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, c := range have {
		if slices.Contains(texts(to.Certificates), c) {
			continue
		}
		_, err := k.elb.RemoveListenerCertificates(ctx, &elb.RemoveListenerCertificatesInput{
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

// certified repeats a call while its certificate is not issued yet: the load
// balancer does not find it, or takes it for one of another kind (CreateListener,
// errors; UnsupportedCertificate is what Terraform's provider meets).
func (k listeners) certified(ctx context.Context, call func() error) error {
	deadline := time.Now().Add(listenerCertificateTime)
	for {
		err := call()
		if !is(err, "CertificateNotFound", "UnsupportedCertificate") || time.Now().After(deadline) {
			return err
		}
		if err := wait(ctx, k.poll); err != nil {
			return err
		}
	}
}

// Delete deletes the listener only if it is still ours: it may be on a load
// balancer of somebody else, or may have become another resource of the project
// since it was read.
func (k listeners) Delete(ctx context.Context, live *plan.Resource) error {
	ours, err := k.elbOurs(ctx, k.elb, live)
	if err != nil || !ours {
		return err
	}
	arn := live.Attrs["arn"]
	_, err = k.elb.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: &arn})
	if is(err, "ListenerNotFound") {
		return nil
	}
	return err
}

func (k listeners) all(ctx context.Context, r *reading) ([]candidate, error) {
	balancer := func(v plan.Value) string { return r.resolve(v, spec.LoadBalancerKind, "arn") }
	wanted := r.wanted(spec.ListenerKind)
	arns := r.ownARNs(spec.LoadBalancerKind)
	for _, want := range wanted {
		arns = append(arns, balancer(want.Spec.(*spec.Listener).LoadBalancerArn))
	}
	places := listenerPlaces(wanted, balancer)
	found, err := k.search(ctx, places, unique(arns), r.tagged)
	return place(k.project, places, found), err
}
