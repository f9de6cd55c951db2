package translate

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// refuseBlind looks for routers that stay in the stack although nothing tells them to
// what they lead: they ask Docker, which a Fargate task does not have, with or without a
// proxy in front of its socket.
func (f publisher) refuseBlind() {
	known := f.middlewares()
	for _, router := range routers {
		labelled := []string{}
		for _, s := range sortedValues(f.Compose.Services) {
			if len(router.read(s, labelsOf(s), known)) > 0 {
				labelled = append(labelled, s.Name)
			}
		}
		for _, s := range sortedValues(f.Compose.Services) {
			if len(labelled) > 0 && router.is(s) && f.asksDocker(s) && !f.bindsDocker(s) {
				f.sayBlind(s, labelled)
			}
		}
	}
}

func (f publisher) sayBlind(s types.ServiceConfig, labelled []string) {
	say := f.errorf
	if slices.Contains(f.facts.Services, s.Name) {
		say = f.warnf
	}
	say(at(s.Name, "image"), "leave it out with x-fargate: {skip: true}, as load balancers do what the labels describe; or, where its files say all, remove what makes it ask Docker",
		"%q asks Docker for the services that it leads to, and there is no Docker on Fargate: nothing leads to %s", s.Name, listed(labelled))
}

// bindsDocker says whether a service mounts the socket of Docker, which is refused.
func (f publisher) bindsDocker(s types.ServiceConfig) bool {
	return slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Type == "bind" && socketKind(v.Source) == bindEngine && f.X.FileMode(s.Name, v.Target) != xfargate.LeftOut
	})
}

// What makes a Traefik read labels of containers: its command line, its environment, or a
// file ("Docker" and "Docker Swarm" of Traefik's documentation, "Provider Configuration";
// --docker of version 1).
var (
	dockerProvider     = regexp.MustCompile(`(?i)^--(providers\.(docker|swarm)|docker)\b|^TRAEFIK_PROVIDERS_(DOCKER|SWARM)`)
	dockerProviderLine = regexp.MustCompile(`(?i)^\s*(\[?(providers\.)?(docker|swarm)\]?:?\s*(\{.*)?)$`)
)

// asksDocker says whether a router reads labels from Docker: the others than Traefik do
// nothing else.
func (f publisher) asksDocker(s types.ServiceConfig) bool {
	if imageName(cmp.Or(s.Image, s.Name)) != "traefik" {
		return true
	}
	words := slices.Concat(s.Entrypoint, s.Command, sortedKeys(s.Environment))
	if slices.ContainsFunc(words, dockerProvider.MatchString) {
		return true
	}
	return slices.ContainsFunc(f.textsOf(s.Name), func(t *textFile) bool {
		return strings.Contains(strings.ToLower(t.name), "traefik") && slices.ContainsFunc(t.lines, dockerProviderLine.MatchString)
	})
}

// entrypoint matches the address of an entry point of Traefik: --entrypoints.ssh.address=:2222.
var entrypoint = regexp.MustCompile(`(?i)^(?:--entrypoints\.|TRAEFIK_ENTRYPOINTS_)(\w[\w-]*?)[._]address=\S*:([0-9]{1,5})(?:/(?:tcp|udp))?$`)

// entrypointPorts are the ports of the host at which a Traefik that is left out let
// clients in, by the names of its entry points in lower case.
func (p *Project) entrypointPorts() map[string]int {
	out := map[string]int{}
	for _, s := range p.Compose.DisabledServices {
		words := slices.Concat(s.Entrypoint, s.Command)
		for name, value := range s.Environment {
			if value != nil {
				words = append(words, name+"="+*value)
			}
		}
		for _, word := range words {
			if m := entrypoint.FindStringSubmatch(word); m != nil {
				out[strings.ToLower(m[1])] = publishedAs(s, portsOf(m[2]))
			}
		}
	}
	return out
}

// publishedAs is the port of the host for a port of a container, as which it counts where
// it is not published.
func publishedAs(s types.ServiceConfig, ports []int) int {
	if len(ports) != 1 {
		return 0
	}
	for _, p := range s.Ports {
		if published := portsOf(p.Published); int(p.Target) == ports[0] && len(published) == 1 {
			return published[0]
		}
	}
	return ports[0]
}

// earliest is the path that comes first in the files; nil is none.
func (f publisher) earliest(a, b diag.Path) diag.Path {
	if a == nil || f.At(b...).Compare(f.At(a...)) < 0 {
		return b
	}
	return a
}
