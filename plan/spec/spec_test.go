package spec

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
)

// written are specs as somebody would write them, with as little as possible.
func written() map[string]any {
	return map[string]any{
		ClusterKind:  &Cluster{ClusterName: "p", CapacityProviders: []string{"FARGATE_SPOT", "FARGATE"}, Tags: []Tag{{"b", "2"}, {"a", "1"}}},
		LogGroupKind: &LogGroup{LogGroupName: "/p", Tags: []Tag{{"b", "2"}, {"a", "1"}}},
		RoleKind: &Role{RoleName: "r", ManagedPolicyArns: []string{"b", "a", "b"},
			AssumeRolePolicyDocument: Policy{Statement: []Statement{{Effect: "Allow", Action: []string{"sts:AssumeRole"},
				Principal: map[string][]string{"Service": {"b", "a"}},
				Condition: map[string]map[string][]plan.Value{"ArnLike": {"aws:SourceArn": {plan.Literal("z"), plan.Literal("y")}}}}}},
			InlinePolicies: []InlinePolicy{{PolicyName: "y"}, {PolicyName: "x", PolicyDocument: Policy{Statement: []Statement{
				{Sid: "Two", Action: []string{"b", "a"}, Resource: []plan.Value{plan.Literal("d"), plan.Literal("c")}}, {Sid: "One"}}}}}},
		NamespaceKind:        &Namespace{Name: "p", Type: "HTTP", Tags: []Tag{{"b", "2"}, {"a", "1"}}},
		DiscoveryServiceKind: &DiscoveryService{Name: "s", DnsRecords: []DnsRecord{{"SRV", 10}, {"A", 10}}},
		LoadBalancerKind: &LoadBalancer{Name: "p", Type: "application", Subnets: []plan.Value{plan.Literal("b"), plan.Literal("a")},
			SecurityGroups: []plan.Value{plan.Literal("d"), plan.Literal("c")}},
		TargetGroupKind:     &TargetGroup{Name: "t", Protocol: "HTTP", Port: 80, HealthCheck: TargetHealthCheck{Protocol: "HTTP"}},
		ListenerKind:        &Listener{Port: 80, Protocol: "HTTP", Tags: []Tag{{"b", "2"}, {"a", "1"}}},
		ListenerRuleKind:    &ListenerRule{Priority: 1, Hosts: []string{"b", "a", "b"}, Paths: []string{"/y", "/x"}},
		CertificateKind:     &Certificate{DomainName: "example.org", SubjectAlternativeNames: []string{"b", "a"}},
		RecordKind:          &Record{Name: "example.org"},
		FileSystemKind:      &FileSystem{Name: "p", FileSystemPolicy: &Policy{Statement: []Statement{{Sid: "Two", Action: []string{"b", "a"}}, {Sid: "One"}}}},
		MountTargetKind:     &MountTarget{SubnetID: "a", SecurityGroups: []plan.Value{plan.Literal("d"), plan.Literal("c")}},
		AccessPointKind:     &AccessPoint{Path: "/a", Tags: []Tag{{"b", "2"}, {"a", "1"}}},
		RepositoryKind:      &Repository{RepositoryName: "p/s", LifecyclePolicy: "{ \"rules\": [] }"},
		ImageKind:           &Image{Tag: "t", Files: []ImageFile{{Path: "/b"}, {Path: "/a"}}},
		ParameterKind:       &Parameter{Name: "/p/s", Tags: []Tag{{"b", "2"}, {"a", "1"}}},
		SecretKind:          &Secret{Name: "p/s", Tags: []Tag{{"b", "2"}, {"a", "1"}}},
		ScalableTargetKind:  &ScalableTarget{MaxCapacity: 2, Tags: []Tag{{"b", "2"}, {"a", "1"}}},
		ScheduledActionKind: &ScheduledAction{ScheduledActionName: "s.n", Schedule: "rate(1 day)"},
		ScalingPolicyKind: &ScalingPolicy{PolicyName: "s.n", PolicyType: StepPolicy, StepScaling: &StepScaling{
			StepAdjustments: []StepAdjustment{{MetricIntervalLowerBound: new(10.0), ScalingAdjustment: 2}, {ScalingAdjustment: 1}}}},
		AlarmKind: &Alarm{AlarmName: "p/s/n", EvaluationPeriods: 3, Dimensions: []AlarmDimension{{"b", "2"}, {"a", "1"}},
			AlarmActions: []plan.Value{plan.Literal("d"), plan.Literal("c")}},
		SecurityGroupKind: &SecurityGroup{GroupName: "g",
			Ingress: []SecurityGroupRule{{Protocol: "tcp", FromPort: 80, ToPort: 80, CidrIpv4: AnyIpv4}, {Protocol: "-1", FromPort: -1, ToPort: -1, Self: true}}},
		ServiceKind: &Service{ServiceName: "s",
			NetworkConfiguration:     NetworkConfiguration{Subnets: []plan.Value{plan.Literal("b"), plan.Literal("a")}},
			CapacityProviderStrategy: []CapacityProvider{{CapacityProvider: "FARGATE_SPOT", Weight: 1}, {CapacityProvider: "FARGATE"}}},
		TaskDefinitionKind: &TaskDefinition{Family: "f", Cpu: "0256", Memory: "512", EphemeralStorage: EphemeralStorage{SizeInGiB: 20},
			ContainerDefinitions: []Container{{Name: "b"}, {Name: "a", HealthCheck: &HealthCheck{Command: []string{"CMD", "true"}},
				Environment: []EnvironmentEntry{{"B", plan.Literal("2")}, {"A", plan.Literal("1")}}, PortMappings: []PortMapping{{ContainerPort: 80}},
				LinuxParameters: &LinuxParameters{}, VersionConsistency: "enabled"}},
			Volumes: []Volume{{Name: "y"}, {Name: "x", EfsVolumeConfiguration: &EfsVolume{RootDirectory: "/"}}}},
	}
}

