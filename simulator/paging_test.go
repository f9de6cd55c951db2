package simulator_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// pager is what all of the SDK's paginators have in common.
type pager[Page, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (Page, error)
}

// pages counts the pages of a list and gathers what count finds in each.
func pages[Page, Options any](t *testing.T, p pager[Page, Options], names func(Page) []string) string {
	t.Helper()
	n := 0
	var all []string
	for ; p.HasMorePages(); n++ {
		all = append(all, names(must(p.NextPage(t.Context()))(t))...)
	}
	for i := range all {
		all[i] = all[i][strings.LastIndexAny(all[i], "/:")+1:]
	}
	slices.Sort(all)
	return fmt.Sprintf("%d: %s", n, strings.Join(all, " "))
}

func TestEveryListIsPaged(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	w.prepare()
	w.role("web", "/")
	w.create("api")
	w.create("web")
	w.register(definition("web"))
	shop := aws.String("shop")
	for _, c := range []struct{ name, got, want string }{
		{"clusters", pages(t, ecs.NewListClustersPaginator(w.ecs, &ecs.ListClustersInput{}), func(p *ecs.ListClustersOutput) []string {
			return p.ClusterArns
		}), "1: shop"},
		{"services", pages(t, ecs.NewListServicesPaginator(w.ecs, &ecs.ListServicesInput{Cluster: shop}), func(p *ecs.ListServicesOutput) []string {
			return p.ServiceArns
		}), "2: api web"},
		{"task definitions", pages(t, ecs.NewListTaskDefinitionsPaginator(w.ecs, &ecs.ListTaskDefinitionsInput{}), func(p *ecs.ListTaskDefinitionsOutput) []string {
			return p.TaskDefinitionArns
		}), "3: 1 1 2"},
		{"task definitions of a family", pages(t, ecs.NewListTaskDefinitionsPaginator(w.ecs, &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String("web")}), func(p *ecs.ListTaskDefinitionsOutput) []string {
			return p.TaskDefinitionArns
		}), "2: 1 2"},
		{"families", pages(t, ecs.NewListTaskDefinitionFamiliesPaginator(w.ecs, &ecs.ListTaskDefinitionFamiliesInput{}), func(p *ecs.ListTaskDefinitionFamiliesOutput) []string {
			return p.Families
		}), "2: api web"},
		{"account settings that were never set", pages(t, ecs.NewListAccountSettingsPaginator(w.ecs, &ecs.ListAccountSettingsInput{}), func(p *ecs.ListAccountSettingsOutput) []string {
			return make([]string, len(p.Settings))
		}), "1: "},
		{"log groups", pages(t, cloudwatchlogs.NewDescribeLogGroupsPaginator(w.logs, &cloudwatchlogs.DescribeLogGroupsInput{}), func(p *cloudwatchlogs.DescribeLogGroupsOutput) []string {
			return []string{*p.LogGroups[0].LogGroupName}
		}), "1: shop"},
		{"roles", pages(t, iam.NewListRolesPaginator(w.iam, &iam.ListRolesInput{}), func(p *iam.ListRolesOutput) []string {
			return []string{*p.Roles[0].RoleName}
		}), "2: execution web"},
		{"attached policies", pages(t, iam.NewListAttachedRolePoliciesPaginator(w.iam, &iam.ListAttachedRolePoliciesInput{RoleName: aws.String("execution")}), func(p *iam.ListAttachedRolePoliciesOutput) []string {
			return []string{*p.AttachedPolicies[0].PolicyName}
		}), "1: AmazonECSTaskExecutionRolePolicy"},
		{"authorization details", pages(t, iam.NewGetAccountAuthorizationDetailsPaginator(w.iam, &iam.GetAccountAuthorizationDetailsInput{}), func(p *iam.GetAccountAuthorizationDetailsOutput) []string {
			return []string{*p.RoleDetailList[0].RoleName}
		}), "2: execution web"},
		{"subnets", pages(t, ec2.NewDescribeSubnetsPaginator(w.ec2, &ec2.DescribeSubnetsInput{}), func(p *ec2.DescribeSubnetsOutput) []string {
			return []string{*p.Subnets[0].AvailabilityZone}
		}), "3: us-east-1a us-east-1b us-east-1c"},
		{"rules", pages(t, ec2.NewDescribeSecurityGroupRulesPaginator(w.ec2, &ec2.DescribeSecurityGroupRulesInput{}), func(p *ec2.DescribeSecurityGroupRulesOutput) []string {
			return []string{fmt.Sprint(*p.SecurityGroupRules[0].IsEgress)}
		}), "2: false true"},
		{"quotas", pages(t, servicequotas.NewListServiceQuotasPaginator(servicequotas.NewFromConfig(w.Config()), &servicequotas.ListServiceQuotasInput{ServiceCode: aws.String("fargate")}), func(p *servicequotas.ListServiceQuotasOutput) []string {
			return []string{*p.Quotas[0].QuotaCode}
		}), "2: L-3032A538 L-36FBB829"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestPagesAreOfAWSsSize(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	w.register(definition("web"))
	for i := range 12 {
		in := w.service("web")
		in.ServiceName = aws.String(fmt.Sprintf("web-%02d", i))
		must(w.ecs.CreateService(t.Context(), in))(t)
	}
	in := &ecs.ListServicesInput{Cluster: aws.String("shop")}
	if out := must(w.ecs.ListServices(t.Context(), in))(t); len(out.ServiceArns) != 10 || out.NextToken == nil {
		t.Errorf("%d services on the first page, want 10", len(out.ServiceArns))
	}
	in.MaxResults = aws.Int32(100)
	if out := must(w.ecs.ListServices(t.Context(), in))(t); len(out.ServiceArns) != 12 || out.NextToken != nil {
		t.Errorf("%d services, want 12", len(out.ServiceArns))
	}
}

func TestATokenOfSomebodyElseIsRefused(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.prepare()
	ctx, token := t.Context(), aws.String("bogus")
	_, services := w.ecs.ListServices(ctx, &ecs.ListServicesInput{Cluster: aws.String("shop"), NextToken: token})
	_, roles := w.iam.ListRoles(ctx, &iam.ListRolesInput{Marker: token})
	_, groups := w.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{NextToken: token})
	_, subnets := w.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{NextToken: token})
	got := strings.Join([]string{code(services), code(roles), code(groups), code(subnets)}, " ")
	want := "InvalidParameterException InvalidInput InvalidParameterException InvalidNextToken"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAccountSettings(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	must(w.ecs.PutAccountSetting(ctx, &ecs.PutAccountSettingInput{
		Name: types.SettingNameContainerInsights, Value: aws.String("enabled"),
	}))(t)
	out := must(w.ecs.ListAccountSettings(ctx, &ecs.ListAccountSettingsInput{
		Name: types.SettingNameContainerInsights, EffectiveSettings: true,
	}))(t)
	if *out.Settings[0].Value != "enabled" {
		t.Error(text(out))
	}
	c := must(w.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{}))(t).Cluster
	if *c.Settings[0].Value != "enabled" {
		t.Error("want a new cluster to take the account's setting:", text(c.Settings))
	}
}

// TestPagesHideNothingThatStays: what is deleted between two pages moves all that is
// after it, and a reader must see that all the same.
func TestPagesHideNothingThatStays(t *testing.T) {
	for name, gone := range map[string][]string{
		"nothing":               nil,
		"what was read":         {"a", "b"},
		"the last one read":     {"b"},
		"what was not read yet": {"c"},
		"all that was not read": {"c", "d", "e"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{PageSize: 2})
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				must(w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: &name}))(t)
			}
			p := ecs.NewListClustersPaginator(w.ecs, &ecs.ListClustersInput{})
			got := must(p.NextPage(t.Context()))(t).ClusterArns
			for _, name := range gone {
				must(w.ecs.DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: &name}))(t)
			}
			for p.HasMorePages() {
				got = append(got, must(p.NextPage(t.Context()))(t).ClusterArns...)
			}
			for _, name := range []string{"c", "d", "e"} {
				read := slices.ContainsFunc(got, func(arn string) bool { return strings.HasSuffix(arn, "/"+name) })
				if read == slices.Contains(gone, name) {
					t.Errorf("read %v", got)
				}
			}
		})
	}
}
