package simulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// balancerDefaults are the attributes of a new load balancer, and so all that it
// may have (types.LoadBalancerAttribute, elbv2 v1.63.7; the default of
// dns_record.client_routing_policy is from the guide of Network Load Balancers).
func balancerDefaults(b *LoadBalancer) map[string]string {
	all := map[string]string{
		"access_logs.s3.bucket": "", "access_logs.s3.enabled": "false", "access_logs.s3.prefix": "",
		"deletion_protection.enabled":       "false",
		"ipv6.deny_all_igw_traffic":         strconv.FormatBool(b.Scheme == types.LoadBalancerSchemeEnumInternal),
		"load_balancing.cross_zone.enabled": strconv.FormatBool(b.Type == types.LoadBalancerTypeEnumApplication),
		"zonal_shift.config.enabled":        "false",
	}
	if b.Type == types.LoadBalancerTypeEnumNetwork {
		all["dns_record.client_routing_policy"] = "any_availability_zone"
		all["secondary_ips.auto_assigned.per_subnet"] = "0"
		return all
	}
	maps.Copy(all, map[string]string{
		"client_keep_alive.seconds":  "3600",
		"connection_logs.s3.bucket":  "",
		"connection_logs.s3.enabled": "false", "connection_logs.s3.prefix": "",
		"health_check_logs.s3.bucket":  "",
		"health_check_logs.s3.enabled": "false", "health_check_logs.s3.prefix": "",
		"idle_timeout.timeout_seconds":                             "60",
		"routing.http.desync_mitigation_mode":                      "defensive",
		"routing.http.drop_invalid_header_fields.enabled":          "false",
		"routing.http.preserve_host_header.enabled":                "false",
		"routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
		"routing.http.xff_client_port.enabled":                     "false",
		"routing.http.xff_header_processing.mode":                  "append",
		"routing.http2.enabled":                                    "true",
		"waf.fail_open.enabled":                                    "false",
	})
	return all
}

// checkBalancerAttributes refuses what depends on more than one attribute or on
// the type.
func checkBalancerAttributes(b *LoadBalancer, asked map[string]string) error {
	switch crossing := asked["load_balancing.cross_zone.enabled"]; {
	case crossing == "use_load_balancer_configuration":
		return elbInvalid("Load balancer attribute value '%s' is for target groups only", crossing)
	case crossing == "false" && b.Type == types.LoadBalancerTypeEnumApplication:
		return elbMisconfigured("Cross-zone load balancing of an Application Load Balancer cannot be turned off")
	}
	all := maps.Clone(b.Attributes)
	maps.Copy(all, asked)
	for _, logs := range []string{"access_logs", "connection_logs", "health_check_logs"} {
		if all[logs+".s3.enabled"] == "true" && all[logs+".s3.bucket"] == "" {
			return elbMisconfigured("The attribute '%s.s3.bucket' is required when logs are enabled", logs)
		}
	}
	return nil
}

// groupDefaults are the attributes of a new target group, and so all that it may
// have (types.TargetGroupAttribute, elbv2 v1.63.7).
func groupDefaults(g *TargetGroup) map[string]string {
	all := map[string]string{
		"deregistration_delay.timeout_seconds":                                           "300",
		"load_balancing.cross_zone.enabled":                                              "use_load_balancer_configuration",
		"stickiness.enabled":                                                             "false",
		"target_group_health.dns_failover.minimum_healthy_targets.count":                 "1",
		"target_group_health.dns_failover.minimum_healthy_targets.percentage":            "off",
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count":      "1",
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
	}
	if isHTTP(g.Protocol) {
		maps.Copy(all, map[string]string{
			"load_balancing.algorithm.anomaly_mitigation": "off",
			"load_balancing.algorithm.type":               "round_robin",
			"slow_start.duration_seconds":                 "0",
			"stickiness.app_cookie.cookie_name":           "",
			"stickiness.app_cookie.duration_seconds":      "86400",
			"stickiness.lb_cookie.duration_seconds":       "86400",
			"stickiness.type":                             "lb_cookie",
		})
		return all
	}
	datagrams := isUDP(g.Protocol)
	maps.Copy(all, map[string]string{
		"deregistration_delay.connection_termination.enabled":          strconv.FormatBool(datagrams),
		"preserve_client_ip.enabled":                                   strconv.FormatBool(datagrams || g.TargetType != types.TargetTypeEnumIp),
		"proxy_protocol_v2.enabled":                                    "false",
		"stickiness.type":                                              "source_ip",
		"target_health_state.unhealthy.connection_termination.enabled": strconv.FormatBool(!datagrams),
		"target_health_state.unhealthy.draining_interval_seconds":      "0",
	})
	return all
}