func TestEveryKindHasACase(t *testing.T) {
	for kind := range Kinds() {
		if written()[kind] == nil {
			t.Errorf("%s has no case in this file", kind)
		}
	}
}

// TestTheRulesOfAKindAreWhole looks for what a kind has forgotten, and for fields
// that its spec does not have.
func TestTheRulesOfAKindAreWhole(t *testing.T) {
	for kind, rules := range Kinds() {
		if rules.Owner == nil {
			t.Errorf("%s has no Owner", kind)
		}
		if len(rules.Brief) == 0 && rules.Rollout == nil { // what runs tasks is told by its rollout
			t.Errorf("%s has no Brief: a plan that creates it would show nothing of it", kind)
		}
		fields := map[string]bool{}
		for field := range reflect.TypeOf(rules.New()).Elem().Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			fields[name] = true
		}
		for _, path := range slices.Concat(rules.Brief, rules.Immutable, rules.InPlace, rules.Optional, slices.Collect(maps.Keys(rules.Keys))) {
			if first, _, _ := strings.Cut(path, "."); !fields[first] {
				t.Errorf("%s has no field %s", kind, first)
			}
		}
	}
}

func TestNormalizingTwiceIsNormalizingOnce(t *testing.T) {
	for kind, s := range written() {
		rules := Kinds()[kind]
		rules.Normalize(s)
		once := plan.Map(s, func(v plan.Value) plan.Value { return v })
		rules.Normalize(s)
		if d := cmp.Diff(once, s); d != "" {
			t.Errorf("%s (-once +twice)\n%s", kind, d)
		}
	}
}

func TestTheOrderOfWhatIsASetDoesNotMatter(t *testing.T) {
	for kind, s := range written() {
		rules := Kinds()[kind]
		shuffled := written()[kind]
		reverseSets(shuffled)
		rules.Normalize(s)
		rules.Normalize(shuffled)
		if d := cmp.Diff(s, shuffled); d != "" {
			t.Errorf("%s (-written +reversed)\n%s", kind, d)
		}
	}
}

