package translate

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// conforming checks a patch against the fields that this release manages, and
// gives its values the types that they have there.
type conforming struct {
	*translation
	base  diag.Path // where the patch stands
	rules plan.Rules
}

// keptFields are the fields that a patch must not change, and why.
var keptFields = map[string]map[string]string{
	spec.TaskDefinitionKind: {
		"family":                  "this tool finds the resource by it",
		"networkMode":             "Fargate supports only awsvpc",
		"requiresCompatibilities": "this tool supports only Fargate",
	},
	spec.ServiceKind: {
		"serviceName":        "this tool finds the resource by it",
		"cluster":            "this tool finds the resource by it",
		"taskDefinition":     "it is the revision that this stack registers",
		"schedulingStrategy": "Fargate supports only REPLICA",
		"launchType":         "the service has a capacityProviderStrategy",

		"healthCheckGracePeriodSeconds": "x-fargate.deployment.grace_period sets it if there is a load balancer",
	},
}

func (c conforming) wrongf(path diag.Path, help, format string, args ...any) any {
	c.errorf(c.base.Key(path...), help, format, args...)
	return nil
}

// top takes a patch for a spec, a pointer to a struct.
func (c conforming) top(patch map[string]any, s any) any {
	for _, name := range sortedKeys(patch) {
		if reason, kept := keptFields[c.rules.Kind][name]; kept {
			c.wrongf([]string{name}, "leave it out", "cannot be patched: %s", reason)
		}
	}
	c.userTags(patch["tags"])
	return c.value(patch, reflect.TypeOf(s), nil)
}

// userTags refuses tags that are not the user's to give, in both forms.
func (c conforming) userTags(tags any) {
	refuse := func(name, key string) {
		if !plan.UserTag(strings.ToLower(key)) {
			c.wrongf([]string{"tags", name}, "rename it", "a tag key must not begin with aws: or %s", plan.TagPrefix)
		}
	}
	switch v := tags.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			refuse(key, key)
		}
	case []any:
		for i, item := range v {
			refuse(strconv.Itoa(i), nameIn(item, "key"))
		}
	}
}

func (c conforming) value(value any, want reflect.Type, path diag.Path) any {
	if want == reflect.TypeFor[plan.Value]() {
		want = reflect.TypeFor[string]()
	}
	switch want.Kind() {
	case reflect.Pointer:
		return c.value(value, want.Elem(), path)
	case reflect.Struct, reflect.Map:
		fields, ok := value.(map[string]any)
		if !ok {
			return c.mistyped(value, "a mapping", path)
		}
		if want.Kind() == reflect.Map {
			return c.entries(fields, want.Elem(), path)
		}
		return c.fields(fields, want, path)
	case reflect.Slice:
		return c.list(value, want.Elem(), path)
	default:
		return c.scalar(value, want.Kind(), path)
	}
}

// fields checks the fields of a struct.
func (c conforming) fields(fields map[string]any, want reflect.Type, path diag.Path) any {
	known, required := fieldsOf(want)
	out := map[string]any{}
	for _, name := range sortedKeys(fields) {
		below := path.Key(name)
		field, ok := known[name]
		switch {
		case !ok:
			c.unknown(below, sortedKeys(known))
		case fields[name] != nil:
			out[name] = c.value(fields[name], field, below)
		case required[name]:
			c.wrongf(below, "", "cannot be removed: it is always sent")
		default:
			out[name] = nil
		}
	}
	return out
}

func (c conforming) unknown(path diag.Path, known []string) {
	if len(path) == 1 {
		known = slices.DeleteFunc(known, func(name string) bool { return keptFields[c.rules.Kind][name] != "" })
	}
	help := compose.DidYouMean(last(path), known)
	if help == "" {
		help = "supported: " + strings.Join(known, ", ")
	}
	c.wrongf(path, help, "this release does not manage %s", last(path))
}

// entries checks the entries of a mapping whose keys the user chooses.
func (c conforming) entries(entries map[string]any, want reflect.Type, path diag.Path) any {
	out := map[string]any{}
	for _, name := range sortedKeys(entries) {
		if out[name] = nil; entries[name] != nil {
			out[name] = c.value(entries[name], want, path.Key(name))
		}
	}
	return out
}

// list takes a list, or a mapping of its items by name.
func (c conforming) list(value any, want reflect.Type, path diag.Path) any {
	key := nameKey(c.rules, path)
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			below := path.Item(i)
			if out[i] = c.value(item, want, below); key != "" && out[i] != nil && nameIn(out[i], key) == "" {
				c.wrongf(below, "", "needs %s", key)
			}
		}
		return out
	case map[string]any:
		if key == "" {
			break
		}
		for _, name := range sortedKeys(v) {
			if fields, ok := v[name].(map[string]any); ok && fields[key] != nil && fields[key] != name {
				c.wrongf(path.Key(name, key), "leave it out", "must be %q", name)
			}
		}
		return c.entries(v, want, path)
	}
	if key != "" {
		return c.mistyped(value, "a list, or a mapping by "+key, path)
	}
	return c.mistyped(value, "a list", path)
}

// scalar gives a value its type: variables leave strings, and YAML makes numbers
// of what ECS has as strings.
func (c conforming) scalar(value any, want reflect.Kind, path diag.Path) any {
	text, isText := value.(string)
	switch want {
	case reflect.String:
		if isText {
			return text
		}
		switch value.(type) {
		case bool, int, int64, uint64, float64:
			return plainText(value)
		}
		return c.mistyped(value, "a string", path)
	case reflect.Bool:
		if b, err := strconv.ParseBool(text); isText && err == nil {
			return b
		}
		if b, ok := value.(bool); ok {
			return b
		}
		return c.mistyped(value, "true or false", path)
	default:
		if n, err := strconv.Atoi(plainText(value)); err == nil {
			return n
		}
		return c.mistyped(value, "a whole number", path)
	}
}

// plainText is a scalar without an exponent.
func plainText(value any) string {
	if f, ok := value.(float64); ok && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return fmt.Sprint(value)
}

func (c conforming) mistyped(value any, want string, path diag.Path) any {
	switch value.(type) {
	case map[string]any:
		return c.wrongf(path, "", "is a mapping, must be %s", want)
	case []any:
		return c.wrongf(path, "", "is a list, must be %s", want)
	default:
		return c.wrongf(path, "", "must be %s", want)
	}
}

// fieldsOf are the fields of a struct by their JSON names, and which of them
// JSON always has.
func fieldsOf(want reflect.Type) (known map[string]reflect.Type, required map[string]bool) {
	known, required = map[string]reflect.Type{}, map[string]bool{}
	for i := range want.NumField() {
		field := want.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		known[name], required[name] = field.Type, !strings.Contains(options, "omit")
	}
	return known, required
}
