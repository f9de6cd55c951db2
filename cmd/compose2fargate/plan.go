package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/render"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate"
)

// planFlags are the flags that decide what a plan is about.
type planFlags struct {
	scope   plan.Scope
	pull    bool
	offline bool
	set     *pflag.FlagSet // where register put them
}

func (f *planFlags) register(cmd *cobra.Command) {
	flags := pflag.NewFlagSet(cmd.Name(), pflag.ContinueOnError)
	flags.SortFlags = false
	flags.BoolVar(&f.scope.Prune, "prune", false, "delete resources that are no longer in the compose file, except those that hold data")
	flags.StringArrayVar(&f.scope.DeleteData, "delete-data", nil, "with --prune, delete the data of `NAME` as well")
	flags.StringArrayVar(&f.scope.Only, "only", nil, "limit the plan to `SERVICE` and what it needs")
	flags.StringArrayVar(&f.scope.Rerun, "rerun", nil, "let `SERVICE`, which ends by itself, run again")
	flags.StringArrayVar(&f.scope.Force, "force-new-deployment", nil, "restart the tasks of `SERVICE` even if nothing changes")
	flags.StringArrayVar(&f.scope.Adopt, "adopt", nil, "take over the existing untagged resource at `ADDRESS[=ARN]`")
	flags.BoolVar(&f.pull, "pull", false, "use the images that tags name now, even if others are running")
	flags.BoolVar(&f.offline, "offline", false, "do not ask registries; running images stay, and other tags are not pinned")
	flags.StringArrayVar(&f.scope.Refresh, "refresh", nil, "restart `SERVICE` if it does not see all names of other services, even if that interrupts it")
	f.set = flags
	cmd.Flags().SortFlags = false
	cmd.Flags().AddFlagSet(flags)
}

// given is the first of the flags that the command line has, "" for none.
func (f *planFlags) given() string {
	name := ""
	f.set.VisitAll(func(flag *pflag.Flag) { // Visit knows what this set parsed, and the command's did
		if flag.Changed {
			name = cmp.Or(name, flag.Name)
		}
	})
	return name
}

// check refuses flags that do not go together and brings the others in order.
func (f *planFlags) check() error {
	if f.pull && f.offline {
		return errors.New("--pull and --offline exclude each other")
	}
	switch data := f.scope.DeleteData; {
	case f.scope.Destroy || len(data) == 0:
	case slices.Contains(data, plan.AllData):
		return errors.New("--delete-data '*' is for destroy: name the data that goes")
	case !f.scope.Prune:
		return errors.New("--delete-data deletes what is no longer in the compose file: it needs --prune")
	}
	for _, list := range []*[]string{&f.scope.Only, &f.scope.Force, &f.scope.Rerun, &f.scope.Refresh, &f.scope.Adopt, &f.scope.DeleteData} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	for _, asked := range f.scope.Adopt {
		address, _, _ := strings.Cut(asked, "=")
		if _, err := plan.ParseAddress(address); err != nil {
			return fmt.Errorf("--adopt: %w", err)
		}
	}
	return nil
}

// stacks are the two sides of a plan.
type stacks struct {
	live, want *plan.Stack
	facts      plan.Facts
	problems   diag.List
}

func planCommand(s *settings) *cobra.Command {
	var flags planFlags
	var out, format string
	var detailed, full bool
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what would change in AWS, and what that does to running tasks",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(flags.check(), checkFormat(format, "text", "json", "markdown")); err != nil {
				return err
			}
			to, err := destinationOf(out)
			if err != nil {
				return err
			}
			session, err := s.begin(cmd.Context())
			if err != nil {
				return err
			}
			defer session.close()
			session.ask(flags)
			p, _, err := session.plan(cmd.Context(), flags.scope)
			if err != nil {
				return err
			}
			if err := session.show(p, format, full); err != nil {
				return err
			}
			if err := to.save(cmd.Context(), p); err != nil {
				return err
			}
			return planCode(p, detailed)
		},
	}
	flags.register(cmd)
	s.requireBoundary(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "", "save the plan to `FILE` for apply")
	cmd.Flags().StringVar(&format, "format", "text", "text, json, or markdown for a pull request")
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit 2 if there are changes")
	cmd.Flags().BoolVar(&full, "full", false, "show every field of what is created")
	return cmd
}

func checkFormat(format string, known ...string) error {
	if slices.Contains(known, format) {
		return nil
	}
	return fmt.Errorf("--format %s is unknown: use %s", format, strings.Join(known, ", "))
}

// beginByName is begin for commands that need no compose files: if there are
// none, the name of the project is enough.
func (s *settings) beginByName(ctx context.Context) (*session, error) {
	if s.load.ProjectName != "" && len(s.load.Files) == 0 {
		return s.open(ctx, s.load.ProjectName, cmp.Or(s.load.ProjectDirectory, "."))
	}
	return s.begin(ctx)
}

// begin loads the project and connects to its account.
func (s *settings) begin(ctx context.Context) (*session, error) {
	if err := s.checkPullCredentials(); err != nil {
		return nil, err
	}
	project, problems, err := s.loadProject(ctx)
	if err != nil {
		return nil, err
	}
	session, err := s.open(ctx, project.Name, project.Directory)
	if err != nil {
		return nil, err
	}
	session.project, session.loadProblems = project, problems
	session.account.WithCluster(project.Lookups().Cluster).WithPullCredentials(s.pullCredentials)
	if !s.simulate {
		session.images.registries = registries(session.account, false)
		session.maker = newMaker(s, session.images.registries, project.Compose.Environment)
		session.account.WithMaker(session.maker)
	}
	return session, nil
}

