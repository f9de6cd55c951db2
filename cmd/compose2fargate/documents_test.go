package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestTheDocumentsAreCurrent holds what is generated in the README and in docs,
// output, the table of keys and IAM policies, against what the tool prints and
// against the calls that plan and apply made of the simulator on every case. With
// -update it writes them.
func TestTheDocumentsAreCurrent(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	planning, applying := recordedCalls(t)
	printed := map[string]string{"plan": printedPolicy(t, "plan"), "apply": printedPolicy(t, "apply")} // before the directory changes
	first, change := votingApp(t)
	for file, blocks := range map[string]map[string]string{
		"README.md":       {"output:plan": fenced("", head(first, 24)), "output:change": fenced("", change)},
		"docs/example.md": {"output:first": fenced("", first)},
		"docs/keys.md":    {"keys": keysMarkdown()},
		"docs/permissions.md": {
			"iam:plan": fenced("json", policy(t, planning)), "iam:apply": fenced("json", policy(t, applying)),
			"permissions:plan": fenced("json", printed["plan"]), "permissions:apply": fenced("json", printed["apply"]),
		},
	} {
		path := filepath.Join(root, filepath.FromSlash(file))
		now, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := string(now)
		for name, text := range blocks {
			want = replaceBlock(t, want, name, text)
		}
		if *update {
			rewrite(t, path, []byte(want))
			continue
		}
		if d := cmp.Diff(want, string(now)); d != "" {
			t.Errorf("%s is not current, run go test ./cmd/compose2fargate -update (-want +got)\n%s", file, d)
		}
	}
}

// printedPolicy is what permissions prints for the voting app.
func printedPolicy(t *testing.T, what string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	in := terminal{in: new(bytes.Buffer), out: &stdout, err: &stderr}
	file := filepath.Join("..", "..", "testdata", "voting-app", "compose.yaml")
	if code := run(t.Context(), in, []string{"permissions", what, "-f", file, "--account", "123456789012", "--region", caseRegion}); code != codeDone {
		t.Fatalf("permissions %s ended with %d\n%s", what, code, stderr.String())
	}
	return stdout.String()
}

// head is the first n lines of a text, and a line that says that there is more.
func head(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	if len(lines) <= n {
		return text
	}
	return strings.Join(lines[:n], "") + "…\n"
}

// votingApp is what a plan of the voting app prints, and a plan of a changed
// image after it was applied.
func votingApp(t *testing.T) (first, change string) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(filepath.Join("..", ".."))
	original := filepath.Join("testdata", "voting-app", "compose.yaml")
	text, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(dir, "compose.yaml")
	if err := os.WriteFile(changed, bytes.Replace(text, []byte("nginx:1.29-alpine"), []byte("nginx:1.30-alpine"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	c := testCase{dir: filepath.Dir(original), state: filepath.Join(dir, "aws.json")}
	planned, _, _ := c.command(t, "plan", "--simulate")
	c.applySaved(t)
	t.Chdir(dir)
	c.dir = "."
	again, _, _ := c.command(t, "plan", "--simulate")
	return string(planned), string(again)
}

func fenced(language, text string) string {
	return "```" + language + "\n" + strings.TrimRight(text, "\n") + "\n```"
}

// permissionsLife is a stack that uses every operation in its life: each entry
// is a compose file that is applied over the one before it.
var permissionsLife = []string{
	`
name: life
x-fargate: {log_retention: 7, tags: {team: a, gone: soon}}
services:
  a: &service {image: "nginx:1", networks: [one, two], x-fargate: {policies: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}}
  b: *service
  c: *service
  d: *service
networks: {one: {}, two: {}}
`, `
name: life
x-fargate: {log_retention: 14, tags: {team: b}, permissions_boundary: "arn:aws:iam::123456789012:policy/boundary"}
services:
  a: {image: "nginx:2", networks: [one], x-fargate: {policies: ["arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"]}}
  b: {image: "nginx:1", networks: [one], scale: 2}
networks: {one: {internal: true}}
`, `
name: life
services:
  a: {image: "never-healthy"}
`, `
name: life
x-fargate: {log_retention: never}
services:
  a: {image: "nginx:1"}
`,
}

// networkLife is the same for what stands in a network.
var networkLife = []string{
	drifting, `
name: shop
x-fargate: {domain: shop.example.com}
services:
  web:
    image: nginx:1
    ports: ["80:80", "2222:22"]
    deploy: {replicas: 2}
    x-fargate: {ingress: {"80": {host: a.example.org, certificate: MORE}, "22": {allow: [10.0.0.0/8]}}}
  api:
    image: nginx:1
    ports: ["81:80"]
    x-fargate: {ingress: {"80": {listen: 443, host: b.example.org, certificate: MORE}}}
  stats:
    image: example/statsd:1
    expose: ["8125/udp"]
    x-fargate: {discovery: {mode: dns}}
`, `
name: shop
x-fargate: {domain: shop.example.com}
services:
  web:
    image: nginx:1
    ports: ["80:81", "2222:23"]
    deploy: {replicas: 2}
    x-fargate: {ingress: {"81": {host: b.example.org}}}
  api:
    image: nginx:1
    ports: ["81:80"]
    x-fargate: {ingress: {"80": {listen: 443, host: a.example.org}}}
`,
}

// recordedCalls lives each case, and a stack that changes a lot, from nothing to
// destroyed. It returns the IAM actions of planning, and those of all the rest.
func recordedCalls(t *testing.T) (planning, applying []string) {
	t.Helper()
	r := recorder{plans: map[string]bool{}, applies: map[string]bool{}}
	for _, file := range caseFiles(t) {
		e := embedCase(t, file, simulator.Options{VCPUQuota: 1000})
		r.apply(e, plan.Scope{})
		r.apply(e, plan.Scope{Destroy: true})
	}
	r.live(t)
	r.liveInNetwork(t)
	reads, writes := resource.Actions()
	add(r.plans, reads...)
	add(r.applies, slices.DeleteFunc(writes, func(action string) bool {
		return slices.Contains(unrecorded, action[strings.IndexByte(action, ':')+1:])
	})...)
	add(r.applies, registryApplies...)
	for action := range r.plans {
		delete(r.applies, action)
		if _, operation, _ := strings.Cut(action, ":"); unreadable(operation) {
			t.Errorf("a plan needs %s", action)
		}
	}
	return slices.Sorted(maps.Keys(r.plans)), slices.Sorted(maps.Keys(r.applies))
}

// registryApplies are the actions of pushing an image, which no call of the SDK is:
// the registry asks for them.
var registryApplies = []string{
	"ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload",
	"ecr:UploadLayerPart",
}

func add(actions map[string]bool, more ...string) {
	for _, action := range more {
		actions[action] = true
	}
}

type recorder struct{ plans, applies map[string]bool }

func (r recorder) live(t *testing.T) {
	t.Helper()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 1000, TagDelay: 5})
	for _, text := range permissionsLife {
		rewrite(t, e.file, []byte(text))
		r.apply(e, plan.Scope{Prune: true})
	}
	e.fake.ResetCalls()
	s := e.session()
	if err := s.account.ServiceLogs(t.Context(), "a", time.Time{}, false, func(resource.Event) error { return nil }); err != nil {
		t.Fatal(err)
	}
	addActions(r.applies, e.fake.Calls())
	r.apply(e, plan.Scope{Destroy: true, DeleteData: []string{"life"}})
}

