package resource

import (
	"maps"

	"github.com/compose2fargate/compose2fargate/plan"
)

// attributeTable describes the attributes of load balancers or of target
// groups. AWS returns every attribute with its default, so a value alone does
// not tell who set it.
type attributeTable struct {
	// ours are those that compose files set, with their defaults: a value beside
	// the default may have come from an earlier version of the file.
	ours map[string]string
	// others are worth a report where they are not at their default.
	others map[string]string
}

// LoadBalancerAttribute, field Key (elbv2 v1.63.7).
var loadBalancerAttributes = attributeTable{
	ours: map[string]string{"idle_timeout.timeout_seconds": "60"},
	others: map[string]string{
		"access_logs.s3.enabled":                                   "false",
		"client_keep_alive.seconds":                                "3600",
		"connection_logs.s3.enabled":                               "false",
		"deletion_protection.enabled":                              "false",
		"dns_record.client_routing_policy":                         "any_availability_zone",
		"health_check_logs.s3.enabled":                             "false",
		"routing.http.desync_mitigation_mode":                      "defensive",
		"routing.http.drop_invalid_header_fields.enabled":          "false",
		"routing.http.preserve_host_header.enabled":                "false",
		"routing.http.xff_client_port.enabled":                     "false",
		"routing.http.xff_header_processing.mode":                  "append",
		"routing.http2.enabled":                                    "true",
		"secondary_ips.auto_assigned.per_subnet":                   "0",
		"waf.fail_open.enabled":                                    "false",
		"zonal_shift.config.enabled":                               "false",
		"routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
	},
}

// TargetGroupAttribute, field Key (elbv2 v1.63.7).
var targetGroupAttributes = attributeTable{
	ours: map[string]string{
		"deregistration_delay.timeout_seconds": "300",
		"stickiness.enabled":                   "false",
	},
	others: map[string]string{
		"load_balancing.algorithm.anomaly_mitigation": "off",
		"load_balancing.algorithm.type":               "round_robin",
		"load_balancing.cross_zone.enabled":           "use_load_balancer_configuration",
		"proxy_protocol_v2.enabled":                   "false",
		"slow_start.duration_seconds":                 "0",
	},
}

// wishes are the attributes that specs ask for, by the AWS names of their
// resources and by their addresses.
type wishes map[string]map[string]string

// askedFor are the attributes that desired or live resources ask for.
func askedFor[S any](list []*plan.Resource, name func(*S) string, attributes func(*S) map[string]string) wishes {
	out := wishes{}
	for _, r := range list {
		s := r.Spec.(*S)
		out[name(s)], out[r.Address.String()] = attributes(s), attributes(s)
	}
	return out
}

func (w wishes) of(name, address string) map[string]string {
	if asked, ok := w[name]; ok {
		return asked
	}
	return w[address]
}

// read returns the attributes that belong into a live spec: those that the spec
// asks for and those that compose files can set. Other attributes are reported
// if they differ from their defaults.
func (t attributeTable) read(live, asked map[string]string) (held map[string]string, unmanaged []string) {
	for _, key := range sortedKeys(live) {
		value := live[key]
		_, wanted := asked[key]
		fallback, may := t.ours[key]
		other, known := t.others[key]
		switch {
		case wanted, may && value != fallback:
			if held == nil {
				held = map[string]string{}
			}
			held[key] = value
		case known && value != other:
			unmanaged = append(unmanaged, "attributes."+key)
		}
	}
	return held, unmanaged
}

// change is what has to be set: what differs, and the defaults of what is no
// longer wanted.
func (t attributeTable) change(from, to map[string]string) map[string]string {
	out := map[string]string{}
	for key, value := range to {
		if now, ok := from[key]; !ok || now != value {
			out[key] = value
		}
	}
	for key, now := range from {
		_, wanted := to[key]
		if fallback, ours := t.ours[key]; ours && !wanted && now != fallback {
			out[key] = fallback
		}
	}
	return out
}

// managedAttributes are the attributes of from whose keys to has, see managedTags.
func managedAttributes(from, to map[string]string) map[string]string {
	out := maps.Clone(from)
	maps.DeleteFunc(out, func(key, _ string) bool { _, ok := to[key]; return !ok })
	return out
}
