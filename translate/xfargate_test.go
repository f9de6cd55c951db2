package translate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

func loadedX(t *testing.T, dir string) *Project {
	t.Helper()
	p, ds := Load(t.Context(), Options{Dir: dir})
	if p == nil {
		t.Fatal(ds.Err())
	}
	return p
}

func TestXFargateIsDecoded(t *testing.T) {
	x := loadedX(t, "testdata/load/x-fargate").X
	yes := true
	defaults := xfargate.Service{CPU: 256, Memory: 1024, Platform: "ARM64"}
	want := xfargate.Settings{
		VPC:                 "vpc-0a1b2c3d4e5f67890",
		Subnets:             []string{"subnet-0a1b2c3d4e5f67890", "subnet-0a1b2c3d4e5f67891"},
		PublicIP:            &yes,
		LogRetention:        14,
		Tags:                map[string]string{"team": "shop", "cost": "42"},
		PermissionsBoundary: "arn:aws:iam::123456789012:policy/boundary",
		Defaults:            defaults,
		Services: map[string]xfargate.Service{
			"log": {SidecarOf: "web"},
			"web": {CPU: 1024, Memory: 2048, Platform: "X86_64", Policies: []xfargate.Policy{
				{ARN: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"},
				{Document: map[string]any{"Version": "2012-10-17", "Statement": []any{
					map[string]any{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}},
			}},
		},
	}
	if diff := cmp.Diff(want, x, cmpopts.IgnoreFields(xfargate.Policy{}, "Path")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	log := defaults
	log.SidecarOf = "web"
	if diff := cmp.Diff(log, x.Service("log"), cmpopts.IgnoreFields(xfargate.Policy{}, "Path")); diff != "" {
		t.Errorf("with defaults, -want +got:\n%s", diff)
	}
}

func TestDockersOwnKeysAreReadWhereTheyMeanTheSame(t *testing.T) {
	x := loadedX(t, "testdata/load/x-aws").X
	if x.VPC != "vpc-0a1b2c3d4e5f67890" || x.LogRetention != 7 {
		t.Errorf("got VPC %q, log retention %d", x.VPC, x.LogRetention)
	}
	want := []xfargate.Policy{
		{ARN: "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
		{Document: map[string]any{"Version": "2012-10-17", "Statement": []any{}}},
	}
	if diff := cmp.Diff(want, x.Service("web").Policies, cmpopts.IgnoreFields(xfargate.Policy{}, "Path")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSkippedServicesLeaveTheProject(t *testing.T) {
	p := loadedX(t, "testdata/load/skip")
	if diff := cmp.Diff([]string{"agent", "api", "db", "web"}, p.Compose.ServiceNames()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, ok := p.Compose.Services["web"].DependsOn["proxy"]; ok {
		t.Error("web still depends on proxy")
	}
}
