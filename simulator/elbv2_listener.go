package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Listener is a listener. Its default actions are those of its default rule,
// which is made up when rules are described; see defaultRule.
type Listener struct {
	types.Listener
	More       []string // ARNs of the certificates beside the default one
	Attributes map[string]string
}

// mostListeners is how many listeners a load balancer may have, of either type
// (quotas of Application and of Network Load Balancers).
const mostListeners = 50

func createListener(a *Account, in *elb.CreateListenerInput) (*elb.CreateListenerOutput, error) {
	b, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	tags, err := elbCheckTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if in.MutualAuthentication != nil && cmp.Or(str(in.MutualAuthentication.Mode), "off") != "off" {
		return nil, elbInvalid("The simulator does not know mutual authentication")
	}
	want := Listener{Listener: types.Listener{
		LoadBalancerArn: b.LoadBalancerArn, Port: in.Port, Protocol: in.Protocol, SslPolicy: in.SslPolicy,
		Certificates: in.Certificates, AlpnPolicy: in.AlpnPolicy, DefaultActions: in.DefaultActions,
	}}
	if err := a.checkListener(b, &want); err != nil {
		return nil, err
	}
	if known, err := a.knownListener(want); known != nil || err != nil {
		return known, err
	}
	if err := a.checkGroupsOnBalancer(b, forwarded(want.DefaultActions)); err != nil {
		return nil, err
	}
	if len(a.listenersOf(*b.LoadBalancerArn)) >= mostListeners {
		return nil, &types.TooManyListenersException{Message: ptr(fmt.Sprintf(
			"The maximum number of listeners has been reached on load balancer '%s'", *b.LoadBalancerArn))}
	}
	arn := a.listenerARN(b, *want.Port)
	want.ListenerArn, want.Attributes = &arn, listenerDefaults(&want)
	a.Listeners.Put(arn, want)
	a.bear(arn, tags)
	return &elb.CreateListenerOutput{Listeners: []types.Listener{describeListener(a.Listeners.Get(arn))}}, nil
}

func (a *Account) listenerARN(b *LoadBalancer, port int32) string {
	id := a.id("listener", fmt.Sprintf("%s %d", *b.LoadBalancerArn, port))[:16]
	return strings.Replace(*b.LoadBalancerArn, ":loadbalancer/", ":listener/", 1) + "/" + id
}

// describeListener is the listener as AWS answers it.
func describeListener(l *Listener) types.Listener {
	out := l.Listener
	out.Certificates, out.AlpnPolicy = nil, nil
	if secure(l.Protocol) {
		out.Certificates = l.Certificates
	}
	if l.Protocol == types.ProtocolEnumTls {
		out.AlpnPolicy = l.AlpnPolicy
	}
	if l.Protocol == types.ProtocolEnumHttps {
		out.MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: ptr("off")}
	}
	return out
}

// secure tells whether a listener of that protocol has a certificate.
func secure(p types.ProtocolEnum) bool {
	return p == types.ProtocolEnumHttps || p == types.ProtocolEnumTls
}

// knownListener answers a call for a port that is taken: with the listener if it
// has the same settings, else with an error (API reference, CreateListener). A
// port is taken for every protocol: TCP and UDP on one need TCP_UDP.
func (a *Account) knownListener(want Listener) (*elb.CreateListenerOutput, error) {
	for _, have := range a.listenersOf(*want.LoadBalancerArn) {
		if *have.Port != *want.Port {
			continue
		}
		settings := have.Listener
		settings.ListenerArn = nil
		if !same(settings, want.Listener) {
			return nil, &types.DuplicateListenerException{Message: ptr(fmt.Sprintf(
				"A listener already exists on this port for this load balancer '%s'", *want.LoadBalancerArn))}
		}
		return &elb.CreateListenerOutput{Listeners: []types.Listener{describeListener(have)}}, nil
	}
	return nil, nil
}

// listenerProtocols are the protocols of listeners that are known here, by type
// of load balancer.
var listenerProtocols = map[types.LoadBalancerTypeEnum][]types.ProtocolEnum{
	types.LoadBalancerTypeEnumApplication: {types.ProtocolEnumHttp, types.ProtocolEnumHttps},
	types.LoadBalancerTypeEnumNetwork: {
		types.ProtocolEnumTcp, types.ProtocolEnumTls, types.ProtocolEnumUdp, types.ProtocolEnumTcpUdp,
	},
}

// checkListener fills what AWS fills into a listener, new or changed, and refuses
// what it refuses.
func (a *Account) checkListener(b *LoadBalancer, l *Listener) error {
	protocols := listenerProtocols[b.Type]
	switch {
	case l.Port == nil:
		return elbInvalid("A listener port must be specified")
	case outside(l.Port, 1, 65535):
		return elbInvalid("Listener port '%d' must be between 1 and 65535", *l.Port)
	case l.Protocol == "":
		return elbInvalid("A listener protocol must be specified")
	case !slices.Contains(protocols, l.Protocol):
		return elbInvalid("Listener protocol '%s' must be one of '%s'", l.Protocol, joined(protocols))
	case len(l.AlpnPolicy) > 0 && l.Protocol != types.ProtocolEnumTls:
		return elbInvalid("ALPN policies cannot be specified for %s listeners", l.Protocol)
	}
	if err := a.checkSecurity(l); err != nil {
		return err
	}
	actions, err := a.checkActions(b, l.Protocol, l.DefaultActions)
	l.DefaultActions = actions
	return err
}

func joined[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = string(item)
	}
	return strings.Join(texts, ", ")
}

