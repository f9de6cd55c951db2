package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/plan/resource"
)

func logsCommand(s *settings) *cobra.Command {
	var follow bool
	var since time.Duration
	cmd := &cobra.Command{
		Use:   "logs SERVICE",
		Short: "Print the logs of a service's tasks",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := s.beginByName(cmd.Context())
			if err != nil {
				return err
			}
			defer session.close()
			if err := session.knows(args[0]); err != nil {
				return err
			}
			var from time.Time // the beginning, as docker compose logs
			if since > 0 {
				from = time.Now().Add(-since)
			}
			return session.account.ServiceLogs(cmd.Context(), args[0], from, follow, func(e resource.Event) error {
				_, err := fmt.Fprintf(s.terminal.out, "%s  %s  %s\n", e.Time.UTC().Format(time.RFC3339), e.Stream, e.Message)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&follow, "follow", false, "keep printing new log lines")
	cmd.Flags().DurationVar(&since, "since", 0, "how far back to start, for example 10m or 2h; everything by default")
	return cmd
}

// knows refuses names that the compose file does not have.
func (s *session) knows(service string) error {
	if s.project == nil || s.project.HasService(service) {
		return nil
	}
	return fmt.Errorf("there is no service %q in project %s", service, s.name)
}
