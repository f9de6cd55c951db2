package spec

import "github.com/compose2fargate/compose2fargate/plan"

// ListenerKind is the kind of listener/BALANCER.PROTOCOL-PORT, with the name of
// the load balancer: listener/application.tcp-80, listener/network.udp-53.
const ListenerKind = "listener"

// Listener is a port at which a load balancer answers. Attrs: arn.
type Listener struct {
	LoadBalancerArn plan.Value   `json:"loadBalancerArn"`
	Port            int          `json:"port"`
	Protocol        string       `json:"protocol"` // HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP
	SslPolicy       string       `json:"sslPolicy,omitempty"`
	Certificates    []plan.Value `json:"certificates,omitempty"` // ARNs, the default one first
	DefaultActions  []RuleAction `json:"defaultActions"`         // one
	Tags            []Tag        `json:"tags,omitempty"`
}

// RuleAction is what becomes of a connection or request. Exactly one of
// TargetGroupArn, Redirect and FixedResponse is set.
type RuleAction struct {
	Type           string         `json:"type"` // forward, redirect, fixed-response
	TargetGroupArn plan.Value     `json:"targetGroupArn,omitzero"`
	Redirect       *Redirect      `json:"redirect,omitempty"`
	FixedResponse  *FixedResponse `json:"fixedResponse,omitempty"`
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
		Normalize: func(s any) { sortBy(s.(*Listener).Tags, func(t Tag) string { return t.Key }) },
		Attrs:     []string{"arn"},
		Keys:      map[string][]string{"tags": {"key"}},
		Immutable: []string{"loadBalancerArn"},
		Brief:     []string{"port", "protocol", "defaultActions"},
		Optional:  []string{"tags.*"},
		Beside:    true, // the new one is on another load balancer
	}
}
