package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/internal/partition"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/translate"
)

func translateCommand(s *settings) *cobra.Command {
	var format, output, account string
	cmd := &cobra.Command{
		Use:   "translate",
		Short: "Print the desired stack, or task definitions for the AWS CLI, offline",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, "stack", "task-definition"); err != nil {
				return err
			}
			project, problems, err := s.loadProject(cmd.Context())
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			found, err := untilInterrupted(ctx, func() translated { return s.offlineStack(ctx, project, account) })
			if err != nil {
				return err
			}
			problems = append(problems, found.problems...).Sorted()
			problems.Print(s.terminal.err)
			if problems.HasErrors() {
				return ended(codeError)
			}
			return s.emit(found.stack, format, output)
		},
	}
	cmd.Flags().StringVar(&format, "format", "stack", "stack, or task-definition for aws ecs register-task-definition --cli-input-json")
	cmd.Flags().StringVar(&output, "output", "", "write one file per task definition into `DIR`")
	cmd.Flags().StringVar(&account, "account", "", "account `ID` to name in ARNs")
	return cmd
}

// offlineStack translates with the facts that need no AWS: the account is told, the
// region is in the environment.
func (s *settings) offlineStack(ctx context.Context, project *translate.Project, account string) translated {
	facts := plan.Facts{Account: account, Region: s.region(), Partition: partition.Of(s.region())}
	unhashed := contexts(ctx, project, &facts)
	found := stackOf(project, facts)
	found.problems = append(found.problems, unhashed...)
	found.problems = append(found.problems, misnamed(project, found.problems)...)
	return found
}

func (s *settings) emit(want *plan.Stack, format, output string) error {
	if format == "stack" {
		data, err := translate.StackJSON(want)
		if err != nil {
			return err
		}
		return s.write(output, "stack.json", data)
	}
	var open []string
	for _, document := range translate.TaskDefinitions(want) {
		if err := s.write(output, document.Name+".json", document.JSON); err != nil {
			return err
		}
		open = append(open, document.Placeholders...)
	}
	if len(open) > 0 {
		fmt.Fprintf(s.terminal.err, "note: not known offline, or secret; fill in before use: %s\n", strings.Join(open, ", "))
	}
	return nil
}

// write puts a document into the directory, or on stdout where there is none.
func (s *settings) write(directory, name string, data []byte) error {
	if directory == "" {
		_, err := s.terminal.out.Write(data)
		return err
	}
	if err := errors.Join(os.MkdirAll(directory, 0o777), os.WriteFile(filepath.Join(directory, name), data, 0o600)); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
