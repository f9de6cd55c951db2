package translate

import (
	"fmt"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// The ways in which mounted files get into a task.
const (
	inImage  = "image"  // in a layer of the image
	inTask   = "inline" // in the task definition
	onEFS    = "efs"    // on the file system
	leftOut  = "skip"   // not at all
	allFiles = ""       // the key in XService.Files for paths that it does not name
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
		return map[string]string{allFiles: v}
	case map[string]any:
		out := make(map[string]string, len(v))
		for path, how := range v {
			out[path] = fmt.Sprint(how)
		}
		return out
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
		out.Names = slices.Sorted(slices.Values(stringsOf(v)))
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

// awsCredentials reads Docker's x-aws-pull_credentials, which means what
// pull_credentials does.
func (d xDecoder) awsCredentials(extensions types.Extensions, path []string) string {
	at := append(slices.Clone(path), "x-aws-pull_credentials")
	value, ok := extensions["x-aws-pull_credentials"]
	if !ok || !d.valid("#/$defs/service/properties/pull_credentials", value, at...) {
		return ""
	}
	arn, _ := value.(string)
	return arn
}

// fileFate is how a file at a path in the container gets into its task: image
// where nothing else is asked for.
func (x XFargate) fileFate(service, path string) string {
	for _, files := range []map[string]string{x.services[service].Files, x.Defaults.Files} {
		if how := files[path]; how != "" && path != allFiles {
			return how
		}
		if how := files[allFiles]; how != "" {
			return how
		}
	}
	return inImage
}
