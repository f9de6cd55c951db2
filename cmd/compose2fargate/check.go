package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/diag"
)

func checkCommand(s *settings) *cobra.Command {
	var format string
	var strict bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say what becomes of every key of the compose file, offline",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format == "sarif" {
				return errors.New("--format sarif does nothing yet: use text or json")
			}
			if err := checkFormat(format, "text", "json"); err != nil {
				return err
			}
			project, problems, err := s.loadProject(cmd.Context())
			if err != nil {
				return err
			}
			_, more := project.Stack(s.offline(""))
			problems = append(problems, more...).Sorted()
			if err := s.report(problems, format); err != nil {
				return err
			}
			return verdict(problems, strict)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.Flags().BoolVar(&strict, "strict", false, "fail on warnings too")
	return cmd
}

// report is data here, so that it goes to stdout.
func (s *settings) report(problems diag.List, format string) error {
	if format == "json" {
		encoder := json.NewEncoder(s.terminal.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(append(diag.List{}, problems...))
	}
	problems.Print(s.terminal.out)
	if len(problems) == 0 {
		fmt.Fprintln(s.terminal.out, "nothing to say: every key is mapped")
	}
	return nil
}

func verdict(problems diag.List, strict bool) error {
	fails := func(d diag.Diagnostic) bool {
		return d.Severity == diag.Error || strict && d.Severity == diag.Warning
	}
	if slices.ContainsFunc(problems, fails) {
		return ended(codeError)
	}
	return nil
}