// plan is the whole way from a loaded project to a plan: read the facts,
// translate, read what is live, compare.
func (s *session) plan(ctx context.Context, scope plan.Scope) (*plan.Plan, stacks, error) {
	kinds := spec.Kinds()
	var st stacks
	var err error
	if st.facts, st.problems, err = s.facts(ctx, scope); err != nil {
		return nil, st, err
	}
	if st.want, st.problems, err = s.want(ctx, kinds, st.facts, scope, st.problems); err != nil {
		return nil, st, err
	}
	if st.live, err = s.account.Read(ctx, kinds, st.want); err != nil {
		return nil, st, err
	}
	options := plan.Options{
		Tool:      "compose2fargate " + version(),
		Simulated: s.simulate,
		Facts:     st.facts,
		Scope:     scope,
		Allowed:   s.allowed(),
		Locate:    s.locate,
		FileOf:    s.fileOf,
		Locks:     translate.Locks,
		Advise:    s.advise,
	}
	var later diag.List
	if st.want, later, err = plan.Settle(kinds, st.live, st.want, options); err != nil {
		return nil, st, err
	}
	files := st.want
	st.want = files.Over(kinds, st.live, scope)
	options.Diagnostics = slices.Concat(st.problems, later, spec.Counts(st.live, files, st.want))
	p, err := plan.Diff(kinds, st.live, st.want, options)
	return p, st, err
}

// advise collects the messages about a plan as a whole.
func (s *session) advise(live, want *plan.Stack, p *plan.Plan) diag.List {
	return slices.Concat(spec.Quota(live, want, p), spec.Pushes(live, want, p), spec.Deletions(live, want, p), s.noteCopies(live, want, p))
}

// facts reads the facts that the scope needs: destroy does not need a network.
func (s *session) facts(ctx context.Context, scope plan.Scope) (facts plan.Facts, problems diag.List, err error) {
	if scope.Destroy {
		facts, err = s.account.Where(ctx)
	} else {
		facts, err = s.account.Facts(ctx, s.lookups())
	}
	if err != nil {
		return plan.Facts{}, nil, s.placed(err)
	}
	if err := s.refuse(facts.Account); err != nil || scope.Destroy {
		return facts, nil, err
	}
	var more diag.List
	problems = contexts(ctx, s.project, &facts)
	facts.Images, more, err = s.lookup(ctx)
	return facts, append(problems, more...), err
}

// placed prints what is wrong with names in the compose files at their places.
// Other errors stay as they are.
func (s *session) placed(err error) error {
	misnamed := resource.Misnamings(err)
	if len(misnamed) == 0 || s.project == nil {
		return err
	}
	var problems diag.List
	for _, m := range misnamed {
		problems.Errorf(s.project.AtKey(m.Key), m.Key, "", "%s", m.Problem)
	}
	problems.Sorted().Print(s.terminal.err)
	return ended(codeError)
}

// want is the stack of the compose files, or an empty one for destroy. Messages
// about the facts are reported with the others.
func (s *session) want(ctx context.Context, kinds plan.Kinds, facts plan.Facts, scope plan.Scope, said diag.List) (*plan.Stack, diag.List, error) {
	if scope.Destroy {
		want, err := plan.NewStack(kinds, targetOf(facts, s.name), nil)
		return want, nil, err
	}
	found, err := untilInterrupted(ctx, func() translated { return s.stackOf(facts) })
	if err != nil {
		return nil, nil, err
	}
	want, problems := found.stack, append(said, found.problems...)
	if want != nil {
		problems = append(problems, s.unbounded(s.project, want)...)
	}
	problems = slices.Concat(s.loadProblems, problems, misnamed(s.project, problems)).Sorted()
	if problems.HasErrors() {
		problems.Print(s.terminal.err)
		return nil, nil, ended(codeError)
	}
	s.terminal.keepSecret(slices.Concat(keptSecret(want, s.project.Compose.Environment), s.project.HiddenValues()))
	return want, problems, nil
}

// stackOf is the stack of the compose files, with what is run by hand.
func (s *session) stackOf(facts plan.Facts) translated {
	if s.once == nil {
		return stackOf(s.project, facts)
	}
	stack, problems := s.project.StackWith(facts, *s.once)
	return translated{stack, problems}
}

func (s *session) locate(r *plan.Resource, path diag.Path) diag.Pos {
	if s.project == nil {
		return diag.Pos{}
	}
	return s.project.Locate(r, path)
}

func (s *session) fileOf(r *plan.Resource, path diag.Path) string {
	if s.project == nil {
		return ""
	}
	return s.project.FileOf(r, path)
}

// show prints a plan. In text form, the messages about the compose files come
// first, on stderr.
func (s *settings) show(p *plan.Plan, format string, full bool) error {
	switch format {
	case "json":
		return p.Encode(s.terminal.out)
	case "markdown":
		return render.Markdown(s.terminal.out, spec.Kinds(), p, render.MarkdownOptions{})
	default:
		p.Diagnostics.Print(s.terminal.err)
		return render.Text(painted(s.terminal.out), spec.Kinds(), p, s.terminal.style(s.terminal.out, full))
	}
}

func planCode(p *plan.Plan, detailed bool) error {
	switch {
	case len(p.Guards) > 0:
		return ended(codeBlocked)
	case detailed && p.Changed():
		return ended(codeChanges)
	default:
		return nil
	}
}
