package simulator_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	for want, options := range map[string]simulator.Options{
		`account "12": write 12 digits, like 123456789012`:                                          {Account: "12"},
		`account "12345678901x": write 12 digits, like 123456789012`:                                {Account: "12345678901x"},
		`region "mars": write one like us-east-1`:                                                   {Region: "mars"},
		`region "us-east-1a": write one like us-east-1`:                                             {Region: "us-east-1a"},
		`partition "aws": region cn-north-1 is in aws-cn; write that, or nothing`:                   {Region: "cn-north-1", Partition: "aws"},
		`page size -1: write a number that is not below zero; 0 means AWS's defaults`:               {PageSize: -1},
		`progress -2: write a number that is not below zero; 0 means 2`:                             {Progress: -2},
		`role delay -1: write a number that is not below zero; 0 means none`:                        {RoleDelay: -1},
		`mount delay -1: write a number that is not below zero; 0 means none`:                       {MountDelay: -1},
		`policy delay -1: write a number that is not below zero; 0 means none`:                      {PolicyDelay: -1},
		`tag delay -1: write a number that is not below zero; 0 means none`:                         {TagDelay: -1},
		`vCPU quota -6: write a number above zero, or 0 for AWS's default`:                          {VCPUQuota: -6},
		`vCPU quota NaN: write a number above zero, or 0 for AWS's default`:                         {VCPUQuota: math.NaN()},
		"account \"1\": write 12 digits, like 123456789012\nregion \"x\": write one like us-east-1": {Account: "1", Region: "x"},
	} {
		if _, err := simulator.New(options); err == nil || err.Error() != "simulator options: "+want {
			t.Errorf("(-want +got):\n%s", cmp.Diff(want, problemIn(err)))
		}
	}
	for _, region := range []string{"us-gov-west-1", "cn-northwest-1", "mx-central-1", "eusc-de-east-1", "ap-southeast-7"} {
		if _, err := simulator.New(simulator.Options{Region: region}); err != nil {
			t.Error(region, err)
		}
	}
}

func problemIn(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "simulator options: ")
}

func TestTimeDoesNotGoBack(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	before := w.Now()
	w.Pass(-time.Hour)
	if after := w.Now(); !after.Equal(before) {
		t.Errorf("it was %s and is %s", before, after)
	}
}

func TestAFileThatIsNoStateIsRefused(t *testing.T) {
	good := inFile(t)
	w := newWorld(t, good)
	w.prepare()
	must(0, w.Close())(t)
	state := string(must(os.ReadFile(good.StateFile))(t))
	for name, c := range map[string]struct{ content, want string }{
		"an empty file":              {"", "it is empty; remove it to begin with a new account"},
		"nothing but space":          {"\n \n", "it is empty; remove it"},
		"half of a state":            {state[:len(state)/2], "it ends in the middle of the state; remove it"},
		"a state without its end":    {strings.TrimSuffix(state, "}\n"), "it ends in the middle of the state"},
		"two states":                 {state + state, fmt.Sprintf("something follows the state, which ends at byte %d; remove that", len(state)-1)},
		"a brace too many":           {state + "}", "something follows the state"},
		"something else behind it":   {state + "<<<<<<< HEAD\n", "something follows the state"},
		"JSON of something else":     {`{"name": "shop"}`, "it is no state of this simulator"},
		"JSON that is no object":     {`[]`, "found [ where an object should be"},
		"a table that is not known":  {strings.Replace(state, `"counters"`, `"numbers"`, 1), `unknown table "numbers"`},
		"a row of another structure": {strings.Replace(state, `"ecs.clusters": {`, `"ecs.clusters": {"x": [],`, 1), "ecs.clusters x: "},
	} {
		t.Run(name, func(t *testing.T) {
			options := inFile(t)
			must(0, os.MkdirAll(filepath.Dir(options.StateFile), 0o700))(t)
			must(0, os.WriteFile(options.StateFile, []byte(c.content), 0o600))(t)
			_, err := simulator.New(options)
			if err == nil || !strings.Contains(err.Error(), "open simulator state "+options.StateFile+": ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if content := string(must(os.ReadFile(options.StateFile))(t)); content != c.content {
				t.Error("the file was changed")
			}
		})
	}
	must(0, os.WriteFile(good.StateFile, []byte(state+"\n\n"), 0o600))(t) // of an editor
	newWorld(t, good)
}

func TestWhoLooksSeesWhatAnotherSimulatorDid(t *testing.T) {
	options := inFile(t)
	one, two := newWorld(t, options), newWorld(t, options)
	must(one.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("shop")}))(t)
	if rows := two.Rows()["ecs.clusters"]; len(rows) != 1 {
		t.Errorf("the other one has %d clusters", len(rows))
	}
	one.Pass(time.Hour)
	if mine, other := one.Now(), two.Now(); !mine.Equal(other) {
		t.Errorf("here it is %s, there %s", mine, other)
	}
	must(0, two.Close())(t)
	two.Pass(time.Hour)
	if mine, other := one.Now(), two.Now(); !mine.Equal(other) {
		t.Errorf("after a new snapshot it is %s here, %s there", mine, other)
	}
}

func TestFaultsOfOperationsThatDoNotExistAreRefused(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for _, f := range []simulator.Fault{
		{Service: "nosuch"}, {Operation: "Nonsense"}, {Service: "ecs", Operation: "PutParameter"}, {Service: "ecs", Operation: "ListClusters", Mutating: true},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v is taken", f)
				}
			}()
			w.Fail(f)
		}()
	}
	w.Fail(simulator.Fault{Service: "ecs", Operation: "ListClusters"})
}

func TestRates(t *testing.T) {
	after := time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)
	for expression, want := range map[string]time.Time{
		"rate(5 minutes)":  after.Add(5 * time.Minute),
		"rate(1 day)":      after.Add(24 * time.Hour),
		"rate(36500 days)": after.Add(36500 * 24 * time.Hour),
	} {
		if got := simulator.NextTime(expression, "UTC", after); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
	for _, expression := range []string{"rate(36501 days)", "rate(2147483648 days)", "rate(99999999999999999999 minutes)", "rate(9223372036854775807 hours)"} {
		if simulator.ValidSchedule(expression) {
			t.Error(expression, "is taken")
		}
	}
}
