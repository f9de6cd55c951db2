package xfargate

import (
	"maps"
	"slices"
)

// The ways in which mounted files get into a task.
const (
	InImage  = "image"  // in a layer of the image
	Inline   = "inline" // in the task definition
	OnEFS    = "efs"    // on the file system
	LeftOut  = "skip"   // not at all
	AllFiles = ""       // the key in Service.Files for paths that it does not name
)

// SecretsEnv says which environment variables are stored as secrets, in
// addition to those that look like secrets.
type SecretsEnv struct {
	Off   bool              // not those that look like it
	Names []string          // these, sorted
	Plain []string          // not these, sorted
	From  map[string]string // variables whose value a secret gives: a compose secret by its name, or an ARN
}

// filesOf reads files: how files get into the task, by their path there.
func filesOf(value any) map[string]string {
	switch v := value.(type) {
	case string:
		return map[string]string{AllFiles: v}
	case map[string]any:
		return textsOf(v)
	default:
		return nil
	}
}

// secretsEnvOf reads secrets_env after it was found valid; nil where there is none.
func secretsEnvOf(value any) *SecretsEnv {
	if value == nil {
		return nil
	}
	out := &SecretsEnv{}
	switch v := value.(type) {
	case bool:
		out.Off = !v
	case []any:
		out.Names = slices.Sorted(slices.Values(Strings(v)))
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			switch from := v[name].(type) {
			case string:
				if out.From == nil {
					out.From = map[string]string{}
				}
				out.From[name] = from
			case bool:
				if from {
					out.Names = append(out.Names, name)
				} else {
					out.Plain = append(out.Plain, name)
				}
			}
		}
	}
	return out
}

// FileMode is how a file at a path in the container gets into its task: image
// where nothing else is asked for.
func (x Settings) FileMode(service, path string) string {
	for _, files := range []map[string]string{x.Services[service].Files, x.Defaults.Files} {
		if how := files[path]; how != "" && path != AllFiles {
			return how
		}
		if how := files[AllFiles]; how != "" {
			return how
		}
	}
	return InImage
}
