package translate

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/plan"
)

// maxDockerfile, in bytes, is more than anybody writes.
const maxDockerfile = 1 << 20

// builtPorts are those that the Dockerfile of a service exposes, and those of the
// image that it starts from; nil where it cannot be read here.
func builtPorts(images map[string]plan.Image, build *types.BuildConfig, protocol string) []int {
	text := build.DockerfileInline
	if text == "" {
		text = readDockerfile(build)
	}
	stages := stagesOf(text)
	if len(stages) == 0 {
		return nil
	}
	i := len(stages) - 1
	if target := slices.IndexFunc(stages, func(s stage) bool { return s.name != "" && s.name == strings.ToLower(build.Target) }); target >= 0 {
		i = target
	}
	var out []int
	for {
		for _, text := range stages[i].exposes {
			if from, to, of, ok := parseExpose(text); ok && of == protocol && to-from < 100 {
				for port := from; port <= to; port++ {
					out = append(out, port)
				}
			}
		}
		base := slices.IndexFunc(stages[:i], func(s stage) bool { return s.name != "" && s.name == strings.ToLower(stages[i].from) })
		if base < 0 {
			out = append(out, imagePorts(images, stages[i].from, protocol)...)
			break
		}
		i = base
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func readDockerfile(build *types.BuildConfig) string {
	name := build.Dockerfile
	if name == "" {
		name = "Dockerfile"
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(build.Context, name) // of a remote context there is no such file
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	file, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxDockerfile))
	if err != nil {
		return ""
	}
	return string(text)
}

// stage of a Dockerfile.
type stage struct {
	from    string   // image, or the name of another stage
	name    string   // in lower case; "" without one
	exposes []string // PORT or PORT/PROTOCOL
}

// stagesOf reads FROM and EXPOSE. A variable has the value that ARG or ENV gives
// it in the file; one without stays as it is, and is no port.
func stagesOf(text string) []stage {
	var out []stage
	values := map[string]string{}
	for _, line := range dockerLines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		words := fields[1:]
		for i, word := range words {
			words[i] = os.Expand(word, func(name string) string {
				name, fallback, _ := strings.Cut(name, ":-")
				if value, ok := values[name]; ok {
					return value
				}
				return fallback
			})
		}
		switch strings.ToUpper(fields[0]) {
		case "FROM":
			out = append(out, newStage(words))
		case "ARG", "ENV":
			for i, word := range words {
				name, value, ok := strings.Cut(word, "=")
				if !ok && i == 0 && len(words) == 2 && strings.ToUpper(fields[0]) == "ENV" { // ENV NAME VALUE
					value, ok = words[1], true
				}
				if ok {
					values[name] = strings.Trim(value, `"'`)
				}
			}
		case "EXPOSE":
			if len(out) > 0 {
				out[len(out)-1].exposes = append(out[len(out)-1].exposes, words...)
			}
		}
	}
	return out
}

// newStage reads [--platform=...] IMAGE [AS NAME].
func newStage(words []string) stage {
	words = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return strings.HasPrefix(word, "--") })
	var s stage
	if len(words) > 0 {
		s.from = words[0]
	}
	if len(words) == 3 && strings.EqualFold(words[1], "as") {
		s.name = strings.ToLower(words[2])
	}
	return s
}

// dockerLines are the lines without comments, those that go on made one.
func dockerLines(text string) []string {
	var out []string
	open := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		rest, goesOn := strings.CutSuffix(line, "\\")
		if open {
			out[len(out)-1] += " " + rest
		} else if rest != "" {
			out = append(out, rest)
		}
		open = goesOn && len(out) > 0
	}
	return out
}
