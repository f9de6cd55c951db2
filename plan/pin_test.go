package plan_test

import (
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
)

func TestAPinIsReadBack(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0f", 32)
	for _, reference := range []string{
		"nginx", "nginx:1.27", "registry.example.com:5000/team/web:v1@sha256:" + strings.Repeat("a", 64), "example.com/" + strings.Repeat("long/", 60) + "web:1",
	} {
		for _, container := range []string{"web", strings.Repeat("c", 255)} {
			key, value := plan.Pin(container, reference, digest)
			if len(key) > 128 || len(value) > 256 || !plan.IsPin(key) || plan.UserTag(key) {
				t.Errorf("%s is no tag: %s = %s", reference, key, value)
			}
			name, got, ok := plan.ParsePin(value)
			if name != plan.PinName(reference) || got != digest || !ok {
				t.Errorf("%s is read back as %s, %s, %v", reference, name, got, ok)
			}
		}
	}
	for _, damaged := range []string{"", "nginx", "@sha256:ab", "nginx@md5:ab"} {
		if name, digest, ok := plan.ParsePin(damaged); ok {
			t.Errorf("%q is read as %s, %s", damaged, name, digest)
		}
	}
	if plan.IsPin(plan.TagSpec) || plan.IsPin(plan.TagTaskDefinition) {
		t.Error("a tag of another meaning is a pin")
	}
}
