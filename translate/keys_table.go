package translate

import (
	"slices"
)

// KeyGroup is a part of the table.
type KeyGroup struct {
	Name string
	Keys []Key
}

// KeyGroups returns the table by what the attributes are about: every attribute
// of the Compose Specification is covered by a Key of it.
func KeyGroups() []KeyGroup {
	groups := []KeyGroup{
		{"files, networks and volumes", topLevelKeys},
		{"services: image and file", imageKeys},
		{"services: process", processKeys},
		{"services: resources and rights", resourceKeys},
		{"services: deploy", deployKeys},
		{"services: networks", networkKeys},
		{"services: ports", portKeys},
		{"services: storage, secrets and configs", storageKeys},
		{"services: the host", hostKeys},
	}
	for i := range groups {
		groups[i].Keys = slices.Clone(groups[i].Keys)
		for j := range groups[i].Keys {
			k := &groups[i].Keys[j]
			k.To = k.becomes()
		}
	}
	return groups
}

// Keys returns the whole table.
func Keys() []Key {
	var keys []Key
	for _, group := range KeyGroups() {
		keys = append(keys, group.Keys...)
	}
	return keys
}