func (r recorder) liveInNetwork(t *testing.T) {
	t.Helper()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 1000, TagDelay: 5})
	var more string
	e.fake.Mutate(func(a *simulator.Account) {
		a.PutHostedZone("example.com")
		more = a.PutCertificate("a.example.org", "b.example.org")
	})
	for i, text := range networkLife {
		rewrite(t, e.file, []byte(strings.ReplaceAll(text, "MORE", more)))
		r.apply(e, plan.Scope{Prune: true})
		if i > 0 {
			continue
		}
		for _, address := range slices.Sorted(maps.Keys(drifts)) {
			for _, name := range slices.Sorted(maps.Keys(drifts[address])) {
				e.fake.Mutate(func(a *simulator.Account) { drifts[address][name](behind{t, a}) })
				r.apply(e, plan.Scope{})
			}
		}
	}
	r.apply(e, plan.Scope{Destroy: true})
}

// apply plans and applies. A deployment may fail: its reasons are read then.
func (r recorder) apply(e *embedded, scope plan.Scope) {
	e.tb.Helper()
	e.fake.ResetCalls()
	s, p, st := e.plan(scope)
	addActions(r.plans, e.fake.Calls())
	e.fake.ResetCalls()
	err := s.carryOut(e.tb.Context(), p, st, applyFlags{timeout: time.Minute})
	if code := apply.ExitCode(err); err != nil && code != codeDeployment {
		e.tb.Fatalf("%v\n%s", err, e.talk.String())
	}
	addActions(r.applies, e.fake.Calls())
}

// prefixes are the IAM names of services whose SDK name is another.
var prefixes = map[string]string{"tagging": "tag", "elbv2": "elasticloadbalancing", "efs": "elasticfilesystem", "autoscaling": "application-autoscaling"}

