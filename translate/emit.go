package translate

import (
	"bytes"
	"encoding/json"
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
		data, err := indented(cover{s}.spec(r))
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
		out.Resources = append(out.Resources, resource{r.Address, r.Source, cover{s}.spec(r), r.After, r.Needs, names})
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
