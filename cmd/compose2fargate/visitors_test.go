package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// TestVisitorsFindTasksWhileTargetGroupsAreReplaced: at no call does a listener
// lead to nobody that led to healthy targets before.
func TestVisitorsFindTasksWhileTargetGroupsAreReplaced(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]*strings.Replacer{
		"another container port":  strings.NewReplacer("8080:80", "8080:81", `"80": {kind`, `"81": {kind`, "1883:1883", "1883:1884", `"1883": {kind`, `"1884": {kind`),
		"another target protocol": strings.NewReplacer(`["8080:80"]`, `[{target: 80, published: "8080", app_protocol: https}]`),
	} {
		for _, prune := range []bool{false, true} {
			t.Run(name+", prune "+strconv.FormatBool(prune), func(t *testing.T) {
				e := twoNetworks(t)
				e.mustApply(plan.Scope{})
				changed := edit.Replace(replaceable)
				if changed == replaceable {
					t.Fatal("nothing is changed")
				}
				v := &visitors{embedded: e, served: map[string]bool{}}
				e.watch = v.watch
				for _, text := range []string{changed, replaceable} {
					write(t, e.file, text)
					e.mustApply(plan.Scope{Prune: prune})
					e.settled(name)
				}
				if len(v.served) < 2 {
					t.Errorf("visitors of %v were served", v.served)
				}
				e.fake.Mutate(func(a *simulator.Account) {
					for key, task := range a.Tasks.All() {
						if task.Guarded && *task.LastStatus != "STOPPED" {
							t.Errorf("task %s is held still", key)
						}
					}
				})
			})
		}
	}
}

// visitors come to every listener after each call.
type visitors struct {
	*embedded
	served map[string]bool // listeners that led to healthy targets
}

func (v *visitors) watch(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Visitors", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleInitialize(ctx, in)
		v.fake.Mutate(v.visit)
		return out, metadata, err
	}), middleware.After)
}

func (v *visitors) visit(a *simulator.Account) {
	for arn, listener := range a.Listeners.All() {
		switch healthy := healthy(a, leads(a, arn, listener.DefaultActions)); {
		case healthy:
			v.served[arn] = true
		case v.served[arn]:
			v.tb.Errorf("nobody serves visitors at port %d", *listener.Port)
		}
	}
}

// leads are the target groups that visitors of a listener come to: those of the
// first rule, or of the default.
func leads(a *simulator.Account, listener string, actions []elbtypes.Action) []string {
	first := 1 << 30
	for _, rule := range a.ListenerRules.All() {
		priority, err := strconv.Atoi(*rule.Priority)
		if err == nil && strings.HasPrefix(*rule.RuleArn, strings.Replace(listener, ":listener/", ":listener-rule/", 1)+"/") && priority < first {
			first, actions = priority, rule.Actions
		}
	}
	var out []string
	for _, action := range actions {
		if action.ForwardConfig == nil {
			continue
		}
		for _, group := range action.ForwardConfig.TargetGroups {
			if group.Weight == nil || *group.Weight > 0 {
				out = append(out, aws.ToString(group.TargetGroupArn))
			}
		}
	}
	return out
}

func healthy(a *simulator.Account, groups []string) bool {
	for _, target := range a.Targets.All() {
		if target.Healthy && !target.Draining && slices.Contains(groups, target.Group) {
			return true
		}
	}
	return false
}
