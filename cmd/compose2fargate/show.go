package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/plan"
)

func showCommand(s *settings) *cobra.Command {
	var format string
	var full bool
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a saved plan again",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkFormat(format, "text", "json", "markdown"); err != nil {
				return err
			}
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			return s.show(p, format, full)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, or markdown for a pull request")
	cmd.Flags().BoolVar(&full, "full", false, "show every field of what is created")
	return cmd
}

// longestPlan is how many bytes a plan may have.
const longestPlan = 1 << 30

func readPlan(name string) (*plan.Plan, error) {
	if err := content.CheckFile(name, longestPlan); err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	defer file.Close()
	p, err := plan.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("read the plan %s: %w", name, err)
	}
	return p, nil
}
