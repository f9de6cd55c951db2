package simulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func ssmTags(key, value string) []types.Tag { return []types.Tag{{Key: &key, Value: &value}} }

// parameters are the names that a filter leaves.
func (w *world) parameters(key, option string, values ...string) []string {
	w.t.Helper()
	var names []string
	pages := ssm.NewDescribeParametersPaginator(w.ssm, &ssm.DescribeParametersInput{
		ParameterFilters: []types.ParameterStringFilter{{Key: &key, Option: &option, Values: values}},
	})
	for pages.HasMorePages() {
		for _, p := range must(pages.NextPage(w.t.Context()))(w.t).Parameters {
			names = append(names, *p.Name)
		}
	}
	return names
}

func TestTheLifeOfAParameter(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, name := t.Context(), aws.String("/shop/password")
	put := &ssm.PutParameterInput{
		Name: name, Value: aws.String("hunter2"), Type: types.ParameterTypeSecureString, Description: aws.String("of the shop"), Tags: ssmTags("project", "shop"),
	}
	if got := must(w.ssm.PutParameter(ctx, put))(t); got.Version != 1 || got.Tier != types.ParameterTierStandard {
		t.Error(text(got))
	}
	if _, err := w.ssm.PutParameter(ctx, put); code(err) != "ParameterAlreadyExists" {
		t.Error(err)
	}
	describe := func() types.ParameterMetadata {
		t.Helper()
		return must(w.ssm.DescribeParameters(ctx, &ssm.DescribeParametersInput{}))(t).Parameters[0]
	}
	golden(t, "parameter", describe())
	put.Overwrite, put.Tags, put.KeyId = aws.Bool(true), nil, aws.String("alias/shop")
	if got := must(w.ssm.PutParameter(ctx, put))(t); got.Version != 2 || *describe().KeyId != "alias/shop" {
		t.Error(text(describe()))
	}
	must(w.ssm.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: name, Tags: ssmTags("a", "1"),
	}))(t)
	must(w.ssm.RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: name, TagKeys: []string{"project"},
	}))(t)
	tags := must(w.ssm.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: name}))(t).TagList
	if len(tags) != 1 || *tags[0].Key != "a" {
		t.Error(text(tags))
	}
	found := must(w.tagging.GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{ResourceTypeFilters: []string{"ssm:parameter"}}))(t)
	if len(found.ResourceTagMappingList) != 1 || *found.ResourceTagMappingList[0].ResourceARN != "arn:aws:ssm:us-east-1:123456789012:parameter/shop/password" {
		t.Error(text(found))
	}
	must(w.ssm.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: name}))(t)
	if _, err := w.ssm.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: name}); code(err) != "ParameterNotFound" {
		t.Error(err)
	}
}

func TestPutParameterRejects(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	secure := types.ParameterTypeSecureString
	for _, c := range []struct {
		what, name, value string
		kind              types.ParameterType
		tier              types.ParameterTier
		tags              []types.Tag
		want              string
	}{
		{"a name with a space", "/a b", "x", secure, "", nil, "ValidationException"},
		{"a path without a slash before it", "a/b", "x", secure, "", nil, "ValidationException"},
		{"sixteen levels", strings.Repeat("/a", 16), "x", secure, "", nil, "HierarchyLevelLimitExceededException"},
		{"a name of AWS's", "/aws/b", "x", secure, "", nil, "AccessDeniedException"},
		{"no value", "/a", "", secure, "", nil, "ValidationException"},
		{"more than 4 KiB", "/a", strings.Repeat("x", 4<<10+1), secure, "", nil, "ValidationException"},
		{"more than 8 KiB", "/a", strings.Repeat("x", 8<<10+1), secure, types.ParameterTierAdvanced, nil, "ValidationException"},
		{"no type", "/a", "x", "", "", nil, "ValidationException"},
		{"another type", "/a", "x", "Secret", "", nil, "UnsupportedParameterType"},
		{"a tag of AWS's", "/a", "x", secure, "", ssmTags("aws:x", "1"), "ValidationException"},
	} {
		_, err := w.ssm.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &c.name, Value: &c.value, Type: c.kind, Tier: c.tier, Tags: c.tags})
		if code(err) != c.want {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	w.parameter("/a")
	_, err := w.ssm.PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/a"), Value: aws.String("x"), Overwrite: aws.Bool(true), Tags: ssmTags("a", "1")})
	if code(err) != "ValidationException" {
		t.Error("tags beside overwrite:", err)
	}
}