func reverseSets(s any) {
	switch s := s.(type) {
	case *Cluster:
		slices.Reverse(s.CapacityProviders)
		slices.Reverse(s.Tags)
	case *LogGroup:
		slices.Reverse(s.Tags)
	case *Role:
		slices.Reverse(s.ManagedPolicyArns)
		slices.Reverse(s.InlinePolicies)
		slices.Reverse(s.AssumeRolePolicyDocument.Statement[0].Principal["Service"])
	case *SecurityGroup:
		slices.Reverse(s.Ingress)
	case *DiscoveryService:
		slices.Reverse(s.DnsRecords)
	case *LoadBalancer:
		slices.Reverse(s.Subnets)
		slices.Reverse(s.SecurityGroups)
	case *ListenerRule:
		slices.Reverse(s.Hosts)
		slices.Reverse(s.Paths)
	case *Certificate:
		slices.Reverse(s.SubjectAlternativeNames)
	case *FileSystem:
		slices.Reverse(s.FileSystemPolicy.Statement)
	case *MountTarget:
		slices.Reverse(s.SecurityGroups)
	case *Image:
		slices.Reverse(s.Files)
	case *ScalableTarget:
		slices.Reverse(s.Tags)
	case *ScalingPolicy:
		slices.Reverse(s.StepScaling.StepAdjustments)
	case *Alarm:
		slices.Reverse(s.Dimensions)
		slices.Reverse(s.AlarmActions)
	case *Service:
		slices.Reverse(s.NetworkConfiguration.Subnets)
		slices.Reverse(s.CapacityProviderStrategy)
	case *TaskDefinition:
		slices.Reverse(s.ContainerDefinitions)
		slices.Reverse(s.Volumes)
	}
}

func TestWhatAWSFillsInIsNoDifference(t *testing.T) {
	filled := map[string]any{
		ServiceKind: &Service{ServiceName: "s", PlatformVersion: "LATEST", SchedulingStrategy: "REPLICA", PropagateTags: "NONE",
			AvailabilityZoneRebalancing: "DISABLED", DeploymentConfiguration: DeploymentConfiguration{Strategy: "ROLLING"},
			NetworkConfiguration:     NetworkConfiguration{Subnets: []plan.Value{plan.Literal("a"), plan.Literal("b")}, AssignPublicIP: "DISABLED"},
			CapacityProviderStrategy: []CapacityProvider{{CapacityProvider: "FARGATE"}, {CapacityProvider: "FARGATE_SPOT", Weight: 1}}},
		TaskDefinitionKind: &TaskDefinition{Family: "f", Cpu: "256", Memory: "512", NetworkMode: "awsvpc",
			RuntimePlatform: RuntimePlatform{OperatingSystemFamily: "LINUX", CpuArchitecture: "X86_64"},
			ContainerDefinitions: []Container{{Name: "a", HealthCheck: &HealthCheck{Command: []string{"CMD", "true"}, Interval: 30, Timeout: 5, Retries: 3},
				Environment: []EnvironmentEntry{{"A", plan.Literal("1")}, {"B", plan.Literal("2")}}, PortMappings: []PortMapping{{ContainerPort: 80, Protocol: "tcp"}}}, {Name: "b"}},
			Volumes: []Volume{{Name: "x", EfsVolumeConfiguration: &EfsVolume{TransitEncryption: "DISABLED"}}, {Name: "y"}}},
	}
	for kind, live := range filled {
		want := written()[kind]
		Kinds()[kind].Normalize(want)
		Kinds()[kind].Normalize(live)
		if d := cmp.Diff(want, live); d != "" {
			t.Errorf("%s (-written +filled)\n%s", kind, d)
		}
	}
}

func TestTwoOfOneNameAreRefusedBeforeTheyAreCompared(t *testing.T) {
	twice := &TaskDefinition{ContainerDefinitions: []Container{{Name: "a", Environment: []EnvironmentEntry{{"A", plan.Literal("1")}, {"A", plan.Literal("2")}}}}}
	if _, err := Kinds()[TaskDefinitionKind].Tree(twice); err == nil {
		t.Error("two variables of one name make a tree")
	}
	bothProtocols := &TaskDefinition{ContainerDefinitions: []Container{{Name: "a", PortMappings: []PortMapping{
		{ContainerPort: 53, Protocol: "tcp"}, {ContainerPort: 53, Protocol: "udp"}}}}}
	if _, err := Kinds()[TaskDefinitionKind].Tree(bothProtocols); err != nil {
		t.Errorf("53/tcp and 53/udp are two ports: %v", err)
	}
}

