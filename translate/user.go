package translate

import (
	"cmp"
	"strings"
)

// writtenUser is the user that the files give a container, in a form that ECS takes:
// UID, UID:GID or names (API reference, ContainerDefinition, user). Docker takes root for
// a user that is blank before a colon, and the group of the user for a blank one behind it
// (moby/sys/user, GetExecUser). Where both are blank, nobody is named.
func writtenUser(text string) string {
	user, group, pair := strings.Cut(text, ":")
	switch {
	case !pair:
		return text
	case group == "":
		return user
	default:
		return cmp.Or(user, "0") + ":" + group
	}
}
