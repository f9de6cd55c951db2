package xfargate

// Patch is the last word of the user: what is merged into the spec of a task
// definition and of a service, under the names of the AWS CLI.
type Patch struct {
	TaskDefinition map[string]any
	Service        map[string]any
}

func patchOf(value any) Patch {
	m, _ := value.(map[string]any)
	p := Patch{}
	p.TaskDefinition, _ = m["task_definition"].(map[string]any)
	p.Service, _ = m["service"].(map[string]any)
	return p
}
