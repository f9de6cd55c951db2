package translate

import (
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
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
func (p *Project) secretsEnv(service string) (xfargate.SecretsEnv, diag.Path) {
	path := at(service, xfargate.Key, "secrets_env")
	if p.X.Services[service].SecretsEnv == nil {
		path = diag.Path{xfargate.Key, "defaults", "secrets_env"}
	}
	if x := p.X.Service(service).SecretsEnv; x != nil {
		return *x, path
	}
	return xfargate.SecretsEnv{}, path
}
