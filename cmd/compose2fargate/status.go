package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/plan/resource"
)

func statusCommand(s *settings) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what runs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, "text", "json"); err != nil {
				return err
			}
			session, err := s.begin(cmd.Context(), true)
			if err != nil {
				return err
			}
			defer session.close()
			services, err := session.account.Status(cmd.Context())
			if err != nil {
				return err
			}
			return s.printStatus(services, format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func (s *settings) printStatus(services []resource.ServiceStatus, format string) error {
	if format == "json" {
		encoder := json.NewEncoder(s.terminal.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(append([]resource.ServiceStatus{}, services...))
	}
	if len(services) == 0 {
		_, err := fmt.Fprintln(s.terminal.out, "nothing runs")
		return err
	}
	return statusTable(s.terminal.out, services)
}

func statusTable(w io.Writer, services []resource.ServiceStatus) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tRUNNING\tWANTED\tPENDING\tTASK DEFINITION\tDEPLOYMENT")
	for _, service := range services {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\t%s\n", service.Address.Name, service.Running, service.Desired,
			service.Pending, path.Base(service.TaskDefinition), deployment(service))
	}
	return table.Flush()
}

func deployment(service resource.ServiceStatus) string {
	if service.Unfinished {
		return service.Deployment + ", an apply did not finish"
	}
	return service.Deployment
}
