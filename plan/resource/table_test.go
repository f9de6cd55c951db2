package resource

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestTheTableHasEveryKind holds the table against the rules: a kind that is in one
// of the two alone, or that lacks a column, is half registered.
func TestTheTableHasEveryKind(t *testing.T) {
	rows := map[string]row{}
	for _, d := range kinds {
		r := d.info()
		if rows[r.kind].kind != "" {
			t.Errorf("%s is in the table twice", r.kind)
		}
		rows[r.kind] = r
		if r.noun == "" || len(r.reads) == 0 || len(r.writes) == 0 || !slices.IsSorted(r.reads) || !slices.IsSorted(r.writes) {
			t.Errorf("%s: a noun and sorted actions are needed, there are %q, %v and %v", r.kind, r.noun, r.reads, r.writes)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(spec.Kinds())), slices.Sorted(maps.Keys(rows))); diff != "" {
		t.Errorf("the table (-rules +table)\n%s", diff)
	}
	for name := range rows {
		if waits(rows, name, name) {
			t.Errorf("%s is read after itself, or after a kind that is not there", name)
		}
	}
}

// waits says whether kind is read after last, through others or not.
func waits(rows map[string]row, kind, last string) bool {
	return slices.ContainsFunc(rows[kind].after, func(before string) bool {
		return before == last || rows[before].kind == "" || waits(rows, before, last)
	})
}

// prefixes are the IAM names of services whose name in the simulator is another.
var prefixes = map[string]string{"tagging": "tag", "elbv2": "elasticloadbalancing", "efs": "elasticfilesystem", "autoscaling": "application-autoscaling"}

// actions are those that were called since the last reset.
func (w *world) actions(writes bool) []string {
	var out []string
	for _, call := range w.sim.Calls() {
		prefix := call.Service
		if other, ok := prefixes[prefix]; ok {
			prefix = other
		}
		if call.Writes == writes {
			out = append(out, prefix+":"+call.Operation)
		}
	}
	w.sim.ResetCalls()
	slices.Sort(out)
	return slices.Compact(out)
}

// TestTheActionsOfAKindAreThoseThatItCalls holds the columns of the table against
// what the lives call: what is called is in the column of its kind, and what is in a
// column is called, but for what uncalled lists.
func TestTheActionsOfAKindAreThoseThatItCalls(t *testing.T) {
	called := map[string][]string{}
	for _, l := range slices.Concat(lives, unevenLives) {
		name := address(l.address).Kind
		called[name] = append(called[name], writesOf(t, l)...)
	}
	for _, d := range kinds {
		row := d.info()
		for _, action := range called[row.kind] {
			if !slices.Contains(row.writes, action) {
				t.Errorf("%s: it calls %s, which is not in its column", row.kind, action)
			}
		}
		for _, action := range row.writes {
			if slices.Contains(called[row.kind], action) == slices.Contains(uncalled[row.kind], action) {
				t.Errorf("%s: %s is called %t, in uncalled %[3]t", row.kind, action, slices.Contains(called[row.kind], action))
			}
		}
	}
}

// uncalled are the actions that no life calls: they are for what the lives do not
// change, or for attempts that were cut short.
var uncalled = map[string][]string{
	// Waiting for an operation or a deployment and looking at a record only read.
	spec.CertificateKind:      {"route53:ListResourceRecordSets"},
	spec.DiscoveryServiceKind: {"servicediscovery:GetOperation"},
	spec.NamespaceKind:        {"servicediscovery:GetOperation"},

	spec.ServiceKind: {
		"ecs:DescribeTasks", "ecs:ListServiceDeployments", "ecs:ListTasks", "ecs:UpdateTaskProtection",
		"elasticloadbalancing:DescribeTargetHealth", "logs:GetLogEvents",
	},
	// What is simulated needs no login.
	spec.ImageKind: {"ecr:GetAuthorizationToken", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"},

	spec.FileSystemKind:    {"elasticfilesystem:DeleteFileSystemPolicy"},
	spec.LoadBalancerKind:  {"elasticloadbalancing:SetIpAddressType"},
	spec.RoleKind:          {"iam:DeleteRolePermissionsBoundary"},
	spec.SecretKind:        {"secretsmanager:RestoreSecret"},
	spec.SecurityGroupKind: {"ec2:UpdateSecurityGroupRuleDescriptionsEgress"},
}

// writesOf are the actions of a life that write.
func writesOf(t *testing.T, l life) []string {
	w := newWorld(t, simulator.Options{PageSize: 1})
	kind := w.account().Kind(address(l.address).Kind)
	want := w.wanted(l, l.first(w))
	w.sim.ResetCalls()
	attrs, err := kind.Create(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	w.finish(kind, nil, want, attrs)
	called := w.actions(true)
	for _, change := range sortedKeys(l.changes) {
		live, err := kind.Read(t.Context(), &plan.Resource{Address: want.Address, Spec: want.Spec, Attrs: attrs})
		if err != nil {
			t.Fatal(err)
		}
		s := plan.Map(want.Spec, func(v plan.Value) plan.Value { return v })
		l.changes[change](w, s)
		want = w.wanted(l, s)
		w.sim.ResetCalls()
		if attrs, err = kind.Update(t.Context(), live, want, false); err != nil {
			t.Fatalf("%s: %v", change, err)
		}
		w.finish(kind, live, want, attrs)
		called = append(called, w.actions(true)...)
	}
	live, err := kind.Read(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if err := kind.Delete(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	return append(called, w.actions(true)...)
}

// TestReadingNeedsNoMoreThanTheColumns reads each kind as Account.Read does.
func TestReadingNeedsNoMoreThanTheColumns(t *testing.T) {
	for _, l := range slices.Concat(lives, unevenLives) {
		w := newWorld(t, simulator.Options{})
		want := w.wanted(l, l.first(w))
		if _, err := w.account().Kind(want.Address.Kind).Create(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(kinds, func(d definition) bool { return d.info().kind == want.Address.Kind })
		account := w.account()
		w.sim.ResetCalls()
		r := &reading{session: account.session, want: w.stack(), live: map[string][]candidate{}}
		if err := r.readKind(t.Context(), kinds[i]); err != nil {
			t.Fatal(err)
		}
		if _, err := account.Kind(want.Address.Kind).Read(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		for _, action := range w.actions(false) {
			if !slices.Contains(kinds[i].info().reads, action) && action != "tag:GetResources" {
				t.Errorf("%s: it calls %s, which is not in its column", want.Address.Kind, action)
			}
		}
	}
}
