package resource

import (
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	watchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	cloudmap "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// fill sets every field of a spec to something, so that a field which a
// conversion forgets is missed.
func fill(v reflect.Value, seed *int) {
	*seed++
	if v.Type() == reflect.TypeFor[plan.Value]() {
		v.Set(reflect.ValueOf(plan.Literal(fmt.Sprint("value-", *seed))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint(*seed))
	case reflect.Int:
		v.SetInt(int64(*seed))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), seed)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), seed)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), seed)
		fill(v.Index(1), seed)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value, seed)
		v.SetMapIndex(reflect.ValueOf(fmt.Sprint("key-", *seed)), value)
	default:
		panic("no value for " + v.Type().String())
	}
}

// filled is a spec in normal form with every field set.
func filled[T any](kind string) *T {
	s, seed := new(T), 1000
	fill(reflect.ValueOf(s).Elem(), &seed)
	reflect.ValueOf(s).Elem().FieldByName("Tags").SetZero() // tags have their own way
	return normal(kind, s).(*T)
}

// echo copies the fields of an input to those of the same name in what AWS
// describes.
func echo(input, described any) {
	from, to := reflect.ValueOf(input).Elem(), reflect.ValueOf(described).Elem()
	for i := range to.NumField() {
		name := to.Type().Field(i).Name
		field := from.FieldByName(name)
		switch {
		case !field.IsValid() || !to.Type().Field(i).IsExported():
		case field.Type() == to.Field(i).Type():
			to.Field(i).Set(field)
		case field.Kind() == reflect.Pointer && !field.IsNil():
			to.Field(i).Set(field.Elem())
		}
	}
}

