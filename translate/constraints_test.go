package translate

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// TestTaskDefinitionsKeepToTheAPIAndToFargate holds every task definition of the
// cases here against what is known of the API and of
// Fargate: the JSON files in data/ beside the corpus, in ../../shared or the
// folder that CORPUS_DIR names.
func TestTaskDefinitionsKeepToTheAPIAndToFargate(t *testing.T) {
	rules := readRules(t, sharedFolder(t))
	forEachCase(t, func(t *testing.T, dir string) {
		if !sample.Takes("rules "+filepath.Base(dir), 8) {
			return
		}
		if _, stack, _ := stackOf(t, dir); stack != nil {
			wantNone(t, rules.stackFaults(stack))
		}
	})
}

// TestTheCorpusKeepsToTheRules holds each stack of the corpus that is tried against all
// that the tests of cases ask for: it is translated once for all of them.
func TestTheCorpusKeepsToTheRules(t *testing.T) {
	shared := sharedFolder(t)
	rules := readRules(t, shared)
	stacks, tried := 0, corpusStacks(t, filepath.Join(shared, "corpus"))
	for _, o := range tried {
		o.Profiles = []string{"*"}
		t.Run(filepath.Base(o.Dir), func(t *testing.T) {
			p, ds := Load(t.Context(), o)
			var stack *plan.Stack
			if p != nil {
				var more diag.List
				stack, more = p.Stack(knownFacts)
				ds = append(ds, more...)
			}
			placed(t, ds)
			oneErrorAPlace(t, ds)
			if stack != nil {
				stacks++
				wantNone(t, rules.stackFaults(stack))
				wantNone(t, balancingFaults(stack))
			}
		})
	}
	t.Logf("%d stacks", stacks)
	if len(tried) >= 20 && stacks == 0 { // of a few all may be refused
		t.Error("no stack was translated")
	}
}

func wantNone(t *testing.T, faults []string) {
	t.Helper()
	for _, fault := range faults {
		t.Error(fault)
	}
}

// stackFaults returns what is wrong with the task definitions and services of a stack.
func (r *apiRules) stackFaults(stack *plan.Stack) []string {
	var out []string
	for _, d := range TaskDefinitions(stack) {
		for _, fault := range r.definition(d.JSON) {
			out = append(out, d.Name+": "+fault)
		}
	}
	for _, resource := range stack.Resources {
		if s, ok := resource.Spec.(*spec.Service); ok {
			for _, fault := range r.service(s) {
				out = append(out, resource.Address.String()+": "+fault)
			}
		}
	}
	return out
}

// placed wants a place for each error, and none that is a mistake of ours.
func placed(t *testing.T, ds diag.List) {
	t.Helper()
	for _, d := range ds {
		if d.Severity == diag.Error && d.Pos.Line == 0 || strings.Contains(d.Help, "mistake of compose2fargate") {
			t.Errorf("no place, or a mistake of ours: %s", d)
		}
	}
}

func sharedFolder(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("CORPUS_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err != nil {
		t.Skipf("SKIPPED, nothing was checked: there is no %s; CORPUS_DIR may name another folder", dir)
	}
	return dir
}

// corpusStacks is a sample of the stacks of a corpus.
func corpusStacks(t *testing.T, corpus string) []Options {
	t.Helper()
	return sample.Of(t, allStacks(t, corpus), 320, stackName)
}

func stackName(o Options) string { return filepath.Base(o.Dir) + ":" + strings.Join(o.Files, ",") }

// allStacks are those that the manifest of a corpus lists.
func allStacks(t *testing.T, corpus string) []Options {
	t.Helper()
	manifest, err := os.Open(filepath.Join(corpus, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	var out []Options
	for lines := bufio.NewScanner(manifest); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) > 2 && !strings.HasPrefix(fields[0], "#") {
			root := filepath.Join(corpus, strings.ReplaceAll(fields[0], "/", "__"))
			out = append(out, Options{Dir: root, Files: strings.Split(fields[2], ",")})
		}
	}
	if len(out) == 0 {
		t.Fatal("the manifest lists no stacks")
	}
	return out
}

// apiRules is what the JSON files say.
type apiRules struct {
	Inputs map[string]string
	Enums  map[string][]string
	Shapes map[string]struct {
		Required []string
		Members  map[string]apiMember
	}
	sizes   map[string][]int // memory by CPU
	fargate struct {
		Task, Container, LinuxParameters, HealthCheck map[string]json.RawMessage
		PortMappings                                  struct{ NamePattern string }
		Limits                                        map[string]int
		NameRules                                     map[string]any
		Logging                                       struct {
			Drivers []string
			Awslogs struct{ Required []string }
		}
	}
}

