package main

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate"
)

func checkCommand(s *settings) *cobra.Command {
	var format string
	var strict, keys bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Show what every key of the compose file becomes, offline",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if keys {
				return s.printKeys(format)
			}
			if err := checkFormat(format, "text", "json", "sarif"); err != nil {
				return err
			}
			project, problems, err := s.translate(cmd.Context())
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			c, err := untilInterrupted(ctx, func() *checked { return s.check(ctx, project, problems) })
			if err != nil {
				return err
			}
			if err := s.printCheck(c, format); err != nil {
				return err
			}
			return c.verdict(strict)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json or sarif; with --keys text, json or markdown")
	cmd.Flags().BoolVar(&strict, "strict", false, "fail on anything approximated or ignored, and on warnings")
	cmd.Flags().BoolVar(&keys, "keys", false, "print the table of all keys instead; needs no compose file")
	return cmd
}

// checked is the result of check and its JSON form, whose members are never
// removed. Diagnostics repeat the messages of keys that are not mapped, as the
// other commands print them, next to all other messages.
type checked struct {
	Project     string             `json:"project,omitempty"` // "" where the files do not load
	Counts      translate.Counts   `json:"counts"`
	Keys        []translate.Entry  `json:"keys"`
	Sizes       []translate.Sizing `json:"sizes,omitempty"` // of the tasks
	Diagnostics diag.List          `json:"diagnostics"`
}

// check collects the report on a project and the messages of loading it;
// project is nil if the files do not load.
func (s *settings) check(ctx context.Context, project *translate.Project, problems diag.List) *checked {
	c := &checked{Keys: []translate.Entry{}, Diagnostics: append(diag.List{}, problems...)}
	if project == nil {
		return c
	}
	found := s.offlineStack(ctx, project, "").problems
	c.Project = project.Name
	c.Keys = append(c.Keys, translate.ApplyDiagnostics(project.Report(), found)...)
	c.Counts = translate.Count(c.Keys)
	c.Sizes = project.Sizes()
	c.Diagnostics = append(c.Diagnostics, found...).Sorted()
	return c
}

// printCheck writes to stdout, where the report is data. The errors of files that
// do not load are none in text.
func (s *settings) printCheck(c *checked, format string) error {
	switch {
	case format == "json":
		return s.printJSON(c)
	case format == "sarif":
		return s.printJSON(c.sarif(version()))
	case c.Project == "":
		c.Diagnostics.Print(s.terminal.err)
		return nil
	default:
		return c.print(s.terminal.out)
	}
}

func (s *settings) printJSON(value any) error {
	encoder := json.NewEncoder(s.terminal.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// verdict is the exit code: errors fail, and with strict so does everything
// that does not behave as the files say.
func (c *checked) verdict(strict bool) error {
	warned := slices.ContainsFunc(c.Diagnostics, func(d diag.Diagnostic) bool { return d.Severity == diag.Warning })
	if c.Diagnostics.HasErrors() || strict && (warned || c.Counts.Mapped < c.Counts.Keys) {
		return ended(codeError)
	}
	return nil
}
