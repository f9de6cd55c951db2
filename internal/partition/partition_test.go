package partition_test

import (
	"testing"

	"github.com/compose2fargate/compose2fargate/internal/partition"
)

func TestOf(t *testing.T) {
	for region, want := range map[string]string{
		"":               "",
		"eu-central-1":   "aws",
		"us-east-1":      "aws",
		"mx-central-1":   "aws",
		"cn-north-1":     "aws-cn",
		"us-gov-west-1":  "aws-us-gov",
		"us-iso-east-1":  "aws-iso",
		"us-isob-east-1": "aws-iso-b",
		"eu-isoe-west-1": "aws-iso-e",
		"us-isof-east-1": "aws-iso-f",
		"eusc-de-east-1": "aws-eusc",
	} {
		if got := partition.Of(region); got != want {
			t.Errorf("%q is in %q, want %q", region, got, want)
		}
	}
}
