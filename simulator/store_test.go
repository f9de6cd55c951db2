package simulator_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func inFile(t *testing.T) simulator.Options {
	return simulator.Options{StateFile: filepath.Join(t.TempDir(), "state", "simulator.json")}
}

func TestStateSurvivesAProcessThatDied(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	w.prepare()
	w.create("web")
	before := w.settle("web")

	again := newWorld(t, options) // the first was never closed
	if diff := cmp.Diff(text(before), text(again.describe("web"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := os.Stat(options.StateFile + ".journal"); !os.IsNotExist(err) {
		t.Error("the journal was not folded:", err)
	}
}

func TestTwoSimulatorsShareOneFile(t *testing.T) {
	options := inFile(t)
	one, two := newWorld(t, options), newWorld(t, options)
	one.prepare()
	for i := range 5 {
		one.create(fmt.Sprintf("one-%d", i))
		two.create(fmt.Sprintf("two-%d", i))
		two.settle(fmt.Sprintf("one-%d", i))
		one.settle(fmt.Sprintf("two-%d", i))
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	two.create("three")
	if diff := cmp.Diff(text(two.settle("three")), text(one.describe("three"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATornLineIsOfACallThatWasNeverAnswered(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	w.prepare()
	f, err := os.OpenFile(options.StateFile+".journal", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteString(`{"generation":1,"clock":9,"tables":{"ecs.clu`)
	_ = f.Close()
	w.create("web")
	newWorld(t, options).describe("web")
}

func TestAJournalOlderThanItsSnapshotIsIgnored(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	w.prepare()
	journal, err := os.ReadFile(options.StateFile + ".journal")
	if err != nil {
		t.Fatal(err)
	}
	must(w.ecs.DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: aws.String("shop")}))(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(options.StateFile+".journal", journal, 0o600); err != nil {
		t.Fatal(err)
	}
	out := must(newWorld(t, options).ecs.ListClusters(t.Context(), &ecs.ListClustersInput{}))(t)
	if len(out.ClusterArns) != 0 {
		t.Error(out.ClusterArns)
	}
}

func TestAHumanMayEditTheFile(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	w.prepare()
	w.create("web")
	w.settle("web")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(options.StateFile)
	if err != nil {
		t.Fatal(err)
	}
	edited := bytes.ReplaceAll(data, []byte(`"propagateTags": "NONE"`), []byte(`"propagateTags": "SERVICE"`))
	if err := os.WriteFile(options.StateFile, edited, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, reader := range []*world{w, newWorld(t, options)} {
		if got := reader.describe("web").PropagateTags; got != types.PropagateTagsService {
			t.Error(got)
		}
	}
}

func TestARemovedFileIsAFreshAccount(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	w.prepare()
	if err := os.Remove(options.StateFile); err != nil {
		t.Fatal(err)
	}
	if out := must(w.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{}))(t); len(out.ClusterArns) != 0 {
		t.Error(out.ClusterArns)
	}
}

func TestTheFileIsPrivateAndPlain(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	w.prepare()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(options.StateFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	data, _ := os.ReadFile(options.StateFile)
	if !strings.Contains(string(data), "\n      \"shop\": {\n") {
		t.Errorf("not indented:\n%.300s", data)
	}
}

func TestReadsOfASettledAccountLeaveTheFileAlone(t *testing.T) {
	options := inFile(t)
	w := newWorld(t, options)
	w.prepare()
	w.create("web")
	w.settle("web")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(options.StateFile)
	again := newWorld(t, options)
	again.describe("web")
	if _, err := os.Stat(options.StateFile + ".journal"); !os.IsNotExist(err) {
		t.Error("a read wrote a journal")
	}
	_ = again.Close()
	after, _ := os.ReadFile(options.StateFile)
	if diff := cmp.Diff(string(before), string(after)); diff != "" {
		t.Error(diff)
	}
}

func TestAFileOfAnotherAccountIsRefused(t *testing.T) {
	options := inFile(t)
	options.Account = "111122223333"
	newWorld(t, options)
	options.Account = "444455556666"
	if _, err := simulator.New(options); err == nil || !strings.Contains(err.Error(), "111122223333") {
		t.Error(err)
	}
	options.Account = ""
	w := newWorld(t, options)
	if out := must(w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{}))(t); !strings.Contains(*out.Cluster.ClusterArn, "111122223333") {
		t.Error(*out.Cluster.ClusterArn)
	}
}

// TestApplyingManyServices is 100 services, or 1000 with SIMULATOR_LARGE set. It
// says how long they take, and that everything is on disk in the end.
func TestApplyingManyServices(t *testing.T) {
	n := 100
	if os.Getenv("SIMULATOR_LARGE") != "" {
		n = 1000
	}
	options := inFile(t)
	w := newWorld(t, options)
	w.prepare()
	lap := stopwatch(t)
	for i := range n {
		w.applyOne(fmt.Sprintf("service-%03d", i))
	}
	lap(fmt.Sprintf("%d services, %d calls", n, len(w.Calls())))
	checkOnDisk(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	lap("closing")
	newWorld(t, options)
	lap("opening")
}

func stopwatch(t *testing.T) func(what string) {
	start := time.Now()
	return func(what string) {
		t.Logf("%s: %s", what, time.Since(start))
		start = time.Now()
	}
}

// applyOne makes about what the tool makes for one service.
func (w *world) applyOne(name string) {
	w.t.Helper()
	ctx := w.t.Context()
	group := must(w.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		GroupName: aws.String(name), Description: aws.String(name),
	}))(w.t).GroupId
	must(w.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: group, IpPermissions: []ec2types.IpPermission{tcp(80, "0.0.0.0/0")},
	}))(w.t)
	must(w.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trust)}))(w.t)
	must(w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: aws.String(executionPolicy)}))(w.t)
	w.create(name)
	w.settle(name)
	s := w.update(&ecs.UpdateServiceInput{Service: &name, ForceNewDeployment: true})
	w.settle(name)
	must(w.ecs.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: s.ServiceArn, Tags: ecsTags("spec", "1:abc")}))(w.t)
}

// checkOnDisk fails when memory has something that the file has not: a row that
// was changed without Edit or Put.
func checkOnDisk(t *testing.T, w *world) {
	t.Helper()
	disk, memory, err := w.OnDisk()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(memory, disk); diff != "" {
		t.Errorf("not on disk (-memory +disk):\n%s", diff)
	}
}
