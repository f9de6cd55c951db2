package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func statusCommand(s *settings) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what runs, and at which addresses",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, "text", "json"); err != nil {
				return err
			}
			session, err := s.beginByName(cmd.Context())
			if err != nil {
				return err
			}
			defer session.close()
			status, err := session.status(cmd.Context())
			if err != nil {
				return err
			}
			return session.printStatus(status, format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// stackStatus is what status shows.
type stackStatus struct {
	Services  []resource.ServiceStatus `json:"services"`
	Addresses []spec.Endpoint          `json:"addresses"`
}

func (s *session) status(ctx context.Context) (stackStatus, error) {
	services, err := s.account.Status(ctx)
	if err != nil {
		return stackStatus{}, err
	}
	facts, err := s.statusFacts(ctx)
	if err != nil {
		return stackStatus{}, err
	}
	nothing, err := plan.NewStack(spec.Kinds(), targetOf(facts, s.name), nil)
	if err != nil {
		return stackStatus{}, err
	}
	live, err := s.account.Read(ctx, spec.Kinds(), nothing)
	if err != nil {
		return stackStatus{}, err
	}
	for i := range services {
		services[i].Asleep = spec.Asleep(live, services[i].Address)
	}
	return stackStatus{
		Services:  append([]resource.ServiceStatus{}, services...),
		Addresses: append([]spec.Endpoint{}, spec.Addresses(live, facts)...),
	}, nil
}

// statusFacts reads the facts that are needed to name addresses: a load
// balancer of somebody else is in no stack.
func (s *session) statusFacts(ctx context.Context) (plan.Facts, error) {
	if lookups := s.lookups(); lookups.LoadBalancer != "" {
		return s.account.Facts(ctx, lookups)
	}
	return s.account.Where(ctx)
}

func (s *session) printStatus(status stackStatus, format string) error {
	if format == "json" {
		return s.printJSON(status)
	}
	if len(status.Services) == 0 {
		_, err := fmt.Fprintln(s.terminal.out, "nothing runs")
		return err
	}
	if err := s.statusTable(status.Services); err != nil || len(status.Addresses) == 0 {
		return err
	}
	fmt.Fprintln(s.terminal.out)
	return addressTable(s.terminal.out, status.Addresses)
}

func addressTable(w io.Writer, endpoints []spec.Endpoint) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ADDRESS\tSERVICE\tOPEN TO")
	for _, e := range endpoints {
		fmt.Fprintf(table, "%s\t%s\t%s\n", e.URL, e.Service, openTo(e))
	}
	return table.Flush()
}

// openTo is from where a public or private address can be called.
func openTo(e spec.Endpoint) string {
	scope := "private"
	if e.Public {
		scope = "public"
	}
	if len(e.From) == 0 {
		return scope
	}
	return scope + ": " + strings.Join(e.From, ", ")
}

func (s *session) statusTable(services []resource.ServiceStatus) error {
	table := tabwriter.NewWriter(s.terminal.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tRUNNING\tWANTED\tPENDING\tTASK DEFINITION\tDEPLOYMENT")
	for _, service := range services {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\t%s\n", service.Address.Name, service.Running, service.Desired,
			service.Pending, path.Base(service.TaskDefinition), s.deployment(service))
	}
	return table.Flush()
}

// deployment is how far a service is: the rollout of its tasks, or its last run.
func (s *session) deployment(service resource.ServiceStatus) string {
	ends := s.project != nil && s.project.EndsByItself(service.Address.Name)
	switch {
	case ends && service.Desired > 0:
		return "runs once"
	case ends && service.Unfinished:
		return "its run did not end well"
	case ends:
		return "ran to its end"
	case service.Unfinished:
		return service.Deployment + ", an apply did not finish"
	case service.Asleep:
		return service.Deployment + ", asleep"
	}
	return service.Deployment
}