// implied are actions that AWS asks for beside those that are called: tags that
// are set at creation, roles that are handed on, and what a service does elsewhere
// with the permissions of its caller. Those of Cloud Map are in its managed policy
// AWSCloudMapFullAccess, those of EFS in the reference of each operation, those of
// Elastic Load Balancing in its guide ("API permissions", "API permissions to tag
// resources during creation", "Create the service-linked role").
var implied = map[string][]string{
	"acm:RequestCertificate":                            {"acm:AddTagsToCertificate"},
	"ec2:CreateSecurityGroup":                           {"ec2:CreateTags"},
	"ecr:CreateRepository":                              {"ecr:TagResource"},
	"ecs:CreateCluster":                                 {"ecs:TagResource", "iam:CreateServiceLinkedRole"},
	"ecs:CreateService":                                 {"ecs:TagResource", "iam:PassRole"},
	"ecs:RegisterTaskDefinition":                        {"ecs:TagResource", "iam:PassRole"},
	"elasticfilesystem:CreateAccessPoint":               {"elasticfilesystem:TagResource"},
	"elasticfilesystem:CreateFileSystem":                {"elasticfilesystem:TagResource", "iam:CreateServiceLinkedRole"},
	"elasticfilesystem:CreateMountTarget":               {"ec2:DescribeSubnets", "ec2:DescribeNetworkInterfaces", "ec2:CreateNetworkInterface"},
	"elasticfilesystem:DeleteMountTarget":               {"ec2:DeleteNetworkInterface"},
	"elasticfilesystem:ModifyMountTargetSecurityGroups": {"ec2:ModifyNetworkInterfaceAttribute"},
	"elasticloadbalancing:CreateListener":               {"elasticloadbalancing:AddTags"},
	"elasticloadbalancing:CreateLoadBalancer":           {"elasticloadbalancing:AddTags", "iam:CreateServiceLinkedRole", "ec2:DescribeAccountAttributes", "ec2:DescribeAddresses", "ec2:DescribeInternetGateways"},
	"elasticloadbalancing:CreateRule":                   {"elasticloadbalancing:AddTags"},
	"elasticloadbalancing:CreateTargetGroup":            {"elasticloadbalancing:AddTags"},
	"iam:CreateRole":                                    {"iam:TagRole"},
	"logs:CreateLogGroup":                               {"logs:TagResource"},
	"secretsmanager:CreateSecret":                       {"secretsmanager:TagResource"},
	"servicediscovery:CreateHttpNamespace":              {"servicediscovery:TagResource"},
	"servicediscovery:CreatePrivateDnsNamespace":        {"servicediscovery:TagResource", "route53:CreateHostedZone", "route53:GetHostedZone", "ec2:DescribeVpcs", "ec2:DescribeRegions"},
	"servicediscovery:CreateService":                    {"servicediscovery:TagResource"},
	"servicediscovery:DeleteNamespace":                  {"route53:DeleteHostedZone"},
	"servicediscovery:UpdatePrivateDnsNamespace":        {"route53:ChangeResourceRecordSets"},
	"servicediscovery:UpdateService":                    {"route53:ChangeResourceRecordSets"},
	"ssm:PutParameter":                                  {"ssm:AddTagsToResource"},
}

func addActions(actions map[string]bool, calls []simulator.Call) {
	for _, call := range calls {
		prefix := call.Service
		if other, ok := prefixes[prefix]; ok {
			prefix = other
		}
		action := prefix + ":" + call.Operation
		actions[action] = true
		for _, more := range implied[action] {
			actions[more] = true
		}
	}
}

func policy(t *testing.T, actions []string) string {
	t.Helper()
	document := map[string]any{
		"Version":   "2012-10-17",
		"Statement": []any{map[string]any{"Effect": "Allow", "Action": actions, "Resource": "*"}},
	}
	data, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// unrecorded are the operations that no stack here has needed yet.
var unrecorded = []string{
	"UpdateClusterSettings", // nothing in a compose file asks for it
}

// callsInSource are the operations that package resource makes the inputs of.
var callsInSource = regexp.MustCompile(`\b\w+\.([A-Z]\w+)Input\{`)

// TestTheScriptInTheDocumentsIsRead reads what docs/rehearsal.md shows.
func TestTheScriptInTheDocumentsIsRead(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "rehearsal.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(page), "```yaml\n")
	script, _, found := strings.Cut(script, "```")
	parsed, err := simulator.ParseScript([]byte(script))
	if err != nil || !found || len(parsed.Containers) == 0 || len(parsed.Metrics) == 0 || len(parsed.Alarms) == 0 {
		t.Errorf("%+v, %v", parsed, err)
	}
}

// TestThePoliciesHaveEveryCall holds what package resource may call against the
// policies in docs/permissions.md.
func TestThePoliciesHaveEveryCall(t *testing.T) {
	policies, err := os.ReadFile(filepath.Join("..", "..", "docs", "permissions.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("..", "..", "plan", "resource", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range callsInSource.FindAllStringSubmatch(string(source), -1) {
			found[match[1]] = true
		}
	}
	if len(found) < 100 {
		t.Errorf("no more than %d operations: is this how package resource names them?", len(found))
	}
	for _, operation := range slices.Sorted(maps.Keys(found)) {
		permitted, excused := bytes.Contains(policies, []byte(":"+operation+`"`)), slices.Contains(unrecorded, operation)
		if permitted == excused {
			t.Errorf("%s: permitted %t, excused %t", operation, permitted, excused)
		}
	}
}

// replaceBlock puts text between <!-- NAME --> and <!-- /NAME -->.
func replaceBlock(t *testing.T, document, name, text string) string {
	t.Helper()
	open, end := fmt.Sprintf("<!-- %s -->\n", name), fmt.Sprintf("\n<!-- /%s -->", name)
	before, rest, ok := strings.Cut(document, open)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("the document has no block %s", name)
	}
	return before + open + text + end + after
}