func TestEveryFieldOfATaskDefinitionIsSentAndRead(t *testing.T) {
	want := filled[spec.TaskDefinition](spec.TaskDefinitionKind)
	var described ecstypes.TaskDefinition
	echo(registerInput(want), &described)
	if diff := cmp.Diff(want, normal(spec.TaskDefinitionKind, taskDefinitionSpec(described))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := unmanaged(described); got != nil {
		t.Errorf("unmanaged: %v", got)
	}
}

func TestEveryFieldOfAServiceIsSentAndRead(t *testing.T) {
	want := filled[spec.Service](spec.ServiceKind)
	want.LaunchType = "" // is read only
	for name, input := range map[string]any{
		"create": createServiceInput(want),
		"update": updateServiceInput(nil, want, false),
		"change": updateServiceInput(&spec.Service{}, want, false),
	} {
		described := ecstypes.Service{
			ClusterArn: &want.Cluster.Text, ServiceName: &want.ServiceName,
			SchedulingStrategy: ecstypes.SchedulingStrategy(want.SchedulingStrategy),
		}
		echo(input, &described)
		primary := ecstypes.Deployment{}
		echo(input, &primary)
		primary.Status = pointer("PRIMARY")
		described.Deployments = []ecstypes.Deployment{primary}
		if diff := cmp.Diff(want, normal(spec.ServiceKind, serviceSpec(described))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
		if got := unmanagedOfService(described); got != nil {
			t.Errorf("%s: unmanaged: %v", name, got)
		}
	}
	if input := updateServiceInput(want, want, false); input != nil {
		t.Errorf("nothing differs, and it sends %+v", input)
	}
}

func TestEverySecurityGroupRuleIsSentAndRead(t *testing.T) {
	id := "sg-1"
	rules := []spec.SecurityGroupRule{
		{Protocol: "tcp", FromPort: 1, ToPort: 2, CidrIpv4: "10.0.0.0/8", Description: "four"},
		{Protocol: "udp", FromPort: 1, ToPort: 2, CidrIpv6: "::/0", Description: "six"},
		{Protocol: "tcp", FromPort: 1, ToPort: 2, PrefixListID: "pl-1", Description: "list"},
		{Protocol: "-1", GroupID: plan.Literal("sg-2"), Description: "other"},
		{Protocol: "-1", Self: true, Description: "own"},
		{Protocol: "icmp", FromPort: -1, ToPort: -1, Self: true},
	}
	group := ec2types.SecurityGroup{GroupId: &id}
	for _, rule := range rules {
		group.IpPermissions = append(group.IpPermissions, permission(id, rule))
	}
	if diff := cmp.Diff(rules, rulesOf(group, group.IpPermissions)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPoliciesAreReadAsAnybodyMayWriteThem(t *testing.T) {
	got, err := parsePolicy(strings.ReplaceAll(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*",`+
		`"Action":"s3:Get*","Resource":"arn:aws:s3:::a+b%2Fc","Condition":{"Bool":{"aws:SecureTransport":true},`+
		`"NumericLessThan":{"n":[1,"2"]}}}}`, "%", "%25"))
	if err != nil {
		t.Fatal(err)
	}
	want := spec.Policy{Version: "2012-10-17", Statement: []spec.Statement{{
		Effect: "Allow", Principal: map[string][]string{"*": {"*"}}, Action: []string{"s3:Get*"},
		Resource: []plan.Value{plan.Literal("arn:aws:s3:::a+b%252Fc")},
		Condition: map[string]map[string][]plan.Value{
			"Bool":            {"aws:SecureTransport": {plan.Literal("true")}},
			"NumericLessThan": {"n": {plan.Literal("1"), plan.Literal("2")}},
		},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	encoded, err := policyJSON(want)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(encoded, `"Principal":"*"`) {
		t.Errorf("IAM takes no map for anybody: %s", encoded)
	}
	again, err := parsePolicy(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("written and read (-want +got)\n%s", diff)
	}
	if _, err := parsePolicy("%zz"); err == nil {
		t.Error("what is no encoding is no error")
	}
	if _, err := parsePolicy("%5B"); err == nil {
		t.Error("what is no JSON is no error")
	}
}

// shaped are the SDK's structs that have a shape: those that unmanaged is called for,
// and those below their managed fields.
func shaped() map[reflect.Type]shape {
	out := map[reflect.Type]shape{}
	for _, live := range []any{
		acmtypes.CertificateDetail{}, cloudmap.NamespaceSummary{}, cloudmap.Service{}, ec2types.SecurityGroup{}, ecrtypes.Repository{},
		ecstypes.Cluster{}, ecstypes.Deployment{}, ecstypes.Service{}, ecstypes.TaskDefinition{}, efstypes.AccessPointDescription{},
		efstypes.FileSystemDescription{}, efstypes.MountTargetDescription{}, elbtypes.Listener{}, elbtypes.LoadBalancer{}, elbtypes.Rule{},
		elbtypes.TargetGroup{}, iamtypes.Role{}, logstypes.LogGroup{}, route53types.ResourceRecordSet{}, scalingtypes.ScalableTarget{}, scalingtypes.ScalingPolicy{},
		scalingtypes.ScheduledAction{}, ssmtypes.ParameterMetadata{}, watchtypes.MetricAlarm{},
	} {
		addShapes(out, reflect.TypeOf(live))
	}
	return out
}

func addShapes(out map[reflect.Type]shape, typ reflect.Type) {
	s, ok := shapeOf(typ)
	if _, known := out[typ]; known || !ok {
		return
	}
	out[typ] = s
	for _, name := range s.Managed {
		if field, ok := typ.FieldByName(name); ok {
			addShapes(out, inner(field.Type))
		}
	}
}

func inner(typ reflect.Type) reflect.Type {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	return typ
}

func TestEveryShapeIsOfAStruct(t *testing.T) {
	names := sortedKeys(shapes())
	for typ := range shaped() {
		name := path.Base(path.Dir(typ.PkgPath())) + "." + typ.Name()
		names = slices.DeleteFunc(names, func(n string) bool { return n == name })
	}
	if len(names) > 0 {
		t.Errorf("no struct that is read has these shapes: %q", names)
	}
}

// TestEveryFieldOfTheSDKIsDecided fails when a newer SDK has a field that nobody
// has looked at.
func TestEveryFieldOfTheSDKIsDecided(t *testing.T) {
	for typ, s := range shaped() {
		lists := slices.Concat(s.Managed, s.Ignored, s.Reported)
		for i := range typ.NumField() {
			field := typ.Field(i)
			n := 0
			for _, name := range lists {
				if name == field.Name {
					n++
				}
			}
			if field.IsExported() && n != 1 {
				t.Errorf("%s.%s stands in %d lists", typ, field.Name, n)
			}
		}
		for _, name := range append(lists, sortedKeys(s.Defaults)...) {
			if _, ok := typ.FieldByName(name); !ok {
				t.Errorf("%s has no field %s", typ, name)
			}
		}
	}
}

// TestDefaultsAreValuesOfTheirFields fails for one that no live value can be equal to.
func TestDefaultsAreValuesOfTheirFields(t *testing.T) {
	for typ, s := range shaped() {
		for name, value := range s.Defaults {
			field, _ := typ.FieldByName(name)
			data, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			live := reflect.New(field.Type)
			if err := json.Unmarshal(data, live.Interface()); err != nil || !same(live.Interface(), value) {
				t.Errorf("%s.%s cannot be %s: %v", typ, name, data, err)
			}
		}
	}
}

// TestStructsWithoutAShapeAreManagedWhole lists those that are.
func TestStructsWithoutAShapeAreManagedWhole(t *testing.T) {
	whole := map[string]bool{}
	for typ, s := range shaped() {
		for _, name := range s.Managed {
			field, _ := typ.FieldByName(name)
			inner := inner(field.Type)
			if _, ok := shapeOf(inner); inner.Kind() == reflect.Struct && !ok {
				whole[inner.String()] = true
			}
		}
	}
	want := []string{
		"types.AttachedPermissionsBoundary", "types.ClusterSetting", "types.Dimension", "types.RootDirectory", "types.ScalableTargetAction",
		"types.TimeoutConfiguration",
	}
	if diff := cmp.Diff(want, sortedKeys(whole)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWhatIsNotManagedIsNamed(t *testing.T) {
	yes, no, zero, name, fifty := true, false, int32(0), "web", "x"
	for _, c := range []struct {
		live any
		want []string
	}{
		{ecstypes.TaskDefinition{
			EnableFaultInjection: &no,
			IpcMode:              ecstypes.IpcModeTask,
			PlacementConstraints: []ecstypes.TaskDefinitionPlacementConstraint{},
			Volumes: []ecstypes.Volume{{
				Name: &name, Host: &ecstypes.HostVolumeProperties{},
				EfsVolumeConfiguration: &ecstypes.EFSVolumeConfiguration{FileSystemId: &fifty, TransitEncryptionPort: pointer(int32(2999))},
			}},
			ContainerDefinitions: []ecstypes.ContainerDefinition{{
				Name: &name, Privileged: &yes, Secrets: []ecstypes.Secret{{}}, Links: []string{}, DisableNetworking: &no,
				LinuxParameters:  &ecstypes.LinuxParameters{MaxSwap: &zero, Devices: []ecstypes.Device{{}}},
				LogConfiguration: &ecstypes.LogConfiguration{SecretOptions: []ecstypes.Secret{{}}},
			}},
		}, []string{
			"containerDefinitions.web.linuxParameters.devices", "containerDefinitions.web.logConfiguration.secretOptions",
			"containerDefinitions.web.privileged", "ipcMode", "volumes.web.efsVolumeConfiguration.transitEncryptionPort",
		}},
		{ecstypes.Service{
			DeploymentController: &ecstypes.DeploymentController{Type: ecstypes.DeploymentControllerTypeCodeDeploy},
			LoadBalancers: []ecstypes.LoadBalancer{{
				ContainerName: &name, LoadBalancerName: &fifty, AdvancedConfiguration: &ecstypes.AdvancedConfiguration{RoleArn: &fifty},
			}},
			DeploymentConfiguration: &ecstypes.DeploymentConfiguration{
				Alarms:              &ecstypes.DeploymentAlarms{AlarmNames: []string{"a"}},
				CanaryConfiguration: &ecstypes.CanaryConfiguration{CanaryPercent: pointer(5.0)},
				LifecycleHooks:      []ecstypes.DeploymentLifecycleHook{{HookTargetArn: &fifty}},
				LinearConfiguration: &ecstypes.LinearConfiguration{StepPercent: pointer(5.0)},
				DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{
					ResetOnHealthyTask:     &no,
					ThresholdConfiguration: &ecstypes.ThresholdConfiguration{Type: ecstypes.ThresholdTypeCount, Value: 3},
				},
			},
		}, []string{
			"deploymentConfiguration.canaryConfiguration", "deploymentConfiguration.lifecycleHooks",
			"deploymentConfiguration.linearConfiguration",
			"deploymentController", "loadBalancers.web.advancedConfiguration", "loadBalancers.web.loadBalancerName",
		}},
		{ecstypes.Service{
			DeploymentController: &ecstypes.DeploymentController{Type: ecstypes.DeploymentControllerTypeEcs},
			DeploymentConfiguration: &ecstypes.DeploymentConfiguration{
				DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{
					ResetOnHealthyTask:     &yes,
					ThresholdConfiguration: &ecstypes.ThresholdConfiguration{Type: ecstypes.ThresholdTypeBoundedPercent, Value: 50},
				},
			},
		}, nil},
	} {
		if diff := cmp.Diff(c.want, unmanaged(c.live)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	primary := "PRIMARY"
	attached := ecstypes.Service{Deployments: []ecstypes.Deployment{{
		Status: &primary, VolumeConfigurations: []ecstypes.ServiceVolumeConfiguration{{}},
	}}}
	if got := unmanagedOfService(attached); !slices.Equal(got, []string{"volumeConfigurations"}) {
		t.Errorf("of the deployment: %v", got)
	}
}
