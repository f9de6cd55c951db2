package xfargate

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// Ingress says how one container port is reached from outside. The zero Ingress
// leaves it to the rest of the compose file.
type Ingress struct {
	Kind        string       `json:"kind"`   // http, tcp, udp or none; "": by what the port is
	Listen      int          `json:"listen"` // port of the load balancer; 0: the published one
	Hosts       []string     `json:"-"`      // lower case, sorted; nil: all
	Paths       []string     `json:"-"`      // sorted; nil: all
	Health      TargetHealth `json:"-"`
	Allow       []string     `json:"-"`           // CIDR blocks, prefix lists, security groups; nil: everyone
	Certificate string       `json:"certificate"` // ARN of a further one of the listener; "": none
	Scheme      string       `json:"scheme"`      // internet-facing or internal; "": that of the project
	IdleTimeout int          `json:"-"`           // seconds; 0: not given

	DeregistrationDelay *int `json:"-"` // seconds; nil: not given
	// Stickiness is how long a client stays with its task, in seconds; 0: it does
	// not.
	Stickiness int `json:"-"`
}

// TargetHealth is what a load balancer asks of a target. What is zero is not
// given.
type TargetHealth struct {
	Path               string
	Port               int
	Codes              string // 200, 200-399; of gRPC: 0, 0-99
	Interval, Timeout  int    // seconds
	Healthy, Unhealthy int    // answers in a row
}

// The schemes of load balancers.
const (
	InternetFacing = "internet-facing"
	Internal       = "internal"
)

// Bounds are the least and the greatest value of a number. Fallback is used where
// none is given and, unless it is 0, in place of 0.
type Bounds struct{ Min, Max, Fallback int }

// The ranges of ELB (CreateTargetGroupInput, TargetGroupAttribute and
// LoadBalancerAttribute, elbv2 v1.63.7) and of ECS, in seconds.
var (
	TargetInterval      = Bounds{Min: 5, Max: 300}
	TargetTimeout       = Bounds{Min: 2, Max: 120}
	IdleTimeout         = Bounds{Min: 1, Max: 4000, Fallback: 3600}
	DeregistrationDelay = Bounds{Min: 0, Max: 3600, Fallback: 30}
	cookieDuration      = Bounds{Min: 1, Max: 604800, Fallback: 86400}
	GracePeriod         = Bounds{Min: 0, Max: 1<<31 - 1, Fallback: 120}
)

// ingresses reads x-fargate.ingress by container port.
func (d decoder) ingresses(value any, path diag.Path) map[int]Ingress {
	m, _ := value.(map[string]any)
	var out map[int]Ingress
	for _, key := range slices.Sorted(maps.Keys(m)) {
		at := path.Key(key)
		port, err := strconv.Atoi(key)
		settings, ok := m[key].(map[string]any)
		if err != nil || !ok {
			continue // the schema has spoken
		}
		if port < 1 || port > 65535 {
			d.errorf(at, "", "a port must be a number from 1 to 65535")
			continue
		}
		if out == nil {
			out = map[int]Ingress{}
		}
		out[port] = d.ingress(settings, at)
	}
	return out
}

func (d decoder) ingress(m map[string]any, path diag.Path) Ingress {
	in := as[Ingress](m)
	in.Hosts, in.Paths = lowered(oneOrMore(m["host"])), slices.Sorted(slices.Values(oneOrMore(m["path"])))
	in.Health = d.targetHealth(m["health"], path.Key("health"))
	in.Allow = d.allow(m["allow"], path.Key("allow"))
	in.IdleTimeout, _ = d.duration(m, path, "idle_timeout", IdleTimeout)
	if delay, ok := d.duration(m, path, "deregistration_delay", DeregistrationDelay); ok {
		in.DeregistrationDelay = &delay
	}
	switch sticky := m["stickiness"].(type) {
	case bool:
		if sticky {
			in.Stickiness = cookieDuration.Fallback
		}
	default:
		in.Stickiness, _ = d.duration(m, path, "stickiness", cookieDuration)
	}
	if in.Kind == "tcp" || in.Kind == "udp" {
		for _, key := range []string{"host", "path", "certificate", "idle_timeout"} {
			if m[key] != nil {
				d.errorf(path.Key(key), "write kind: http, or remove it",
					"a network load balancer handles connections, not requests: it has no %s", key)
			}
		}
	}
	return in
}

// targetHealth reads a path, or settings.
func (d decoder) targetHealth(value any, path diag.Path) TargetHealth {
	if text, ok := value.(string); ok {
		return TargetHealth{Path: text}
	}
	m, _ := value.(map[string]any)
	h := TargetHealth{
		Path: field[string](m, "path"), Port: field[int](m, "port"),
		Healthy: field[int](m, "healthy"), Unhealthy: field[int](m, "unhealthy"),
	}
	if codes, ok := m["codes"]; ok {
		h.Codes = fmt.Sprint(codes)
	}
	h.Interval, _ = d.duration(m, path, "interval", TargetInterval)
	h.Timeout, _ = d.duration(m, path, "timeout", TargetTimeout)
	if h.Interval > 0 && h.Timeout >= h.Interval {
		d.errorf(path.Key("timeout"), "raise the interval, or lower the timeout",
			"a timeout of %d s does not fit into an interval of %d s", h.Timeout, h.Interval)
	}
	return h
}

// allow reads who may connect: what is neither an address nor a prefix list is
// a security group.
func (d decoder) allow(value any, path diag.Path) []string {
	var out []string
	for i, entry := range Strings(value) {
		if strings.Contains(entry, "/") {
			prefix, err := netip.ParsePrefix(entry)
			if err != nil || prefix.Masked() != prefix {
				d.errorf(path.Item(i), "write it as 192.0.2.0/24 or 2001:db8::/32",
					"%q is not a CIDR block", entry)
				continue
			}
		} else if address, err := netip.ParseAddr(entry); err == nil {
			entry = netip.PrefixFrom(address, address.BitLen()).String()
		}
		out = append(out, entry)
	}
	return out
}

// duration reads seconds or a duration within bounds. It is not ok if there is
// none or it is wrong, which it reports.
func (d decoder) duration(m map[string]any, path diag.Path, key string, b Bounds) (seconds int, ok bool) {
	value, given := m[key]
	if !given {
		return 0, false
	}
	at := path.Key(key)
	text := strings.TrimSpace(fmt.Sprint(value))
	n, err := strconv.Atoi(text)
	if err != nil {
		length, err := time.ParseDuration(text)
		if err != nil || length%time.Second != 0 {
			d.errorf(at, "write seconds, as 90 or 1m30s", "%s is not a number of seconds", compose.Shown(value))
			return 0, false
		}
		n = int(length / time.Second)
	}
	if n < b.Min || n > b.Max {
		d.errorf(at, "", "%d s is outside the %d to %d seconds that AWS allows", n, b.Min, b.Max)
		return 0, false
	}
	return n, true
}

func oneOrMore(value any) []string {
	if text, ok := value.(string); ok {
		return []string{text}
	}
	return Strings(value)
}

// lowered are host names as DNS compares them, sorted.
func lowered(names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, strings.ToLower(name))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