func TestWhereATaskDefinitionHoldsSecrets(t *testing.T) {
	for path, values := range map[string]map[string]bool{
		"environment.DB_PASSWORD.value":         {"x": true, "": false},
		"environment.DATABASE_URL.value":        {"postgres://user:pw@db/x": true, "postgres://db/x": false},
		"logConfiguration.options.splunk-token": {"x": true},
		"logConfiguration.options.splunk-url":   {"https://splunk:8088": false},
		"dockerLabels.basicauth-users":          {"ada:$apr1$abcdefgh$0123456789abcdefghijkl": true},
		"dockerLabels.team":                     {"web": false},
		"command":                               {"--password=hunter2": true, "--verbose": false},
		"healthCheck.command":                   {"curl -u ada:hunter2 http://127.0.0.1/": true, "curl -f http://127.0.0.1/": false},
		"image":                                 {"postgres://user:pw@db/x": false},
	} {
		elements := strings.SplitN(path, ".", 3)
		for value, secret := range values {
			got := sensitiveInTaskDefinition(append([]string{"containerDefinitions", "web"}, elements...), []string{value})
			if got[0] != secret {
				t.Errorf("%s: %q is secret: %v", path, value, got[0])
			}
		}
	}
	script := sensitiveInTaskDefinition([]string{"containerDefinitions", "web", "healthCheck", "command"}, []string{"CMD-SHELL", "curl -u ada:hunter2 http://127.0.0.1/"})
	if diff := cmp.Diff([]bool{false, true}, script); diff != "" {
		t.Errorf("the words of a health check (-want +got):\n%s", diff)
	}
}

