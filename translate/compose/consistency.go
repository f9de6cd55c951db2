package compose

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// consistency finds what does not fit together in a project: all of it, where
// compose-go's own check stops at the first.
type consistency struct {
	*faults
	project *types.Project
	env     types.Mapping
}

// project checks what is left of the files once it loads.
func (f *faults) project(project *types.Project, s *settings) {
	c := consistency{faults: f, project: project, env: s.env}
	for _, name := range project.ServiceNames() {
		c.service(project.Services[name])
	}
	c.secrets()
	c.jobs()
	c.circles()
}

func (c consistency) service(s types.ServiceConfig) {
	c.image(s)
	c.platforms(s)
	c.references(s)
	c.dependencies(s)
	c.sizes(s)
	c.health(s)
	c.mounts(s)
	c.envFiles(s)
	if s.NetworkMode != "" && len(s.Networks) > 0 {
		c.errorf("remove network_mode or networks", "services", s.Name, "network_mode")("cannot be combined with networks")
	}
}

// errorf reports at a path that the files may not have, so that the nearest one
// stands in for it.
func (c consistency) errorf(help string, path ...string) func(format string, args ...any) {
	return func(format string, args ...any) {
		place := c.find(path)
		if place.doc == nil {
			return
		}
		value := target(place.value)
		if place.depth < len(path) {
			value = nil
		}
		c.fault(place.doc, path, place.key, value, help, format, args...)
	}
}

func (c consistency) image(s types.ServiceConfig) {
	at := "services." + s.Name
	if s.Build != nil || s.Image != "" || s.Provider != nil || c.withoutBase[s.Name] || c.reportedAt(at+".image", at+".build", at+".provider", at+".extends") {
		return
	}
	path := []string{"services", s.Name}
	if image := append(path, "image"); c.find(image).depth == len(image) {
		path = image
	}
	c.errorf("give it an image", path...)("the service has no image")
}

// references checks the names of what is shared.
func (c consistency) references(s types.ServiceConfig) {
	for _, name := range slices.Sorted(maps.Keys(s.Networks)) {
		refer(c, c.project.Networks, s.Name, "networks", name, name)
	}
	for i, v := range s.Volumes {
		if v.Type == types.VolumeTypeVolume && v.Source != "" {
			refer(c, c.project.Volumes, s.Name, "volumes", strconv.Itoa(i), v.Source)
		}
	}
	for i, x := range s.Secrets {
		refer(c, c.project.Secrets, s.Name, "secrets", strconv.Itoa(i), x.Source)
	}
	for i, x := range s.Configs {
		refer(c, c.project.Configs, s.Name, "configs", strconv.Itoa(i), x.Source)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Models)) {
		refer(c, c.project.Models, s.Name, "models", name, name)
	}
}

// refer complains of a name that the top-level section does not have.
func refer[T any](c consistency, section map[string]T, service, key, item, name string) {
	path := []string{"services", service, key, item}
	if _, ok := section[name]; ok || c.reportedAt(key, key+"."+name) || c.reportedBelow(path) {
		return
	}
	if name == "" {
		c.errorf("", path...)("needs source")
		return
	}
	help := DidYouMean(name, slices.Sorted(maps.Keys(section)))
	if help == "" {
		help = fmt.Sprintf("declare it at the top level: %s: {%s: }", key, name)
	}
	c.errorf(help, path...)("there is no %s %q", strings.TrimSuffix(key, "s"), name)
}

func (c consistency) dependencies(s types.ServiceConfig) {
	for _, other := range slices.Sorted(maps.Keys(s.DependsOn)) {
		_, active := c.project.Services[other]
		_, isJob := c.project.AllJobs()[other]
		disabled, isDisabled := c.project.DisabledServices[other]
		path := []string{"services", s.Name, "depends_on", other}
		if place := c.find(path); place.depth == 3 && place.key.Value != "depends_on" {
			path = []string{"services", s.Name, place.key.Value} // which it was derived from
		}
		switch {
		case active, isDisabled && !s.DependsOn[other].Required, c.reportedAt("services." + other):
		case isDisabled:
			c.errorf("add --profile "+diag.Word(disabled.Profiles[0])+", or write required: false", path...)(
				"service %q has only the profiles %s, which are not active", other, Quoted(disabled.Profiles))
		case isJob:
			c.errorf("depend on a service", path...)("%q is a job, and services can depend only on services", other)
		default:
			c.errorf(DidYouMean(other, c.serviceNames(c.layers)), path...)("there is no service %q", other)
		}
	}
}

// circles finds services that wait for each other, each circle once.
func (c consistency) circles() {
	done := map[string]bool{}
	for _, name := range c.project.ServiceNames() {
		c.follow(name, nil, done)
	}
}

// follow goes on from the chain to a service and all it depends on.
func (c consistency) follow(name string, chain []string, done map[string]bool) {
	if i := slices.Index(chain, name); i >= 0 {
		circle := append(slices.Clone(chain[i:]), name)
		c.errorf("remove one depends_on", "services", chain[len(chain)-1], "depends_on", name)(
			"services wait for each other in a circle: %s", strings.Join(circle, " -> "))
		return
	}
	if done[name] {
		return
	}
	chain = append(chain[:len(chain):len(chain)], name)
	for _, other := range slices.Sorted(maps.Keys(c.project.Services[name].DependsOn)) {
		c.follow(other, chain, done)
	}
	done[name] = true
}

