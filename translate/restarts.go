package translate

import (
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// restarts says when compose restarts a container: no, on-failure, always, or
// "" if the files do not say. As with docker compose, deploy.restart_policy
// takes precedence over restart.
func restarts(s container) string {
	condition, _, _ := strings.Cut(s.Restart, ":")
	if s.Deploy != nil && s.Deploy.RestartPolicy != nil {
		condition = s.Deploy.RestartPolicy.Condition
	}
	switch condition {
	case "none":
		return types.RestartPolicyNo
	case "any", types.RestartPolicyUnlessStopped:
		return types.RestartPolicyAlways
	default:
		return condition
	}
}
