package translate

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// patchedText is a text in a patch with the name under which it stands: its key, or that which the
// item of a list has beside it, as in {name: LEVEL, value: debug}.
type patchedText struct {
	path        diag.Path
	name, value string
}

// namedTexts are the texts of a patch, in the order of their paths.
func namedTexts(path diag.Path, name string, node any) []patchedText {
	var out []patchedText
	switch node := node.(type) {
	case string:
		out = append(out, patchedText{path, name, node})
	case []any:
		for i, item := range node {
			out = append(out, namedTexts(path.Item(i), name, item)...)
		}
	case map[string]any:
		for _, key := range sortedKeys(node) {
			called := key
			if key == "value" {
				called = nameBeside(node, name)
			}
			out = append(out, namedTexts(path.Key(key), called, node[key])...)
		}
	}
	return out
}

// nameBeside is what the item of a list calls its value; else it is known by its own key.
func nameBeside(item map[string]any, otherwise string) string {
	for _, key := range []string{"name", "key"} {
		if name, ok := item[key].(string); ok {
			return name
		}
	}
	return otherwise
}

// judgeSecrets refuses the secrets that a patch puts into tags, and warns of those elsewhere.
func (t *translation) judgeSecrets(given placedPatch) {
	var shown []string
	for _, text := range namedTexts(given.path, "", given.patch) {
		if !t.isSecretText(text.path, text.name, text.value) {
			continue
		}
		below := text.path[len(given.path):]
		if below[0] == "tags" {
			t.errorf(text.path, "whoever may list resources reads their tags: leave it out", "the value is a secret, which must not be part of a tag")
			continue
		}
		shown = append(shown, below.String())
	}
	if len(shown) > 0 {
		slices.Sort(shown)
		t.warnf(given.path, "give it to the service as a variable or a file of secrets, which ECS fetches when the task starts",
			"secrets stand in the patch: plans hide them, and whoever may describe the resource reads them: %s", compose.Quoted(shown))
	}
}
