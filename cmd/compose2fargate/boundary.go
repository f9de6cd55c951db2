package main

import (
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate"
)

// policyARN is that of a managed policy (IAM API reference, CreateRole, PermissionsBoundary).
var policyARN = regexp.MustCompile(`^arn:[a-z0-9-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$`)

// requireBoundary adds the flag of commands that plan. It takes no empty text: a variable
// that is not set must not lift what it is for.
func (s *settings) requireBoundary(cmd *cobra.Command) {
	cmd.Flags().Func("require-permissions-boundary", "refuse compose files unless all of their roles have the permissions boundary `ARN`", func(arn string) error {
		if !policyARN.MatchString(arn) {
			return fmt.Errorf("%q is not the ARN of a policy, for example arn:aws:iam::123456789012:policy/boundary", arn)
		}
		s.boundary = arn
		return nil
	})
}

// unbounded is what is wrong with the boundaries of a stack: the files set one for all of
// its roles, and it is not the one that the command line requires.
func (s *settings) unbounded(project *translate.Project, want *plan.Stack) diag.List {
	var problems diag.List
	for _, r := range want.Resources {
		role, ok := r.Spec.(*spec.Role)
		if s.boundary == "" || !ok || role.PermissionsBoundary == s.boundary {
			continue
		}
		const key = "x-fargate.permissions_boundary"
		given := "none"
		if role.PermissionsBoundary != "" {
			given = role.PermissionsBoundary
		}
		problems.Errorf(project.AtKey(key), key, "write "+key+": "+s.boundary,
			"roles must have the permissions boundary %s, and the files set %s", s.boundary, given)
		return problems
	}
	return nil
}
