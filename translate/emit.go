package translate

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// NamedJSON is the JSON of one task definition.
type NamedJSON struct {
	Name string // of the compose service
	JSON []byte // indented, with a final newline
	// Placeholders are the texts in it for values that are not known offline,
	// ${ref:ADDRESS.attribute}, and for secrets, ${secret:SERVICE.NAME}; sorted,
	// without duplicates.
	Placeholders []string
}

// TaskDefinitions renders the task definitions of a stack as the AWS CLI takes
// them: aws ecs register-task-definition --cli-input-json.
func TaskDefinitions(s *plan.Stack) []NamedJSON {
	var out []NamedJSON
	for _, r := range s.Resources {
		if r.Address.Kind != spec.TaskDefinitionKind {
			continue
		}
		data, err := indented(withoutSecrets(r))
		if err != nil {
			panic(err) // specs are plain data
		}
		out = append(out, NamedJSON{Name: r.Address.Name, JSON: data, Placeholders: placeholders(data)})
	}
	return out
}

// StackJSON renders a stack for a reader: its resources, sorted by address, with
// placeholders as in TaskDefinitions.
func StackJSON(s *plan.Stack) ([]byte, error) {
	type resource struct {
		Address plan.Address   `json:"address"`
		Source  diag.Pos       `json:"source,omitzero"`
		Spec    any            `json:"spec"`
		After   []plan.Address `json:"after,omitempty"`
		Needs   []plan.Address `json:"needs,omitempty"`
		Names   []string       `json:"names,omitempty"`
	}
	var out struct {
		Resources []resource `json:"resources"`
	}
	for _, r := range s.Resources {
		var names []string
		for _, ref := range r.Names {
			names = append(names, ref.String())
		}
		out.Resources = append(out.Resources, resource{r.Address, r.Source, withoutSecrets(r), r.After, r.Needs, names})
	}
	return indented(out)
}

var placeholder = regexp.MustCompile(`\$\{(?:ref|secret):[^}]*\}`)

// placeholders finds what stands for something else in a rendering.
func placeholders(data []byte) []string {
	found := placeholder.FindAllString(string(data), -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func indented(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// withoutSecrets returns the spec of a resource with placeholders for what must
// not be shown. The spec itself stays as it is.
func withoutSecrets(r *plan.Resource) any {
	if i, ok := r.Spec.(*spec.Image); ok {
		return withoutSecretTexts(r.Address, i)
	}
	d, ok := r.Spec.(*spec.TaskDefinition)
	if !ok {
		return r.Spec
	}
	copied := *d
	copied.ContainerDefinitions = slices.Clone(d.ContainerDefinitions)
	for i := range copied.ContainerDefinitions {
		hide(&copied.ContainerDefinitions[i], serviceOf(r.Address, copied.ContainerDefinitions[i].Name))
	}
	return &copied
}

// withoutSecretTexts returns an image with placeholders for the files in which
// there may be secrets.
func withoutSecretTexts(address plan.Address, i *spec.Image) *spec.Image {
	sensitive := spec.Kinds()[spec.ImageKind].Sensitive
	copied := *i
	copied.Files = slices.Clone(i.Files)
	for j, f := range copied.Files {
		if sensitive([]string{"files", f.Path, "text"}, f.Text) {
			copied.Files[j].Text = secretPlaceholder(address.Name, f.Path)
		}
	}
	return &copied
}

// serviceOf is the compose service of a container; of one whose name AWS does
// not take, the name it has there.
func serviceOf(address plan.Address, container string) string {
	if ecsName(address.Name) == container {
		return address.Name
	}
	return container
}

func hide(c *spec.Container, service string) {
	c.Environment = slices.Clone(c.Environment)
	for i, e := range c.Environment {
		if looksSecret(e.Name, e.Value.String()) {
			c.Environment[i].Value = plan.Literal(secretPlaceholder(service, e.Name))
		}
	}
	c.EntryPoint = hideWords(c.EntryPoint, service, "entrypoint")
	c.Command = hideWords(c.Command, service, "command")
	if c.HealthCheck != nil {
		copied := *c.HealthCheck
		copied.Command = hideWords(copied.Command, service, "healthcheck")
		c.HealthCheck = &copied
	}
	if c.LogConfiguration != nil {
		copied := *c.LogConfiguration
		copied.Options = maps.Clone(copied.Options)
		for name, value := range copied.Options {
			if spec.SensitiveOption(name, value.Text) {
				copied.Options[name] = plan.Literal(secretPlaceholder(service, name))
			}
		}
		c.LogConfiguration = &copied
	}
	c.DockerLabels = maps.Clone(c.DockerLabels)
	for name, value := range c.DockerLabels {
		if spec.Sensitive("", value) {
			c.DockerLabels[name] = secretPlaceholder(service, name)
		}
	}
}

// hideWords hides URLs with passwords in a command line.
func hideWords(words []string, service, attribute string) []string {
	words = slices.Clone(words)
	for i, word := range words {
		if spec.Sensitive("", word) {
			words[i] = secretPlaceholder(service, attribute)
		}
	}
	return words
}

func secretPlaceholder(service, name string) string { return "${secret:" + service + "." + name + "}" }
