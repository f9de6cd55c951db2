package spec

import "github.com/compose2fargate/compose2fargate/plan"

// ListenerKind is the kind of listener/BALANCER.PORT, with the name of the load
// balancer: listener/application.80, listener/network.53.
const ListenerKind = "listener"

// Listener is a port at which a load balancer answers. Attrs: arn.
type Listener struct {
	LoadBalancerArn plan.Value   `json:"loadBalancerArn"`
	Port            int          `json:"port"`
	Protocol        string       `json:"protocol"` // HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP
	SslPolicy       string       `json:"sslPolicy,omitempty"`
	Certificates    []plan.Value `json:"certificates,omitempty"` // ARNs, the default one first; the others are a set
	DefaultActions  []RuleAction `json:"defaultActions"`         // one
	Tags            []Tag        `json:"tags,omitempty"`
}

// RuleAction says what happens to a connection or request. Exactly one of
// TargetGroupArn, Redirect and FixedResponse is set.
type RuleAction struct {
	Type           string     `json:"type"` // forward, redirect, fixed-response
	TargetGroupArn plan.Value `json:"targetGroupArn,omitzero"`
	// OtherTargetGroupArns are the target groups of a live action besides the one
	// of the largest weight, in their order. A desired action has none.
	OtherTargetGroupArns []plan.Value `json:"otherTargetGroupArns,omitempty"`

	Redirect      *Redirect      `json:"redirect,omitempty"`
	FixedResponse *FixedResponse `json:"fixedResponse,omitempty"`
}

// Redirect to the same host, path and query at another protocol and port.
type Redirect struct {
	Protocol   string `json:"protocol"`   // HTTPS
	Port       string `json:"port"`       // a number
	StatusCode string `json:"statusCode"` // HTTP_301 or HTTP_302
}

// FixedResponse is an answer that the load balancer gives itself.
type FixedResponse struct {
	StatusCode  string `json:"statusCode"`
	ContentType string `json:"contentType,omitempty"`
	MessageBody string `json:"messageBody,omitempty"`
}

func listenerRules() plan.Rules {
	return plan.Rules{
		Kind:      ListenerKind,
		New:       func() any { return &Listener{} },
		Normalize: func(s any) { s.(*Listener).normalize() },
		Attrs:     []string{"arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"loadBalancerArn"},
		Brief:     []string{"port", "protocol", "defaultActions"},
		Owner:     shared,
		Optional:  []string{"tags.*"},
		Routes:    &plan.RouteRules{Leads: true},
		Extends:   extendsListener,
		Replace:   plan.Beside, // the new one is on another load balancer
	}
}

// extendsListener says whether a change forwards requests to another target
// group.
func extendsListener(live, want any) bool {
	from, _ := live.(*Listener)
	return from != nil && leadsElsewhere(from.DefaultActions, want.(*Listener).DefaultActions)
}

// leadsElsewhere says whether requests move from one target group to another.
func leadsElsewhere(from, to []RuleAction) bool {
	if len(from) != 1 || len(to) != 1 {
		return false
	}
	a, b := from[0], to[0]
	return a.TargetGroupArn.String() != "" && b.TargetGroupArn.String() != "" && a.TargetGroupArn.String() != b.TargetGroupArn.String()
}

// normalize sorts all certificates but the first, which is another thing than the
// rest. A policy of TLS means nothing without TLS; some answer one all the same.
func (l *Listener) normalize() {
	if l.Protocol != "HTTPS" && l.Protocol != "TLS" {
		l.SslPolicy = ""
	}
	if len(l.Certificates) > 1 {
		l.Certificates = append(l.Certificates[:1:1], valueSet(l.Certificates[1:])...)
	}
	sortBy(l.Tags, func(t Tag) string { return t.Key })
}
