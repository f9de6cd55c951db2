package translate

import (
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// TestWhatIsAdvisedOfASiteWorks writes what messages advise into the file, and looks for
// what could redirect without end: TLS that ends at the load balancer before a port of
// the container that has another one for TLS.
func TestWhatIsAdvisedOfASiteWorks(t *testing.T) {
	const file = `
name: site
x-fargate: {certificate: "arn:aws:acm:eu-central-1:111122223333:certificate/a"}
services:
  web:
    image: example/nginx
    ports: PORTS
    x-fargate: {ingress: {RULES}}
`
	for _, ports := range []string{`["80:80", "443:443"]`, `["80:8080", "443:8443"]`, `["80:3000", "443:3443"]`} {
		plain, tls := "80", "443"
		if strings.Contains(ports, "8080") {
			plain, tls = "8080", "8443"
		}
		if strings.Contains(ports, "3443") {
			plain, tls = "3000", "3443"
		}
		for rules, works := range map[string]bool{
			``:                    true,
			`"TLS": {kind: none}`: false, // the help: remove it, or the next one
			`"PLAIN": {kind: http}, "TLS": {kind: none}`:           true,
			`"PLAIN": {kind: none}`:                                true,
			`"PLAIN": {host: a.example}`:                           true,
			`"PLAIN": {host: a.example}, "TLS": {host: a.example}`: false, // the help: both under TLS
			`"TLS": {host: a.example}`:                             true,
			`"PLAIN": {kind: http}`:                                false, // the help: remove it
		} {
			text := strings.NewReplacer("PORTS", ports, "RULES", strings.NewReplacer("PLAIN", plain, "TLS", tls).Replace(rules)).Replace(file)
			p, ds := Load(t.Context(), Options{Dir: t.TempDir(), Files: []string{"-"}, Stdin: strings.NewReader(text)})
			if p == nil {
				t.Fatal(printed(ds))
			}
			stack, ds := p.Stack(knownFacts)
			if (stack != nil) != works {
				t.Errorf("%s %s: accepted: %t\n%s", ports, rules, stack != nil, printed(ds))
			}
			if stack == nil {
				continue
			}
			for _, r := range stack.Resources {
				group, ok := r.Spec.(*spec.TargetGroup)
				said := strings.Contains(rules, `"PLAIN": {kind: http}`)
				if ok && group.Protocol != "HTTPS" && !said {
					t.Errorf("%s %s: %s speaks %s", ports, rules, r.Address, group.Protocol)
				}
			}
		}
	}
}