// checkGroupAttributes refuses what depends on the protocol.
func checkGroupAttributes(g *TargetGroup, asked map[string]string) error {
	switch kind := asked["stickiness.type"]; {
	case isUDP(g.Protocol) && asked["preserve_client_ip.enabled"] == "false":
		return elbMisconfigured("Client IP preservation cannot be disabled for %s target groups", g.Protocol)
	case isUDP(g.Protocol) && asked["target_health_state.unhealthy.connection_termination.enabled"] == "true":
		return elbMisconfigured("Connection termination of unhealthy targets cannot be enabled for %s target groups", g.Protocol)
	case kind != "" && isHTTP(g.Protocol) != (kind != "source_ip"):
		return elbMisconfigured("Stickiness type '%s' is not supported for target groups with the %s protocol", kind, g.Protocol)
	}
	all := maps.Clone(g.Attributes)
	maps.Copy(all, asked)
	if all["stickiness.enabled"] == "true" && all["stickiness.type"] == "app_cookie" && all["stickiness.app_cookie.cookie_name"] == "" {
		return elbMisconfigured("The attribute 'stickiness.app_cookie.cookie_name' is required for application-based stickiness")
	}
	return nil
}

// listenerDefaults are the attributes of a new listener, and so all that it may
// have (types.ListenerAttribute, elbv2 v1.63.7). Whether AWS answers those of
// headers that were never set is not documented; here it does not.
func listenerDefaults(l *Listener) map[string]string {
	switch l.Protocol {
	case types.ProtocolEnumHttp, types.ProtocolEnumHttps:
		return map[string]string{"routing.http.response.server.enabled": "true"}
	case types.ProtocolEnumTcp, types.ProtocolEnumTls, types.ProtocolEnumTcpUdp:
		return map[string]string{"tcp.idle_timeout.seconds": "350"}
	}
	return map[string]string{}
}

// attributeValues is what an attribute may be set to: a range of numbers, or one
// of several words. An attribute that is not listed may be any text.
var attributeValues = map[string]struct {
	words     []string
	low, high int
}{
	"client_keep_alive.seconds":            {low: 60, high: 604800},
	"deregistration_delay.timeout_seconds": {low: 0, high: 3600},
	"dns_record.client_routing_policy": {words: []string{
		"availability_zone_affinity", "partial_availability_zone_affinity", "any_availability_zone",
	}},
	"idle_timeout.timeout_seconds":                                                   {low: 1, high: 4000},
	"load_balancing.algorithm.anomaly_mitigation":                                    {words: []string{"on", "off"}},
	"load_balancing.algorithm.type":                                                  {words: []string{"round_robin", "least_outstanding_requests", "weighted_random"}},
	"load_balancing.cross_zone.enabled":                                              {words: []string{"true", "false", "use_load_balancer_configuration"}},
	"routing.http.desync_mitigation_mode":                                            {words: []string{"monitor", "defensive", "strictest"}},
	"routing.http.xff_header_processing.mode":                                        {words: []string{"append", "preserve", "remove"}},
	"secondary_ips.auto_assigned.per_subnet":                                         {low: 0, high: 7},
	"slow_start.duration_seconds":                                                    {words: []string{"0"}, low: 30, high: 900},
	"stickiness.app_cookie.duration_seconds":                                         {low: 1, high: 604800},
	"stickiness.lb_cookie.duration_seconds":                                          {low: 1, high: 604800},
	"stickiness.type":                                                                {words: []string{"lb_cookie", "app_cookie", "source_ip"}},
	"target_group_health.dns_failover.minimum_healthy_targets.count":                 {words: []string{"off"}, low: 1, high: 1000},
	"target_group_health.dns_failover.minimum_healthy_targets.percentage":            {words: []string{"off"}, low: 1, high: 100},
	"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count":      {low: 1, high: 1000},
	"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": {words: []string{"off"}, low: 1, high: 100},
	"target_health_state.unhealthy.draining_interval_seconds":                        {low: 0, high: 360000},
	"tcp.idle_timeout.seconds":                                                       {low: 60, high: 6000},
}

// checkAttributes refuses keys that the object does not have and values that they
// may not take.
func checkAttributes(noun string, defaults, asked map[string]string) error {
	for _, key := range sortedKeys(asked) {
		if _, known := defaults[key]; !known {
			return elbInvalid("%s attribute key '%s' is not recognized", noun, key)
		}
		if !attributeTakes(key, asked[key]) {
			return elbInvalid("%s attribute value '%s' is not valid for the key '%s'", noun, asked[key], key)
		}
	}
	return nil
}

func attributeTakes(key, value string) bool {
	allowed, listed := attributeValues[key]
	switch {
	case listed && slices.Contains(allowed.words, value):
		return true
	case listed:
		n, err := strconv.Atoi(value)
		return err == nil && allowed.high > 0 && n >= allowed.low && n <= allowed.high
	case strings.HasSuffix(key, ".enabled"):
		return value == "true" || value == "false"
	}
	return true
}

func isHTTP(p types.ProtocolEnum) bool {
	return p == types.ProtocolEnumHttp || p == types.ProtocolEnumHttps
}

func isUDP(p types.ProtocolEnum) bool {
	return p == types.ProtocolEnumUdp || p == types.ProtocolEnumTcpUdp
}
