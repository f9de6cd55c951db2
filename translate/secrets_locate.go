package translate

import (
	"path"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
)

// sharedFiles are the names of the secrets and configs that active services use.
func (p *Project) sharedFiles() (secrets, configs map[string]bool) {
	secrets, configs = map[string]bool{}, map[string]bool{}
	add := func(c types.ContainerSpec) {
		for _, s := range c.Secrets {
			secrets[s.Source] = true
		}
		for _, s := range c.Configs {
			configs[s.Source] = true
		}
	}
	for name, s := range p.Compose.Services {
		add(s.ContainerSpec)
		for _, step := range s.PreStart {
			add(step.ContainerSpec)
		}
		if s.Build != nil {
			for _, b := range s.Build.Secrets {
				secrets[b.Source] = true
			}
		}
		x, _ := p.secretsEnv(name)
		for _, from := range x.From {
			secrets[from] = true
		}
	}
	return secrets, configs
}

// locateImage takes the path of a field of image/SERVICE or of image/SERVICE/STEP.
func (p *Project) locateImage(name string, field []string) diag.Pos {
	service, _, _ := strings.Cut(name, "/")
	if !p.HasService(service) { // the helper's
		return p.At("services")
	}
	if len(field) > 1 && field[0] == "files" {
		s := p.Compose.Services[service]
		for i, c := range s.Configs {
			if targetOf(c.Target, "/", c.Source) == field[1] {
				return p.At(at(service, "configs", strconv.Itoa(i))...)
			}
		}
		for i, v := range s.Volumes {
			if within(field[1], path.Clean(v.Target)) {
				return p.At(at(service, "volumes", strconv.Itoa(i))...)
			}
		}
	}
	if field[0] == "platform" {
		return p.ofService(service, "x-fargate.platform", "platform", "build.platforms", "build", "image")
	}
	return p.ofService(service, "build", "image")
}

// locateSecret takes the name of a parameter: SECRET, SECRET/KEY or
// SERVICE.VARIABLE.
func (p *Project) locateSecret(name string) diag.Pos {
	for _, secret := range []string{name, name[:max(0, strings.LastIndexByte(name, '/'))]} {
		if _, ok := p.Compose.Secrets[secret]; ok {
			return p.firstWritten([]string{"secrets", secret, "file"}, []string{"secrets", secret, "environment"}, []string{"secrets", secret})
		}
	}
	cut := max(0, strings.LastIndexAny(name, "./"))
	service, _, _ := strings.Cut(name[:cut], "/")
	if !p.HasService(service) {
		return p.At("services")
	}
	return p.locateEntry(service, []string{"environment", "env_file"}, name[cut+1:])
}

// serviceOfHelper finds the service whose task a container brings files to.
func (p *Project) serviceOfHelper(container string) (service string, ok bool) {
	for _, name := range sortedKeys(p.Compose.Services) {
		s := p.Compose.Services[name]
		if p.helperName(&task{lead: &s}) == container && !p.HasService(container) {
			return name, true
		}
	}
	return "", false
}
