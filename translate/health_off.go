package translate

import "github.com/compose-spec/compose-go/v2/types"

// isOff says whether a health check takes that of the image away.
func isOff(h *types.HealthCheckConfig) bool {
	return h.Disable || len(h.Test) > 0 && h.Test[0] == "NONE"
}
