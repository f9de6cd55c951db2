package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/compose2fargate/compose2fargate/internal/partition"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/translate"
)

func permissionsCommand(s *settings) *cobra.Command {
	var format, account, region string
	cmd := &cobra.Command{
		Use:   "permissions plan|apply",
		Short: "Print the least IAM policy that plan or apply of this project needs, offline",
		Long: `Prints the IAM policy of a role that plans this project, or that applies and
destroys it, and can do no more than IAM lets it be limited to. It depends on the
compose files and is to be made again when they use something new (docs/permissions.md).`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"plan", "apply"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, "json"); err != nil {
				return err
			}
			where, err := s.placeOf(cmd.Context(), account, region)
			if err != nil {
				return err
			}
			p, err := s.permissions(cmd.Context(), where)
			if err != nil {
				return err
			}
			if args[0] == "plan" {
				return s.printPolicy(p.Plan())
			}
			if p.Boundary == "" {
				fmt.Fprintln(s.terminal.err, "warning: without a permissions boundary, apply can still make any role, hence have any right: set x-fargate.permissions_boundary to the ARN of a policy")
			}
			return s.printPolicy(p.Apply())
		},
	}
	cmd.Flags().StringVar(&format, "format", "json", "json")
	cmd.Flags().StringVar(&account, "account", "", "account `ID` that the policy is for")
	cmd.Flags().StringVar(&region, "region", "", "`REGION` that the policy is for (default: AWS_REGION)")
	return cmd
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// placeOf is the account and the region that a policy is for, of which ARNs are made.
func (s *settings) placeOf(ctx context.Context, account, region string) (plan.Facts, error) {
	if region == "" {
		region = s.region()
	}
	if s.simulate {
		return s.simulatedPlace(ctx)
	}
	if !accountID.MatchString(account) {
		return plan.Facts{}, fmt.Errorf("a policy names the account, and --account %q is none: add --account with its 12 digits", account)
	}
	if region == "" {
		return plan.Facts{}, errors.New("a policy names the region, and there is none: add --region, or set AWS_REGION")
	}
	return plan.Facts{Account: account, Region: region, Partition: partition.Of(region)}, nil
}

// simulatedPlace is that of the embedded AWS.
func (s *settings) simulatedPlace(ctx context.Context) (plan.Facts, error) {
	session, err := s.begin(ctx)
	if err != nil {
		return plan.Facts{}, err
	}
	defer session.close()
	return session.account.Where(ctx)
}

// permissions are what a policy for the compose files depends on.
func (s *settings) permissions(ctx context.Context, where plan.Facts) (resource.Permissions, error) {
	project, problems, err := s.loadProject(ctx)
	if err != nil {
		return resource.Permissions{}, err
	}
	found, err := untilInterrupted(ctx, func() translated { return stackOf(project, where) })
	if err != nil {
		return resource.Permissions{}, err
	}
	if problems = append(problems, found.problems...).Sorted(); problems.HasErrors() {
		problems.Print(s.terminal.err)
		return resource.Permissions{}, ended(codeError)
	}
	return permissionsOf(project, found.stack), nil
}

func permissionsOf(project *translate.Project, want *plan.Stack) resource.Permissions {
	p := resource.PermissionsOf(want, project.Lookups())
	for _, use := range project.Images() {
		if arn := repositoryARN(use.Reference, p.Target.Partition); arn != "" {
			p.Repositories = append(p.Repositories, arn)
		}
	}
	slices.Sort(p.Repositories)
	p.Repositories = slices.Compact(p.Repositories)
	return p
}

// ecrImage is an image in ECR: account, region and repository (ECR user guide, "Private
// registries").
var ecrImage = regexp.MustCompile(`^([0-9]{12})\.dkr[.-]ecr\.([a-z0-9-]+)\.[a-z0-9.-]+/([a-z0-9._/-]+)`)

// repositoryARN is the repository of an image, "" where it is not in ECR.
func repositoryARN(reference, partition string) string {
	m := ecrImage.FindStringSubmatch(reference)
	if m == nil {
		return ""
	}
	return "arn:" + partition + ":ecr:" + m[2] + ":" + m[1] + ":repository/" + m[3]
}

// printPolicy prints a policy, and says how to make several of it where IAM takes no policy
// of its size.
func (s *settings) printPolicy(p resource.Policy) error {
	if size := len(p.JSON()); size > resource.MostInPolicy {
		var parts []string
		for _, part := range p.Parts() {
			first, last := part.Statement[0].Sid, part.Statement[len(part.Statement)-1].Sid
			parts = append(parts, strings.Join(slices.Compact([]string{first, last}), " to "))
		}
		fmt.Fprintf(s.terminal.err, "warning: this policy has %d characters, and IAM takes %d in a managed policy: make %d policies of its statements (%s) and attach all of them to the role\n",
			size, resource.MostInPolicy, len(parts), strings.Join(parts, "; "))
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.terminal.out, "%s\n", data)
	return err
}
