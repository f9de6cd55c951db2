package translate

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

func TestDeployRestartPolicyIsBeforeRestart(t *testing.T) {
	for _, test := range []struct{ restart, deploy, want string }{
		{"", "", ""},
		{"unless-stopped", "", "always"},
		{"on-failure:5", "", "on-failure"},
		{"no", "any", "always"},
		{"always", "none", "no"},
	} {
		s := types.ServiceConfig{Restart: test.restart}
		if test.deploy != "" {
			s.Deploy = &types.DeployConfig{RestartPolicy: &types.RestartPolicy{Condition: test.deploy}}
		}
		if got := restarts(container{ServiceConfig: &s}); got != test.want {
			t.Errorf("restart %q and deploy %q: got %q, want %q", test.restart, test.deploy, got, test.want)
		}
	}
}
