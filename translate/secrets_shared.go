package translate

import (
	"github.com/compose-spec/compose-go/v2/types"
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

// secretsEnv is the setting for a service, and its place.
func (p *Project) secretsEnv(service string) (SecretsEnv, []string) {
	path := at(service, xKey, "secrets_env")
	if p.X.services[service].SecretsEnv == nil {
		path = []string{xKey, "defaults", "secrets_env"}
	}
	if x := p.X.Service(service).SecretsEnv; x != nil {
		return *x, path
	}
	return SecretsEnv{}, path
}