// sizes complains of two words on one thing.
func (c consistency) sizes(s types.ServiceConfig) {
	differ := func(differs bool, key, other string) {
		if differs {
			c.errorf("remove one of the two keys", "services", s.Name, key)("contradicts %s", other)
		}
	}
	deploy := s.Deploy
	if deploy == nil {
		deploy = &types.DeployConfig{}
	}
	limits, reservations := deploy.Resources.Limits, deploy.Resources.Reservations
	differ(s.Scale != nil && deploy.Replicas != nil && *s.Scale != *deploy.Replicas, "scale", "deploy.replicas")
	differ(s.CPUS != 0 && limits != nil && limits.NanoCPUs.Value() != s.CPUS, "cpus", "deploy.resources.limits.cpus")
	differ(s.MemLimit != 0 && limits != nil && limits.MemoryBytes != s.MemLimit, "mem_limit", "deploy.resources.limits.memory")
	differ(s.MemReservation != 0 && reservations != nil && reservations.MemoryBytes != s.MemReservation,
		"mem_reservation", "deploy.resources.reservations.memory")
	differ(s.PidsLimit != 0 && limits != nil && limits.Pids != s.PidsLimit, "pids_limit", "deploy.resources.limits.pids")
	if s.Scale != nil && *s.Scale < 0 {
		c.errorf("", "services", s.Name, "scale")("must be 0 or more")
	}
	if deploy.Replicas != nil && *deploy.Replicas < 0 {
		c.errorf("", "services", s.Name, "deploy", "replicas")("must be 0 or more")
	}
	if s.ContainerName != "" && (s.GetScale() > 1 || s.Scale != nil && *s.Scale > 1) {
		c.errorf("leave container_name out", "services", s.Name, "container_name")("two containers cannot have the same name")
	}
}

func (c consistency) health(s types.ServiceConfig) {
	if s.HealthCheck == nil || len(s.HealthCheck.Test) == 0 {
		return
	}
	if first := s.HealthCheck.Test[0]; !slices.Contains([]string{"CMD", "CMD-SHELL", "NONE"}, first) {
		c.errorf(`write ["CMD", …], ["CMD-SHELL", "…"], or a string`, "services", s.Name, "healthcheck", "test")(
			"begins with %q, must begin with CMD, CMD-SHELL or NONE", first)
	}
}

func (c consistency) mounts(s types.ServiceConfig) {
	mounted := map[string]string{}
	mount := func(target, key string, i int) {
		path := []string{"services", s.Name, key, strconv.Itoa(i)}
		if first, ok := mounted[target]; ok {
			c.errorf("mount one of the two elsewhere", path...)("%s is mounted twice, first by %s", target, first)
			return
		}
		mounted[target] = strings.TrimPrefix(Dotted(path), "services."+s.Name+".")
	}
	for i, tmpfs := range s.Tmpfs {
		target, _, _ := strings.Cut(tmpfs, ":")
		mount(target, "tmpfs", i)
	}
	for i, v := range s.Volumes {
		mount(v.Target, "volumes", i)
	}
}

// envFiles checks the files that compose-go reads for active services.
func (c consistency) envFiles(s types.ServiceConfig) {
	for i, file := range s.EnvFiles {
		c.envFile(s, "env_file", i, file)
	}
	for i, file := range s.LabelFiles {
		c.envFile(s, "label_file", i, types.EnvFile{Path: file, Required: true})
	}
}

func (c consistency) envFile(s types.ServiceConfig, key string, i int, file types.EnvFile) {
	path := []string{"services", s.Name, key, strconv.Itoa(i)}
	text, err := content.ReadFile(file.Path, longestFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if bool(file.Required) {
			c.errorf("make the file, or write required: false", path...)("no such file: %s", c.display(file.Path))
		}
		return
	case err != nil:
		c.errorf("make it readable", path...)("%s cannot be read: %s", c.display(file.Path), reasonOf(err))
		return
	}
	lookup := func(name string) (string, bool) {
		if v, ok := c.env[name]; ok {
			return v, true
		}
		v, ok := s.Environment[name]
		if v == nil {
			return "", ok
		}
		return *v, ok
	}
	err = dotenv.ParseWithFormat(bytes.NewReader(text), file.Path, map[string]string{}, lookup, file.Format)
	if err != nil {
		sayDotEnv(c.display, file.Path, Dotted(path), err, &c.ds)
	}
}

func (c consistency) secrets() {
	for _, name := range c.project.SecretNames() {
		s := c.project.Secrets[name]
		if !s.External && s.File == "" && s.Environment == "" {
			c.errorf("", "secrets", name)("needs file or environment")
		}
	}
}

func (c consistency) jobs() {
	for _, name := range slices.Sorted(maps.Keys(c.project.AllJobs())) {
		if _, ok := c.project.AllServices()[name]; ok {
			c.errorf("rename one of the two", "jobs", name)("a service has this name too")
		}
	}
}

// platforms complains of a build that leaves out the platform of its service.
func (c consistency) platforms(s types.ServiceConfig) {
	if s.Build == nil || s.Platform == "" || len(s.Build.Platforms) == 0 || slices.Contains(s.Build.Platforms, s.Platform) {
		return
	}
	c.errorf("add it, or write platform: "+s.Build.Platforms[0], "services", s.Name, "build", "platforms")(
		"build.platforms does not include the platform of the service, %s", s.Platform)
}
