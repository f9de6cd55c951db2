package translate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// translated makes a stack of a file; there must be one.
func translated(t *testing.T, text string, facts plan.Facts) *plan.Stack {
	t.Helper()
	p, ds := Load(t.Context(), Options{Dir: t.TempDir(), Files: []string{"-"}, Stdin: strings.NewReader(text)})
	if p == nil {
		t.Fatal(printed(ds))
	}
	stack, ds := p.Stack(facts)
	if stack == nil {
		t.Fatal(printed(ds))
	}
	return stack
}

// TestLoadBalancersKeepToELB holds what stands before services, in the cases here
// and in the public stacks, against what ELB, EC2 and ECS take.
func TestLoadBalancersKeepToELB(t *testing.T) {
	forEachCase(t, func(t *testing.T, dir string) {
		_, stack, ds := stackOf(t, dir)
		placed(t, ds)
		if stack != nil {
			wantNone(t, balancingFaults(stack))
		}
	})
}

var elbForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`)

func balancingFaults(stack *plan.Stack) []string {
	var out []string
	want := func(ok bool, format string, args ...any) {
		if !ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	names, ports, priorities := map[string]bool{}, map[string]bool{}, map[string]bool{}
	groups := map[plan.Address]*spec.SecurityGroup{}
	named := func(kind, name string) {
		want(elbForm.MatchString(name) && !strings.HasPrefix(name, "internal-"), "%s is no name", name)
		want(!names[kind+name], "a second %s", name)
		names[kind+name] = true
	}
	for _, r := range stack.Resources {
		switch s := r.Spec.(type) {
		case *spec.LoadBalancer:
			named("lb", s.Name)
			want(len(s.SecurityGroups) > 0, "%s has no security group", s.Name)
		case *spec.TargetGroup:
			named("tg", s.Name)
			h := s.HealthCheck
			want(h.TimeoutSeconds < h.IntervalSeconds && h.IntervalSeconds >= 5 && h.TimeoutSeconds >= 2, "%s: %+v", s.Name, h)
		case *spec.Listener:
			key := fmt.Sprint(s.LoadBalancerArn, s.Port)
			want(!ports[key], "a second listener at %s", key)
			ports[key] = true
			want((s.SslPolicy != "") == (len(s.Certificates) > 0), "%s: a certificate without a policy, or the other way round", r.Address)
		case *spec.ListenerRule:
			key := fmt.Sprint(s.ListenerArn, s.Priority)
			want(!priorities[key] && s.Priority >= 1 && s.Priority <= 50000, "a second rule, or an odd one, at %s", key)
			priorities[key] = true
			n := len(s.Hosts) + len(s.Paths)
			want(n >= 1 && n <= maxConditions, "%s has %d conditions", r.Address, n)
		case *spec.SecurityGroup:
			groups[r.Address] = s
			want(len(s.Ingress) <= maxGroupRules && len(s.Egress) <= maxGroupRules, "%s has too many rules", r.Address)
		}
	}
	for _, r := range stack.Resources {
		s, ok := r.Spec.(*spec.Service)
		if !ok {
			continue
		}
		want(len(s.LoadBalancers) <= maxTargetGroups, "%s has %d target groups", r.Address, len(s.LoadBalancers))
		want(len(s.NetworkConfiguration.SecurityGroups) <= 5, "%s has more than 5 groups", r.Address)
		needs := slices.DeleteFunc(slices.Clone(r.Needs), func(a plan.Address) bool { return a.Kind == spec.MountTargetKind })
		want((len(s.LoadBalancers) > 0) == (len(needs) > 0), "%s needs %v", r.Address, needs)
		for _, id := range s.NetworkConfiguration.SecurityGroups {
			if id.Ref == nil || groups[id.Ref.Address] == nil {
				continue
			}
			for _, rule := range groups[id.Ref.Address].Ingress {
				want(rule.CidrIpv4 == "" && rule.CidrIpv6 == "", "%s lets in %s%s", id.Ref.Address, rule.CidrIpv4, rule.CidrIpv6)
			}
		}
	}
	return out
}

func TestAFurtherLoadBalancerAtFiftyListeners(t *testing.T) {
	var file strings.Builder
	file.WriteString("name: many\nservices:\n")
	for i := range 60 {
		fmt.Fprintf(&file, "  w%02d: {image: example/a, ports: [\"%d:8080\"]}\n", i, 7000+i)
		fmt.Fprintf(&file, "  t%02d: {image: example/a, ports: [\"%d:22\"]}\n", i, 2000+i)
	}
	stack := translated(t, file.String(), knownFacts)
	got := map[string]int{}
	for _, r := range stack.Resources {
		if l, ok := r.Spec.(*spec.Listener); ok {
			got[l.LoadBalancerArn.Ref.Address.String()]++
		}
	}
	want := map[string]int{
		"load-balancer/application": 50, "load-balancer/application.2": 10, "load-balancer/network": 50, "load-balancer/network.2": 10,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("listeners, -want +got:\n%s", d)
	}
}

func rulesIn(stack *plan.Stack) map[string]int {
	out := map[string]int{}
	for _, r := range stack.Resources {
		if rule, ok := r.Spec.(*spec.ListenerRule); ok {
			out[r.Address.Name] = rule.Priority
		}
	}
	return out
}

const threeHosts = `
name: hosts
services:
  exact: {image: example/a, ports: ["8001:80"], x-fargate: {ingress: {"80": {listen: 80, host: a.example.org}}}}
  wild: {image: example/a, ports: ["8002:80"], x-fargate: {ingress: {"80": {listen: 80, host: "*.example.org"}}}}
  long: {image: example/a, ports: ["8003:80"], x-fargate: {ingress: {"80": {listen: 80, path: /api/v1/*}}}}
  short: {image: example/a, ports: ["8004:80"], x-fargate: {ingress: {"80": {listen: 80, path: /api/*}}}}
  all: {image: example/a, ports: ["80:80"]}
`

func TestTheMoreExactRuleGoesFirst(t *testing.T) {
	got := rulesIn(translated(t, threeHosts, knownFacts))
	order := slices.SortedFunc(maps.Keys(got), func(a, b string) int { return got[a] - got[b] })
	if d := cmp.Diff([]string{"exact.80", "wild.80", "long.80", "short.80", "all.80"}, order); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestANewRuleLeavesTheOthersTheirPriorities(t *testing.T) {
	before := rulesIn(translated(t, threeHosts, knownFacts))
	after := rulesIn(translated(t, threeHosts+
		`  more: {image: example/a, ports: ["8005:80"], x-fargate: {ingress: {"80": {listen: 80, host: b.example.org}}}}`, knownFacts))
	delete(after, "more.80")
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("-before +after:\n%s", d)
	}
}

func TestPrioritiesGoAroundThoseOfOthers(t *testing.T) {
	const file = `
name: shared
x-fargate: {load_balancer: shared}
services:
  web: {image: example/a, ports: ["80:80"], x-fargate: {ingress: {"80": {host: a.example.org}}}}
`
	facts := knownFacts
	facts.LoadBalancer = &plan.LoadBalancer{
		ARN: "arn:lb", Type: "application", Scheme: "internet-facing", VPC: facts.VPC, SecurityGroups: []string{"sg-0a"},
		Listeners: []plan.Listener{{ARN: "arn:listener", Port: 80, Protocol: "HTTP"}},
	}
	free := rulesIn(translated(t, file, facts))["web.80"]
	facts.LoadBalancer.Listeners[0].Priorities = []int{free, free + 1, free + 3}
	if got := rulesIn(translated(t, file, facts))["web.80"]; got != free+2 {
		t.Errorf("got %d, want %d", got, free+2)
	}
}

func TestPathsOfOneRuleAreOfOneExactness(t *testing.T) {
	for _, test := range []struct {
		hosts, paths []string
		want         []condition
	}{
		{nil, nil, []condition{{paths: []string{"/*"}}}},
		{[]string{"a"}, nil, []condition{{hosts: []string{"a"}}}},
		{nil, []string{"/a", "/a/*"}, []condition{{paths: []string{"/a", "/a/*"}}}},
		{nil, []string{"/*", "/a/*", "/b"}, []condition{{paths: []string{"/a/*", "/b"}}, {paths: []string{"/*"}}}},
		{[]string{"*.b", "a"}, nil, []condition{{hosts: []string{"a"}}, {hosts: []string{"*.b"}}}},
		{[]string{"a", "b", "c", "d", "e"}, []string{"/1", "/2"}, []condition{
			{hosts: []string{"a", "b", "c", "d"}, paths: []string{"/1"}}, {hosts: []string{"a", "b", "c", "d"}, paths: []string{"/2"}}, {hosts: []string{"e"}, paths: []string{"/1", "/2"}},
		}},
	} {
		got := conditionsOf(&publishedPort{rule: xfargate.Ingress{Hosts: test.hosts, Paths: test.paths}})
		if d := cmp.Diff(test.want, got, cmp.AllowUnexported(condition{})); d != "" {
			t.Errorf("%v %v, -want +got:\n%s", test.hosts, test.paths, d)
		}
	}
}

func TestHealthChecksThatSpeakHTTP(t *testing.T) {
	type asked struct {
		port    int
		path    string
		lenient bool
	}
	for line, want := range map[string]asked{
		"curl -f http://localhost:8080/health":                 {8080, "/health", false},
		"curl --fail localhost":                                {80, "/", false},
		"curl -sSLfo /dev/null http://localhost/x":             {80, "/x", false},
		"curl --silent --fail-with-body http://localhost/x":    {80, "/x", false},
		"wget -qO- http://127.0.0.1:3000/api?x=1 || exit 1":    {3000, "/api?x=1", false},
		"wget --spider -q [::1]:9000/up#top":                   {9000, "/up", false},
		"curl -k https://localhost/":                           {443, "/", true},
		"curl -f -u a:b http://localhost:81/x":                 {81, "/x", true},
		"curl -fsu a:b http://localhost:81/x":                  {81, "/x", true},
		"curl -fs -XPOST http://localhost:81/x":                {81, "/x", true},
		"curl -f http://a:b@localhost:81/x":                    {81, "/x", true},
		"curl -f -H 'Host: a' http://localhost:81":             {81, "/", true},
		"wget -qO- --header='A: b' http://localhost:81/x":      {81, "/x", true},
		"curl -s http://localhost:81/x":                        {81, "/x", true}, // 404 is no error to it
		"curl -sL http://localhost:81/x | grep -q Login":       {81, "/x", true},
		`node -e "fetch('http://localhost:3000/up').then(ok)"`: {3000, "/up", false},
		`node -e "fetch('http://localhost/up', {headers: h})"`: {80, "/up", true},
		`python -c "import requests; requests.get('http://localhost/h', headers={'K': '1'}).raise_for_status()"`: {80, "/h", true},
		`python -c "import requests; requests.get('http://localhost/h')"`:                                        {80, "/h", true},
		`python -c "import requests; requests.get('http://localhost/h').raise_for_status()"`:                     {80, "/h", false},
		`python -c "import urllib.request as u; u.urlopen('http://localhost/h')"`:                                {80, "/h", false},
		"pg_isready -h localhost -p 5432":                                                                        {},
		"redis-cli -h localhost:6379 ping":                                                                       {},
		"curl http://example.org/":                                                                               {},
		"curl http://localhost:80/${PATH}":                                                                       {},
		"true":                                                                                                   {},
	} {
		var service types.ServiceConfig
		service.HealthCheck = &types.HealthCheckConfig{Test: []string{"CMD-SHELL", line}}
		check, ok := httpCheckOf(container{ServiceConfig: &service})
		got := asked{check.port, check.path, ok && isLenient(check.line)}
		if got != want || ok != (want != asked{}) {
			t.Errorf("%s: got %+v, %t", line, got, ok)
		}
	}
}

// TestHealthChecksWithQueries finds the whole query where a shell does.
func TestHealthChecksWithQueries(t *testing.T) {
	for _, test := range []struct {
		test []string
		path string
	}{
		{[]string{"CMD", "wget", "http://127.0.0.1:80/ping?x=1&y=2"}, "/ping?x=1&y=2"},
		{[]string{"CMD-SHELL", "wget -q 'http://127.0.0.1:80/ping?x=1&y=2' || exit 1"}, "/ping?x=1&y=2"},
		{[]string{"CMD-SHELL", `curl -f "localhost/ping?x=1&y=2&z"`}, "/ping?x=1&y=2&z"},
		{[]string{"CMD", "sh", "-c", `curl -f "http://localhost/a?b&c=1"; true`}, "/a?b&c=1"},
		{[]string{"CMD-SHELL", "wget http://127.0.0.1:80/ping?x=1&y=2"}, "/ping?x=1"},
		{[]string{"CMD", "sh", "-c", "curl http://localhost/a?b&c=1"}, "/a?b"},
		{[]string{"CMD-SHELL", `sh -c "curl -f http://localhost/up && true"`}, "/up"},
	} {
		var service types.ServiceConfig
		service.HealthCheck = &types.HealthCheckConfig{Test: test.test}
		if got, _ := httpCheckOf(container{ServiceConfig: &service}); got.path != test.path {
			t.Errorf("%q: got %s", test.test, got.path)
		}
	}
}

func TestNamesOfLoadBalancersAreShortAndDiffer(t *testing.T) {
	long := strings.Repeat("long-", 20)
	seen := map[string]string{}
	for _, name := range []string{"a", "a-web-80", long + "web-80", long + "api-80", "-", "x.y_z", "x-y-z", "internal-x", "internal", "ü"} {
		got := elbName(name, name, "TCP")
		if !elbForm.MatchString(got) || strings.HasPrefix(got, "internal-") || strings.Contains(got, "--") && !strings.Contains(name, "--") && name != "-" {
			t.Errorf("%s became %s", name, got)
		}
		if seen[got] != "" {
			t.Errorf("%s and %s are both %s", name, seen[got], got)
		}
		seen[got] = name
	}
	if elbName("a", "a", "TCP") == elbName("a", "a", "UDP") {
		t.Error("what cannot be changed is not in the name")
	}
}

func TestLookupsAreWhatTheFilesName(t *testing.T) {
	const file = `
name: lookups
x-fargate: {vpc: production, subnets: [a, b], cluster: shared, load_balancer: web, domain: example.org}
services:
  web:
    image: example/a
    ports: ["80:80"]
    networks: [front, back, old, mine]
    x-fargate: {ingress: {"80": {allow: [office, 10.0.0.0/8, pl-1, sg-0123456789], certificate: "arn:aws:acm:eu-central-1:111122223333:certificate/a"}}}
networks:
  front: {external: true}
  back: {external: true, name: db-clients}
  old: {x-aws-securitygroup: sg-0aaaaaaaa}
  mine:
  unused: {external: true}
`
	p, ds := Load(t.Context(), Options{Dir: t.TempDir(), Files: []string{"-"}, Stdin: strings.NewReader(file)})
	if p == nil {
		t.Fatal(printed(ds))
	}
	want := plan.Lookups{
		VPC: "production", Subnets: []string{"a", "b"}, Cluster: "shared", LoadBalancer: "web", Domain: "example.org", Balanced: true, Published: true,
		Certificates:   []string{"arn:aws:acm:eu-central-1:111122223333:certificate/a"},
		SecurityGroups: []string{"db-clients", "front", "office", "sg-0123456789", "sg-0aaaaaaaa"},
	}
	if d := cmp.Diff(want, p.Lookups()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestNothingPublishedNeedsNoLoadBalancer(t *testing.T) {
	const file = `
name: private
services:
  web: {image: example/a, ports: ["127.0.0.1:80:80", "8080"]}
  db: {image: postgres, ports: ["5432:5432"]}
`
	p, ds := Load(t.Context(), Options{Dir: t.TempDir(), Files: []string{"-"}, Stdin: strings.NewReader(file)})
	if p == nil {
		t.Fatal(printed(ds))
	}
	if p.Lookups().Balanced {
		t.Error("load balancers are looked for")
	}
	stack, _ := p.Stack(knownFacts)
	for _, r := range stack.Resources {
		if r.Address.Kind == spec.LoadBalancerKind {
			t.Errorf("a load balancer is made: %s", r.Address)
		}
	}
}

func TestAPortThatOnlyTheImageTellsOfNeedsALoadBalancer(t *testing.T) {
	const file = `
name: implied
services:
  web: {image: nginx, x-fargate: {ingress: {"80": {}}}}
`
	p, ds := Load(t.Context(), Options{Dir: t.TempDir(), Files: []string{"-"}, Stdin: strings.NewReader(file)})
	if p == nil {
		t.Fatal(printed(ds))
	}
	if !p.Lookups().Balanced {
		t.Error("no subnets are looked for, and the stack has a load balancer")
	}
}

// TestAGuardedSiteStaysGuarded when its port gains a public neighbour: the rule that looks
// at addresses is there before, since the security group is opened beside it.
func TestAGuardedSiteStaysGuarded(t *testing.T) {
	const alone = `
name: guarded
services:
  admin:
    image: example/a
    expose: ["3000"]
    x-fargate: {ingress: {"3000": {host: admin.example.org, allow: [203.0.113.0/24, 198.51.100.7/32]}}}
`
	const shared = alone + `
  web: {image: example/a, expose: ["3000"], x-fargate: {ingress: {"3000": {host: www.example.org}}}}
`
	rule := plan.Address{Kind: spec.ListenerRuleKind, Name: "admin.3000"}
	var specs []any
	for _, file := range []string{alone, shared} {
		p, ds := Load(t.Context(), Options{Dir: t.TempDir(), Files: []string{"-"}, Stdin: strings.NewReader(file)})
		if p == nil {
			t.Fatal(printed(ds))
		}
		stack, ds := p.Stack(knownFacts)
		if stack == nil {
			t.Fatal(printed(ds))
		}
		specs = append(specs, stack.Find(rule).Spec)
	}
	if got := specs[0].(*spec.ListenerRule).Sources; len(got) != 2 {
		t.Errorf("alone, it looks at the addresses %v", got)
	}
	if d := cmp.Diff(specs[0], specs[1]); d != "" {
		t.Errorf("a neighbour changes the rule: %s", d)
	}
}
