package translate

import (
	"strings"
)

// architectures are the architectures of Fargate, by the platforms of compose.
var architectures = map[string]string{
	"linux/amd64":    "X86_64",
	"linux/x86_64":   "X86_64",
	"amd64":          "X86_64",
	"linux":          "X86_64",
	"linux/arm64":    "ARM64",
	"linux/arm64/v8": "ARM64",
	"linux/aarch64":  "ARM64",
	"arm64":          "ARM64",
}

// writtenArchitecture is the one that the files set for all containers of a
// task, "" if they leave it open.
func writtenArchitecture(b *base, k *task) string {
	var found string
	var first container
	for _, m := range k.members {
		architecture := writtenPlatform(b, m)
		switch {
		case architecture == "":
		case found != "" && architecture != found:
			b.errorf(at(m.Name, "platform"), "give it a task of its own, or both the same platform",
				"%s in one task with %s of %q", architecture, found, first.Name)
		default:
			found, first = architecture, m
		}
	}
	return found
}

// writtenPlatform is the architecture that the files give a service, "" where they
// leave it open.
func writtenPlatform(b *base, s container) string {
	if architecture := b.X.Service(s.Name).Platform; architecture != "" {
		return architecture
	}
	if s.Platform == "" {
		return ""
	}
	architecture, ok := architectures[strings.ToLower(s.Platform)]
	if !ok {
		b.errorf(s.at("platform"), "build the image for linux/amd64 or linux/arm64", "Fargate does not run %s", s.Platform)
	}
	return architecture
}

// platforms are what registries and builders call the architectures of ECS.
var platforms = map[string]string{"X86_64": "linux/amd64", "ARM64": "linux/arm64"}
