package main

import (
	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/plan"
)

func destroyCommand(s *settings) *cobra.Command {
	var how applyFlags
	var data []string
	cmd := &cobra.Command{
		Use:   "destroy",
		Short: "Delete the project's resources in AWS; those that hold data are kept",
		Long: `Plans an empty stack and applies that plan. With -p NAME no compose file is
needed. Resources that hold data (file systems, log groups, repositories) are kept
unless they are named with --delete-data. The data of volumes is on the file system and
goes with that alone. --delete-data '*' names them all, and asks for the project's name.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags := planFlags{scope: plan.Scope{Destroy: true, DeleteData: data}}
			if err := flags.check(); err != nil {
				return err
			}
			session, err := s.beginByName(cmd.Context())
			if err != nil {
				return err
			}
			defer session.close()
			return session.planAndApply(cmd.Context(), flags.scope, how)
		},
	}
	how.register(cmd)
	cmd.Flags().StringArrayVar(&data, "delete-data", nil, "delete the data of `NAME` as well; '*' for all")
	return cmd
}
