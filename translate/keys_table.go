package translate

import (
	"slices"
	"strings"
	"sync"
)

// KeyGroup is a part of the table.
type KeyGroup struct {
	Name string
	Keys []Key
}

// keyGroups are the table by what the attributes are about.
func keyGroups() []KeyGroup {
	return []KeyGroup{
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
}

// KeyGroups returns the table by what the attributes are about: every attribute
// of the Compose Specification is covered by a Key of it.
func KeyGroups() []KeyGroup {
	groups := keyGroups()
	for i := range groups {
		groups[i].Keys = slices.Clone(groups[i].Keys)
		for j := range groups[i].Keys {
			k := &groups[i].Keys[j]
			if k.To == "" && (k.Verdict == Mapped || k.Verdict == Approximated) {
				k.To = becomes(k.Path)
			}
		}
	}
	return groups
}

// attributeFields are what the attributes become whose rows say so.
var attributeFields = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, group := range keyGroups() {
		for _, k := range group.Keys {
			if k.field != nil {
				out[k.Path] = *k.field
			}
		}
	}
	return out
})

// becomes is what an attribute becomes on AWS, else the nearest one around it
// within a service.
func becomes(path string) string {
	parts := strings.Split(path, ".")
	for n := len(parts); n > 0; n-- {
		to, ok := attributeFields()[strings.Join(parts[:n], ".")]
		if ok && (n == len(parts) || n > 2) {
			return to
		}
	}
	return ""
}

// Keys returns the whole table.
func Keys() []Key {
	var keys []Key
	for _, group := range KeyGroups() {
		keys = append(keys, group.Keys...)
	}
	return keys
}
