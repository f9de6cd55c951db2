package resource

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// TestEveryActionHasItsPlace holds the statements against the kinds: what these call is in
// a statement or on the list of what no policy allows, and nothing else is.
func TestEveryActionHasItsPlace(t *testing.T) {
	table := permissionTable()
	reads, writes := Actions()
	needed := map[string]bool{}
	add(needed, slices.Concat(reads, writes, table.Facts)...)
	placed := map[string]bool{}
	for _, row := range table.Statements {
		if !slices.IsSorted(row.Actions) {
			t.Errorf("%s: actions are not sorted", row.Sid)
		}
		for _, action := range row.Actions {
			placed[action] = true
			if !needed[action] && !row.Always {
				t.Errorf("%s: no kind needs %s", row.Sid, action)
			}
		}
	}
	for action := range needed {
		if placed[action] == (table.Never[action] != "") {
			t.Errorf("%s is in a statement %t, and the reason for the contrary is %q", action, placed[action], table.Never[action])
		}
	}
	for action, more := range table.Besides {
		if !needed[action] || !slices.IsSorted(more) {
			t.Errorf("besides %s: %v", action, more)
		}
	}
	for action, kind := range table.Only {
		if !needed[action] || spec.Kinds()[kind].Kind == "" {
			t.Errorf("only: %s, %s", action, kind)
		}
	}
}

var braced = regexp.MustCompile(`\{(\w*)\}`)

// TestEveryWordInBracesIsKnown since one that is not would leave out what it stands in.
func TestEveryWordInBracesIsKnown(t *testing.T) {
	known := Permissions{}.values()
	for _, row := range permissionTable().Statements {
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range append(braced.FindAllStringSubmatch(string(text), -1), []string{"", row.When}, []string{"", row.Unless}) {
			if _, ok := known[m[1]]; !ok && m[1] != "" {
				t.Errorf("%s: nobody knows {%s}", row.Sid, m[1])
			}
		}
	}
}

// TestAConditionWithoutValueLeavesNothing rather than a statement without it.
func TestAConditionWithoutValueLeavesNothing(t *testing.T) {
	row := statementRow{
		Sid: "X", Actions: []string{"route53:ChangeResourceRecordSets"}, Resources: []string{"*"},
		Condition: map[string]map[string][]string{"StringLike": {"name": {"*.{host}"}}},
	}
	needed := map[string]bool{"route53:ChangeResourceRecordSets": true}
	if s, ok := row.statement(needed, map[string][]string{}); ok {
		t.Errorf("%+v", s)
	}
	s, ok := row.statement(needed, map[string][]string{"host": {"a.org", "b.org"}})
	if diff := cmp.Diff(oneOrMore{"*.a.org", "*.b.org"}, s.Condition["StringLike"]["name"]); !ok || diff != "" {
		t.Error(ok, diff)
	}
}

func TestActionsArePutTogetherOnlyWhereAllAreNeeded(t *testing.T) {
	row := statementRow{
		Actions: []string{"iam:DeleteRole", "iam:GetRole", "iam:GetRolePolicy", "iam:TagRole", "iam:UntagRole"},
		Short:   map[string][]string{"iam:GetRole*": nil, "iam:*TagRole": nil},
	}
	for _, c := range []struct{ needed, want []string }{
		{row.Actions, []string{"iam:*TagRole", "iam:DeleteRole", "iam:GetRole*"}},
		{[]string{"iam:GetRole", "iam:TagRole", "iam:UntagRole"}, []string{"iam:*TagRole", "iam:GetRole"}},
		{[]string{"iam:TagRole"}, []string{"iam:TagRole"}},
	} {
		if diff := cmp.Diff(c.want, row.shorten(c.needed)); diff != "" {
			t.Errorf("%v (-want +got)\n%s", c.needed, diff)
		}
	}
}

func TestMatchesAction(t *testing.T) {
	for pair, want := range map[string]bool{
		"iam:GetRole* iam:GetRole":                                         true,
		"iam:*TagRole iam:UntagRole":                                       true,
		"iam:GetRole* iam:ListRoles":                                       false,
		"ec2:*SecurityGroup*gress ec2:RevokeSecurityGroupEgress":           true,
		"ec2:*SecurityGroup*gress ec2:CreateSecurityGroup":                 false,
		"ec2:*SecurityGroup*gress ec2:ProgressSecurityGroup":               false,
		"logs:*Resource logs:TagResource":                                  true,
		"logs:*Resource logs:TagResources":                                 false,
		"elasticfilesystem:Put* elasticloadbalancing:PutSomething":         false,
		"elasticloadbalancing:Describe* elasticloadbalancing:DescribeTags": true,
	} {
		pattern, action, _ := strings.Cut(pair, " ")
		if got := matchesAction(pattern, action); got != want {
			t.Errorf("%s: %t", pair, got)
		}
	}
}

// TestNamesThatAreCutKeepTheirBeginning: a role whose name is too long ends in a hash.
func TestNamesThatAreCutKeepTheirBeginning(t *testing.T) {
	long := strings.Repeat("long-", 30)
	values := Permissions{Target: plan.Target{Project: long}}.values()
	if got := values["role"][0]; got != long[:55]+"*" {
		t.Error(got)
	}
	if got := values["family"][0]; got != long+"-*" {
		t.Error(got)
	}
}

func TestALoadBalancerOfOthersIsNamedByItsARNOrName(t *testing.T) {
	for given, want := range map[string]string{
		"": "", "shared": "*/shared/*",
		"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shared/50dc6c495c0c9188": "app/shared/50dc6c495c0c9188",
	} {
		if got := balancerPattern(given); got != want {
			t.Errorf("%q: %q", given, got)
		}
	}
}