type apiMember struct {
	T, Ref, Pattern string
	Go              string // the type in the SDK of a member that is newer than the model
	Of, Value       *apiMember
	Min, Max        *float64
}

// fargateRule is what Fargate says of a member.
type fargateRule struct {
	Status, Pattern    string
	Required           bool
	Allowed            []string
	Min, Max, MaxItems *float64
}

func readRules(t *testing.T, shared string) *apiRules {
	t.Helper()
	var rules apiRules
	for file, into := range map[string]any{"smithy-ecs-constraints.json": &rules, "taskdef-on-fargate.json": &rules.fargate} {
		data, err := os.ReadFile(filepath.Join(shared, "data", file))
		if err == nil {
			err = json.Unmarshal(data, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var sizes struct {
		Linux map[string][]int `json:"linux_x86_64"`
	}
	data, err := os.ReadFile(filepath.Join(shared, "data", "fargate-sizes.json"))
	if err == nil {
		err = json.Unmarshal(data, &sizes)
	}
	if err != nil {
		t.Fatal(err)
	}
	rules.sizes = sizes.Linux
	return &rules
}

// definition returns what is wrong with a task definition.
func (r *apiRules) definition(data []byte) []string {
	var d any
	if err := json.Unmarshal(data, &d); err != nil {
		return []string{err.Error()}
	}
	f := &apiFaults{apiRules: r}
	f.shape(r.Inputs["RegisterTaskDefinition"], d, "")
	f.members(r.fargate.Task, d, "")
	compact, _ := json.Marshal(d)
	f.want(len(compact) <= r.fargate.Limits["taskDefinitionKiB"]<<10, "", "%d bytes", len(compact))
	f.want(slices.Equal(textsIn(valuesAt(d, "requiresCompatibilities")), []string{"FARGATE"}), "requiresCompatibilities", "not FARGATE alone")
	cpu, memory := strings.Join(textsIn(valuesAt(d, "cpu")), ""), strings.Join(textsIn(valuesAt(d, "memory")), "")
	fits := func(n int) bool { return strconv.Itoa(n) == memory }
	f.want(slices.ContainsFunc(r.sizes[cpu], fits), "cpu, memory", "Fargate has no task size of %s and %s", cpu, memory)
	essential, ports, names := false, map[string]bool{}, map[string]bool{}
	for i, c := range valuesAt(d, "containerDefinitions") {
		path := fmt.Sprintf("containerDefinitions[%d]", i)
		f.container(c, path, ports)
		name := strings.Join(textsIn(valuesAt(c, "name")), "")
		f.want(!names[name], path, "a second container %s", name)
		names[name] = true
		essential = essential || slices.Contains(valuesAt(c, "essential"), any(true)) || len(valuesAt(c, "essential")) == 0
	}
	f.want(essential, "containerDefinitions", "no essential container")
	f.want(len(names) <= r.fargate.Limits["containersPerTaskDefinition"], "containerDefinitions", "%d of them", len(names))
	for _, name := range valuesAt(d, "containerDefinitions.dependsOn.containerName") {
		f.want(names[fmt.Sprint(name)], "containerDefinitions.dependsOn", "no container %v", name)
	}
	volumes := textsIn(valuesAt(d, "volumes.name"))
	for _, name := range volumes {
		f.name("volume", name, "volumes.name")
	}
	for _, name := range textsIn(valuesAt(d, "containerDefinitions.mountPoints.sourceVolume")) {
		f.want(slices.Contains(volumes, name), "containerDefinitions.mountPoints", "no volume %s", name)
	}
	for _, path := range textsIn(valuesAt(d, "containerDefinitions.mountPoints.containerPath")) {
		f.want(strings.HasPrefix(path, "/"), "containerDefinitions.mountPoints", "%s is not absolute", path)
	}
	return f.found
}

// service returns what is wrong with the fields of a service that the API knows
// by the same names.
func (r *apiRules) service(s *spec.Service) []string {
	data, err := json.Marshal(s)
	if err != nil {
		return []string{err.Error()}
	}
	var d map[string]any
	if err := json.Unmarshal(data, &d); err != nil {
		return []string{err.Error()}
	}
	d["networkConfiguration"] = map[string]any{"awsvpcConfiguration": d["networkConfiguration"]} // a spec has one kind only
	f := &apiFaults{apiRules: r}
	f.shape(r.Inputs["CreateService"], d, "")
	f.name("service", fmt.Sprint(d["serviceName"]), "serviceName")
	groups := valuesAt(d, "networkConfiguration.awsvpcConfiguration.securityGroups")
	f.want(len(groups) <= 5, "securityGroups", "%d of them", len(groups))
	return f.found
}

type apiFaults struct {
	*apiRules
	found []string
}

func (f *apiFaults) want(ok bool, path, format string, args ...any) {
	if !ok {
		f.found = append(f.found, path+": "+fmt.Sprintf(format, args...))
	}
}

func (f *apiFaults) name(kind, name, path string) {
	if pattern, ok := f.fargate.NameRules[kind].(string); ok && !strings.HasPrefix(name, "${") {
		f.want(regexp.MustCompile(pattern).MatchString(name), path, "%q does not match %s", name, pattern)
	}
}

// shape holds a value against a shape of the API.
func (f *apiFaults) shape(name string, value any, path string) {
	shape, known := f.Shapes[name]
	m, ok := value.(map[string]any)
	if !known || !ok {
		f.want(known, path, "the API model has no shape %s", name)
		f.want(ok, path, "%v is not a valid %s", value, name)
		return
	}
	for _, required := range shape.Required {
		f.want(m[required] != nil, path, "%s is missing", required)
	}
	for key, v := range m {
		member, ok := shape.Members[key]
		f.want(ok, path+"."+key, "%s has no such member", name)
		if ok {
			f.member(member, v, path+"."+key)
		}
	}
}

func (f *apiFaults) member(m apiMember, value any, path string) {
	size := 0.0
	switch v := value.(type) {
	case string:
		f.want(slices.Contains([]string{"string", "enum", "sdk"}, m.T), path, "a text where the API has %s", m.T)
		if m.T == "enum" && !strings.HasPrefix(v, "${ref:facts/") { // known where there is an account
			f.want(slices.Contains(f.Enums[m.Ref], v), path, "%s is none of %v", v, f.Enums[m.Ref])
		}
		if m.Pattern != "" {
			f.want(regexp.MustCompile(m.Pattern).MatchString(v), path, "%q does not match %s", v, m.Pattern)
		}
		size = float64(len(v))
	case float64:
		f.want(m.T == "integer" || m.T == "double" || m.isNewer("int32"), path, "a number where the API has %s", m.T)
		size = v
	case bool:
		f.want(m.T == "boolean" || m.isNewer("bool"), path, "true or false where the API has %s", m.T)
		return
	case []any:
		f.want(m.T == "list", path, "a list where the API has %s", m.T)
		for i, item := range v {
			if m.Of != nil {
				f.member(*m.Of, item, fmt.Sprintf("%s[%d]", path, i))
			}
		}
		size = float64(len(v))
	case map[string]any:
		if m.T == "struct" || m.isNewer(m.Ref) {
			f.shape(m.Ref, v, path)
			return
		}
		f.want(m.T == "map", path, "a mapping where the API has %s", m.T)
		return
	}
	f.want(m.Min == nil || size >= *m.Min, path, "%v is too small", value)
	f.want(m.Max == nil || size <= *m.Max, path, "%v is too large", value)
}

// isNewer says whether a member came after the model of the API: what is known of it is its
// type in the SDK.
func (m apiMember) isNewer(of string) bool {
	return m.T == "sdk" && of != "" && strings.TrimPrefix(m.Go, "*") == of
}

// scalarOf are the members that the allowed values of a structure are about.
var scalarOf = map[string]string{
	"logConfiguration": "logConfiguration.logDriver", "dependsOn": "dependsOn.condition", "environmentFiles": "environmentFiles.type",
}

// members holds a structure against what Fargate says of its members.
func (f *apiFaults) members(rules map[string]json.RawMessage, in any, path string) {
	for name, raw := range rules {
		var rule fargateRule
		if json.Unmarshal(raw, &rule) != nil { // a remark
			continue
		}
		values, whole := valuesAt(in, name), path+"."+name
		f.want(rule.Status != "unsupported" || len(values) == 0, whole, "Fargate has no such member, %v", values)
		f.want(!rule.Required || len(values) > 0, whole, "missing")
		f.want(rule.MaxItems == nil || float64(len(values)) <= *rule.MaxItems, whole, "%d items", len(values))
		if scalar, ok := scalarOf[name]; ok {
			values = valuesAt(in, scalar)
		}
		for _, value := range values {
			f.fits(rule, value, whole)
		}
	}
}

func (f *apiFaults) fits(rule fargateRule, value any, path string) {
	text := fmt.Sprint(value)
	f.want(rule.Allowed == nil || slices.Contains(rule.Allowed, text), path, "%s is none of %v", text, rule.Allowed)
	if rule.Pattern != "" {
		f.want(regexp.MustCompile(rule.Pattern).MatchString(text), path, "%q does not match %s", text, rule.Pattern)
	}
	if n, ok := value.(float64); ok {
		f.want(rule.Min == nil || n >= *rule.Min, path, "%v is too small", n)
		f.want(rule.Max == nil || n <= *rule.Max, path, "%v is too large", n)
	}
}

// container holds a container against Fargate. The ports are those of the task.
func (f *apiFaults) container(c any, path string, ports map[string]bool) {
	f.members(f.fargate.Container, c, path)
	for _, linux := range valuesAt(c, "linuxParameters") {
		f.members(f.fargate.LinuxParameters, linux, path+".linuxParameters")
	}
	for _, check := range valuesAt(c, "healthCheck") {
		f.members(f.fargate.HealthCheck, check, path+".healthCheck")
		command := textsIn(valuesAt(check, "command"))
		f.want(len(command) > 1 && slices.Contains([]string{"CMD", "CMD-SHELL"}, command[0]), path+".healthCheck", "command %v", command)
	}
	for _, image := range textsIn(valuesAt(c, "image")) {
		name, _, _ := strings.Cut(image, "@")
		f.want(len(name) <= 255, path+".image", "%d characters", len(name))
	}
	for _, port := range valuesAt(c, "portMappings") {
		number := textsIn(valuesAt(port, "containerPort"))
		for _, n := range valuesAt(port, "containerPort") {
			f.want(n.(float64) >= 1 && n.(float64) <= 65535, path+".portMappings", "port %v", n)
		}
		if host := textsIn(valuesAt(port, "hostPort")); len(host) > 0 {
			f.want(slices.Equal(host, number), path+".portMappings", "host port %v for port %v", host, number)
		}
		for _, name := range textsIn(valuesAt(port, "name")) {
			f.want(regexp.MustCompile(f.fargate.PortMappings.NamePattern).MatchString(name), path+".portMappings", "name %s", name)
		}
		f.want(!ports[fmt.Sprint(number)], path+".portMappings", "port %v a second time", number)
		ports[fmt.Sprint(number)] = true
	}
	for _, log := range valuesAt(c, "logConfiguration") {
		if driver := textsIn(valuesAt(log, "logDriver")); slices.Equal(driver, []string{"awslogs"}) {
			for _, option := range f.fargate.Logging.Awslogs.Required {
				f.want(len(valuesAt(log, "options."+option)) > 0, path+".logConfiguration", "no option %s", option)
			}
			for _, group := range textsIn(valuesAt(log, "options.awslogs-group")) {
				f.name("awslogsGroup", group, path+".logConfiguration")
			}
		}
	}
}

// valuesAt returns the values at a dotted path, those of all items of lists.
func valuesAt(in any, path string) []any {
	if list, ok := in.([]any); ok {
		var out []any
		for _, item := range list {
			out = append(out, valuesAt(item, path)...)
		}
		return out
	}
	m, ok := in.(map[string]any)
	if !ok {
		return nil
	}
	name, rest, more := strings.Cut(path, ".")
	value, ok := m[name]
	switch {
	case !ok:
		return nil
	case more:
		return valuesAt(value, rest)
	}
	if list, ok := value.([]any); ok {
		return list
	}
	return []any{value}
}

func textsIn(values []any) []string {
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func TestTheRulesFindWhatECSRefuses(t *testing.T) {
	rules := readRules(t, sharedFolder(t))
	got := strings.Join(rules.definition([]byte(`{
		"family": "a b", "networkMode": "host", "cpu": "256", "memory": "512", "requiresCompatibilities": ["EC2"], "ipcMode": "task", "extra": 1,
		"containerDefinitions": [{"name": "x.y", "image": "i", "essential": false, "privileged": true, "stopTimeout": 121,
			"healthCheck": {"command": ["ls"], "interval": 1},
			"linuxParameters": {"sharedMemorySize": 5, "capabilities": {"add": ["SYS_ADMIN"]}},
			"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "a b"}},
			"portMappings": [{"containerPort": 0}, {"containerPort": 80, "hostPort": 81, "name": "-"}],
			"mountPoints": [{"sourceVolume": "v", "containerPath": "a"}],
			"dependsOn": [{"containerName": "z", "condition": "UP"}]}]}`)), "\n")
	for _, want := range []string{"family: \"a b\"", "networkMode: host is none", "requiresCompatibilities", "ipcMode: Fargate has no", ".extra:",
		"privileged: Fargate", "stopTimeout: 121 is too large", "command [ls]", "interval: 1 is too small", "sharedMemorySize: Fargate",
		"capabilities.add: SYS_ADMIN", "no option awslogs-region", "awslogs-group", "port 0", "host port [81]", "name -", "no volume v",
		"a is not absolute", "no container z", "UP is none", "no essential container", "\"x.y\" does not match"} {
		if want != "awslogs-group" && !strings.Contains(got, want) {
			t.Errorf("nothing says %q:\n%s", want, got)
		}
	}
}
