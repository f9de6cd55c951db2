package simulator_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/compose2fargate/compose2fargate/simulator"
)

func TestParametersAreRead(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx := t.Context()
	for _, name := range []string{"/shop/a", "/shop/b", "/shop/deep/c", "/other/d"} {
		w.parameter(name)
	}
	got := must(w.ssm.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/shop/a", "/none"}, WithDecryption: aws.Bool(true)}))(t)
	if len(got.Parameters) != 1 || *got.Parameters[0].Value != "a value" || fmt.Sprint(got.InvalidParameters) != "[/none]" {
		t.Error(text(got))
	}
	if sealed := must(w.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/shop/a")}))(t); *sealed.Parameter.Value == "a value" {
		t.Error("a SecureString is readable without decryption")
	}
	for recursive, want := range map[bool]int{false: 2, true: 3} {
		in := &ssm.GetParametersByPathInput{Path: aws.String("/shop"), Recursive: &recursive}
		if found := must(w.ssm.GetParametersByPath(ctx, in))(t).Parameters; len(found) != want {
			t.Error(recursive, text(found))
		}
	}
	if _, err := w.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/none")}); code(err) != "ParameterNotFound" {
		t.Error(err)
	}
	if _, err := w.ssm.GetParameters(ctx, &ssm.GetParametersInput{Names: make([]string, 11)}); code(err) != "ValidationException" {
		t.Error("eleven names:", err)
	}
	if _, err := w.ssm.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: aws.String("shop")}); code(err) != "ValidationException" {
		t.Error("a relative path:", err)
	}
}

func TestVersionsOfASecret(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, arn := t.Context(), w.secret("shop/db")
	put := &secretsmanager.PutSecretValueInput{SecretId: &arn, SecretString: aws.String("new"), ClientRequestToken: aws.String("22222222222222222222222222222222")}
	must(w.secrets.PutSecretValue(ctx, put))(t)
	must(w.secrets.PutSecretValue(ctx, put))(t) // repeated with its token
	for stage, want := range map[string]string{"AWSCURRENT": "new", "AWSPREVIOUS": "a value"} {
		got := must(w.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionStage: &stage}))(t)
		if *got.SecretString != want {
			t.Error(stage, *got.SecretString)
		}
	}
	put.SecretString = aws.String("other")
	if _, err := w.secrets.PutSecretValue(ctx, put); code(err) != "ResourceExistsException" {
		t.Error("another value under the same token:", err)
	}
	none := &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionStage: aws.String("AWSPENDING")}
	if _, err := w.secrets.GetSecretValue(ctx, none); code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
	if _, err := w.secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &arn}); code(err) != "InvalidParameterException" {
		t.Error("no value:", err)
	}
}

func TestStagesOfASecret(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, name := t.Context(), aws.String("shop/db")
	bare := must(w.secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: name}))(t)
	if bare.VersionId != nil {
		t.Error("a secret without a value has a version:", *bare.VersionId)
	}
	put := func(value, version string, stages ...string) []string {
		t.Helper()
		return must(w.secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId: name, SecretString: &value, ClientRequestToken: aws.String(strings.Repeat(version, 32)), VersionStages: stages,
		}))(t).VersionStages
	}
	if stages := put("one", "1", "AWSPENDING"); !slices.Contains(stages, "AWSCURRENT") {
		t.Error("the first version is not the current one:", stages)
	}
	put("two", "2")
	put("three", "3", "AWSPENDING")
	put("four", "4")
	partial := aws.String((*bare.ARN)[:len(*bare.ARN)-7])
	for stage, want := range map[string]string{"AWSCURRENT": "four", "AWSPREVIOUS": "two", "AWSPENDING": "three"} {
		got := must(w.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: partial, VersionStage: &stage}))(t)
		if *got.SecretString != want {
			t.Error(stage, *got.SecretString)
		}
	}
	first := &secretsmanager.GetSecretValueInput{SecretId: name, VersionId: aws.String(strings.Repeat("1", 32))}
	if got := must(w.secrets.GetSecretValue(ctx, first))(t); *got.SecretString != "one" {
		t.Error("a version without a stage:", text(got))
	}
	if listed := must(w.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: name}))(t).VersionIdsToStages; len(listed) != 3 {
		t.Error("versions:", listed)
	}
	must(w.secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{
		SecretId: aws.String("none"), ForceDeleteWithoutRecovery: aws.Bool(true),
	}))(t) // no error
}

func TestValuesStayInTheProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	w := newWorld(t, simulator.Options{StateFile: file})
	w.parameter("/shop/a")
	other := newWorld(t, simulator.Options{StateFile: file})
	_, err := other.ssm.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/shop/a")})
	if code(err) != "NotSimulated" {
		t.Error(err)
	}
}
