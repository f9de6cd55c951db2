package resource

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// life is what is tried with one kind.
type life struct {
	address string
	first   func(w *world) any
	// changes are applied one after the other, each to what the one before left.
	changes map[string]func(w *world, s any)
	// payload is that of a desired resource. nil: a text.
	payload any
	// shared: what somebody else has of the same name is not in the way.
	shared bool
	// untagged: the kind cannot have tags, and is the project's by other means.
	untagged bool
	// hidden: it is not found unless it is wanted.
	hidden bool
	// unseen are changes that are not drift: of settings that are somebody else's
	// unless the spec has them.
	unseen []string
}

func edit[T any](change func(w *world, s *T)) func(*world, any) {
	return func(w *world, s any) { change(w, s.(*T)) }
}

// lives are those of the kinds whose resources have tags and change in place.
var lives = slices.Concat(basicLives, balancingLives, nameLives, secretLives, storageLives, repositoryLives, scalingLives)

var basicLives = []life{
	{
		address: "cluster/shop",
		first: func(*world) any {
			return &spec.Cluster{ClusterName: "shop", CapacityProviders: []string{"FARGATE"}, Tags: []spec.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "1"}}}
		},
		changes: map[string]func(*world, any){
			"container insights": edit(func(_ *world, s *spec.Cluster) { s.ContainerInsights = "enabled" }),
			"capacity providers": edit(func(_ *world, s *spec.Cluster) { s.CapacityProviders = []string{"FARGATE", "FARGATE_SPOT"} }),
			"tags":               edit(func(_ *world, s *spec.Cluster) { s.Tags = []spec.Tag{{Key: "b", Value: "2"}, {Key: "c", Value: ""}} }),
		},
		unseen: []string{"container insights"}, // which are left to the account
	},
	{
		address: "log-group/shop",
		first: func(*world) any {
			return &spec.LogGroup{LogGroupName: "/compose2fargate/shop", RetentionInDays: 30, Tags: []spec.Tag{{Key: "a", Value: "1"}}}
		},
		changes: map[string]func(*world, any){
			"retention":    edit(func(_ *world, s *spec.LogGroup) { s.RetentionInDays = 7 }),
			"no retention": edit(func(_ *world, s *spec.LogGroup) { s.RetentionInDays = 0 }),
			"tags":         edit(func(_ *world, s *spec.LogGroup) { s.Tags = nil }),
		},
	},
	{
		address: "role/execution",
		first:   func(w *world) any { return tagged(w.role("shop-execution"), "a") },
		changes: map[string]func(*world, any){
			"description": edit(func(_ *world, s *spec.Role) { s.Description = "pulls" }),
			"trust": edit(func(_ *world, s *spec.Role) {
				for i := range s.AssumeRolePolicyDocument.Statement {
					s.AssumeRolePolicyDocument.Statement[i].Condition = nil
				}
			}),
			"anybody": edit(func(_ *world, s *spec.Role) {
				s.AssumeRolePolicyDocument.Statement = append(s.AssumeRolePolicyDocument.Statement, spec.Statement{
					Sid: "No", Effect: "Deny", Action: []string{"sts:AssumeRole"}, Principal: map[string][]string{"*": {"*"}},
				})
			}),
			"boundary": edit(func(_ *world, s *spec.Role) { s.PermissionsBoundary = "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
			"managed policies": edit(func(_ *world, s *spec.Role) {
				s.ManagedPolicyArns = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
			}),
			"inline policies": edit(func(_ *world, s *spec.Role) {
				s.InlinePolicies[0].PolicyDocument.Statement[0].Action = []string{"logs:*"}
				s.InlinePolicies = append(s.InlinePolicies, spec.InlinePolicy{PolicyName: "more", PolicyDocument: s.AssumeRolePolicyDocument})
				s.InlinePolicies[1].PolicyDocument = spec.Policy{Statement: []spec.Statement{{
					Sid: "Read", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []plan.Value{plan.Literal("*")},
				}}}
			}),
			"no inline policies": edit(func(_ *world, s *spec.Role) { s.InlinePolicies = nil }),
			"tags":               edit(func(_ *world, s *spec.Role) { s.Tags = []spec.Tag{{Key: "team", Value: "x"}} }),
		},
	},
	{
		address: "security-group/net.back",
		first:   func(w *world) any { return tagged(w.securityGroup("shop-back-abcdef"), "a") },
		changes: map[string]func(*world, any){
			"another rule": edit(func(_ *world, s *spec.SecurityGroup) {
				s.Ingress = append(s.Ingress, spec.SecurityGroupRule{Protocol: "udp", FromPort: 53, ToPort: 53, CidrIpv4: "10.1.0.0/16"})
			}),
			"another port":   edit(func(_ *world, s *spec.SecurityGroup) { ruleFrom(s, 80).ToPort = 80 }),
			"description":    edit(func(_ *world, s *spec.SecurityGroup) { ruleFrom(s, 80).Description = "from the office" }),
			"no description": edit(func(_ *world, s *spec.SecurityGroup) { ruleFrom(s, 0).Description = "" }),
			"egress": edit(func(_ *world, s *spec.SecurityGroup) {
				s.Egress = []spec.SecurityGroupRule{{Protocol: "-1", Self: true}}
			}),
			"no way out": edit(func(_ *world, s *spec.SecurityGroup) { s.Egress = nil }),
			"all the way out": edit(func(_ *world, s *spec.SecurityGroup) {
				s.Egress = []spec.SecurityGroupRule{{Protocol: "-1", CidrIpv4: spec.AnyIpv4, Description: "all"}}
			}),
			"tags": edit(func(_ *world, s *spec.SecurityGroup) { s.Tags = []spec.Tag{{Key: "Name", Value: "back"}} }),
		},
	},
}

func ruleFrom(s *spec.SecurityGroup, port int) *spec.SecurityGroupRule {
	for i := range s.Ingress {
		if s.Ingress[i].FromPort == port {
			return &s.Ingress[i]
		}
	}
	panic("no such rule")
}

func TestWhatIsSomebodyElsesIsNeverTakenOver(t *testing.T) {
	for _, l := range lives {
		if l.shared {
			continue
		}
		for name, tags := range map[string]map[string]string{
			"is security-group/x of project other":  {plan.TagProject: "other", plan.TagResource: "security-group/x"},
			"is not tagged as part of this project": {},
		} {
			t.Run(l.address+" "+name, func(t *testing.T) {
				w := newWorld(t, simulator.Options{})
				want := w.one(l.address, l.first(w))
				kind := w.account().Kind(want.Address.Kind)
				if _, err := kind.Create(t.Context(), want); err != nil {
					t.Fatal(err)
				}
				live, err := kind.Read(t.Context(), want)
				if err != nil {
					t.Fatal(err)
				}
				w.retag(live, tags)
				live, err = kind.Read(t.Context(), want)
				if err != nil {
					t.Fatal(err)
				}
				if owner, _ := live.Owner("shop"); owner == plan.Ours {
					t.Fatalf("the tags %v make it ours", live.Tags)
				}
				w.sim.ResetCalls()
				attrs, err := kind.Create(t.Context(), want)
				if err == nil || !strings.Contains(err.Error(), "already exists") || !strings.Contains(err.Error(), name) {
					t.Errorf("it says %v", err)
				}
				if attrs != nil {
					t.Errorf("it claims to have written: %v", w.writes())
				}
			})
		}
	}
}

// retag replaces all tags behind everybody's back.
func (w *world) retag(live *plan.Resource, tags map[string]string) {
	w.Helper()
	arn := live.Attrs["arn"]
	w.sim.Mutate(func(a *simulator.Account) {
		row := a.Tags.Edit(arn)
		row.Tags = tags
	})
}

func TestCreatingGoesOnAfterItWasCutShort(t *testing.T) {
	for _, l := range lives {
		w := newWorld(t, simulator.Options{})
		want := w.one(l.address, l.first(w))
		w.sim.ResetCalls()
		if _, err := w.account().Kind(want.Address.Kind).Create(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		for k := range len(w.writes()) {
			for _, lost := range []bool{false, true} {
				w := newWorld(t, simulator.Options{})
				want := w.one(l.address, l.first(w))
				stop := errors.New("the process ends here")
				w.sim.Fail(simulator.Fault{Mutating: true, At: k + 1, Times: -1, AnswerLost: lost, Err: stop})
				_, err := w.account().Kind(want.Address.Kind).Create(t.Context(), want)
				if !errors.Is(err, stop) {
					t.Fatalf("%s: cut short at %d: %v", l.address, k, err)
				}
				w.sim.ClearFaults()
				kind := w.account().Kind(want.Address.Kind)
				attrs, err := kind.Create(t.Context(), want)
				if err != nil {
					t.Fatalf("%s: after %d: %v", l.address, k, err)
				}
				w.look("create", kind, want, attrs)
			}
		}
	}
}

func TestALostAnswerIsNoMatter(t *testing.T) {
	for _, l := range lives {
		w := newWorld(t, simulator.Options{})
		kind := w.account().Kind(address(l.address).Kind)
		want := w.one(l.address, l.first(w))
		// Every write is carried out, and every second answer is lost.
		for at := range 200 {
			w.sim.Fail(simulator.Fault{Mutating: true, At: 2*at + 1, AnswerLost: true})
		}
		live := w.create(kind, want)
		for _, name := range sortedKeys(l.changes) {
			s := plan.Map(want.Spec, func(v plan.Value) plan.Value { return v })
			l.changes[name](w, s)
			want = w.one(l.address, s)
			live = w.update(kind, name, live, want)
		}
		if err := kind.Delete(t.Context(), live); err != nil {
			t.Errorf("%s: %v", l.address, err)
		}
	}
}