// listener finds the listener of that ARN, for reading.
func (a *Account) listener(arn *string) (*Listener, error) {
	if l := a.Listeners.Get(str(arn)); l != nil {
		return l, nil
	}
	return nil, &types.ListenerNotFoundException{Message: ptr(fmt.Sprintf("Listener '%s' not found", str(arn)))}
}

func (a *Account) listenersOf(balancer string) []*Listener {
	var list []*Listener
	for _, l := range a.listeners.Of("balancer " + balancer) {
		list = append(list, l)
	}
	return list
}

func describeListeners(a *Account, in *elb.DescribeListenersInput) (*elb.DescribeListenersOutput, error) {
	switch {
	case in.LoadBalancerArn == nil && len(in.ListenerArns) == 0:
		return nil, elbInvalid("You must specify either listener ARNs or a load balancer ARN")
	case in.LoadBalancerArn != nil && len(in.ListenerArns) > 0:
		return nil, elbInvalid("Listener ARNs and a load balancer ARN cannot be specified at the same time")
	case in.LoadBalancerArn != nil:
		if _, err := a.loadBalancer(in.LoadBalancerArn); err != nil {
			return nil, err
		}
	}
	missing := &types.ListenerNotFoundException{Message: ptr("One or more listeners not found")}
	rows, err := elbPick(&a.Listeners, in.ListenerArns, missing, func(l *Listener) bool {
		return *l.LoadBalancerArn == *in.LoadBalancerArn
	})
	if err != nil {
		return nil, err
	}
	rows, next, err := elbPage(a, rows, func(l *Listener) string { return *l.ListenerArn }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeListenersOutput{Listeners: []types.Listener{}, NextMarker: next}
	for _, l := range rows {
		out.Listeners = append(out.Listeners, describeListener(l))
	}
	return out, nil
}

// modifyListener changes what was sent. A protocol without certificates drops
// them, together with the policy (API reference, ModifyListener).
func modifyListener(a *Account, in *elb.ModifyListenerInput) (*elb.ModifyListenerOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	if in.MutualAuthentication != nil && cmp.Or(str(in.MutualAuthentication.Mode), "off") != "off" {
		return nil, elbInvalid("The simulator does not know mutual authentication")
	}
	b := a.LoadBalancers.Get(*l.LoadBalancerArn)
	want := l.modified(in)
	if err := a.checkListener(b, &want); err != nil {
		return nil, err
	}
	for _, other := range a.listenersOf(*l.LoadBalancerArn) {
		if *other.Port == *want.Port && *other.ListenerArn != *l.ListenerArn {
			return nil, &types.DuplicateListenerException{Message: ptr(fmt.Sprintf(
				"A listener already exists on this port for this load balancer '%s'", *l.LoadBalancerArn))}
		}
	}
	if err := a.checkGroupsOnBalancer(b, forwarded(want.DefaultActions)); err != nil {
		return nil, err
	}
	*a.Listeners.Edit(*l.ListenerArn) = clone(want)
	return &elb.ModifyListenerOutput{Listeners: []types.Listener{describeListener(&want)}}, nil
}

func (l *Listener) modified(in *elb.ModifyListenerInput) Listener {
	want := clone(*l)
	want.Port = cmp.Or(in.Port, want.Port)
	want.Protocol = cmp.Or(in.Protocol, want.Protocol)
	want.DefaultActions = replaced(want.DefaultActions, in.DefaultActions)
	if !secure(want.Protocol) {
		want.Certificates, want.SslPolicy, want.More = nil, nil, nil
	}
	if want.Protocol != types.ProtocolEnumTls {
		want.AlpnPolicy = nil
	}
	want.Certificates = replaced(want.Certificates, in.Certificates)
	want.SslPolicy = cmp.Or(in.SslPolicy, want.SslPolicy)
	want.AlpnPolicy = replaced(want.AlpnPolicy, in.AlpnPolicy)
	if want.Protocol != l.Protocol {
		want.Attributes = listenerDefaults(&want)
	}
	return want
}

func deleteListener(a *Account, in *elb.DeleteListenerInput) (*elb.DeleteListenerOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	a.dropListener(*l.ListenerArn)
	return &elb.DeleteListenerOutput{}, nil
}

func (a *Account) dropListener(arn string) {
	for _, r := range a.rulesOfListener(arn) {
		a.dropListenerRule(*r.RuleArn)
	}
	a.Listeners.Delete(arn)
	a.Tags.Delete(arn)
}

func describeListenerAttributes(
	a *Account, in *elb.DescribeListenerAttributesInput,
) (*elb.DescribeListenerAttributesOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	return &elb.DescribeListenerAttributesOutput{Attributes: listenerAttributes(l.Attributes)}, nil
}

func modifyListenerAttributes(
	a *Account, in *elb.ModifyListenerAttributesInput,
) (*elb.ModifyListenerAttributesOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	asked := map[string]string{}
	for _, attribute := range in.Attributes {
		asked[str(attribute.Key)] = str(attribute.Value)
	}
	if err := checkAttributes("Listener", listenerDefaults(l), asked); err != nil {
		return nil, err
	}
	l = a.Listeners.Edit(*l.ListenerArn)
	maps.Copy(l.Attributes, asked)
	return &elb.ModifyListenerAttributesOutput{Attributes: listenerAttributes(l.Attributes)}, nil
}

func listenerAttributes(values map[string]string) []types.ListenerAttribute {
	list := []types.ListenerAttribute{}
	for _, key := range sortedKeys(values) {
		list = append(list, types.ListenerAttribute{Key: &key, Value: ptr(values[key])})
	}
	return list
}
