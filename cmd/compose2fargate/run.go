package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/apply"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate"
)

func runCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "run SERVICE [-- COMMAND]",
		Short: "Run a service once, beside its tasks, with another command or its own",
		Long: `Starts one task that has what the tasks of SERVICE have: image, environment, secrets,
volumes, networks, role. It finds the other services by their names; nobody reaches it.
Prints its output, ends with its exit code, and takes it away. An interrupt stops it.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if at := cmd.ArgsLenAtDash(); len(args) == 0 || at == 0 || at < 0 && len(args) > 1 || at > 1 {
				return errors.New("run needs the name of a service; a command stands behind --: run web -- rails db:migrate")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := s.begin(cmd.Context())
			if err != nil {
				return err
			}
			defer session.close()
			return session.run(cmd.Context(), args[0], args[1:])
		},
	}
}

// run runs a service once.
func (s *session) run(ctx context.Context, service string, command []string) error {
	if err := s.knows(service); err != nil {
		return err
	}
	if lead := s.project.SharesTaskOf(service); lead != "" {
		return fmt.Errorf("%s is a sidecar in the task of %s: run %s, in whose task it is", service, lead, lead)
	}
	s.once = &translate.Once{Service: service, Command: command, Suffix: "run-" + random()}
	p, st, err := s.plan(ctx, plan.Scope{Only: []string{s.once.Name()}})
	if err != nil {
		return err
	}
	if err := s.runsAlone(p); err != nil {
		return err
	}
	if err := s.ready(ctx, p, st); err != nil {
		return err
	}
	logs := s.follow(ctx, st.want.Find(plan.Address{Kind: spec.ServiceKind, Name: s.once.Name()}).Run)
	err = s.execute(ctx, p, st, applyFlags{})
	logs()
	return errors.Join(s.codeOf(err), s.takeAway(ctx, st))
}

// random is six hexadecimal digits.
func random() string {
	b := make([]byte, 3)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}

// runsAlone refuses a plan that changes more than the run: what the tasks of the service use
// is to be applied first.
func (s *session) runsAlone(p *plan.Plan) error {
	if len(p.Guards) > 0 {
		return &exitError{Code: codeBlocked, Err: errors.New(p.Guards[0].Message)}
	}
	var others []string
	for _, r := range p.Resources {
		if r.Changed() && r.Address.Name != s.once.Name() {
			others = append(others, r.Address.String())
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("what it needs is not in AWS as it is in the files: %s; apply first", strings.Join(plan.FirstOf(others), ", "))
	}
	return nil
}

// lateLogs is how long after the end of a run its last lines may come (awslogs driver: batches
// of up to five seconds).
const lateLogs = 6 * time.Second

// follow prints the output of a run until the function that it returns is called, and what comes
// late after that.
func (s *session) follow(ctx context.Context, run *plan.Run) (done func()) {
	if run.LogGroup == "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	over := make(chan error, 1)
	go func() {
		over <- s.account.Logs(ctx, run.LogGroup, run.LogPrefix+"/"+run.Container+"/", time.Time{}, true, func(e resource.Event) error {
			_, err := fmt.Fprintln(s.terminal.out, e.Message)
			return err
		})
	}()
	late := lateLogs
	if s.simulate {
		late = 50 * simulatedPoll
	}
	return func() {
		time.AfterFunc(late, cancel)
		if err := <-over; err != nil {
			fmt.Fprintln(s.terminal.err, err)
		}
	}
}

// codeOf is the error with which a run ends the command: the exit code of its container.
func (s *session) codeOf(err error) error {
	var failed *apply.DeploymentError
	if errors.As(err, &failed) && failed.Ran && failed.Rollout.ExitCode > 0 {
		return ended(failed.Rollout.ExitCode)
	}
	return err
}

// takeAway deletes what the run was made of, also where it was interrupted.
func (s *session) takeAway(ctx context.Context, st stacks) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Minute)
	defer cancel()
	var errs []error
	for _, kind := range []string{spec.ServiceKind, spec.TaskDefinitionKind} {
		address := plan.Address{Kind: kind, Name: s.once.Name()}
		live, err := s.account.Kind(kind).Read(ctx, st.want.Find(address))
		if err == nil {
			err = s.account.Kind(kind).Delete(ctx, live)
		}
		if err != nil && !errors.Is(err, plan.ErrNotFound) {
			errs = append(errs, fmt.Errorf("%s is left, apply --prune deletes it: %w", address, err))
		}
	}
	return errors.Join(errs...)
}
