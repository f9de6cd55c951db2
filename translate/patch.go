package translate

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// The parts of a patch, by the kind of resource that they are for.
var patchParts = map[string]string{spec.TaskDefinitionKind: "task_definition", spec.ServiceKind: "service"}

// placedPatch is a patch and its place in the files.
type placedPatch struct {
	path  diag.Path
	patch map[string]any
}

// patches are those for a service, in the order in which they are merged.
func (t *translation) patches(kind, service string) []placedPatch {
	var out []placedPatch
	for _, given := range []placedPatch{
		{diag.Path{xfargate.Key, "defaults", "patch"}, t.X.Defaults.Patch},
		{at(service, xfargate.Key, "patch"), t.X.Services[service].Patch},
	} {
		part := patchParts[kind]
		if patch, _ := given.patch[part].(map[string]any); len(patch) > 0 {
			out = append(out, placedPatch{given.path.Key(part), lifted(patch)})
		}
	}
	return out
}

// lifted takes away a level that the AWS CLI has and the spec of a service has
// not.
func lifted(patch map[string]any) map[string]any {
	network, _ := patch["networkConfiguration"].(map[string]any)
	inner, ok := network["awsvpcConfiguration"].(map[string]any)
	if !ok || len(network) != 1 {
		return patch
	}
	out := maps.Clone(patch)
	out["networkConfiguration"] = inner
	return out
}

// patchedTask merges the patches of a task into its task definition.
func (t *translation) patchedTask(k *task, d *spec.TaskDefinition) *spec.TaskDefinition {
	t.refuseSidecarPatches(k)
	for _, given := range t.patches(spec.TaskDefinitionKind, k.name()) {
		out, ok := patched(t, spec.TaskDefinitionKind, given, d)
		if ok && t.sound(given, out) {
			t.warnBeyondRole(given, d, out)
			d = out
			t.judgeSecrets(given)
			t.notePatched(given)
		}
	}
	return d
}

// patchedService merges the patches of a service into its ECS service.
func (t *translation) patchedService(k *task, s *spec.Service) *spec.Service {
	for _, given := range t.patches(spec.ServiceKind, k.name()) {
		if out, ok := patched(t, spec.ServiceKind, given, s); ok {
			s = out
			t.judgeSecrets(given)
			t.notePatched(given)
			t.refuseExecWithoutRole(k, given, s)
		}
	}
	return s
}

// refuseExecWithoutRole: CreateService refuses it (ECS Developer Guide, "ECS
// Exec": the agent in the task calls AWS as the task).
func (t *translation) refuseExecWithoutRole(k *task, given placedPatch, s *spec.Service) {
	if !s.EnableExecuteCommand {
		return
	}
	for _, r := range t.resources {
		d, ok := r.Spec.(*spec.TaskDefinition)
		if ok && r.Address == taskDefinitionAddress(k.name()) && d.TaskRoleArn.IsZero() {
			t.errorf(given.path.Key("enableExecuteCommand"),
				`give the service x-fargate.policies: [{Statement: {Effect: Allow, Action: "ssmmessages:*", Resource: "*"}}]`,
				"service %q has no task role, which ECS requires for this", k.name())
		}
	}
}

func (t *translation) notePatched(given placedPatch) {
	t.notef(given.path, "", "overrides %s", listed(patchedFields(given.patch, "")))
}

// patchedFields are the dotted names of what a patch sets.
func patchedFields(patch map[string]any, prefix string) []string {
	var out []string
	for _, name := range sortedKeys(patch) {
		if inner, ok := patch[name].(map[string]any); ok && len(inner) > 0 {
			out = append(out, patchedFields(inner, prefix+name+".")...)
			continue
		}
		out = append(out, prefix+name)
	}
	return out
}

