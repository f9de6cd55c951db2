package translate

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// refuseBlind looks for routers that stay in the stack although nothing tells them to
// what they lead: they ask Docker, which a Fargate task does not have, with or without a
// proxy in front of its socket.
func (b *base) refuseBlind() {
	for _, router := range routers {
		var blind []types.ServiceConfig
		for _, name := range sortedKeys(b.Compose.Services) {
			if s := b.Compose.Services[name]; router.is(s) && b.asksDocker(s) && !b.bindsDocker(s) {
				blind = append(blind, s)
			}
		}
		if blind == nil {
			continue
		}
		if labelled := b.labelledFor(router); labelled != nil {
			for _, s := range blind {
				b.sayBlind(s, labelled)
			}
		}
	}
}

// labelledFor are the services with labels for a router, sorted.
func (b *base) labelledFor(router router) []string {
	var out []string
	known := b.middlewares()
	for _, name := range sortedKeys(b.Compose.Services) {
		if s := b.Compose.Services[name]; len(router.read(s, labelsOf(s), known)) > 0 {
			out = append(out, name)
		}
	}
	return out
}

func (b *base) sayBlind(s types.ServiceConfig, labelled []string) {
	say := b.errorf
	if slices.Contains(b.facts.Services, s.Name) {
		say = b.warnf
	}
	say(at(s.Name, "image"), "leave it out with x-fargate: {skip: true}, as load balancers do what the labels describe; or, where its files say all, remove what makes it ask Docker",
		"%q asks Docker for the services that it leads to, and there is no Docker on Fargate: nothing leads to %s", s.Name, listed(labelled))
}

// bindsDocker says whether a service mounts the socket of Docker, which is refused.
func (b *base) bindsDocker(s types.ServiceConfig) bool {
	return slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Type == "bind" && socketKind(v.Source) == bindEngine && b.X.FileMode(s.Name, v.Target) != xfargate.LeftOut
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
func (b *base) asksDocker(s types.ServiceConfig) bool {
	if nameOf(cmp.Or(s.Image, s.Name)).last != "traefik" {
		return true
	}
	words := slices.Concat(s.Entrypoint, s.Command, sortedKeys(s.Environment))
	if slices.ContainsFunc(words, dockerProvider.MatchString) {
		return true
	}
	return slices.ContainsFunc(b.textsOf(s.Name), func(t *textFile) bool {
		return strings.Contains(strings.ToLower(t.name), "traefik") && slices.ContainsFunc(t.lines, dockerProviderLine.MatchString)
	})
}
