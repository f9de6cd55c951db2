package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/internal/fault"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/translate"
)

// run executes one command line and returns the exit code of the process.
func run(ctx context.Context, t terminal, args []string) int {
	t.out, t.err = newSink(t.out), newSink(t.err)
	root := newRoot(t)
	root.SetArgs(args)
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	err := execute(ctx, root)
	report(ctx, t, err)
	return exitCode(ctx, err)
}

// report says how a command ended, where it did not say so itself.
func report(ctx context.Context, t terminal, err error) {
	var mistake *fault.Error
	switch {
	case errors.As(err, &mistake):
		fmt.Fprintf(t.err, "error: a fault of compose2fargate %s: %v\n  help: report it with this text at %s, and with the files if others may see them\n",
			version(), err, issues)
	case err == nil || err.Error() == "":
	case errors.Is(err, context.Canceled) && exitCode(ctx, err) == codeStopped && !wrote(err):
		fmt.Fprintln(t.err, "error: interrupted, nothing was written")
	default:
		fmt.Fprintln(t.err, "error:", err)
	}
	if resource.IsCredentials(err) {
		fmt.Fprintln(t.err, "  help: set up AWS credentials and a region as for the AWS CLI, or try --simulate, which needs no account")
	}
}

// issues is where mistakes of this program are reported.
const issues = "https://github.com/compose2fargate/compose2fargate/issues"

// execute carries out a command. A panic in it is an error.
func execute(ctx context.Context, root *cobra.Command) (err error) {
	defer fault.Catch(&err)
	return root.ExecuteContext(ctx)
}

// wrote says whether an apply changed something before it ended.
func wrote(err error) bool {
	var partial *apply.PartialError
	return errors.As(err, &partial)
}

func newRoot(t terminal) *cobra.Command {
	s := &settings{terminal: t}
	root := &cobra.Command{
		Use:   "compose2fargate",
		Short: "Plan and apply a compose file on AWS Fargate",
		Long: `compose2fargate reads the compose file that you have, shows what would change in
the AWS account and what that does to running tasks, and applies just that.
It keeps no state file: tags say what belongs to a project.`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	s.register(root)
	root.AddCommand(
		translateCommand(s), checkCommand(s), planCommand(s), showCommand(s),
		applyCommand(s), destroyCommand(s), statusCommand(s), logsCommand(s), runCommand(s), permissionsCommand(s),
	)
	return root
}

// settings are the flags that every command has.
type settings struct {
	terminal  terminal
	load      translate.Options
	simulate  bool
	stateFile string
	script    string        // file with how containers of the embedded AWS fare
	pass      time.Duration // goes by in the embedded AWS before the command
	expect    string
	boundary  string // ARN of the permissions boundary that all roles must have; "": any or none

	// pullCredentials are the secrets that are for registries without a tag, as HOST=ARN.
	pullCredentials []string
}

func (s *settings) register(root *cobra.Command) {
	f := root.PersistentFlags()
	f.SortFlags = false
	f.StringArrayVarP(&s.load.Files, "file", "f", nil, "compose `FILE`; may be given several times")
	f.StringVarP(&s.load.ProjectName, "project-name", "p", "", "`NAME` of the project")
	f.StringArrayVar(&s.load.Profiles, "profile", nil, "activate a `PROFILE`; may be given several times")
	f.StringArrayVar(&s.load.EnvFiles, "env-file", nil, "read variables from `FILE` instead of .env")
	f.StringVar(&s.load.ProjectDirectory, "project-directory", "", "`DIR` that paths in the compose file are relative to")
	f.StringVar(&s.load.ProjectRoot, "project-root", "", "`DIR` whose files the compose file may name (default: the repository that it is in)")
	f.StringArrayVar(&s.load.AllowPaths, "allow-path", nil, "`PATH` outside of it that the compose file may name as well; may be given several times")
	f.StringArrayVar(&s.load.AllowEnv, "allow-env", nil, "`NAME` of a credential in the environment, such as AWS_SECRET_ACCESS_KEY, that the compose file may use all the same")
	f.StringArrayVar(&s.pullCredentials, "pull-credentials", nil, "`HOST=ARN`: the secret whose credentials apply may send to a registry, for x-fargate.pull_credentials; or tag the secret "+plan.TagRegistry+"=HOST")
	f.BoolVar(&s.load.Untrusted, "untrusted", s.inCI(), "refuse files outside of the repository instead of warning of them (default where CI is set)")
	f.BoolVar(&s.simulate, "simulate", s.terminal.getenv("COMPOSE2FARGATE_SIMULATE") == "1", "use the embedded AWS; nothing real is read or written")
	f.StringVar(&s.stateFile, "simulator-state", "", "`FILE` with the state of the embedded AWS (default .compose2fargate/simulator.json in the project directory)")
	f.StringVar(&s.script, "simulate-script", "", "`FILE` that tells how containers of the embedded AWS fare, to rehearse a failure (docs/rehearsal.md)")
	f.DurationVar(&s.pass, "simulate-time", 0, "let this `DURATION` go by in the embedded AWS before the command, for example 90s or 24h")
	f.StringVar(&s.expect, "expect-account", "", "refuse to work in any account but `ID`")
	s.load.Environment = s.terminal.environment()
	s.load.Stdin = s.terminal.in
}

// inCI says whether this is a run of a CI system, which may be of files that a stranger
// wrote: all of them set CI.
func (s *settings) inCI() bool {
	value := s.terminal.getenv("CI")
	off, err := strconv.ParseBool(value)
	return value != "" && (err != nil || off)
}

// allowed are the flags that let compose files have more of the machine. Without a project
// there are none.
func (s *session) allowed() plan.Allowance {
	if s.project == nil {
		return plan.Allowance{}
	}
	set := func(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }
	root, paths := s.project.Allowed()
	return plan.Allowance{Root: root, Paths: paths, Environment: set(s.load.AllowEnv), PullCredentials: set(s.pullCredentials)}
}

// allow does as the flags did with which a plan was made.
func (s *settings) allow(a plan.Allowance) {
	s.load.SavedRoot = a.Root
	s.load.SavedPaths = a.Paths
	s.load.AllowEnv = append(s.load.AllowEnv, a.Environment...)
	s.pullCredentials = append(s.pullCredentials, a.PullCredentials...)
}

// version is the one of the module, or the commit for a build from a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "devel"
	}
	return info.Main.Version
}