func TestParametersAreFoundByNameAndPath(t *testing.T) {
	w := newWorld(t, simulator.Options{PageSize: 1})
	for _, name := range []string{"/shop/a", "/shop/b", "/shop/db/password", "/other/a"} {
		w.parameter(name)
	}
	must(w.ssm.PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/plain"), Value: aws.String("x"), Type: types.ParameterTypeString, Tags: ssmTags("team", "a"),
	}))(t)
	for _, c := range []struct {
		key, option string
		values      []string
		want        []string
	}{
		{"Name", "Equals", []string{"/shop/a", "/other/a", "/gone"}, []string{"/other/a", "/shop/a"}},
		{"Name", "BeginsWith", []string{"/shop/"}, []string{"/shop/a", "/shop/b", "/shop/db/password"}},
		{"Name", "Contains", []string{"db"}, []string{"/shop/db/password"}},
		{"Type", "Equals", []string{"String"}, []string{"/plain"}},
		{"KeyId", "Equals", []string{"alias/other"}, nil},
		{"tag:team", "Equals", []string{"a"}, []string{"/plain"}},
		{"Path", "OneLevel", []string{"/shop"}, []string{"/shop/a", "/shop/b"}},
		{"Path", "Recursive", []string{"/shop/"}, []string{"/shop/a", "/shop/b", "/shop/db/password"}},
	} {
		if d := cmp.Diff(c.want, w.parameters(c.key, c.option, c.values...)); d != "" {
			t.Errorf("%s %s (-want +got)\n%s", c.key, c.option, d)
		}
	}
	gone := must(w.ssm.DeleteParameters(t.Context(), &ssm.DeleteParametersInput{Names: []string{"/shop/a", "/gone"}}))(t)
	if d := cmp.Diff([][]string{{"/shop/a"}, {"/gone"}}, [][]string{gone.DeletedParameters, gone.InvalidParameters}); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestParametersThatAreOverwritten(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, name := t.Context(), aws.String("/shop/size")
	must(w.ssm.PutParameter(ctx, &ssm.PutParameterInput{
		Name: name, Value: aws.String("1"), Type: types.ParameterTypeString, Tier: types.ParameterTierAdvanced,
	}))(t)
	again := &ssm.PutParameterInput{Name: name, Value: aws.String("2"), Overwrite: aws.Bool(true), AllowedPattern: aws.String(`^\d$`)}
	must(w.ssm.PutParameter(ctx, again))(t)
	for asked, want := range map[string]string{"/shop/size": "2", "/shop/size:1": "1", "/shop/size:2": "2"} {
		p := must(w.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &asked}))(t).Parameter
		if *p.Value != want || *p.Name != *name || p.Type != types.ParameterTypeString {
			t.Error(asked, text(p))
		}
	}
	if _, err := w.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/shop/size:3")}); code(err) != "ParameterVersionNotFound" {
		t.Error("a version that is not there:", err)
	}
	again.Tier = types.ParameterTierStandard
	if _, err := w.ssm.PutParameter(ctx, again); code(err) != "ValidationException" {
		t.Error("back to the standard tier:", err)
	}
	again.Tier, again.Value = "", aws.String("large")
	if _, err := w.ssm.PutParameter(ctx, again); code(err) != "ParameterPatternMismatchException" {
		t.Error("a value outside the pattern:", err)
	}
	again.AllowedPattern = aws.String("(")
	if _, err := w.ssm.PutParameter(ctx, again); code(err) != "InvalidAllowedPatternException" {
		t.Error("a broken pattern:", err)
	}
	byType := []types.ParameterStringFilter{{Key: aws.String("Type"), Values: []string{"SecureString"}}}
	if got := must(w.ssm.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: aws.String("/shop"), ParameterFilters: byType}))(t).Parameters; len(got) != 0 {
		t.Error("of another type:", text(got))
	}
}

// TestTheStateHasNoValues: it is a file.
func TestTheStateHasNoValues(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	must(w.ssm.PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/shop/a"), Value: aws.String("canary-of-ssm"), Type: types.ParameterTypeSecureString,
	}))(t)
	must(w.secrets.CreateSecret(t.Context(), secretOf("shop/b", "canary-of-secrets-manager")))(t)
	disk, memory, err := w.OnDisk()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(disk+memory, "canary") || !strings.Contains(disk, "/shop/a") || !strings.Contains(disk, "shop/b") {
		t.Errorf("the state is %s", disk)
	}
}
