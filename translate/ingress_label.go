package translate

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// label is a label of a service, the name in lower case, as routers take it.
type label struct {
	name, value string
	path        diag.Path
}

// labelsOf are the labels of a service and those of its deployment, sorted.
func labelsOf(s types.ServiceConfig) []label {
	var out []label
	for _, name := range sortedKeys(s.Labels) {
		out = append(out, label{strings.ToLower(name), s.Labels[name], at(s.Name, "labels", name)})
	}
	if s.Deploy != nil {
		for _, name := range sortedKeys(s.Deploy.Labels) {
			out = append(out, label{strings.ToLower(name), s.Deploy.Labels[name], at(s.Name, "deploy", "labels", name)})
		}
	}
	return out
}

// What a rule of a load balancer may have as host and path (RuleCondition, elbv2
// v1.63.7).
var (
	hostForm = regexp.MustCompile(`^[a-z0-9*?.-]{1,128}$`)
	pathForm = regexp.MustCompile(`^/[A-Za-z0-9_.$/~"'@:+&*?-]{0,127}$`)
)

// isLocalHost says whether a name leads nowhere but to the machine that asks.
func isLocalHost(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || host == "localhost" || slices.ContainsFunc([]string{".localhost", ".local", ".test", ".internal", ".lan"}, func(end string) bool {
		return strings.HasSuffix(host, end)
	})
}

func isPattern(text string) bool { return strings.ContainsAny(text, "*?") }

// ingressLine is what to write about a port in a service.
func ingressLine(port int, settings string) string {
	return fmt.Sprintf(`x-fargate: {ingress: {"%d": {%s}}}`, port, settings)
}
