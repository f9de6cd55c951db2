package translate

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/content"
)

// dockerfile is what a Dockerfile says to a build: its stages, or why it is not understood.
// It has neither where there is none that can be read here.
type dockerfile struct {
	stages  []dockerStage
	problem string
}

// dockerfiles are those of the builds of a project.
type dockerfiles map[*types.BuildConfig]dockerfile

// readDockerfiles reads them. A text that builds share with all their arguments is read once.
func readDockerfiles(g content.Gate, builds []*types.BuildConfig) dockerfiles {
	out, known := dockerfiles{}, map[[sha256.Size]byte]dockerfile{}
	left := mostDockerLines + dockerLinesEach*len(builds)
	for _, build := range builds {
		text, ok := dockerfileText(g, build)
		if !ok {
			out[build] = dockerfile{problem: tooLong(build)}
			continue
		}
		if left -= strings.Count(text, "\n"); left < 0 {
			out[build] = dockerfile{problem: "the Dockerfiles of the project have too many lines up to this one"}
			continue
		}
		args, _ := json.Marshal(build.Args) // of strings, which cannot fail
		sum := sha256.Sum256(fmt.Appendf(args, "\n%s", text))
		read, again := known[sum]
		if !again {
			read.stages, read.problem = readDockerfile(text, build.Args)
			known[sum] = read
		}
		out[build] = read
	}
	return out
}

// dockerfileText is the text of a Dockerfile. Not ok: it cannot be read here.
func dockerfileText(g content.Gate, build *types.BuildConfig) (string, bool) {
	if build.DockerfileInline != "" {
		return build.DockerfileInline, true
	}
	text, err := g.ReadFile(dockerfileName(build), maxDockerfile)
	return string(text), err == nil
}

// tooLong is why a Dockerfile that is there is not read; "" where it is for another reason.
func tooLong(build *types.BuildConfig) string {
	if info, err := os.Stat(dockerfileName(build)); err == nil && info.Size() > maxDockerfile {
		return "it has more than 1 MiB"
	}
	return ""
}
