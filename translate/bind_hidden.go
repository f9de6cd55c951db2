package translate

import (
	"slices"
	"strings"
)

// hiddenBelow says what other mounts of a container hide in one, as docker has it: the
// deepest mount is what a program sees.
func hiddenBelow(s container, target string) func(string) bool {
	var others []string
	for _, v := range s.Volumes {
		others = append(others, v.Target)
	}
	for _, c := range s.Configs {
		others = append(others, targetOf(c.Target, "/", c.Source))
	}
	for _, c := range s.Secrets {
		others = append(others, targetOf(c.Target, secretsDirectory, c.Source))
	}
	for _, mount := range s.Tmpfs {
		place, _, _ := strings.Cut(mount, ":")
		others = append(others, place)
	}
	others = slices.DeleteFunc(others, func(other string) bool { return !within(other, target) || within(target, other) })
	return func(name string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return within(name, other) })
	}
}