// refuseSidecarPatches looks for patches of what sidecars don't have.
func (t *translation) refuseSidecarPatches(k *task) {
	for _, m := range k.members[1:] {
		for _, part := range patchParts {
			if patch, _ := t.X.Services[m.Name].Patch[part].(map[string]any); len(patch) > 0 {
				t.errorf(at(m.Name, xfargate.Key, "patch", part), "write it at "+k.name(),
					"a sidecar has no %s of its own: it runs in that of %q", strings.ReplaceAll(part, "_", " "), k.name())
			}
		}
	}
}

// patched merges a patch into a copy of a spec. It is not ok where the patch is
// wrong, which it says.
func patched[T any](t *translation, kind string, given placedPatch, s *T) (*T, bool) {
	wrong := len(t.ds)
	rules := spec.Kinds()[kind]
	c := conforming{translation: t, base: given.path, rules: rules}
	patch := c.top(given.patch, s)
	if len(t.ds) > wrong {
		return nil, false
	}
	texts := map[plan.Ref]string{} // of refs whose value is known, which JSON has no place for
	bare := plan.Map(s, func(v plan.Value) plan.Value {
		if v.Ref != nil {
			texts[*v.Ref], v.Text = v.Text, ""
		}
		return v
	})
	merged := mergePatch(rules, asJSON(bare), patch, nil)
	essentialByDefault(merged)
	out := new(T)
	decoder := json.NewDecoder(bytes.NewReader(mustJSON(merged)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		t.errorf(given.path, "", "cannot be merged: %v", err)
		return nil, false
	}
	whole := plan.Map(out, func(v plan.Value) plan.Value {
		if v.Ref != nil {
			text, known := texts[*v.Ref]
			if !known {
				t.errorf(given.path, "write the value itself", "this resource does not refer to %s", v.Ref)
			}
			v.Text = text
		}
		return v
	})
	return whole.(*T), len(t.ds) == wrong
}

// mergePatch is RFC 7396, for JSON values; in a patch, a list whose items have a name
// may also be a mapping of what to merge by name.
func mergePatch(rules plan.Rules, target, patch any, path diag.Path) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	if key := nameKey(rules, path); key != "" {
		list, _ := target.([]any)
		return mergeNamed(rules, list, changes, key, path)
	}
	out := map[string]any{}
	if given, ok := target.(map[string]any); ok {
		maps.Copy(out, given)
	}
	for name, change := range changes {
		if change == nil {
			delete(out, name)
			continue
		}
		out[name] = mergePatch(rules, out[name], change, path.Key(name))
	}
	return out
}

// mergeNamed merges into the items of a list by name; new ones come at the end.
func mergeNamed(rules plan.Rules, list []any, changes map[string]any, key string, path diag.Path) []any {
	var out []any
	seen := map[string]bool{}
	for _, item := range list {
		name := nameIn(item, key)
		change, ok := changes[name]
		seen[name] = true
		switch {
		case !ok:
			out = append(out, item)
		case change != nil:
			out = append(out, mergePatch(rules, item, change, path.Key(name)))
		}
	}
	for _, name := range sortedKeys(changes) {
		if !seen[name] && changes[name] != nil {
			item := mergePatch(rules, nil, changes[name], path.Key(name))
			if fields, ok := item.(map[string]any); ok {
				fields[key] = name
			}
			out = append(out, item)
		}
	}
	return out
}

// nameKey is the field by which the items of the list at path are known, "" for
// what is no such list.
func nameKey(rules plan.Rules, path diag.Path) string {
	for pattern, keys := range rules.Keys {
		if len(keys) == 1 && strings.Count(pattern, ".")+1 == len(path) && plan.Match(pattern, path) {
			return keys[0]
		}
	}
	return ""
}

func nameIn(item any, key string) string {
	fields, _ := item.(map[string]any)
	name, _ := fields[key].(string)
	return name
}

// essentialByDefault does for containers from a patch what ECS does.
func essentialByDefault(merged any) {
	d, _ := merged.(map[string]any)
	containers, _ := d["containerDefinitions"].([]any)
	for _, item := range containers {
		if c, ok := item.(map[string]any); ok && c["essential"] == nil {
			c["essential"] = true
		}
	}
}