func TestTaskDefinitionsEncodeAsTheCLIReadsThem(t *testing.T) {
	var s TaskDefinition
	s.ContainerDefinitions = []Container{{Name: "a", Image: plan.Literal("i"), Essential: true}}
	s.normalize()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"family":"","networkMode":"awsvpc","containerDefinitions":[{"name":"a","image":"i","essential":true}],` +
		`"requiresCompatibilities":null,"cpu":"","memory":"","runtimePlatform":{"operatingSystemFamily":"LINUX","cpuArchitecture":"X86_64"}}`
	if d := cmp.Diff(want, string(data)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestTheQuotaIsHeldAgainstThePeakOfARollout(t *testing.T) {
	family := plan.Address{Kind: TaskDefinitionKind, Name: "web"}
	service := plan.Address{Kind: ServiceKind, Name: "web"}
	want, err := plan.NewStack(Kinds(), plan.Target{}, []*plan.Resource{
		{Address: family, Spec: &TaskDefinition{Family: "web", Cpu: "1024"}},
		{Address: service, Spec: &Service{ServiceName: "web", DesiredCount: 3, TaskDefinition: plan.RefTo(family, "arn", ""),
			DeploymentConfiguration: DeploymentConfiguration{MaximumPercent: 200}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		quota    float64
		restarts int
		warned   bool
	}{
		"three tasks fit":                  {quota: 3, warned: false},
		"three tasks do not fit":           {quota: 2, warned: true},
		"six tasks at the peak fit":        {quota: 6, restarts: 3, warned: false},
		"six tasks at the peak do not fit": {quota: 5, restarts: 3, warned: true},
		"an unknown quota says nothing":    {quota: 0, restarts: 3, warned: false},
	} {
		p := &plan.Plan{Facts: plan.Facts{VCPUQuota: c.quota}, Steps: []plan.Step{{}},
			Resources: []*plan.ResourcePlan{{Address: service, Effects: plan.Effects{Restarts: c.restarts}}}}
		if got := len(Quota(nil, want, p)) > 0; got != c.warned {
			t.Errorf("%s: warned %t", name, got)
		}
	}
}

// TestSpotHasAQuotaOfItsOwn counts the tasks on FARGATE alone.
func TestSpotHasAQuotaOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		strategy []CapacityProvider
		n, want  int
	}{
		"none":               {nil, 4, 4},
		"FARGATE":            {[]CapacityProvider{{"FARGATE", 1, 0}}, 4, 4},
		"Spot":               {[]CapacityProvider{{"FARGATE_SPOT", 1, 0}}, 4, 0},
		"Spot beyond a base": {[]CapacityProvider{{"FARGATE", 0, 1}, {"FARGATE_SPOT", 1, 0}}, 4, 1},
		"less than the base": {[]CapacityProvider{{"FARGATE", 0, 3}, {"FARGATE_SPOT", 1, 0}}, 2, 2},
		"shares":             {[]CapacityProvider{{"FARGATE", 1, 2}, {"FARGATE_SPOT", 3, 0}}, 7, 4},
	} {
		if got := (&Service{CapacityProviderStrategy: c.strategy}).onDemand(c.n); got != c.want {
			t.Errorf("%s: %d of %d tasks, want %d", name, got, c.n, c.want)
		}
	}
}

func TestServiceEffectsSayWhatHappensToTasks(t *testing.T) {
	three := &Service{DesiredCount: 3, DeploymentConfiguration: DeploymentConfiguration{MinimumHealthyPercent: 100}}
	five := &Service{DesiredCount: 5, DeploymentConfiguration: DeploymentConfiguration{MinimumHealthyPercent: 100}}
	stopFirst := &Service{DesiredCount: 1}
	revision := []plan.Change{{Path: []string{"taskDefinition"}}}
	count := []plan.Change{{Path: []string{"desiredCount"}}}
	strategy := []plan.Change{{Path: []string{"capacityProviderStrategy", "FARGATE", "weight"}}}
	for name, c := range map[string]struct {
		live, want any
		changes    []plan.Change
		force      bool
		effects    plan.Effects
	}{
		"made":                       {nil, three, nil, false, plan.Effects{Starts: 3}},
		"deleted":                    {three, nil, nil, false, plan.Effects{Stops: 3}},
		"a new revision restarts":    {three, three, revision, false, plan.Effects{Restarts: 3}},
		"scaling restarts none":      {three, five, count, false, plan.Effects{Starts: 2}},
		"stop first interrupts":      {stopFirst, stopFirst, revision, false, plan.Effects{Restarts: 1, Interrupts: true}},
		"a strategy wants force":     {three, three, strategy, false, plan.Effects{Restarts: 3, Forces: true}},
		"forced on the command line": {three, three, nil, true, plan.Effects{Restarts: 3, Forces: true}},
	} {
		if d := cmp.Diff(c.effects, serviceEffects(c.live, c.want, c.changes, c.force)); d != "" {
			t.Errorf("%s (-want +got)\n%s", name, d)
		}
	}
}

func TestAnApplySeesOnlyItsOwnTags(t *testing.T) {
	cluster := plan.Address{Kind: ClusterKind, Name: "p"}
	stack := func(keys ...string) *plan.Stack {
		s := &Cluster{ClusterName: "p"}
		for _, key := range keys {
			s.Tags = append(s.Tags, Tag{key, "1"})
		}
		out, err := plan.NewStack(Kinds(), plan.Target{}, []*plan.Resource{{Address: cluster, Spec: s}})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	p := &plan.Plan{Resources: []*plan.ResourcePlan{{Address: cluster, Changes: []plan.Change{{Path: []string{"tags", "gone"}, Op: plan.OpDelete}}}}}
	live, err := Owned(stack("foreign", "gone", "kept"), stack("kept"), p)
	if err != nil {
		t.Fatal(err)
	}
	want := []Tag{{"gone", "1"}, {"kept", "1"}}
	if d := cmp.Diff(want, live.Find(cluster).Spec.(*Cluster).Tags); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
