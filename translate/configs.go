package translate

import (
	"io/fs"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// maxConfig, in bytes, is what Docker takes for a config (docker config create:
// 1000 kB; docker compose mounts files of any size) and more than anybody writes.
const maxConfig = maxLayer

// configFiles are the configs of a container that are known here. An external one
// is delivered like a secret.
func (t *fileLayers) configFiles(s container) []fileTree {
	var out []fileTree
	for i, c := range s.Configs {
		place := s.at("configs", strconv.Itoa(i))
		config := t.Compose.Configs[c.Source]
		if config.External {
			continue
		}
		f := fileTree{
			target: targetOf(c.Target, "/", c.Source), path: place, secret: spec.Sensitive(config.Environment, "x") || spec.Sensitive(c.Source, "x"),
			mode: fileMode(c.Mode), uid: t.owner(c.UID, "uid", place), gid: t.owner(c.GID, "gid", place),
		}
		var ok bool
		if f.content, ok = t.configContent(c.Source, config); ok {
			out = append(out, f)
		}
	}
	return out
}

// configContent is the content of a config; not ok, with an error, if it is not
// known.
func (t *fileLayers) configContent(name string, c types.ConfigObjConfig) ([]byte, bool) {
	path := diag.Path{"configs", name}
	switch {
	case c.File != "":
		return t.readLocal(c.File, path.Key("file"), maxConfig, "copy data with COPY in a Dockerfile, or keep it in a volume")
	case c.Environment != "":
		return t.fromEnvironment(c.Environment, path.Key("environment"))
	default:
		return []byte(c.Content), true
	}
}

// fileMode is world-readable where the files say nothing, as the Compose
// Specification has it.
func fileMode(mode *types.FileMode) fs.FileMode {
	if mode == nil {
		return 0o444
	}
	return fs.FileMode(*mode).Perm()
}
