package spec

import (
	"regexp"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// secretName matches names of variables whose values are secrets by custom. It
// errs on the side of hiding.
var secretName = regexp.MustCompile(`(?i)(passw(or)?d|passphrase|secret|token|api_?key|access_?key|private_?key|encryption_?key|signing_?key|master_?key|credential|(^|_)(pass|pwd|auth|salt|dsn|pat)($|_)|(^|_)key$|app_key)`)

// Sensitive says whether an environment value must not be shown: because of its
// variable's name, or because it is a URL with a password in it.
func Sensitive(name, value string) bool {
	if value == "" {
		return false
	}
	return secretName.MatchString(name) || diag.HasPassword(value)
}

// SensitiveOption says whether an option of a log driver must not be shown, such
// as splunk-token.
func SensitiveOption(name, value string) bool {
	return Sensitive(strings.ReplaceAll(name, "-", "_"), value)
}

// sensitiveInTaskDefinition knows where a task definition holds values that may
// be secrets: containerDefinitions.C.environment.NAME.value, and
// containerDefinitions.C.logConfiguration.options.NAME.
func sensitiveInTaskDefinition(path diag.Path, value string) bool {
	if len(path) < 3 || path[0] != "containerDefinitions" {
		return false
	}
	switch path[2] {
	case "environment":
		return len(path) == 5 && path[4] == "value" && Sensitive(path[3], value)
	case "logConfiguration":
		return len(path) == 5 && path[3] == "options" && SensitiveOption(path[4], value)
	case "command", "entryPoint", "healthCheck", "dockerLabels":
		return diag.HasPassword(value)
	default:
		return false
	}
}
