package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/render"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// applyFlags are the flags of what writes.
type applyFlags struct {
	approve bool
	noWait  bool
	timeout time.Duration
}

func (f *applyFlags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.approve, "auto-approve", false, "don't ask")
	cmd.Flags().BoolVar(&f.noWait, "no-wait", false, "don't wait for the last services to come up")
	cmd.Flags().DurationVar(&f.timeout, "timeout", 0, "give up on a deployment after this `TIME` (default: when ECS has given up, at least 30m)")
}

func applyCommand(s *settings) *cobra.Command {
	var flags planFlags
	var how applyFlags
	cmd := &cobra.Command{
		Use:   "apply [FILE]",
		Short: "Apply a saved plan, or plan, ask and apply",
		Long: `Applies a saved plan, or plans, asks for confirmation and applies.

Images are built with docker buildx, or with the program that
COMPOSE2FARGATE_BUILDER names and that has docker's command line (podman,
nerdctl). Copying an image, or adding files to it, needs neither. Registries are
accessed with the credentials that docker stores, and ECR with those of AWS.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(); err != nil {
				return err
			}
			if len(args) == 1 {
				if name := flags.given(); name != "" {
					return fmt.Errorf("--%s is an option of plan: a saved plan is applied as it is", name)
				}
				return s.applySaved(cmd.Context(), args[0], how)
			}
			session, err := s.begin(cmd.Context())
			if err != nil {
				return err
			}
			defer session.close()
			session.ask(flags)
			return session.planAndApply(cmd.Context(), flags.scope, how)
		},
	}
	flags.register(cmd)
	s.requireBoundary(cmd)
	how.register(cmd)
	return cmd
}

// planAndApply plans, shows, asks and carries out.
func (s *session) planAndApply(ctx context.Context, scope plan.Scope, how applyFlags) error {
	p, st, err := s.plan(ctx, scope)
	if err != nil {
		return err
	}
	if err := s.show(p, "text", false); err != nil {
		return err
	}
	if len(p.Guards) > 0 {
		return ended(codeBlocked)
	}
	if !p.Changed() {
		return nil
	}
	if err := s.ready(ctx, p, st); err != nil {
		return err
	}
	if err := s.approved(ctx, p, how); err != nil {
		return err
	}
	return s.carryOut(ctx, p, st, how)
}

// approved asks whether to apply a plan, and for the name of the project where all its
// data goes, whatever the flags say.
func (s *session) approved(ctx context.Context, p *plan.Plan, how applyFlags) error {
	yes, err := true, error(nil)
	switch {
	case slices.Contains(p.Scope.DeleteData, plan.AllData):
		yes, err = s.terminal.confirmName(ctx, p.Target.Project)
	case !how.approve:
		yes, err = s.terminal.confirm(ctx, "Apply this plan?")
	}
	if err == nil && !yes {
		err = errors.New("not applied, nothing was written")
	}
	return err
}

// applySaved carries out just what a saved plan says: it plans again, in the
// scope of the saved plan, and refuses where anything came out differently.
func (s *settings) applySaved(ctx context.Context, file string, how applyFlags) error {
	saved, err := readPlan(file)
	if err != nil {
		return err
	}
	if len(saved.Guards) > 0 {
		return &exitError{Code: codeBlocked, Err: fmt.Errorf("the plan is blocked: %s", saved.Guards[0].Message)}
	}
	if s.load.ProjectName == "" {
		s.load.ProjectName = saved.Target.Project
	}
	s.allow(saved.Allowed)
	begin := s.begin
	if saved.Scope.Destroy {
		begin = s.beginByName
	}
	session, err := begin(ctx)
	if err != nil {
		return err
	}
	defer session.close()
	if err := session.sameTarget(ctx, saved); err != nil {
		return err
	}
	session.images.saved = &saved.Facts
	now, st, err := session.plan(ctx, saved.Scope)
	if err != nil {
		return err
	}
	if err := stale(saved, now, plan.FilesBehind(saved, now, st.want, session.fileOf)); err != nil {
		return err
	}
	if err := session.ready(ctx, now, st); err != nil {
		return err
	}
	// Says what is applied, as the log of any apply does: by that it is known (content).
	out := s.terminal.out
	if err := render.Heading(painted(out), spec.Kinds(), now, s.terminal.style(out, false)); err != nil {
		return err
	}
	return session.carryOut(ctx, now, st, how)
}

// sameTarget holds a saved plan against where we are.
func (s *session) sameTarget(ctx context.Context, saved *plan.Plan) error {
	if saved.Simulated != s.simulate {
		return &exitError{Code: codeStale, Err: fmt.Errorf("the plan was made for %s, this is %s", world(saved.Simulated), world(s.simulate))}
	}
	facts, err := s.account.Where(ctx)
	if err != nil {
		return err
	}
	if err := s.refuse(facts.Account); err != nil {
		return err
	}
	here := targetOf(facts, s.name)
	if saved.Target != here {
		return &exitError{Code: codeStale, Err: fmt.Errorf("the plan is for %s, this is %s", target(saved.Target), target(here))}
	}
	return nil
}

func targetOf(facts plan.Facts, project string) plan.Target {
	return plan.Target{Partition: facts.Partition, Account: facts.Account, Region: facts.Region, Project: project}
}

func world(simulated bool) string {
	if simulated {
		return "the simulated AWS"
	}
	return "a real account"
}

func target(t plan.Target) string {
	return fmt.Sprintf("project %s in account %s, region %s (%s)", t.Project, t.Account, t.Region, t.Partition)
}

// stale says what would not happen as it was reviewed. files are those of this machine
// that changed.
func stale(saved, now *plan.Plan, files []string) error {
	moved, wanted, err := plan.Moved(saved, now)
	if err != nil {
		return fmt.Errorf("compare the saved plan with the account: %w", err)
	}
	if len(moved) == 0 && !wanted {
		return nil
	}
	names := make([]string, len(moved))
	for i, address := range moved {
		names[i] = address.String()
	}
	why := "the account changed since the plan was made"
	if wanted {
		why = "the compose files, or what they use, changed since the plan was made"
	}
	if len(names) > 0 {
		why += ": " + strings.Join(names, ", ")
	}
	if len(files) > 0 {
		why += "; " + render.ChangedFiles(files)
	}
	return &exitError{Code: codeStale, Err: errors.New(why + "; nothing was written, plan again")}
}

// carryOut carries out a plan and says where its stack answers.
func (s *session) carryOut(ctx context.Context, p *plan.Plan, st stacks, how applyFlags) error {
	if err := s.execute(ctx, p, st, how); err != nil {
		return err
	}
	fmt.Fprintf(s.terminal.err, "\n%s: applied.\n", p.Target.Project)
	s.showAddresses(ctx, st)
	return nil
}

// execute hands a plan to the executor and draws its progress.
func (s *session) execute(ctx context.Context, p *plan.Plan, st stacks, how applyFlags) error {
	live, err := spec.Owned(st.live, st.want, p)
	if err != nil {
		return err
	}
	progress := newProgress(s.terminal)
	defer progress.close()
	if s.maker != nil {
		s.maker.say = progress.say
	}
	options := apply.Options{NoWait: how.noWait, Timeout: how.timeout, Events: progress}
	if s.simulate {
		options.Poll, options.Sleep = simulatedPoll, s.simulatedSleep
	}
	err = apply.Run(ctx, apply.Input{
		Plan: p, Live: live, Want: st.want, Kinds: spec.Kinds(),
		Account: func(kind string) apply.Kind { return adapter(s.account.Kind(kind)) },
	}, options)
	progress.close()
	s.warnOfScript()
	return err
}

// warnOfScript tells which lines of --simulate-script did nothing. What it can't find
// out fails no apply.
func (s *session) warnOfScript() {
	if s.simulator == nil {
		return
	}
	unused, err := s.simulator.Unused()
	if err != nil {
		fmt.Fprintln(s.terminal.err, "which lines of the script did nothing is not known:", err)
	}
	for _, line := range unused {
		fmt.Fprintf(s.terminal.err, "%s: warning: %s\n", s.script, line)
	}
}

// adapter adds the methods to a kind that apply looks for.
func adapter(kind *resource.Kind) apply.Kind {
	if kind == nil {
		return nil
	}
	if services := kind.Services(); services != nil {
		return services
	}
	if extender := kind.Extender(); extender != nil {
		return extender
	}
	return kind
}

// showAddresses prints where the stack answers now. It looks again: the names of
// load balancers were not known before. What it can't find out fails no apply.
func (s *session) showAddresses(ctx context.Context, st stacks) {
	if !answers(st.want) {
		return
	}
	live, err := s.look().Read(ctx, spec.Kinds(), st.want)
	if err != nil {
		fmt.Fprintln(s.terminal.err, "its addresses cannot be read, see status:", err)
		return
	}
	endpoints := spec.Addresses(live, st.facts)
	if len(endpoints) == 0 {
		return
	}
	fmt.Fprintln(s.terminal.out)
	if err := addressTable(s.terminal.out, endpoints); err != nil {
		fmt.Fprintln(s.terminal.err, "print the addresses:", err)
	}
}

// answers says whether anything of a stack can be called from outside.
func answers(want *plan.Stack) bool {
	return slices.ContainsFunc(want.Resources, func(r *plan.Resource) bool {
		return r.Address.Kind == spec.ListenerKind || r.Address.Kind == spec.ListenerRuleKind
	})
}
