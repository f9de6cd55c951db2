package spec

import (
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
)

// sensitiveInTaskDefinition knows where a task definition holds values that may
// be secrets: containerDefinitions.C.environment.NAME.value, its command lines, and the
// options of its log driver and its labels by NAME.
func sensitiveInTaskDefinition(path diag.Path, values []string) []bool {
	if len(path) < 3 || path[0] != "containerDefinitions" {
		return make([]bool, len(values))
	}
	switch path[2] {
	case "environment":
		if len(path) == 5 && path[4] == "value" {
			return named(path[3], values)
		}
	case "logConfiguration":
		if len(path) == 5 && path[3] == "options" {
			return named(path[4], values)
		}
	case "dockerLabels":
		if len(path) == 4 {
			return named(path[3], values)
		}
	case "command", "entryPoint", "healthCheck":
		return sensitive.Command(values)
	}
	return make([]bool, len(values))
}

// named judges values by the name that they have.
func named(name string, values []string) []bool {
	out := make([]bool, len(values))
	for i, value := range values {
		out[i] = sensitive.Is(name, value)
	}
	return out
}
