package translate

import (
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// endingOf says why a service ends by itself. A sidecar ends within its task.
func (p *Project) endingOf(service string) ending {
	p.endingsOnce.Do(func() {
		p.endings = map[string]ending{}
		for _, name := range p.Compose.ServiceNames() {
			p.endings[name] = p.findEnding(name)
		}
	})
	return p.endings[service]
}

// isRun says whether a task ends by itself.
func (b *base) isRun(k *task) bool { return b.endingOf(k.name()) != keepsOn }

// EndsByItself says whether an active service is there to run once.
func (p *Project) EndsByItself(service string) bool { return p.endingOf(service) != keepsOn }

func (p *Project) findEnding(name string) ending {
	config := p.Compose.Services[name]
	s := container{ServiceConfig: &config}
	switch lead, _ := p.mainOf(name); {
	case lead != name || !runs(*s.ServiceConfig) || s.GetScale() == 0:
		return keepsOn
	case p.isAwaitedToEnd(name):
		return awaitedToEnd
	case s.Deploy != nil && (s.Deploy.Mode == "replicated-job" || s.Deploy.Mode == "global-job"):
		return jobByMode
	case p.mayEnd(s) && p.evidentlyEnds(s):
		return endsEvidently
	}
	return keepsOn
}

// isAwaitedToEnd says whether a service with another task waits for the end of one. Those that
// are not active count: what a service is there for does not change with a profile.
func (p *Project) isAwaitedToEnd(name string) bool {
	for _, services := range []types.Services{p.Compose.Services, p.Compose.DisabledServices} {
		for other, s := range services {
			d, ok := s.DependsOn[name]
			if lead, _ := p.mainOf(other); ok && d.Condition == types.ServiceConditionCompletedSuccessfully && lead != name {
				return true
			}
		}
	}
	return false
}

// mayEnd says whether nothing in the files speaks of a service that is kept running: compose
// does not restart it after its success, nobody reaches it or looks at its health, and there is
// one of it.
func (p *Project) mayEnd(s container) bool {
	switch restarts(s) {
	case "", types.RestartPolicyNo, types.RestartPolicyOnFailure:
	default:
		return false
	}
	hasSidecar := slices.ContainsFunc(p.Compose.ServiceNames(), func(other string) bool {
		lead, _ := p.mainOf(other)
		return other != s.Name && lead == s.Name
	})
	return len(s.Ports) == 0 && len(s.Expose) == 0 && (s.HealthCheck == nil || isOff(s.HealthCheck)) && !s.Tty && !s.StdinOpen &&
		s.GetScale() == 1 && !p.awaited[s.Name] && !hasSidecar
}

// evidentlyEnds judges what a service starts, by the files alone: so that its place is the
// same whatever a registry answers.
func (p *Project) evidentlyEnds(s container) bool {
	words, ends := p.startWords(s)
	return ends || endingWords{script: p.scriptsOf(s)}.ends(words)
}

// startWords are those that a container starts with; ends says that its image ends by
// itself with none. A script of an image runs its arguments in the end.
func (p *Project) startWords(s container) (words []string, ends bool) {
	if s.Entrypoint != nil && !isCleared(s.Entrypoint) {
		return slices.Concat([]string(s.Entrypoint), s.Command), false
	}
	image, command := s.Image, []string(s.Command)
	if build, _ := p.buildOf(s); build != nil {
		built := p.builtImageOf(s)
		if built == nil {
			return nil, false
		}
		if len(command) == 0 {
			command, _ = built.command()
		}
		for _, stage := range built.chain() {
			if stage.entrypoint.line > 0 && s.Entrypoint == nil {
				return slices.Concat(stage.entrypoint.words, command), false
			}
		}
		if image = built.base(); len(command) == 0 {
			return nil, false // what its base starts is hardly what it is built for
		}
	}
	switch known := imageEnds(image); {
	case s.Entrypoint != nil || known == nil:
		return command, false
	case len(command) == 0:
		return nil, known.Default
	default:
		return slices.Concat(known.Program, command), false
	}
}

// scriptsOf finds the scripts of a container that are here, by their names in it.
func (p *Project) scriptsOf(s container) func(name string) (text string, ok bool) {
	return func(name string) (string, bool) {
		if name == "" || strings.Contains(name, "$") {
			return "", false
		}
		for _, f := range p.textsOf(s.Name) {
			t := textSearch{textFile: f, format: f.format()}
			if t.format == shellFormat && slices.ContainsFunc(f.targets, func(target string) bool {
				return target == name || path.Base(target) == path.Base(name) && !path.IsAbs(name)
			}) {
				return strings.Join(f.lines, "\n"), true
			}
		}
		return "", false
	}
}