// sound says what ECS would refuse of a patched task definition.
func (t *translation) sound(given placedPatch, d *spec.TaskDefinition) bool {
	wrong := len(t.ds)
	names := map[string]bool{}
	var essential bool
	for _, c := range d.ContainerDefinitions {
		path := given.path.Key("containerDefinitions", c.Name)
		switch {
		case c.Name == "" || c.Image.IsZero():
			t.errorf(path, "give it an image, or merge into an existing container", "container %q has no image", c.Name)
		case names[c.Name]:
			t.errorf(path, "", "there are two containers %q", c.Name)
		}
		names[c.Name] = true
		essential = essential || c.Essential
	}
	if !essential && len(t.ds) == wrong {
		t.errorf(given.path, "set essential: true on at least one container", "no essential container is left in the task")
	}
	if given.patch["cpu"] != nil || given.patch["memory"] != nil {
		t.refuseOddSize(given, d)
	}
	return len(t.ds) == wrong
}

// warnBeyondRole speaks of images and log groups that a patch brings in: the
// execution role is made for what the services name.
func (t *translation) warnBeyondRole(given placedPatch, before, after *spec.TaskDefinition) {
	if after.ExecutionRoleArn.Ref == nil {
		return // the user's own
	}
	known := map[string]bool{}
	each := func(d *spec.TaskDefinition, f func(c spec.Container, what, value string)) {
		for _, c := range d.ContainerDefinitions {
			if repository := ecrImage.FindString(c.Image.Text); repository != "" {
				f(c, "image", repository)
			}
			if l := c.LogConfiguration; l != nil && l.Options["awslogs-group"].String() != "" {
				f(c, "log group", l.Options["awslogs-group"].String())
			}
		}
	}
	each(before, func(_ spec.Container, what, value string) { known[what+value] = true })
	each(after, func(c spec.Container, what, value string) {
		if !known[what+value] {
			t.warnf(given.path.Key("containerDefinitions", c.Name),
				"patch executionRoleArn too, with a role that has access",
				"the execution role has no access to its %s: it covers what services name, not what patches name", what)
		}
	})
}

func (t *translation) refuseOddSize(given placedPatch, d *spec.TaskDefinition) {
	cpu, _ := strconv.Atoi(d.Cpu)
	memory, _ := strconv.Atoi(d.Memory)
	for _, row := range fargateSizes {
		if row.cpu == cpu && slices.Contains(row.memory, memory) {
			return
		}
	}
	t.errorf(given.path, "use x-fargate.cpu and x-fargate.memory", "Fargate has no task of %s CPU units and %s MiB", d.Cpu, d.Memory)
}

// asJSON is a spec as JSON has it.
func asJSON(value any) any {
	decoder := json.NewDecoder(bytes.NewReader(mustJSON(value)))
	decoder.UseNumber()
	var out any
	if err := decoder.Decode(&out); err != nil {
		panic(err) // is JSON
	}
	return out
}

func mustJSON(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // specs and conforming patches are plain data
	}
	return data
}

// patchOrigins are those of what a patch sets, of which the last word counts.
func (t *translation) patchOrigins(address plan.Address) []plan.Origin {
	var out []plan.Origin
	for _, given := range slices.Backward(t.patches(address.Kind, address.Name)) {
		eachLeaf(given.patch, nil, func(leaf diag.Path) {
			out = append(out, plan.Origin{Field: leaf, From: given.path.Key(leaf...)})
		})
	}
	return out
}

func eachLeaf(node any, path diag.Path, f func(path diag.Path)) {
	fields, ok := node.(map[string]any)
	if !ok {
		f(path)
		return
	}
	for _, name := range sortedKeys(fields) {
		eachLeaf(fields[name], path.Key(name), f)
	}
}
