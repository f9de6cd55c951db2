package xfargate

// Patch is the last word of the user: what is merged into the spec of a task
// definition and of a service, under the names of the AWS CLI.
type Patch struct {
	TaskDefinition map[string]any
	Service        map[string]any
}

func patchOf(m map[string]any) Patch {
	return Patch{
		TaskDefinition: field[map[string]any](m, "task_definition"),
		Service:        field[map[string]any](m, "service"),
	}
}
